import HubSystem

CurrentProcess.exit(Program().run(Array(CommandLine.arguments.dropFirst())).rawValue)
