/// Event loops, sockets, TLS and timers: moves bytes and knows no messages. Empty so far; the storage layer
/// comes first.
enum HubConnection {}
