import HubConnection

/// Somebody with a seat on a loop: he asks through the desk, and is told what the core has for him.
protocol Guest: AnyObject {
    /// Something for him. Texts lie in the outbox.
    func told(
        _ entry: Outbox.Entry, _ outbox: borrowing Outbox, _ desk: inout Desk, _ web: inout WebConnections,
        _ loop: inout EventLoop)

    /// All that came for him with this outbox has been told.
    func toldAll(_ desk: inout Desk, _ web: inout WebConnections, _ loop: inout EventLoop)
}

extension Guest {
    /// Nothing.
    func toldAll(_ desk: inout Desk, _ web: inout WebConnections, _ loop: inout EventLoop) {}
}
