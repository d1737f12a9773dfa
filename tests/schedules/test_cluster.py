"""
The same three nodes and clients, now with the real engine over a bus that fails as buses do.

Packets are lost, doubled and overtaken; nodes are cut off, or hang on connections that look
well and bring nothing; they die, and their store is slow, away, or does not say whether it has
done something. Whoever comes in or stays is told everything once and in order, what is
acknowledged is stored once, and whoever was on a node that died is seen to leave.
"""

from random import Random
from typing import Any

import pytest
from tests.schedules.cluster_world import FailingCluster
from tests.schedules.failing_bus import FailingBus
from tests.schedules.relay_world import HALL, MemoryStore
from tests.schedules.test_relay import broken_by

from conclave.engine.cluster import ClusterEngine
from conclave.engine.presences import Others
from conclave.relay.halls import Halls

SCHEDULES = 1_000
QUICK = 30
BATCH = 50
BUSES = (FailingBus, FailingCluster)


def wrong_in(seeds: range, bus: type[FailingBus]) -> list[str]:
    return [wrong for seed in seeds if (wrong := broken_by(seed, bus))]


@pytest.mark.parametrize("bus", BUSES)
def test_whatever_befalls_them_everything_is_told_once_in_order(bus: type[FailingBus]) -> None:
    assert not wrong_in(range(QUICK), bus)[:5]


@pytest.mark.slow
@pytest.mark.parametrize("bus", BUSES)
@pytest.mark.parametrize("first", range(QUICK, SCHEDULES, BATCH))
def test_a_thousand_schedules_find_nothing(first: int, bus: type[FailingBus]) -> None:
    assert not wrong_in(range(first, first + BATCH), bus)[:5]


def test_all_that_may_befall_them_does() -> None:
    made: list[FailingCluster] = []

    def make(random: Random) -> FailingCluster:
        made.append(FailingCluster(random))
        return made[-1]

    for seed in range(QUICK):
        broken_by(seed, make)
    assert sum(len(one.dead) for one in made) > 10
    assert sum(one.lot["refused"] for one in made) > 10
    assert sum(one.lot["in doubt"] for one in made) > 10


# What must not go unnoticed: each takes one rule out of what the cluster builds on.


async def _never_repairs(_halls: Halls, _room: object) -> None:
    pass


def _believes(halls: Halls, name: str, seq: int) -> None:
    """A hint is taken for what was told."""
    hall = halls.get(name)
    if hall is not None and hall.room is not None:
        hall.room.restart(seq)


class _Forgetful(dict[str, Any]):
    """Requests that are remembered by nobody: what is asked again is done again."""

    def get(self, *_: Any) -> None:
        return None


_INIT = MemoryStore.__init__


def _remembers_nothing(store: MemoryStore, random: Random) -> None:
    _INIT(store, random)
    store.made = _Forgetful()


_APPEND = MemoryStore.append


async def _acknowledges_first(store: MemoryStore, draft: Any) -> Any:
    """A request whose outcome is unknown is taken to be undone, and its number is given away."""
    receipt = await _APPEND(store, draft)
    if receipt.entry is None:
        return receipt.__class__(
            room=HALL, seq=receipt.seq + 1, id=receipt.id, timestamp=receipt.timestamp
        )
    return receipt


@pytest.mark.parametrize(
    ("owner", "name", "bug"),
    [
        pytest.param(Halls, "_repair", _never_repairs, id="a gap is not filled"),
        pytest.param(Halls, "hinted", _believes, id="a hint is believed"),
        pytest.param(MemoryStore, "__init__", _remembers_nothing, id="done twice when in doubt"),
        pytest.param(MemoryStore, "append", _acknowledges_first, id="another number when in doubt"),
        pytest.param(Others, "drop", lambda _others, _node: [], id="the dead never leave"),
        pytest.param(
            ClusterEngine, "_heard_myself", lambda _engine, _now: None, id="never well again"
        ),
    ],
)
def test_a_planted_bug_is_found(
    monkeypatch: pytest.MonkeyPatch, owner: type, name: str, bug: Any
) -> None:
    monkeypatch.setattr(owner, name, bug)
    assert any(broken_by(seed, FailingCluster) for seed in range(300))
