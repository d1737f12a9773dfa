"""
Two nodes on one store, a real redis-server between them, and a network that fails.

H1 H2 H3 H12 of the limits: what was acknowledged is told on both, once and in order, however
the bus is; a connection that brings nothing is found; strangers on it are counted.
"""

import asyncio
import pickle
import re
import socket
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from random import Random

import pytest
from tests.conformance.engines import Heard, soon
from tests.conformance.people import ANN, BOB, EVE, furnish
from tests.support.in_time import in_time
from tests.support.proxy import Proxy
from tests.support.redis_server import RedisServer, needs_redis
from tests.support.relay_nodes import CHANNEL, HALL, KEY, Listener, RelayNode, running

from conclave.engine.bus import BusDown
from conclave.engine.cluster import ClusterEngine
from conclave.engine.redis import RedisBus
from conclave.engine.sealing import MOST_BYTES, Hint, Message, Seal
from conclave.model import Identity
from conclave.protocol.event import Event
from conclave.relay.halls import POLL
from conclave.storage import SqliteStore

SEAL = Seal(lambda: [KEY], CHANNEL)

pytestmark = needs_redis


class Note(Event, type="test:note"):
    room: str
    text: str


class Pair:
    """Node `a` where Ann is, node `b` behind a proxy, where Bob is."""

    def __init__(self, a: RelayNode, b: RelayNode, proxy: Proxy, ann: Listener, bob: Listener):
        self.a, self.b, self.proxy, self.ann, self.bob = a, b, proxy, ann, bob

    def darken(self) -> None:
        """Let all connections of `b` look well and bring nothing."""
        for link in self.proxy.links:
            link.held = True


@pytest.fixture
async def pair(redis: RedisServer, tmp_path: Path) -> AsyncIterator[Pair]:
    async with AsyncExitStack() as stack:
        store = await SqliteStore.open(tmp_path / "data")
        stack.push_async_callback(store.close)
        await furnish(store, BOB, EVE)
        proxy = await stack.enter_async_context(Proxy(redis.port))
        far = f"redis://127.0.0.1:{proxy.port}/0"
        a = await stack.enter_async_context(running(store, RedisBus(redis.url, CHANNEL)))
        b = await stack.enter_async_context(running(store, RedisBus(far, CHANNEL)))
        yield Pair(a, b, proxy, await a.let_in(ANN), await b.let_in(BOB))


# A room that is behind is looked at each second: half of them would take longer than that half.
@in_time(0.1, POLL / 2)
async def test_what_is_said_on_one_node_is_heard_on_the_other_at_once(
    pair: Pair, within: float
) -> None:
    took = []
    for n in range(20):
        seq = await pair.a.say(ANN, f"hello {n}")
        took.append(await pair.bob.told(seq, within=15))
    assert pair.ann.known == pair.bob.known
    assert sorted(took)[10] < within


async def test_both_nodes_write_at_once_and_both_are_told_all_in_order(pair: Pair) -> None:
    said = [(pair.a, ANN), (pair.b, BOB)] * 100
    await asyncio.gather(*(node.say(who, "at once") for node, who in said))
    await soon(lambda: pair.ann.known == pair.bob.known == 200 + pair_head(pair))


def pair_head(pair: Pair) -> int:
    """Return how many entries made the room."""
    return min(pair.ann.at) - 1


@in_time(2.0)
async def test_a_bus_that_dies_keeps_nobody_from_writing_and_the_other_reads_the_store(
    pair: Pair, redis: RedisServer, within: float
) -> None:
    """H1: looked for each second meanwhile, and told within two."""
    redis.kill()
    await soon(lambda: pair.a.engine.degraded and pair.b.engine.degraded)
    for n in range(3):
        seq = await pair.a.say(ANN, f"without {n}")
        print({"H1": {"told after": round(await pair.bob.told(seq, within), 2)}})
    redis.start()
    await soon(lambda: not (pair.a.engine.degraded or pair.b.engine.degraded))
    seq = await pair.b.say(BOB, "again")
    await pair.ann.told(seq, within)


@pytest.mark.slow
async def test_a_bus_that_stays_away_is_asked_twice_a_second_at_most(
    pair: Pair, redis: RedisServer
) -> None:
    redis.kill()
    await soon(lambda: pair.a.engine.degraded)
    before = pair.a.engine.connects
    await asyncio.sleep(10)
    assert 2 <= pair.a.engine.connects - before <= 20


