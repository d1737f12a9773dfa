"""What every engine promises nodes that can hear each other."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.conformance.engines import CLUSTERS, Heard, Make, soon

from conclave.protocol.codec import Packet


@pytest.fixture(params=CLUSTERS)
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Make]:
    with CLUSTERS[request.param](tmp_path) as make:
        yield make


async def test_all_others_hear_a_hint_and_its_author_does_not(make: Make) -> None:
    engines, heard = [make() for _ in range(3)], [Heard() for _ in range(3)]
    for engine, ears in zip(engines, heard, strict=True):
        await engine.start(ears)
    engines[0].hint("e1", "hall", 7)
    for ears in heard[1:]:
        await soon(lambda ears=ears: ears.hints == [("e1", "hall", 7)])  # type: ignore[misc]
    assert heard[0].hints == []
    for engine in engines:
        await engine.close()


async def test_all_others_look_again_at_whoever_is_doubted(make: Make) -> None:
    engines, heard = [make() for _ in range(3)], [Heard() for _ in range(3)]
    for engine, ears in zip(engines, heard, strict=True):
        await engine.start(ears)
    for user in ("ann", "bob", "ann"):
        engines[1].doubt(user)
    for ears in (heard[0], heard[2]):
        await soon(lambda ears=ears: set(ears.doubts) == {"ann", "bob"})  # type: ignore[misc]
    assert heard[1].doubts == []
    for engine in engines:
        await engine.close()


async def test_all_others_hear_which_rooms_are_another_thing_to_whom(make: Make) -> None:
    engines, heard = [make() for _ in range(3)], [Heard() for _ in range(3)]
    for engine, ears in zip(engines, heard, strict=True):
        await engine.start(ears)
    pairs = {("ann", "hall"), ("", "hall"), ("ann", "")}
    for pair in [*pairs, *pairs]:
        engines[1].renew(*pair)
    for ears in (heard[0], heard[2]):
        await soon(lambda ears=ears: set(ears.anew) == pairs)  # type: ignore[misc]
    assert heard[1].anew == []
    for engine in engines:
        await engine.close()


async def test_what_is_spent_on_one_node_is_added_up_for_the_others(make: Make) -> None:
    author, other, heard = make(), make(), Heard()
    await other.start(heard)
    await author.start(Heard())
    for tokens in (1, 2, 3):
        author.spend(1, "ann", tokens)
    author.spend(2, "ann", 5)
    await soon(lambda: sum(n for cost, _, n in heard.spendings if cost == 1) == 6)
    await soon(lambda: (2, "ann", 5) in heard.spendings)
    for engine in (author, other):
        await engine.close()


async def test_what_nobody_keeps_is_told_in_order_once(make: Make) -> None:
    author, other, heard = make(), make(), Heard()
    await other.start(heard)
    await author.start(Heard())
    said = [("hall", "ann", f'{{"type":"typing","data":"{n} 🏯"}}', n % 2 == 0) for n in range(300)]
    for room, user, text, alone in said:
        author.whisper(room, user, Packet(text.encode()), alone=alone)
    await soon(lambda: heard.whispers == said)
    for engine in (author, other):
        await engine.close()


async def test_what_is_hinted_before_the_end_is_heard(make: Make) -> None:
    author, other, heard = make(), make(), Heard()
    await other.start(heard)
    await author.start(Heard())
    for room in range(1_200):
        author.hint("e1", f"r{room}", 1)
    await author.close()
    await soon(lambda: len(heard.newest()) == 1_200)
    await other.close()


async def test_of_many_hints_of_a_room_the_newest_arrives(make: Make) -> None:
    author, other, heard = make(), make(), Heard()
    await other.start(heard)
    await author.start(Heard())
    for seq in [*range(1, 2_001), 5]:
        author.hint("e1", "hall", seq)
    await soon(lambda: heard.newest() == {"hall": 2_000})
    assert len(heard.hints) < 100
    for engine in (author, other):
        await engine.close()


async def test_rooms_and_epochs_may_be_called_anything(make: Make) -> None:
    author, other, heard = make(), make(), Heard()
    await other.start(heard)
    await author.start(Heard())
    said = [("e1", "東京 🏯", 1), ("é\n\0", '"}{]', 2), ("e1", " ", 2**53)]
    for hint in said:
        author.hint(*hint)
    await soon(lambda: sorted(heard.hints) == sorted(said))
    for engine in (author, other):
        await engine.close()


async def test_nobody_misses_anything_while_all_is_well(make: Make) -> None:
    author, other = make(), make()
    await other.start(Heard())
    await author.start(Heard())
    missed = author.missed, other.missed
    for seq in range(1, 200):
        author.hint("e1", "hall", seq)
        await asyncio.sleep(0)
    await asyncio.sleep(0.2)
    assert (author.missed, other.missed) == missed
    assert (author.degraded, other.degraded) == (None, None)
    for engine in (author, other):
        await engine.close()
