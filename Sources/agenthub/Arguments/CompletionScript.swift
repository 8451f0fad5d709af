/// What a shell needs to complete the program's command lines, made from the tree of commands.
///
/// All three shells find the command in the same way: they go along the words and take a step down whenever path and word are a
/// command. So options may stand anywhere, as they may for the program.
struct CompletionScript {
    /// A shell.
    enum Shell: String, CaseIterable {
        case bash
        case zsh
        case fish
    }

    /// A command with its path, as `agenthub log check`.
    private struct Entry {
        let path: String
        let command: CommandSpec
    }

    private let entries: [Entry]
    private let program: String

    init(root: CommandSpec) {
        program = root.name
        entries = Self.entries(root, path: root.name)
    }

    private static func entries(_ command: CommandSpec, path: String) -> [Entry] {
        [Entry(path: path, command: command)]
            + command.subcommands.flatMap { entries($0, path: "\(path) \($0.name)") }
    }

    func text(for shell: Shell) -> String {
        let lines =
            switch shell {
            case .bash: bash
            case .zsh: zsh
            case .fish: fish
            }
        return lines.joined(separator: "\n") + "\n"
    }

    /// Text that a shell takes as it is. Within single quotes a quote cannot stand.
    private static func quoted(_ text: String) -> String {
        "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: #"'\''"#) + "'"
    }

    /// The paths of all commands but the first, as a pattern of `case`.
    private var paths: String {
        entries.dropFirst().map { Self.quoted($0.path) }.joined(separator: "|")
    }

    private static func options(_ command: CommandSpec) -> [OptionSpec] { command.options + [.help] }

    private static func names(_ option: OptionSpec) -> [String] {
        (option.letter.map { ["-\($0)"] } ?? []) + ["--\(option.name)"]
    }

    private static func takesFile(_ value: String) -> Bool { ["FILE", "DIRECTORY"].contains(value) }

    // MARK: Bash

    private var bash: [String] {
        var lines = [
            "# Completion of \(program) in Bash, written by: \(program) completion bash",
            "_\(program)() {",
            "    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]}",
            "    local place=\(program) words='' files='' index",
            "    COMPREPLY=()",
            "    for ((index = 1; index < COMP_CWORD; index++)); do",
            "        case \"$place ${COMP_WORDS[index]}\" in",
            "            \(paths)) place=\"$place ${COMP_WORDS[index]}\" ;;",
            "        esac",
            "    done",
            "    case \"$place $previous\" in",
        ]
        for entry in entries {
            for option in Self.options(entry.command) {
                guard let value = option.value else { continue }
                let pattern = Self.names(option).map { Self.quoted("\(entry.path) \($0)") }.joined(
                    separator: "|")
                let action =
                    Self.takesFile(value) ? "mapfile -t COMPREPLY < <(compgen -f -- \"$current\"); " : ""
                lines.append("        \(pattern)) \(action)return ;;")
            }
        }
        lines += ["    esac", "    case \"$place\" in"]
        for entry in entries {
            let options = Self.options(entry.command).map { "--\($0.name)" }
            let words = (entry.command.subcommands.map(\.name) + options).joined(separator: " ")
            let files = entry.command.arguments.isEmpty ? "" : " files=yes"
            lines.append("        \(Self.quoted(entry.path))) words=\(Self.quoted(words))\(files) ;;")
        }
        lines += [
            "    esac",
            "    mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$current\")",
            "    if [[ -n $files && $current != -* ]]; then",
            "        mapfile -t COMPREPLY < <(compgen -f -- \"$current\")",
            "    fi",
            "}",
            "complete -o filenames -F _\(program) \(program)",
        ]
        return lines
    }

    // MARK: Zsh

    private var zsh: [String] {
        var lines = [
            "#compdef \(program)",
            "# Completion of \(program) in Zsh, written by: \(program) completion zsh",
            "_\(program)() {",
            "    local place=\(program) word",
            "    local -a commands",
            "    for word in ${words[2,CURRENT-1]}; do",
            "        case \"$place $word\" in",
            "            \(paths)) place=\"$place $word\" ;;",
            "        esac",
            "    done",
            "    case \"$place\" in",
        ]
        for entry in entries {
            lines.append("        \(Self.quoted(entry.path)))")
            if entry.command.body == nil {
                let commands = entry.command.subcommands.map { command in
                    Self.quoted("\(command.name):\(command.summary)")
                }
                lines.append("            commands=(\(commands.joined(separator: " ")))")
                lines.append("            _describe command commands ;;")
            } else {
                let options = Self.options(entry.command).flatMap(Self.zshArguments)
                let files = entry.command.arguments.isEmpty ? [] : ["'*:argument:_files'"]
                lines.append("            _arguments \((options + files).joined(separator: " ")) ;;")
            }
        }
        lines += [
            "    esac", "}",
            "if [[ $funcstack[1] == _\(program) ]]; then _\(program) \"$@\"; else compdef _\(program) \(program); fi",
        ]
        return lines
    }

    private static func zshArguments(_ option: OptionSpec) -> [String] {
        // Brackets and colons have a meaning in these.
        var summary = ""
        for character in option.summary {
            summary += "[]:\\".contains(character) ? "\\\(character)" : String(character)
        }
        let value = option.value.map { ":\($0):\(takesFile($0) ? "_files" : " ")" } ?? ""
        let prefix = option.isRepeatable ? "*" : ""
        return names(option).map { quoted("\(prefix)\($0)[\(summary)]\(value)") }
    }

    // MARK: Fish

    private var fish: [String] {
        var lines = [
            "# Completion of \(program) in fish, written by: \(program) completion fish",
            "set -g __\(program)_commands \(entries.dropFirst().map { Self.quoted($0.path) }.joined(separator: " "))",
            "function __\(program)_at",
            "    set -l place \(program)",
            "    for word in (commandline -opc)[2..-1]",
            "        if contains -- \"$place $word\" $__\(program)_commands",
            "            set place \"$place $word\"",
            "        end",
            "    end",
            "    test \"$place\" = \"$argv\"",
            "end",
            "complete -c \(program) -f",
        ]
        for entry in entries {
            let at = "-n " + Self.quoted("__\(program)_at \(entry.path)")
            for command in entry.command.subcommands {
                lines.append(
                    "complete -c \(program) \(at) -a \(command.name) -d \(Self.fishQuoted(command.summary))")
            }
            for option in Self.options(entry.command) {
                let letter = option.letter.map { " -s \($0)" } ?? ""
                let value = option.value.map { Self.takesFile($0) ? " -r -F" : " -x" } ?? ""
                lines.append(
                    "complete -c \(program) \(at)\(letter) -l \(option.name)\(value) -d \(Self.fishQuoted(option.summary))"
                )
            }
            if !entry.command.arguments.isEmpty { lines.append("complete -c \(program) \(at) -F") }
        }
        return lines
    }

    /// In fish a quote within single quotes has a backslash.
    private static func fishQuoted(_ text: String) -> String {
        var quoted = ""
        for character in text { quoted += "'\\".contains(character) ? "\\\(character)" : String(character) }
        return "'\(quoted)'"
    }
}
