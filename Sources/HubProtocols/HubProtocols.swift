/// Bytes to meaning and back, with no I/O: HTTP, WebSocket, JSON, the native protocol and the dialects.
/// JSON and HTTP/1.1 so far.
enum HubProtocols {}
