package import HubModel

/// The state of a hub as it was: made by reading the log from its beginning, or as far back as it is kept, to the offset
/// that is asked for.
package struct PastState: ~Copyable {
    private var state: LoggedState

    /// Nothing is known yet.
    package init() {
        // A picture does not show what was sent twice: the smallest window is enough.
        state = LoggedState(DedupWindow.Bounds(entries: 1, idBytes: 0, milliseconds: 0), hashSeed: 0)
    }

    /// Takes the next record of the log.
    package mutating func take(_ record: RecordView, _ names: borrowing NameTable) {
        state.apply(record, names)
    }

    /// What it all came to, for a tenant.
    package func picture(of tenant: NameID, _ names: borrowing NameTable) -> Picture {
        Picture(of: state, tenant: tenant, names)
    }
}
