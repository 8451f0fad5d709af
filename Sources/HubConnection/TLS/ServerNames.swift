import COpenSSL

/// Which of a server's contexts answers for a name that a client asks for.
///
/// A context is in charge of the names in its certificate; `*.example` stands for one more label, as everywhere.
struct ServerNames {
    private var exact: [String: Int] = [:]
    private var wildcards: [String: Int] = [:]

    /// Adds the names of a certificate; the first that has a name keeps it.
    mutating func add(_ names: [String], _ index: Int) {
        for name in names.map(Self.normalised) {
            if name.hasPrefix("*.") {
                let rest = String(name.dropFirst(2))
                if wildcards[rest] == nil { wildcards[rest] = index }
            } else if exact[name] == nil {
                exact[name] = index
            }
        }
    }

    /// The certificate for a name; nil if there is none.
    func index(for name: String) -> Int? {
        let name = Self.normalised(name)
        if let found = exact[name] { return found }
        guard let dot = name.firstIndex(of: "."), dot != name.startIndex else { return nil }
        return wildcards[String(name[name.index(after: dot)...])]
    }

    /// Names are compared in small letters and without the last dot.
    private static func normalised(_ name: String) -> String {
        let lowered = name.lowercased()
        return lowered.hasSuffix(".") ? String(lowered.dropLast()) : lowered
    }
}
