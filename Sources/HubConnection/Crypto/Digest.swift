import COpenSSL
import HubBytes

/// SHA-256, plain and with a key, and the comparison that goes with it.
package enum Digest {
    /// Bytes of a digest.
    package static let byteCount = 32

    /// The SHA-256 of some bytes.
    package static func sha256(_ bytes: RawSpan) -> [UInt8] {
        unsafe make { result in
            // Safety: the span is alive during the call, and the result has room for 32 bytes.
            unsafe bytes.withUnsafeBytes {
                unsafe EVP_Digest($0.baseAddress, $0.count, result, nil, EVP_sha256(), nil) == 1
            }
        }
    }

    /// The HMAC-SHA256 of some bytes.
    package static func hmacSHA256(key: RawSpan, _ bytes: RawSpan) -> [UInt8] {
        unsafe make { result in
            // Safety: as above. An empty key is allowed by the algorithm, a null one is not by OpenSSL.
            var nothing: UInt8 = 0
            return unsafe key.withOctets { key, keyCount in
                unsafe bytes.withOctets { data, count in
                    unsafe withUnsafePointer(to: &nothing) { empty in
                        unsafe HMAC(
                            EVP_sha256(), key ?? empty, Int32(keyCount), data, count, result, nil) != nil
                    }
                }
            }
        }
    }

    /// Whether both are the same, in a time that does not depend on where they differ.
    package static func areEqual(_ one: RawSpan, _ other: RawSpan) -> Bool {
        guard one.byteCount == other.byteCount else { return false }
        guard one.byteCount > 0 else { return true }
        // Safety: both spans are alive during the call and of the length given.
        return unsafe one.withUnsafeBytes { one in
            unsafe other.withUnsafeBytes { other in
                unsafe CRYPTO_memcmp(one.baseAddress, other.baseAddress, one.count) == 0
            }
        }
    }

    private static func make(_ body: (UnsafeMutablePointer<UInt8>?) -> Bool) -> [UInt8] {
        // Safety: `body` writes all 32 bytes, or says that it failed and the program stops.
        unsafe [UInt8](unsafeUninitializedCapacity: byteCount) { buffer, filled in
            guard unsafe body(buffer.baseAddress) else { preconditionFailure("SHA-256 is not available") }
            filled = byteCount
        }
    }
}
