import HubSystem
import Testing

/// A line for the shell: what it reads, what it writes, and how it is made to end.
@Suite struct ShellProcessTests {
    private func run(
        _ line: String, _ environment: [(name: String, value: String)] = [], input: [UInt8] = [],
        outputBytesMax: Int = 1 << 20, while goesOn: () -> Bool = { true }
    ) throws -> (end: ShellProcess.End, output: String) {
        let run = try ShellProcess(line, environment: environment).run(
            input: input, outputBytesMax: outputBytesMax, while: goesOn)
        return (run.end, String(decoding: run.output, as: UTF8.self))
    }

    @Test("it reads all of its input and its output is all that it wrote, also where both are large")
    func passesBytes() throws {
        let input = Array(repeating: UInt8(ascii: "x"), count: 3_000_000)
        let result = try ShellProcess("cat").run(input: input, outputBytesMax: 4_000_000, while: { true })
        #expect(result.end == .code(0))
        #expect(result.output == input)
        let echoed = try run("cat; echo end", input: Array("one".utf8))
        #expect(echoed.output == "oneend\n")
    }

    @Test(
        "its end is its code, or the signal's that ended it",
        arguments: [
            ("exit 7", 7), ("true", 0), ("kill -TERM $$", 143), ("no-such-program-here 2>/dev/null", 127),
        ])
    func ends(line: String, code: Int32) throws {
        #expect(try run(line).end == .code(code))
    }

    @Test("variables that are given go before those of this process, and none is lost")
    func environment() throws {
        let result = try run(
            #"printf '%s|%s|%s' "$FIRST" "$PATH" "${HOME:+kept}""#,
            [("FIRST", "a=b c"), ("PATH", "/bin:/usr/bin")])
        #expect(result.output.hasPrefix("a=b c|/bin:/usr/bin|"))
        #expect(try run(#"printf %s "$CUT""#, [("CUT", "ab\0cd")]).output == "ab")
    }

    @Test("a line that does not read what it is given is not waited for, and ends as it wants")
    func ignoresInput() throws {
        let input = Array(repeating: UInt8(0), count: 1 << 20)
        let result = try ShellProcess("exec 0<&-; echo done").run(
            input: input, outputBytesMax: 100, while: { true })
        #expect(result.end == .code(0))
        #expect(result.output == Array("done\n".utf8))
    }

    @Test(
        "who writes more than is wanted is stopped, and so is who is not wanted any more, with all that it started"
    )
    func stops() throws {
        #expect(try run("yes", outputBytesMax: 10_000).end == .tooMuch)
        var looks = 0
        let begun = SystemClock.monotonicNanoseconds()
        let result = try run("sleep 60 & sleep 60; echo late") {
            looks += 1
            return looks < 3
        }
        #expect(result.end == .stopped)
        #expect(result.output.isEmpty)
        #expect(SystemClock.monotonicNanoseconds() - begun < 30_000_000_000)
    }
}
