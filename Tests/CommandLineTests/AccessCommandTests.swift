import Foundation
import LogSamples
import Testing

/// The commands that say who may come in, from an empty directory on.
@Suite struct AccessCommandTests {
    private let directory = TemporaryDirectory()

    /// Runs the program on a data directory of the test's own.
    private func agenthub(_ words: String...) throws -> CommandRun {
        let line = words.map { "'\($0)'" }.joined(separator: " ")
        return try CommandRun.shell(
            "cd \"$folder\" && \"$agenthub\" \(line)",
            environment: ["folder": directory.path, "AGENTHUB_DATA": directory["deep/data"]])
    }

    private func mode(_ name: String) throws -> Int? {
        let attributes = try FileManager.default.attributesOfItem(atPath: directory[name])
        return (attributes[.posixPermissions] as? NSNumber)?.intValue
    }

    @Test("a token is shown once, alone on standard output, and the file has its digest only") func tokens()
        throws
    {
        let added = try agenthub("tokens", "add", "worker-1", "--days", "3", "--note", "first")
        #expect(added.code == 0)
        let token = added.output.trimmingCharacters(in: .newlines)
        #expect(token.hasPrefix("ahub_") && token.count == 82 && added.output == "\(token)\n")
        #expect(added.complaint.contains("It is not shown again."))
        let file = try String(contentsOfFile: directory["deep/data/access.json"], encoding: .utf8)
        #expect(!file.contains(token.suffix(64)) && file.contains("sha256"))
        #expect(try mode("deep/data/access.json") == 0o600)

        let json = try agenthub("tokens", "add", "b", "--tenant", "acme", "--role", "observer", "--json")
            .object()
        #expect(json["tenant"] as? String == "acme" && json["roles"] as? [String] == ["observer"])
        let list = try agenthub("tokens", "list", "--json").object()["tokens"] as? [[String: Any]]
        #expect(list?.map { $0["good"] as? Bool } == [true, true])
        #expect(try agenthub("tokens", "list", "--agent", "b").output.split(separator: "\n").count == 1)

        #expect(try agenthub("tokens", "revoke", token).code == 0)
        let after = try agenthub("tokens", "list")
        #expect(after.output.contains("revoked") && !after.output.contains(token.suffix(64)))
        let unknown = try agenthub("tokens", "revoke", "000000000000")
        #expect(unknown.code == 3 && unknown.complaint.contains("agenthub tokens list"))
        #expect(try agenthub("tokens", "add", "b", "--tenant", "acme", "--role", "admin").code == 3)
    }

