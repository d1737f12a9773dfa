"""When a token was used is written late, and at most once a minute for each."""

import asyncio

import pytest

from conclave.model import Place
from conclave.protocol.errors import Code, Reject
from conclave.storage import uses as module
from conclave.storage.uses import TokenUses

HERE, THERE = Place(address="192.0.2.1", agent="a"), Place(address="192.0.2.2", agent="b")


class Wall:
    now = 1_800_000_000_000

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def wall() -> Wall:
    return Wall()


async def test_a_token_is_written_once_a_minute_and_known_at_once(wall, monkeypatch) -> None:
    monkeypatch.setattr(module, "_EVERY_S", 0.01)
    written: list[dict] = []

    async def write(uses) -> None:
        written.append(dict(uses))

    uses = TokenUses(write, wall)
    uses.note("one", HERE)
    await asyncio.sleep(0.05)
    assert written == [{"one": (wall.now, HERE)}]
    for n in range(50):
        wall.now += 1_000
        uses.note("one", THERE)
        uses.note("two", HERE)
        assert uses.now("one") == (wall.now, THERE)
        if n % 10 == 0:
            await asyncio.sleep(0.03)
    assert [list(batch) for batch in written] == [["one"], ["two"]]
    wall.now += 10_500
    await asyncio.sleep(0.05)
    assert [list(batch) for batch in written[2:]] == [["one"]]
    # Only the end of it brings the last use of the other, of less than a minute ago.
    await uses.close()
    assert [list(batch) for batch in written[3:]] in ([["two"]], [])


async def test_a_disk_that_refuses_stops_nothing(wall, monkeypatch) -> None:
    monkeypatch.setattr(module, "_EVERY_S", 0.01)
    tries = 0

    async def write(_uses) -> None:
        nonlocal tries
        tries += 1
        raise Reject(Code.UNAVAILABLE)

    uses = TokenUses(write, wall)
    for _ in range(3):
        uses.note("one", HERE)
        await asyncio.sleep(0.03)
        wall.now += 60_000
    assert tries == 3
    await uses.close()