@pytest.mark.slow
async def test_a_connection_that_brings_nothing_is_found_and_what_was_missed_is_read(
    pair: Pair,
) -> None:
    pair.darken()
    began = time.monotonic()
    seq = await pair.a.say(ANN, "into the dark")
    found = await soon(lambda: pair.b.engine.degraded, within=10)
    assert found < 10
    await pair.bob.told(seq, within=2)
    assert time.monotonic() - began < 12
    # The next connection is a good one.
    await soon(lambda: not pair.b.engine.degraded, within=8)
    assert await pair.bob.told(await pair.a.say(ANN, "light"), within=1) < 1


@pytest.mark.slow
@pytest.mark.alone
async def test_of_a_minute_in_the_dark_all_is_read_within_two_seconds_once_it_is_found(
    pair: Pair,
) -> None:
    """H2: new connections bring nothing either."""
    pair.proxy.darken()
    began = time.monotonic()
    before = [await pair.a.say(ANN, f"unseen {n}") for n in range(3)]
    found = await soon(lambda: pair.b.engine.degraded, within=10)
    took = [await pair.bob.told(before[-1], within=2)]
    while time.monotonic() - began < 60:
        seq = await pair.a.say(ANN, "in the dark")
        took.append(await pair.bob.told(seq, within=2))
        assert pair.b.engine.degraded
        await asyncio.sleep(1)
    tries = pair.b.engine.connects
    pair.proxy.heal()
    back = await soon(lambda: not pair.b.engine.degraded, within=8)
    seq = await pair.a.say(ANN, "light")
    assert await pair.bob.told(seq, within=1) < 1
    told = {"found after": round(found, 1), "slowest": round(max(took), 2), "tries": tries}
    print({"H2": {**told, "back after": round(back, 1)}})


@pytest.mark.slow
async def test_a_connection_that_only_hears_nothing_is_found_too(pair: Pair) -> None:
    for link in pair.proxy.links:
        link.deaf = True
    seq = await pair.a.say(ANN, "to the deaf")
    assert await soon(lambda: pair.b.engine.degraded, within=10) < 10
    await pair.bob.told(seq, within=2)


