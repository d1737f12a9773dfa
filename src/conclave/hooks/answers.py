"""What addresses answer, and what one that takes messages is to who tells."""

from enum import Enum
from typing import NamedTuple, Protocol

from conclave.hooks.signing import Message


class Answer(Enum):
    TAKEN = "taken"
    # It does not want anything any more.
    GONE = "gone"
    LATER = "later"
    # It will not take this one, whenever it comes.
    REFUSED = "refused"


class Answered(NamedTuple):
    answer: Answer
    # A status, or a word.
    what: str
    # What it asked for; 0: nothing.
    after_s: float = 0.0


class Poster(Protocol):
    async def post(self, message: Message) -> Answered:
        """Post *message*; never raises but for being cancelled."""

    async def ask(self, message: Message) -> bytes | None:
        """Post *message*, and return what was answered; None where nothing good was."""

    async def close(self) -> None: ...
