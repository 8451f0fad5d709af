/// Bytes to meaning and back, with no I/O: HTTP, WebSocket, JSON, the native protocol and the dialects.
/// Empty so far; the storage layer comes first.
enum HubProtocols {}
