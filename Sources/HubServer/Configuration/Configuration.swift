/// All options of a hub with their values, each checked, and where each value comes from.
///
/// Flags go before environment variables, those before the file, and that before the defaults.
package struct Configuration: Sendable {
    /// A value and where it was said.
    package struct Setting: Sendable {
        /// The value.
        package let value: OptionValue
        /// Where it was said.
        package let origin: OptionOrigin
    }

    private var settings: [String: Setting]
    /// What is not wrong, but should be looked at.
    package internal(set) var warnings: [String] = []

    /// The defaults.
    package init() {
        settings = [:]
        for option in OptionTable.options {
            settings[option.name] = Setting(value: option.standard, origin: .standard)
        }
    }

    /// An option's value and its origin.
    package func setting(_ option: Option) -> Setting {
        guard let setting = settings[option.name] else {
            preconditionFailure("\(option.name) is not in the table of options")
        }
        return setting
    }

    mutating func set(_ option: Option, _ value: OptionValue, _ origin: OptionOrigin) {
        settings[option.name] = Setting(value: value, origin: origin)
    }

    // MARK: Values by name

    private func value(_ name: String) -> OptionValue {
        guard let setting = settings[name] else {
            preconditionFailure("\(name) is not in the table of options")
        }
        return setting.value
    }

    func flag(_ name: String) -> Bool {
        guard case .flag(let flag) = value(name) else { preconditionFailure("\(name) is no flag") }
        return flag
    }

    func number(_ name: String) -> Int64 {
        guard case .number(let number) = value(name) else { preconditionFailure("\(name) is no number") }
        return number
    }

    func count(_ name: String) -> Int { Int(number(name)) }

    func optionalNumber(_ name: String) -> Int64? {
        switch value(name) {
        case .none: return nil
        case .number(let number): return number
        default: preconditionFailure("\(name) is no number")
        }
    }

    func decimal(_ name: String) -> Double {
        guard case .decimal(let decimal) = value(name) else { preconditionFailure("\(name) is no decimal") }
        return decimal
    }

    func text(_ name: String) -> String {
        guard case .text(let text) = value(name) else { preconditionFailure("\(name) is no text") }
        return text
    }

    func optionalText(_ name: String) -> String? {
        switch value(name) {
        case .none: return nil
        case .text(let text): return text
        default: preconditionFailure("\(name) is no text")
        }
    }

    func texts(_ name: String) -> [String] {
        guard case .texts(let texts) = value(name) else { preconditionFailure("\(name) has no texts") }
        return texts
    }

    func entries(_ name: String) -> [OptionEntry] {
        guard case .entries(let entries) = value(name) else { preconditionFailure("\(name) has no entries") }
        return entries
    }
}
