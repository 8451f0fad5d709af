/// What the hub tells of itself as a program. Names that begin with `process` are those that programs have in common.
extension MetricFamily {
    static let buildInfo = gauge(
        "agenthub_build_info", labels: ["version", "log_format"],
        "Always 1; the labels say which AgentHub this is.")
    static let ready = gauge("agenthub_ready", "1 while the hub takes messages, else 0.")
    static let phase = gauge(
        "agenthub_phase", labels: ["phase"],
        "1 for where the hub stands between start and end, 0 for the others.")
    static let recoveryRecords = gauge(
        "agenthub_recovery_records", labels: ["state"],
        "Records behind the checkpoint that a start has to apply, and those that it has applied.")
    static let foldedSeries = gauge(
        "agenthub_metrics_folded_series",
        "Series added up under `other`, since their family had as many as it may.")
    static let processCPU = counter(
        "process_cpu_seconds", "Processor time used by the process, in both modes.")
    static let processResident = gauge(
        "process_resident_memory_bytes", "Memory of the process that is in RAM.")
    static let processVirtual = gauge("process_virtual_memory_bytes", "Address space of the process.")
    static let processOpenDescriptors = gauge("process_open_fds", "Open descriptors.")
    static let processMaxDescriptors = gauge("process_max_fds", "Descriptors that the process may have.")
    static let processStart = gauge(
        "process_start_time_seconds", "When the process began, in seconds since 1970 began.")
    static let processThreads = gauge("process_threads", "Threads of the process.")

    static let ofProcess = [
        buildInfo, ready, phase, recoveryRecords, foldedSeries, processCPU, processResident, processVirtual,
        processOpenDescriptors, processMaxDescriptors, processStart, processThreads,
    ]

    /// Every family there is.
    package static let all = ofRouter + ofLog + ofNetwork + ofProcess
}
