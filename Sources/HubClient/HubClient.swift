/// The Swift client library. Empty so far; the storage layer comes first.
enum HubClient {}
