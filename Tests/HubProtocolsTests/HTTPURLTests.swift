import HubBytes
import HubProtocols
import Testing

/// URLs, and the encoding inside of them.
@Suite struct HTTPURLTests {
    @Test(
        "a URL is taken apart and written as a request needs it",
        arguments: [
            ("http://a", "http", "a", 80, "/", "a"), ("https://a", "https", "a", 443, "/", "a"),
            ("ws://a/hub", "ws", "a", 80, "/hub", "a"), ("wss://a/hub?x=1", "wss", "a", 443, "/hub?x=1", "a"),
            ("HTTP://A.Example:8080/X", "http", "a.example", 8080, "/X", "a.example:8080"),
            ("http://a:80/", "http", "a", 80, "/", "a"), ("https://a:80/", "https", "a", 80, "/", "a:80"),
            ("http://a:/b", "http", "a", 80, "/b", "a"), ("http://a?b", "http", "a", 80, "/?b", "a"),
            ("http://a#b", "http", "a", 80, "/", "a"), ("http://a/b?c#d?e", "http", "a", 80, "/b?c", "a"),
            ("http://127.0.0.1:1/", "http", "127.0.0.1", 1, "/", "127.0.0.1:1"),
            ("http://[::1]:65535/", "http", "::1", 65535, "/", "[::1]:65535"),
            ("http://[2001:DB8::A]", "http", "2001:db8::a", 80, "/", "[2001:db8::a]"),
            ("http://[::ffff:1.2.3.4]/", "http", "::ffff:1.2.3.4", 80, "/", "[::ffff:1.2.3.4]"),
            ("http://a_b.c-d.e1./", "http", "a_b.c-d.e1.", 80, "/", "a_b.c-d.e1."),
            ("http://a/%41%fF?%20", "http", "a", 80, "/%41%fF?%20", "a"),
            ("http://0x.example/", "http", "0x.example", 80, "/", "0x.example"),
            ("http://1.2.3.4.a/", "http", "1.2.3.4.a", 80, "/", "1.2.3.4.a"),
        ] as [(String, String, String, UInt16, String, String)])
    func good(text: String, scheme: String, host: String, port: UInt16, target: String, authority: String)
        throws
    {
        let url = try HTTPURL(text)
        #expect(url.scheme.rawValue == scheme && url.host == host && url.port == port && url.target == target)
        #expect(url.authority == authority)
        #expect(url.usesTLS == (scheme == "https" || scheme == "wss"))
        #expect(try HTTPURL(url.description) == url)
    }

    @Test(
        "what is no URL, or one that others read differently, is refused",
        arguments: [
            ("", .badScheme), ("a", .badScheme), ("//a", .badScheme), ("ftp://a", .badScheme),
            ("http:a", .badScheme),
            (" http://a", .badScheme), ("http://", .badScheme), ("file:///a", .badScheme),
            ("httpx://a", .badScheme),
            ("http:///a", .badHost), ("http://?", .badHost), ("http://a b/", .badHost),
            ("http://a\\b/", .badHost),
            ("http://a\\@b/", .hasUser), ("http://u@a/", .hasUser), ("http://u:p@a/", .hasUser),
            ("http://a:b/", .badHost), ("http://a:0/", .badHost), ("http://a:65536/", .badHost),
            ("http://a:-1/", .badHost), ("http://a:1:2/", .badHost), ("http://a:999999/", .badHost),
            ("http://[::1/", .badHost), ("http://::1/", .badHost), ("http://[]/", .badHost),
            ("http://[1::2::3]/", .badHost), ("http://[1:2:3:4:5:6:7]/", .badHost),
            ("http://[1:2:3:4:5:6:7:8:9]/", .badHost), ("http://[1:2:3:4:5:6:7::8]/", .badHost),
            ("http://[1:2:3:4:5:6::8]/", nil),
            ("http://[1:2:3:4:5:6:7:8::]/", .badHost), ("http://[12345::]/", .badHost),
            ("http://[g::]/", .badHost),
            ("http://[::1:]/", .badHost), ("http://[:1]/", .badHost), ("http://[::1.2.3]/", .badHost),
            ("http://[::1.2.3.256]/", .badHost), ("http://[1:2:3:4:5:6:7:1.2.3.4]/", .badHost),
            ("http://[fe80::1%eth0]/", .badHost), ("http://[v1.a]/", .badHost),
            ("http://1/", .badHost), ("http://127.1/", .badHost), ("http://2130706433/", .badHost),
            ("http://0x7f000001/", .badHost), ("http://0x/", .badHost), ("http://127.0.0.01/", .badHost),
            ("http://1.2.3.4.5/", .badHost), ("http://1.2.3.400/", .badHost), ("http://a.1/", .badHost),
            ("http://a..b/", .badHost), ("http://.a/", .badHost), ("http://./", .badHost),
            ("http://%61/", .badHost), ("http://m\u{fc}nchen/", .badHost), ("http://a'b/", .badHost),
            ("http://" + String(repeating: "a", count: 64) + "/", .badHost),
            ("http://" + String(repeating: "a.", count: 127) + "/", .badHost),
            ("http://a/b c", .badByte), ("http://a/\r\nX: y", .badByte), ("http://a/\u{0}", .badByte),
            ("http://a/\u{7f}", .badByte), ("http://a/\u{fc}", .badByte), ("http://a/\t", .badByte),
            ("http://a/%", .badPercentEncoding), ("http://a/%1", .badPercentEncoding),
            ("http://a/%zz", .badPercentEncoding), ("http://a/%00", .badPercentEncoding),
            ("http://a/" + String(repeating: "b", count: 4087), nil),
            ("http://a/" + String(repeating: "b", count: 4088), .tooLong),
        ] as [(String, HTTPURLFault?)])
    func bad(text: String, fault: HTTPURLFault?) {
        var found: HTTPURLFault?
        do throws(HTTPURLFault) { _ = try HTTPURL(text) } catch { found = error }
        #expect(found == fault)
    }

