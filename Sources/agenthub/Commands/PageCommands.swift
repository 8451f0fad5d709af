/// Commands that write what shells and `man` need to know of the program.
enum PageCommands {
    static let completion: CommandSpec = CommandSpec(
        name: "completion", summary: "Write what a shell needs to complete command lines",
        arguments: [ArgumentSpec(name: "SHELL", summary: "bash, zsh or fish")],
        examples: [
            .init(call: "source <(agenthub completion bash)", purpose: "In this shell, or in ~/.bashrc."),
            .init(
                call: "agenthub completion fish > ~/.config/fish/completions/agenthub.fish",
                purpose: "In fish, from the next one on."),
        ]
    ) { (arguments, console) throws(CommandFailure) in
        let name = arguments.arguments[0]
        guard let shell = CompletionScript.Shell(rawValue: name) else {
            throw .usage(UsageError("\"\(name)\" is no shell that is known; SHELL is bash, zsh or fish"))
        }
        try console.write(CompletionScript(root: Program.root).text(for: shell))
        return .done
    }

    static let manual: CommandSpec = CommandSpec(
        name: "manual", summary: "Write the program's page for man",
        examples: [
            .init(call: "agenthub manual | man -l -", purpose: "To read it."),
            .init(
                call: "agenthub manual > /usr/local/share/man/man1/agenthub.1", purpose: "For everyone."),
        ]
    ) { (_, console) throws(CommandFailure) in
        try console.write(ManualPage(root: Program.root, version: Version.program).text)
        return .done
    }
}
