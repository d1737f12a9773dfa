"""What each event of a client does; one file a topic of conversation."""

from conclave.controllers.messages import Messages
from conclave.controllers.rooms import Rooms
from conclave.controllers.sessions import Sessions
from conclave.controllers.signals import Signals

# The chat itself; an application's own controllers come after them.
CHAT = (Sessions, Rooms, Messages, Signals)

__all__ = ["CHAT", "Messages", "Rooms", "Sessions", "Signals"]
