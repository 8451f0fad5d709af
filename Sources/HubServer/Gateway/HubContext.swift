import HubBytes
package import HubModel
import HubProtocols
import HubRouter
import Synchronization

/// What all loops share.
package final class HubContext: Sendable {
    /// Bounds and manners.
    package let settings: GatewaySettings
    /// The way to the core.
    package let links: CoreLinks
    /// Who reads the log for those who ask.
    package let library: Library
    /// Who goes through the log from one end to the other, for one after the other: it takes long, and nobody else should
    /// have to wait.
    package let walks: Library
    /// Requests that wait for the core.
    let questions: QuestionCount
    /// The log's present life.
    package let epoch: Epoch
    /// How many loops there are.
    package let loopCount: Int
    /// What the hub says that it is.
    package let version: String
    /// Who finds out who somebody is.
    package let authenticator: Authenticator
    /// Where the hub writes what happens.
    let journal: HubLog?
    /// What the hub counts, and how it is.
    package let metrics: HubMetrics
    let showsMetricsToAnyone: Bool
    /// By a listener's number: who gets in there.
    private let admissions: [ListeningPolicy.Admission]
    /// By a listener's number: whether only this machine reaches it.
    private let areLocal: [Bool]
    /// Conversations on all loops.
    let conversations = Atomic(0)
    let frames: NativeLimits
    let consumerDefaults: ConsumerSettings

    init(
        _ settings: HubSettings, _ admissions: [ListeningPolicy.Admission], _ links: CoreLinks,
        _ library: Library, walks: Library, _ metrics: HubMetrics, epoch: Epoch
    ) {
        self.metrics = metrics
        journal = settings.journal
        showsMetricsToAnyone = settings.showsMetricsToAnyone
        self.settings = settings.gateway
        self.admissions = admissions
        areLocal = settings.endpoints.map(\.place.isLocal)
        self.links = links
        self.library = library
        self.walks = walks
        questions = QuestionCount(settings.gateway.questionsToCoreMax)
        self.epoch = epoch
        loopCount = settings.loops
        version = settings.version
        authenticator = settings.authenticator
        frames = settings.frames
        consumerDefaults = settings.core.router.consumer
    }

    /// Who gets in by a listener. Nobody knows one that is none of the hub's, so that asks for credentials.
    func admission(_ listener: UInt32?) -> ListeningPolicy.Admission {
        guard let listener, Int(listener) < admissions.count else { return .credentials }
        return admissions[Int(listener)]
    }

    /// Why a request is not for this hub. Where everyone gets in who is on this machine, a web page could have a name of
    /// its own lead here: only names are taken that mean this machine.
    func objection(toHostOf request: HTTPRequestView, _ listener: UInt32?) -> String? {
        guard let listener, admission(listener) == .everyone, areLocal[Int(listener)], !request.isForLoopback
        else { return nil }
        return "without credentials the hub is spoken to as localhost or 127.0.0.1, and by no other name"
    }
}

extension HTTPRequestView {
    /// The token that it shows.
    var bearer: String? {
        guard let value = fields.value(of: "Authorization") else { return nil }
        return ShownCredentials.bearer(inAuthorization: value.text)
    }
}
