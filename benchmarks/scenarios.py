"""
What is measured: S1 to S9, and what one process and one core can take besides.

Each is a function from a host's name and a scale to named figures, with a fresh server, and holds
that nothing was lost or doubled (`generator.run`). A scale below 1 is for tests and for trying:
such figures mean nothing.
"""

import asyncio
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import crowds, hosts, large

Figures = Mapping[str, float]
Measure = Callable[[str, float], Figures]
# Bytes of a request to write: an ordinary message of a chat.
SIZE = 200


@dataclass(frozen=True)
class Scenario:
    """*lead* is the figure of which ratios and plots are made."""

    title: str
    measure: Measure
    lead: str
    unit: str
    more_is_better: bool = False
    # Only a server that stores can do it.
    stored: bool = False


def _size(count: int, scale: float) -> int:
    return max(2, int(count * scale))


def _figures(counted: Mapping[str, Any]) -> Figures:
    names = ["deliveries_per_second", "cpu_us_per_delivery", "cpu_us_per_message"]
    names += ["messages_per_second", "generator_cpu_share", "messages", "deliveries"]
    figures = {name: counted[name] for name in names}
    for kind in ("delivery_us", "ack_us"):
        if counted[kind]["count"]:
            figures |= {f"{kind}_{at}": counted[kind][at] for at in ("p50", "p99", "max")}
    return figures


def talking(
    members: int, rooms: int = 1, seconds: float = 5.0, *, known: bool = False, **options: Any
) -> Measure:
    """
    Return the measuring of *rooms* in which some write; by default one does.

    *known*: all are members of the one room before they come in.
    """

    def measure(name: str, scale: float) -> Figures:
        few = _size(rooms, scale) if rooms > 1 else 1
        many = members // rooms * few if rooms > 1 else _size(members, scale)
        fitting = {"members": many, "rooms": few, "seconds": seconds * scale, "size": SIZE}
        with tempfile.TemporaryDirectory() as folder:
            if known:
                asyncio.run(crowds.make_members(Path(folder), many))
            with hosts.host(name, Path(folder)) as host:
                return _figures(host.talk(**{**options, **fitting}))

    return measure


def _idling(name: str, scale: float) -> Figures:
    return {
        f"bytes_at_{members}": crowds.idle(name, _size(members, scale))
        for members in (1_000, 15_000)
    }


def _scaled(measure: Callable[[str, int], Figures], count: int) -> Measure:
    return lambda name, scale: measure(name, _size(count, scale))


_PER_DELIVERY = ("cpu_us_per_delivery", "µs of CPU per delivery")
_DELIVERIES = ("deliveries_per_second", "deliveries a second")

SCENARIOS = {
    "S1": Scenario(
        "A room of 1,000, one message at a time", talking(1_000, warmup=20), *_PER_DELIVERY
    ),
    "S2": Scenario(
        "A room of 1,000, sixteen messages under way",
        talking(1_000, warmup=64, window=16),
        *_DELIVERIES,
        more_is_better=True,
    ),
    "S3": Scenario(
        "100 rooms of 10, where all write",
        talking(1_000, 100, per_room=10, warmup=2_000),
        *_DELIVERIES,
        more_is_better=True,
    ),
    "S4": Scenario(
        "500 rooms of 2, four messages under way each",
        talking(1_000, 500, per_room=2, window=4, warmup=8_000),
        *_DELIVERIES,
        more_is_better=True,
    ),
    "S5": Scenario(
        "Idle members, in rooms of 10", _idling, "bytes_at_1000", "bytes a member of 1,000"
    ),
    "S6": Scenario(
        "5,000 come in: connect, authenticate, join",
        _scaled(crowds.coming, 5_000),
        "setups_per_second",
        "members a second",
        more_is_better=True,
    ),
    "S7": Scenario(
        "20 messages a second into a room of 1,000",
        talking(1_000, seconds=15, senders=20, rate=20),
        "delivery_us_p99",
        "µs until a member has it, p99",
    ),
    "S8": Scenario(
        "A start, and 5,000 who resume 100 entries each",
        _scaled(crowds.resuming, 5_000),
        "seconds_until_all_are_back",
        "seconds",
        stored=True,
    ),
    "S9": Scenario(
        "Pages and searches among 1,000,000 messages",
        _scaled(large.asking, 1_000_000),
        "page, ms p99",
        "ms for a page, p99",
        stored=True,
    ),
    "ingest": Scenario(
        "200 rooms of one, sixteen messages under way",
        talking(200, 200, per_room=1, window=16, warmup=3_200),
        "messages_per_second",
        "messages a second, each synced",
        more_is_better=True,
        stored=True,
    ),
    "paced": Scenario(
        "5,000 messages a second, in 200 rooms of one",
        talking(200, 200, per_room=1, rate=5_000),
        "ack_us_p99",
        "µs until it is acknowledged, p99",
        stored=True,
    ),
    "crowd": Scenario(
        "A room of 10,000, one message at a time",
        # When they have come in the room is told its number once more: that is no message's cost.
        talking(10_000, known=True, warmup=5, idle=2),
        *_PER_DELIVERY,
        stored=True,
    ),
    "start": Scenario(
        "A start with 1,000,000 messages",
        _scaled(large.starting, 1_000_000),
        "seconds_until_it_serves",
        "seconds",
        stored=True,
    ),
}
