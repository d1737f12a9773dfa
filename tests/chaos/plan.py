"""What one run of the chaos is to be: how many of whom, and for how long."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec


@dataclass(frozen=True)
class Plan:
    """The counts of a run; the default is what `make chaos` does."""

    seed: int = field(default_factory=lambda: random.randrange(2**32))
    kills: int = 20
    # At least so many messages must have been acknowledged at the end.
    acknowledged: int = 50_000
    rooms: int = 20
    senders: int = 40
    # Messages a second, of all senders together.
    rate: int = 1_000
    # In each room, beside those who only listen at times.
    subscribers: int = 9
    wanderers: int = 1
    # The same by means of the Python client: writers in all, readers in each room.
    authors: int = 10
    readers: int = 1
    # Processes that clients live in, and how many kills there are to one of theirs.
    crowds: int = 2
    kills_per_crowd_kill: int = 4
    # Seconds from one kill to the next.
    within: tuple[float, float] = (1.0, 5.0)

    @property
    def room_names(self) -> list[str]:
        return [f"chaos-{n:02}" for n in range(self.rooms)]


@dataclass(frozen=True)
class CrowdPlan:
    """Whom one process of clients holds."""

    # Where the Python client goes, and all addresses, of which the others take any.
    url: str
    urls: list[str]
    # The path of the journals.
    book: str
    # Name and room of each.
    senders: dict[str, str]
    subscribers: dict[str, str]
    wanderers: dict[str, str]
    authors: dict[str, str]
    readers: dict[str, str]
    every: float

    def write(self, path: Path) -> None:
        path.write_bytes(msgspec.json.encode(self))

    @classmethod
    def read(cls, path: Path) -> "CrowdPlan":
        return msgspec.json.decode(path.read_bytes(), type=cls)


def crowd_plans(plan: Plan, url: str, folder: Path, urls: Sequence[str] = ()) -> list[CrowdPlan]:
    """
    Return who lives in which process: everybody somewhere, each kind spread evenly.

    *urls*: where they go, if there is more than the one.
    """
    rooms = plan.room_names

    def share(kind: str, count: int, crowd: int) -> dict[str, str]:
        return {
            f"{kind}{n}": rooms[n % len(rooms)] for n in range(count) if n % plan.crowds == crowd
        }

    return [
        CrowdPlan(
            url=url,
            urls=list(urls) or [url],
            book=str(folder / f"crowd{crowd}.jsonl"),
            senders=share("sender", plan.senders, crowd),
            subscribers=share("subscriber", plan.rooms * plan.subscribers, crowd),
            wanderers=share("wanderer", plan.rooms * plan.wanderers, crowd),
            authors=share("author", plan.authors, crowd),
            readers=share("reader", plan.rooms * plan.readers, crowd),
            every=(plan.senders + plan.authors) / plan.rate,
        )
        for crowd in range(plan.crowds)
    ]
