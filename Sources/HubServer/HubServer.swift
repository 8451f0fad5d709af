/// Puts the layers together: threads, configuration, authentication, administration and metrics. Empty so
/// far; the storage layer comes first.
enum HubServer {}
