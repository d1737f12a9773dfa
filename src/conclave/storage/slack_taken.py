"""The time at which an import writes, and what came of it."""

from collections import Counter
from dataclasses import dataclass, field


class SlackClock:
    """The time of what is being written; give `now` to the store."""

    def __init__(self) -> None:
        self.at = 0

    def now(self) -> int:
        return self.at


@dataclass(slots=True)
class Taken:
    """What was imported, and what was left out, by why."""

    people: int = 0
    rooms: int = 0
    messages: int = 0
    reactions: int = 0
    edits: int = 0
    # It was here before.
    known: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
