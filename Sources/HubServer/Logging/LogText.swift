/// Text from outside as it may stand in a line: whatever would end the line, move the cursor, change colours or turn the
/// direction of writing is escaped, in the way that JSON has it.
enum LogText {
    /// The longest value, in characters of Unicode; the rest is cut off.
    static let lengthMax = 1000

    /// The text without quotes.
    static func escaped(_ text: String) -> String {
        var result = ""
        var count = 0
        for scalar in text.unicodeScalars {
            guard count < lengthMax else {
                result += "…"
                break
            }
            count += 1
            append(scalar, to: &result)
        }
        return result
    }

    private static func append(_ scalar: Unicode.Scalar, to result: inout String) {
        switch scalar {
        case "\"": result += "\\\""
        case "\\": result += "\\\\"
        case "\n": result += "\\n"
        case "\r": result += "\\r"
        case "\t": result += "\\t"
        case " "..."~": result.unicodeScalars.append(scalar)
        default:
            if isShown(scalar) {
                result.unicodeScalars.append(scalar)
            } else {
                for unit in String(scalar).utf16 { result += "\\u" + hexadecimal(unit) }
            }
        }
    }

    /// Whether a character shows as itself, and does nothing else.
    private static func isShown(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned:
            false
        default: true
        }
    }

    private static func hexadecimal(_ unit: UInt16) -> String {
        let digits = String(unit, radix: 16)
        return String(repeating: "0", count: 4 - digits.count) + digits
    }

    /// Whether a text can stand without quotes where values are apart by spaces.
    static func isWord(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= lengthMax
            && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && $0 != 0x22 && $0 != 0x5c && $0 != 0x3d }
    }
}