    @Test(
        "percent signs are decoded and encoded",
        arguments: [
            ("", "", ""), ("a-b_c.d~e", "a-b_c.d~e", "a-b_c.d~e"), ("a%20b", "a b", "a%20b"),
            ("%2f%2F", "//", "%2F%2F"), ("%C3%BC", "\u{fc}", "%C3%BC"), ("a+b", "a+b", "a%2Bb"),
            ("100%", "100%", "100%25"), ("%4", "%4", "%254"), ("%zz", "%zz", "%25zz"),
            ("%25%32%35", "%25", "%2525"),
        ])
    func percent(text: String, decoded: String, encoded: String) {
        var buffer = ByteBuffer(capacity: 0)
        text.withBytes { PercentEncoding.decode($0, plusIsSpace: false, to: &buffer) }
        #expect(buffer.bytes.text == decoded)
        var again = ByteBuffer(capacity: 0)
        PercentEncoding.encode(buffer.bytes, to: &again)
        #expect(again.bytes.text == encoded)
    }

    @Test("every byte comes back from its encoding") func bytes() {
        var encoded = ByteBuffer()
        Array(UInt8.min...UInt8.max).withBytes { PercentEncoding.encode($0, to: &encoded) }
        for plusIsSpace in [false, true] {
            var decoded = ByteBuffer()
            PercentEncoding.decode(encoded.bytes, plusIsSpace: plusIsSpace, to: &decoded)
            #expect(decoded.bytes.array == Array(UInt8.min...UInt8.max))
        }
    }

    @Test(
        "a query has names and values",
        arguments: [
            ("", []), ("&&", []), ("a", ["a", ""]), ("a=", ["a", ""]), ("=b", ["", "b"]),
            ("a=b=c", ["a", "b=c"]),
            ("a=1&b=2", ["a", "1", "b", "2"]), ("&a=1&&a=2&", ["a", "1", "a", "2"]),
            ("a%3D=%26", ["a%3D", "%26"]),
        ] as [(String, [String])])
    func query(text: String, expected: [String]) {
        var found: [String] = []
        text.withBytes { bytes in
            var parts = HTTPQuery(bytes)
            while let part = parts.next() { found += [part.name.text, part.value.text] }
        }
        #expect(found == expected)
    }

    @Test("a value is found by its decoded name and comes decoded") func queryValue() {
        "topi%63s=orders.>+x%2By&topics=no&empty".withBytes { query in
            var value = ByteBuffer()
            #expect(HTTPQuery.decodeValue(of: "topics", in: query, to: &value))
            #expect(value.bytes.text == "orders.> x+y")
            value.removeAll()
            #expect(HTTPQuery.decodeValue(of: "empty", in: query, to: &value) && value.isEmpty)
            #expect(!HTTPQuery.decodeValue(of: "topic", in: query, to: &value))
            #expect(!HTTPQuery.decodeValue(of: "topicss", in: query, to: &value))
        }
    }

    @Test(
        "a path has parts, and an encoded slash ends none",
        arguments: [
            ("/", []), ("/a", ["a"]), ("/a/", ["a", ""]), ("//", ["", ""]), ("/a//b", ["a", "", "b"]),
            ("/api/hub/v1", ["api", "hub", "v1"]), ("/a%2Fb/c", ["a%2Fb", "c"]), ("*", []),
        ] as [(String, [String])])
    func path(text: String, expected: [String]) {
        var found: [String] = []
        text.withBytes { bytes in
            var segments = HTTPPathSegments(bytes)
            while let segment = segments.next() { found.append(segment.text) }
        }
        #expect(found == expected)
    }
}
