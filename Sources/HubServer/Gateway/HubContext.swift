package import HubModel
import HubProtocols
import HubRouter

/// What all loops share.
package final class HubContext: Sendable {
    /// Bounds and manners.
    package let settings: GatewaySettings
    /// The way to the core.
    package let links: CoreLinks
    /// Who reads the log for those who ask.
    package let library: Library
    /// The log's present life.
    package let epoch: Epoch
    /// How many loops there are.
    package let loopCount: Int
    /// What the hub says that it is.
    package let version: String
    /// The tenant of agents whose credentials name none.
    package let defaultTenant: String
    let frames: NativeLimits
    let consumerDefaults: ConsumerSettings

    init(_ settings: HubSettings, _ links: CoreLinks, _ library: Library, epoch: Epoch) {
        self.settings = settings.gateway
        self.links = links
        self.library = library
        self.epoch = epoch
        loopCount = settings.loops
        version = settings.version
        defaultTenant = settings.defaultTenant
        frames = settings.frames
        consumerDefaults = settings.core.router.consumer
    }
}
