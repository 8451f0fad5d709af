/// Bytes to meaning and back, with no I/O: HTTP, WebSocket, JSON, the native protocol and the dialects.
/// JSON, HTTP/1.1 and WebSocket so far.
enum HubProtocols {}
