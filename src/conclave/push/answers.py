"""What push services answer, and what one is to who pushes."""

from enum import Enum
from typing import Final, NamedTuple, Protocol

from conclave.model import Subscription
from conclave.push.message import Message

# Seconds that a service keeps it for a browser that is off: what is older is not news.
TTL_S: Final = 12 * 3_600


class Answer(Enum):
    TAKEN = "taken"
    # The browser is not there any more, or takes nothing from this server.
    GONE = "gone"
    LATER = "later"
    # It will not take this message, whenever it comes.
    REFUSED = "refused"


class Answered(NamedTuple):
    answer: Answer
    # What the service asked for; 0: nothing.
    after_s: float = 0.0


class Service(Protocol):
    """Takes messages for browsers."""

    async def send(self, subscription: Subscription, message: Message) -> Answered:
        """Send *message*; never raises but for being cancelled."""

    async def close(self) -> None: ...
