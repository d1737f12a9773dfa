"""What each event of a client does; one file a topic of conversation."""

from conclave.controllers.closing import Closing
from conclave.controllers.commands import Commands
from conclave.controllers.direct import Direct
from conclave.controllers.members import Members
from conclave.controllers.messages import Messages
from conclave.controllers.moderation import Moderation
from conclave.controllers.people import People
from conclave.controllers.pushing import Pushing
from conclave.controllers.reading import Reading
from conclave.controllers.reports import Reports
from conclave.controllers.roomlinks import RoomLinks
from conclave.controllers.rooms import Rooms
from conclave.controllers.search import Search
from conclave.controllers.sessions import Sessions
from conclave.controllers.signals import Signals
from conclave.controllers.timelines import TimelineNotes

# The chat itself; an application's own controllers come after them.
CHAT = (
    Sessions,
    Rooms,
    Members,
    Moderation,
    Closing,
    RoomLinks,
    Direct,
    Messages,
    Commands,
    Reports,
    Reading,
    Search,
    People,
    Pushing,
    Signals,
    TimelineNotes,
)

__all__ = [
    "CHAT",
    "Closing",
    "Commands",
    "Direct",
    "Members",
    "Messages",
    "Moderation",
    "People",
    "Pushing",
    "Reading",
    "Reports",
    "RoomLinks",
    "Rooms",
    "Search",
    "Sessions",
    "Signals",
]
