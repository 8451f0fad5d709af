/// What differs between two configurations, and when it counts.
package struct ConfigurationChanges: Sendable, Equatable {
    /// An option with another value.
    package struct Change: Sendable, Equatable, CustomStringConvertible {
        /// The option.
        package let name: String
        /// The value before.
        package let old: String
        /// The value from now on.
        package let new: String

        /// As `drain: 10 s → 20 s`.
        package var description: String { "\(name): \(old) → \(new)" }
    }

    /// Those that take effect at once.
    package let live: [Change]
    /// Those that need a restart.
    package let afterRestart: [Change]

    /// Whether nothing differs.
    package var isEmpty: Bool { live.isEmpty && afterRestart.isEmpty }
}

extension Configuration {
    /// What this configuration has other than an older one.
    package func changes(from old: Configuration) -> ConfigurationChanges {
        var live: [ConfigurationChanges.Change] = []
        var afterRestart: [ConfigurationChanges.Change] = []
        for option in OptionTable.options {
            let (before, now) = (old.setting(option).value, setting(option).value)
            guard before != now else { continue }
            let change = ConfigurationChanges.Change(
                name: option.name, old: option.text(of: before), new: option.text(of: now))
            if option.isReloadable { live.append(change) } else { afterRestart.append(change) }
        }
        return ConfigurationChanges(live: live, afterRestart: afterRestart)
    }

    /// The configuration that holds while `old` is running: this one where a change takes effect at once, the old one
    /// elsewhere.
    package func reloaded(over old: Configuration) -> Configuration {
        var merged = old
        for option in OptionTable.options where option.isReloadable {
            let setting = setting(option)
            merged.set(option, setting.value, setting.origin)
        }
        merged.warnings = warnings
        return merged
    }
}
