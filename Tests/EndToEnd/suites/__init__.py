"""All suites, in the order in which they are told of."""

from suites.connections import Connections, HostileFrames
from suites.consumers import Consumers, Groups, Pauses
from suites.conversations import Commands, Sessions
from suites.errors import Errors, Quotas
from suites.interface import Interface
from suites.messages import Messages
from suites.past import Gaps, LastValues, Presence, Replays
from suites.pressure import Pressure
from suites.redelivery import DeadLetters, Redelivery
from suites.restarts import Drained, Killed
from suites.tenants import Tenants

SUITES = [
    Messages, Consumers, Groups, Pauses, Redelivery, DeadLetters, Commands, Sessions, LastValues, Presence, Replays,
    Gaps, Connections, HostileFrames, Errors, Quotas, Interface, Tenants, Pressure, Killed, Drained,
]
