/// Who gets what: sessions, topics, consumers, acknowledgements and redelivery, as a deterministic state
/// machine over the log. Empty so far; the storage layer comes first.
enum HubRouter {}
