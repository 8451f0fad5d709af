import Glibc

/// What a benchmark's command line says: words, the first of which is its command, and settings as NAME=VALUE.
package enum Arguments {
    private static let parts = CommandLine.arguments.dropFirst().map { argument in
        argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    }

    /// The words, without settings.
    package static let words = parts.filter { $0.count == 1 }.map { $0[0] }
    private static let settings = Dictionary(
        parts.filter { $0.count == 2 }.map { ($0[0], $0[1]) }, uniquingKeysWith: { _, last in last })

    /// The text of a setting; nil if it is not there.
    package static func text(_ name: String) -> String? { settings[name] }

    /// The number of a setting, or the usual one. What is no number ends the program.
    package static func value(_ name: String, _ usual: Int, least: Int = 0) -> Int {
        guard let text = settings[name] else { return usual }
        guard let value = Int(text), value >= least else {
            print("\(name)=\(text): a number is wanted, \(least) or more")
            exit(2)
        }
        return value
    }

    /// Ends the program with its usage if there is a setting that the usage does not name.
    package static func check(against usage: String) {
        for name in settings.keys.sorted() where !usage.contains(" \(name)=") {
            print("there is no \(name)")
            end(with: usage)
        }
    }

    /// Ends the program with its usage.
    package static func end(with usage: String) -> Never {
        print(usage)
        exit(2)
    }
}
