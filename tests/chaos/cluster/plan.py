"""What one run of the chaos among three servers is to be."""

import random
from dataclasses import dataclass, field

from tests.chaos.plan import Plan


@dataclass(frozen=True)
class ClusterPlan(Plan):
    """The counts of a run; the default is what `make chaos-cluster` does."""

    seed: int = field(default_factory=lambda: random.randrange(2**32))
    # Seconds of faults; the settling after them is not counted.
    seconds: int = 600
    acknowledged: int = 100_000
    nodes: int = 3
    rooms: int = 20
    senders: int = 40
    rate: int = 350
    subscribers: int = 3
    wanderers: int = 1
    authors: int = 6
    readers: int = 1
    crowds: int = 1
    # So many hints there are to one that is lost, one that comes twice and one that is late.
    one_in: int = 20
    # Seconds that a fault lasts, and from its end to the next of the same kind.
    lasts: tuple[float, float] = (0.5, 6.0)
    pause: tuple[float, float] = (1.0, 8.0)
