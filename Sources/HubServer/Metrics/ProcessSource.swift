import HubModel
import HubSystem

/// Tells what the system says of the process, and which AgentHub it is.
struct ProcessSource: MetricSource {
    let version: String

    func contribute(to reading: inout MetricReading) {
        reading.add(.buildInfo, [version, "\(BlockLayout.version)"], 1)
        let figures = CurrentProcess.figures()
        reading.add(.processCPU, figures.cpuSeconds)
        if let bytes = figures.residentBytes { reading.add(.processResident, bytes) }
        if let bytes = figures.virtualBytes { reading.add(.processVirtual, bytes) }
        if let count = figures.openDescriptors { reading.add(.processOpenDescriptors, count) }
        if let count = figures.maxDescriptors { reading.add(.processMaxDescriptors, count) }
        if let count = figures.threads { reading.add(.processThreads, count) }
        if let start = figures.startSeconds { reading.add(.processStart, start) }
    }
}