@pytest.mark.slow
async def test_a_last_hint_that_is_lost_is_made_good_by_the_sweep(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What the start missed has been looked for.
    await asyncio.sleep(2 * POLL)
    monkeypatch.setattr(pair.a.engine, "hint", lambda *_: None)
    took = []
    for n in range(3):
        # Whenever the last look was.
        await asyncio.sleep(n)
        seq = await pair.a.say(ANN, "unheard")
        took.append(round(await pair.bob.told(seq, within=10), 2))
    print({"a last hint that is lost": took})
    assert max(took) < 5


@in_time(0.1)
async def test_a_hint_that_is_lost_is_made_good_by_the_next_one(
    pair: Pair, monkeypatch: pytest.MonkeyPatch, within: float
) -> None:
    async def nobody_looks() -> None:
        """Nor is it found by who looks after rooms from time to time."""

    monkeypatch.setattr(pair.b.halls, "_level", nobody_looks)
    took = []
    for _ in range(10):
        with monkeypatch.context() as lost:
            lost.setattr(pair.a.engine, "hint", lambda *_: None)
            await pair.a.say(ANN, "unheard")
        seq = await pair.a.say(ANN, "heard")
        took.append(round(await pair.bob.told(seq, within), 3))
    print({"a gap is filled after": max(took)})


@in_time(4.0)
async def test_a_broken_connection_costs_nothing_but_a_moment(pair: Pair, within: float) -> None:
    for link in pair.proxy.links:
        link.reset()
    seq = await pair.a.say(ANN, "while it breaks")
    await pair.bob.told(seq, within)
    await soon(lambda: not pair.b.engine.degraded)


@pytest.mark.slow
async def test_under_load_all_that_was_acknowledged_is_told_whatever_befalls_the_bus(
    pair: Pair, redis: RedisServer
) -> None:
    acked, ends = [], time.monotonic() + 20

    async def write(node: RelayNode, who: Identity) -> None:
        while time.monotonic() < ends:
            acked.append(await node.say(who, "under load"))
            await asyncio.sleep(0.01)

    async def disturb() -> None:
        random = Random(3)
        while time.monotonic() < ends:
            await asyncio.sleep(random.random() * 2)
            what = random.choice(["kill", "reset", "dark", "deaf"])
            if what == "kill":
                redis.kill()
                await asyncio.sleep(random.random())
                await asyncio.to_thread(redis.start)
            for link in pair.proxy.links[-2:]:
                if what == "reset":
                    link.reset()
                link.held |= what == "dark"
                link.deaf |= what == "deaf"

    await asyncio.gather(write(pair.a, ANN), write(pair.b, BOB), disturb())
    assert len(set(acked)) == len(acked) > 500
    await soon(lambda: pair.ann.known == pair.bob.known == max(acked), within=10)
    assert set(acked) <= pair.bob.at.keys() & pair.ann.at.keys()


# Who is there.


async def test_who_comes_and_goes_on_one_node_is_told_on_the_other(pair: Pair) -> None:
    await soon(lambda: pair.ann.notices[-1:] == ["Bob has joined the room"])
    eve = await pair.a.let_in(EVE)
    assert eve.present == ["ann", "bob", "eve"]
    await soon(lambda: pair.bob.notices[-1] == "Eve has joined the room")
    pair.a.let_out(eve)
    await soon(lambda: pair.bob.notices[-1] == "Eve has left the room")


async def test_what_nobody_keeps_is_told_to_the_room_on_both_nodes(pair: Pair) -> None:
    await soon(lambda: pair.a.engine.nodes and pair.b.engine.nodes)
    pair.a.attendance.tell_others(HALL, "ann", Note(room=HALL, text="for the others"))
    pair.b.attendance.tell(HALL, Note(room=HALL, text="for all"))
    await soon(lambda: {"for the others", "for all"} <= {*pair.bob.notices})
    await soon(lambda: "for all" in pair.ann.notices)
    assert "for the others" not in pair.ann.notices
    assert pair.bob.notices.count("for all") == 1


async def test_who_is_in_by_both_nodes_comes_once_and_goes_once(pair: Pair) -> None:
    here = await pair.a.let_in(EVE)
    await soon(lambda: pair.bob.notices[-1] == "Eve has joined the room")
    there = await pair.b.let_in(EVE)
    await asyncio.sleep(0.1)
    before = len(pair.ann.notices), len(pair.bob.notices)
    assert there.present == ["ann", "bob", "eve"]
    pair.a.let_out(here)
    await asyncio.sleep(0.2)
    assert (len(pair.ann.notices), len(pair.bob.notices)) == before
    pair.b.let_out(there)
    await soon(lambda: pair.ann.notices[-1] == "Eve has left the room")
    assert pair.ann.notices.count("Eve has joined the room") == 1
    assert pair.bob.notices.count("Eve has left the room") == 1


@pytest.mark.slow
async def test_the_people_of_a_node_that_dies_leave_once_in_45_seconds(
    pair: Pair, redis: RedisServer
) -> None:
    await soon(lambda: pair.ann.notices[-1:] == ["Bob has joined the room"])
    # As if it were killed: it says nothing more, and no goodbye.
    pair.proxy.refusing = True
    for link in pair.proxy.links:
        link.reset()
    took = await soon(lambda: "Bob has left the room" in pair.ann.notices, within=45)
    assert took > 10, "a short break is none"
    # It was not dead: it comes back, and its people with it.
    pair.proxy.refusing = False
    await soon(lambda: pair.ann.notices[-1] == "Bob has joined the room", within=10)
    assert pair.ann.notices.count("Bob has left the room") == 1


@in_time(2.0)
async def test_a_node_that_says_goodbye_takes_its_people_along_at_once(
    pair: Pair, within: float
) -> None:
    await soon(lambda: pair.ann.notices[-1:] == ["Bob has joined the room"])
    await pair.b.engine.close()
    await soon(lambda: pair.ann.notices[-1] == "Bob has left the room", within)


async def test_where_anybody_is_is_known_in_the_end_whatever_they_did(pair: Pair) -> None:
    random, guests = Random(7), []
    for n in range(150):
        node = random.choice([pair.a, pair.b])
        who = Identity(user=f"u{random.randrange(9)}", name="Somebody")
        if n < 9:
            await pair.a.store.ensure_member(HALL, who)
        if guests and random.random() < 0.5:
            at, guest = guests.pop(random.randrange(len(guests)))
            at.let_out(guest)
        elif await pair.a.store.member(HALL, who.user) is not None:
            guests.append((node, await node.let_in(who)))
    online = {guest.user for _, guest in guests} | {"ann", "bob"}

    def seen(node: RelayNode) -> set[str]:
        hall = node.halls.get(HALL)
        assert hall is not None
        here = {one.user for one in hall.presence.all()}
        return here | {one.user for one in node.attendance.roll.elsewhere.of(HALL)}

    # Who comes and goes all the time stays for a moment.
    await soon(lambda: (tick(pair), seen(pair.a) == seen(pair.b) == online)[1])


def tick(pair: Pair) -> None:
    for node in (pair.a, pair.b):
        node.attendance.tick()


# What the account needs.

DECISION = Path(__file__).parents[2] / "docs/decisions/0033-redis-carries-packets.md"


async def test_the_rights_in_the_docs_are_enough_and_give_nothing_else(tmp_path: Path) -> None:
    (line,) = re.findall(r"^user conclave .*$", DECISION.read_text(), re.MULTILINE)
    acl = tmp_path / "users.acl"
    acl.write_text(f"user default off\n{line}\n")
    server = RedisServer(tmp_path, "--aclfile", str(acl)).start()
    try:
        url = f"redis://conclave:secret@127.0.0.1:{server.port}/0"
        engines, heard = [ClusterEngine(RedisBus(url, CHANNEL), SEAL) for _ in range(2)], Heard()
        await engines[0].start(heard)
        await engines[1].start(Heard())
        engines[1].hint("e", HALL, 1)
        await soon(lambda: heard.hints == [("e", HALL, 1)])
        for engine in engines:
            await engine.close()
        for refused in ("another:hints", "conclave:hints:2"):
            with pytest.raises(BusDown, match=r"permission"):
                await RedisBus(url, refused).connect()
    finally:
        server.kill()


async def test_a_wrong_password_is_said_and_not_repeated(tmp_path: Path) -> None:
    server = RedisServer(tmp_path, "--requirepass", "right").start()
    try:
        url = f"redis://:hunter2@127.0.0.1:{server.port}/0"
        engine = ClusterEngine(RedisBus(url, CHANNEL), SEAL)
        await engine.start(Heard())
        assert engine.degraded is not None
        assert "password" in engine.degraded
        assert "hunter2" not in engine.degraded
        await engine.close()
    finally:
        server.kill()


# Strangers on the bus.


def publish(redis: RedisServer, *packets: bytes) -> None:
    """Say *packets* as any other program could that may write to this Redis."""
    with socket.create_connection(("127.0.0.1", redis.port), 20) as stranger:
        for packet in packets:
            head = f"*3\r\n$7\r\nPUBLISH\r\n${len(CHANNEL)}\r\n{CHANNEL}\r\n${len(packet)}\r\n"
            stranger.sendall(head.encode() + packet + b"\r\n")
            assert stranger.recv(64).startswith(b":")


def message(**more: object) -> Message:
    fields = {"node": "stranger", "life": 1, "n": 1, "hints": [("e", HALL, 10**15)]}
    return Message(**(fields | more))  # type: ignore[arg-type]


@in_time(1.0)
async def test_what_strangers_say_is_counted_and_nothing_else(
    pair: Pair, redis: RedisServer, within: float
) -> None:
    sealed = Seal(lambda: [KEY], CHANNEL).close(message())
    strange = [
        b"",
        b"hello",
        b"\xff" * 200,
        pickle.dumps({"hints": [HALL]}),
        b"[" * 100_000,
        Seal(lambda: [b"x" * 32], CHANNEL).close(message()),
        Seal(lambda: [KEY], "another:hints").close(message()),
        sealed[:-2] + b"2}",
        b"0" * 64 + sealed[64:],
        b"x" * (MOST_BYTES + 1),
    ]
    head = pair.bob.known
    await asyncio.to_thread(publish, redis, *strange * 5)
    engine = pair.b.engine
    await soon(lambda: (engine.packets["forged"], engine.packets["oversize"]) == (45, 5))
    assert (pair.bob.known, pair.b.engine.nodes) == (head, pair.b.engine.nodes)
    assert "stranger" not in pair.b.engine.nodes
    await pair.bob.told(await pair.a.say(ANN, "well"), within)


async def test_a_message_that_is_repeated_is_nothing(pair: Pair, redis: RedisServer) -> None:
    packet = Seal(lambda: [KEY], CHANNEL).close(message(hints=[]))
    await asyncio.to_thread(publish, redis, *[packet] * 3)
    await soon(lambda: pair.b.engine.packets["replayed"] == 2)


async def test_a_newer_version_is_not_understood_and_unknown_fields_are(
    pair: Pair, redis: RedisServer
) -> None:
    seal = Seal(lambda: [KEY], CHANNEL)
    body = b'{"node":"newer","life":1,"n":1,"colour":"red","hints":[]}'
    newer = seal._sealed(body)
    before = pair.b.engine.packets["heard"]
    await asyncio.to_thread(publish, redis, newer, seal.close(message(v=2)))
    await soon(lambda: pair.b.engine.packets["version"] == 1)
    await soon(lambda: pair.b.engine.packets["heard"] > before)
    assert "newer" in pair.b.engine.nodes


async def test_nobody_hears_a_text_that_is_not_in_the_store(pair: Pair, redis: RedisServer) -> None:
    hints = [Hint(pair.a.store.epoch, HALL, 10**12), Hint("old", HALL, pair.bob.known + 1)]
    packet = Seal(lambda: [KEY], CHANNEL).close(message(hints=hints))
    await asyncio.to_thread(publish, redis, packet)
    await soon(lambda: pair.b.relay.strange_hints)
    await pair.bob.told(await pair.a.say(ANN, "said"), within=15)
    assert pair.bob.texts == ["said"]
