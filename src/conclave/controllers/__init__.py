"""What each event of a client does; one file a topic of conversation."""

from conclave.controllers.members import Members
from conclave.controllers.messages import Messages
from conclave.controllers.people import People
from conclave.controllers.reading import Reading
from conclave.controllers.rooms import Rooms
from conclave.controllers.search import Search
from conclave.controllers.sessions import Sessions
from conclave.controllers.signals import Signals

# The chat itself; an application's own controllers come after them.
CHAT = (Sessions, Rooms, Members, Messages, Reading, Search, People, Signals)

__all__ = [
    "CHAT",
    "Members",
    "Messages",
    "People",
    "Reading",
    "Rooms",
    "Search",
    "Sessions",
    "Signals",
]
