"""What a node tells of its people, and who is told again after it stood still."""

import asyncio

from tests.conformance.engines import CHANNEL, KEY, Heard
from tests.schedules.hand_time import run
from tests.support.memory_bus import MemoryBus

from conclave.engine.cluster import ClusterEngine
from conclave.engine.presences import Others, Own
from conclave.engine.sealing import Message, Presence, Seal
from conclave.model import Status
from conclave.model.seen import Seen

ANN, BOB, EVE = (Seen(user, user.capitalize()) for user in ("ann", "bob", "eve"))


def told(own: Own) -> list[Presence]:
    return own.take(100).here


def test_who_is_withheld_is_told_when_they_come_again_and_not_before() -> None:
    own = Own()
    for seen in (ANN, BOB):
        own.come("hall", seen)
    told(own)
    assert not own.come("hall", ANN), "it was told"
    own.withhold()
    assert not own, "there is nothing to be said of anybody"
    own.asked()
    assert told(own) == []
    assert own.come("hall", ANN)
    said = own.take(100)
    assert (said.here, said.whole) == ([Presence("hall", "ann", ANN)], False)
    assert own.go("hall", "bob")
    said = own.take(100)
    assert (said.here, said.whole) == ([Presence("hall", "bob", None)], True)
    assert not own


def test_of_no_room_nothing_is_withheld_as_it_is_no_presence() -> None:
    own = Own()
    own.come("", Seen("ann", "", status=Status.DND))
    own.come("hall", BOB)
    own.withhold()
    assert [one.room for one in told(own)] == [""]


def test_nobody_goes_who_was_not_told_again_until_it_is_whole() -> None:
    own, others = Own(), Others()
    own.come("hall", ANN)
    own.come("hall", BOB)

    def hear(n: int) -> list[tuple[str, bool]]:
        said = own.take(100)
        message = Message(
            node="n", life=1, n=n, edition=said.edition, here=said.here, whole=said.whole
        )
        return [(one.seen.user, one.here) for one in others.hear(message, gap=False)]

    own.begin()
    assert hear(1) == [("ann", True), ("bob", True)]
    own.withhold()
    own.come("hall", ANN)
    assert hear(2) == []
    own.go("hall", "bob")
    assert hear(3) == [("bob", False)]
    assert others.incomplete() == []


def test_a_node_that_stood_still_lets_its_people_prove_themselves_first() -> None:
    async def main() -> None:
        bus = MemoryBus()
        ears = [Heard() for _ in range(3)]
        a, b, c = (
            ClusterEngine(bus.port(name), Seal(lambda: [KEY], CHANNEL)) for name in ("a", "b", "c")
        )
        for engine, ear in ((a, ears[0]), (b, ears[1])):
            await engine.start(ear)
        for seen in (ANN, BOB):
            b.come("hall", seen)
        await asyncio.sleep(3)
        assert len(ears[0].seen) == 2
        # As after a minute in which it was not scheduled.
        b._awake -= 60
        await asyncio.sleep(5)
        await c.start(ears[2])
        await asyncio.sleep(3)
        assert (ears[0].still, ears[1].still) == (0, 1)
        assert b.degraded is None
        assert all(ears[0].seen.values()), "nobody has gone"
        assert ears[2].seen == {}, "and nobody is said to be there"
        b.come("hall", ANN)
        b.go("hall", "bob")
        await asyncio.sleep(2)
        for ear in (ears[0], ears[2]):
            assert [key for key, by in ear.seen.items() if by] == [("hall", "ann")]
        for engine in (a, b, c):
            await engine.close()

    run(main())
