"""
Two servers on one PostgreSQL and one Redis: how soon the other one tells, and what that costs.

    python -m benchmarks.nodes            both figures, half a minute each
    python -m benchmarks.nodes --seconds 10

The database, Redis, both servers and the load share this machine's cores: on a machine with more
of them the times are shorter. CPU is of the servers alone.
"""

import argparse
import asyncio
import os
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path

from benchmarks.members import Members, joined
from tests.support import postgres
from tests.support.cluster import HALL, UNBOUND, Cluster, token_of
from tests.support.redis_server import RedisServer

from conclave.client.wire import Wire, connect

ROOMS = 10
PER_SECOND = 500
MEMBERS = 200
# Of the second figure; a quiet room, so that each message is told alone.
CALM = 25


@contextmanager
def cluster(people: list[str], *nodes: str) -> Iterator[Cluster]:
    with tempfile.TemporaryDirectory() as name, postgres.running() as server:
        place = Path(name)
        redis = RedisServer(place).start()
        made = asyncio.run(Cluster.open(place, server, redis, people))
        try:
            for node in nodes:
                made.start(node, *UNBOUND, "--log-level", "warning")
            yield made
        finally:
            made.close()
            redis.kill()


# How soon.


async def enter(stack: AsyncExitStack, made: Cluster, node: str, user: str, room: str) -> Wire:
    wire = await stack.enter_async_context(connect(made.nodes[node].url))
    for type_, data in (
        ("auth", {"token": token_of(user)}),
        ("room:create", {"room": room}),
        ("join:room", {"room": room}),
    ):
        wire.send(type_, id=type_, **data)
        while True:
            event = await wire.receive()
            if event.id == type_:
                break
    return wire


async def listen(wire: Wire, took: list[float]) -> None:
    while True:
        event = await wire.receive()
        if event.type == "chat" and "seq" in event.data:
            took.append(time.monotonic() - float(event.data["text"]))


async def write(wire: Wire, room: str, seconds: float, at: int) -> None:
    every = ROOMS / PER_SECOND
    due = time.monotonic() + every * at / ROOMS
    ends = due + seconds
    while due < ends:
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        due += every
        wire.send("chat", room=room, text=f"{time.monotonic():.6f}")


async def drain(wire: Wire) -> None:
    while True:
        await wire.receive()


async def how_soon(made: Cluster, seconds: float) -> dict[str, list[float]]:
    took: dict[str, list[float]] = {"here": [], "there": []}
    async with AsyncExitStack() as stack:
        tasks, writing = [], []
        for n in range(ROOMS):
            room = f"room{n}"
            author = await enter(stack, made, "a", "u0", room)
            for node, user, name in (("a", "u1", "here"), ("b", "u2", "there")):
                wire = await enter(stack, made, node, user, room)
                tasks.append(asyncio.create_task(listen(wire, took[name])))
            tasks.append(asyncio.create_task(drain(author)))
            writing.append(write(author, room, seconds, n))
        await asyncio.gather(*writing)
        await asyncio.sleep(1)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return took


# What it costs.


def cost(made: Cluster, *nodes: str, seconds: float) -> list[float]:
    """Return the microseconds of CPU of each node for each delivery; the first is written to."""
    from contextlib import ExitStack

    with ExitStack() as stack:
        crowds: list[Members] = []
        for at, node in enumerate(nodes):
            port, first = made.nodes[node].port, at * MEMBERS
            name = lambda n, first=first: token_of(f"u{first + n}").encode()  # noqa: E731
            crowds.append(stack.enter_context(joined(port, MEMBERS, name, HALL.encode())))
        return _cost(made, nodes, crowds, seconds)


def _cost(
    made: Cluster, nodes: tuple[str, ...], crowds: list[Members], seconds: float
) -> list[float]:
    from tests.support.raw import TEXT, frame

    author = crowds[0].sockets[0]
    before = [made.nodes[node].cpu for node in nodes]
    count = int(seconds * CALM)
    for n in range(count):
        mark = b"mark-%06d" % n
        due = time.monotonic() + 1 / CALM
        said = b'{"type":"chat","data":{"room":"%s","text":"%s"}}' % (HALL.encode(), mark)
        author.setblocking(True)
        author.sendall(frame(TEXT, said))
        author.setblocking(False)
        for at, crowd in enumerate(crowds):
            # Its author is not told its own.
            crowd.wait_for(mark, MEMBERS - (not at))
        time.sleep(max(0.0, due - time.monotonic()))
    after = [made.nodes[node].cpu for node in nodes]
    idle = [_idle(made, node) for node in nodes]
    spent = zip(after, before, idle, strict=True)
    return [(b - a - rest * seconds) * 1e6 / count / MEMBERS for b, a, rest in spent]


def _idle(made: Cluster, node: str, seconds: float = 3.0) -> float:
    """Return what a node takes a second while nothing is said."""
    before = made.nodes[node].cpu
    time.sleep(seconds)
    return (made.nodes[node].cpu - before) / seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=30.0)
    seconds = parser.parse_args().seconds
    print(f"load of the machine: {os.getloadavg()[0]:.1f}")
    with cluster(["u0", "u1", "u2"], "a", "b") as made:
        took = asyncio.run(how_soon(made, seconds))
    for name, times in took.items():
        times.sort()
        p99 = times[int(len(times) * 0.99)]
        median = statistics.median(times)
        print(
            f"{name}: {len(times)} of {PER_SECOND * seconds:.0f} at {PER_SECOND}/s: "
            f"median {median * 1e3:.1f} ms, p99 {p99 * 1e3:.1f}, worst {times[-1] * 1e3:.1f}"
        )
    people = [f"u{n}" for n in range(2 * MEMBERS)]
    with cluster(people, "a") as made:
        (alone,) = cost(made, "a", seconds=seconds)
    print(f"alone: {alone:.2f} µs of CPU a delivery")
    with cluster(people, "a", "b") as made:
        for name, each in zip("ab", cost(made, "a", "b", seconds=seconds), strict=True):
            print(f"{name} of two: {each:.2f} µs, {each / alone:.2f} times")


if __name__ == "__main__":
    main()