    @Test("agents are registered, listed, changed and taken out") func agents() throws {
        let added = try agenthub(
            "agents", "add", "sensor", "--role", "", "--publish", "sensors.{agent}.>", "--command",
            "agent:planner")
        #expect(added.code == 0 && added.output == "Registered sensor.\n")
        #expect(try agenthub("agents", "add", "sensor").code == 3)
        let rights = try agenthub("agents", "rights", "sensor").output
        #expect(
            rights.contains("publish           sensors.sensor.>\n")
                && rights.contains("subscribe         nothing\n"))
        let changed = try agenthub(
            "agents", "rights", "sensor", "--publish", "", "--role", "observer", "--json"
        ).object()
        #expect(changed["roles"] as? [String] == ["observer"])
        #expect((changed["rights"] as? [String: Any])?.keys.sorted() == ["command"])
        #expect(
            (changed["effective_rights"] as? [String: [String]])?["admin"] == ["*.read"])
        #expect(try agenthub("agents", "rights", "sensor", "--shut-out").output.contains("revoked"))
        #expect(try agenthub("agents", "rights", "sensor", "--let-in").output.contains("good"))
        #expect(try agenthub("agents", "list").output.contains("sensor  observer  0       0     good"))
        #expect(try agenthub("agents", "remove", "sensor").code == 0)
        #expect(try agenthub("agents", "rights", "sensor").code == 3)
        #expect(try agenthub("agents", "list", "--json").output == "{\"agents\":[]}\n")
    }

    @Test(
        "a wrong call is told so before anything is written",
        arguments: [
            (["agents", "add", "a b"], 2, "space or control character"),
            (
                ["agents", "add", "a", "--publish", "a..b"], 2,
                "rights.publish: the topic pattern has an empty token"
            ),
            (
                ["agents", "add", "a", "--role", "nope"], 3,
                "there is no role \"nope\"; there are admin, agent"
            ),
            (["agents", "rights", "a", "--shut-out", "--let-in"], 2, "do not go together"),
            (["tokens", "add", "a", "--days", "0"], 2, "--days takes a whole number from 1 up"),
            (["tokens", "add", "a", "--days", "99999999"], 2, "--days takes 36500 at most"),
            (["tokens", "add", "a", "--tenant", ""], 2, "the tenant name is empty"),
            (["keys", "generate"], 2, "say where the private key goes"),
            (["keys", "add", "a", "nothing.pub"], 1, "No such file"),
            (["certs", "issue", "a"], 3, "agenthub certs ca"),
            (["certs", "issue", "../a"], 2, "give one with --out PREFIX"),
            (["certs", "issue", "a", "--also", "b"], 2, "give --server as well"),
        ] as [([String], Int32, String)])
    func wrong(words: [String], code: Int32, sentence: String) throws {
        let line = words.map { "'\($0)'" }.joined(separator: " ")
        let run = try CommandRun.shell(
            "cd \"$folder\" && \"$agenthub\" \(line)",
            environment: ["folder": directory.path, "AGENTHUB_DATA": directory["data"]])
        #expect(run.code == code && run.complaint.contains(sentence), "\(run.code) \(run.complaint)")
        #expect(!FileManager.default.fileExists(atPath: directory["data/access.json"]))
    }

    @Test("a private key goes to its file, and to the terminal only when asked") func keys() throws {
        let made = try agenthub("keys", "generate", "--out", "w.key", "--agent", "w")
        #expect(made.code == 0 && made.output.hasPrefix("-----BEGIN PUBLIC KEY-----"))
        #expect(!made.output.contains("PRIVATE") && !made.complaint.contains("PRIVATE"))
        #expect(try mode("w.key") == 0o600)
        #expect(try agenthub("keys", "generate", "--out", "w.key").code == 3)
        #expect(try agenthub("keys", "generate", "--print").output.contains("-----BEGIN PRIVATE KEY-----"))

        for (kind, options) in [("ed25519", ""), ("ecdsa", ""), ("rsa", "-b 2048")] {
            let run = try CommandRun.shell(
                "cd \"$folder\" && ssh-keygen -q -t \(kind) \(options) -N '' -f \(kind)",
                environment: ["folder": directory.path])
            guard run.code == 0 else { continue }
            let added = try agenthub("keys", "add", kind, "\(kind).pub", "--json")
            #expect(added.code == 0, "\(added.complaint)")
            // The other half signs, and the registered one is found to be its.
            let list = try agenthub("keys", "list", "--json").object()["keys"] as? [[String: Any]]
            let pem = list?.first { $0["agent"] as? String == kind }?["pem"] as? String
            let own = try CommandRun.shell(
                "cd \"$folder\" && ssh-keygen -e -m PKCS8 -f \(kind).pub",
                environment: ["folder": directory.path])
            if kind != "ed25519" { #expect(pem == own.output) }
        }
        let list = try agenthub("keys", "list", "--json").object()["keys"] as? [[String: Any]]
        let id = try #require(list?.first?["id"] as? String)
        #expect(try agenthub("keys", "remove", id).output == "Removed the key \(id) of w.\n")
        #expect(try agenthub("keys", "remove", id).code == 3)
    }

    @Test("an authority issues, lists and revokes") func certificates() throws {
        #expect(try agenthub("certs", "ca").code == 0)
        #expect(try agenthub("certs", "ca").code == 3)
        #expect(try agenthub("certs", "issue", "worker-1").code == 0)
        let json = try agenthub(
            "certs", "issue", "hub.example", "--server", "--also", "127.0.0.1", "--out", "hub", "--json"
        ).object()
        #expect(json["server"] as? Bool == true && json["subject"] as? String == "hub.example 127.0.0.1")
        #expect(try mode("hub.key") == 0o600 && mode("deep/data/certs/ca.key") == 0o600)
        #expect(try agenthub("certs", "revoke", "worker-1").output.hasPrefix("Revoked "))
        let list = try agenthub("certs", "list").output
        #expect(list.contains("revoked") && list.contains("server"))
        #expect(try agenthub("certs", "crl").code == 0)
        #expect(try agenthub("certs", "list", "--folder", "elsewhere").code == 3)
    }
}
