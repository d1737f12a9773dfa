"""
Scenarios on a large database: its start, pages of its history, and words found in it.

It is made once, in `build/bench`, and used again: a million messages in 300 rooms, as
`benchmarks.search` makes them. All is asked at the socket, while somebody writes.
"""

import asyncio
import json
import shutil
import tempfile
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

from benchmarks import generator, hosts
from benchmarks.hosts import Host
from benchmarks.million import FIRST_TIME, SPAN, Speech, World, make
from benchmarks.search import catch_up, kinds

from conclave.storage import SqliteStore

ROOMS = 300
# Where the demo, which `server.toml` serves, has its database.
DATABASE = Path("demo", "conclave.db")


def prepared(messages: int) -> Path:
    """Return the folder of a server with so many messages, all of them indexed."""
    data = generator.BUILD / f"data-{messages}"
    done = data / "indexed"
    if not done.exists():
        shutil.rmtree(data, ignore_errors=True)
        home = (data / DATABASE).parent
        home.mkdir(parents=True, mode=0o700)
        asyncio.run(_fill(home, World(ROOMS, messages), Speech(7)))
        done.touch()
    return data


async def _fill(data: Path, world: World, speech: Speech) -> None:
    await make(data, world, speech)
    store = await SqliteStore.open(data)
    with suppress(TimeoutError):
        await catch_up(store, world, speech)
    await store.close()


def asking(_name: str, messages: int) -> Mapping[str, float]:
    """Return p99 of pages and of searches, in milliseconds, while 100 a second are written."""
    world, speech = World(ROOMS, messages), Speech(11)
    with hosts.conclave(prepared(messages)) as host, ThreadPoolExecutor(1) as pool:
        figures = {"seconds_until_it_serves": host.started_within}
        _hold_that_it_finds(host, speech)
        writing = pool.submit(host.talk, members=1, rate=100, seconds=20, size=200)
        figures |= _both("page", _pages(host, world, speech))
        for who in world.people:
            figures |= _both(f"search in {who}", _searches(host, who, speech))
        figures["written_ack_ms_p99"] = writing.result()["ack_us"]["p99"] / 1_000
    return figures


def _hold_that_it_finds(host: Host, speech: Speech) -> None:
    """Else a server with an empty database would be quicker."""
    message = '{"type":"search","data":{"query":"{line} "},"id":"{id}"}'
    _ask(host, "the great room", message, '"hits":[{', speech.words[:3])


def _both(name: str, times: Mapping[str, float]) -> dict[str, float]:
    return {f"{name}, ms {at}": times[at] / 1_000 for at in ("p50", "p99")}


def _pages(host: Host, world: World, speech: Speech) -> Mapping[str, float]:
    size, some = world.sizes[0], speech.chance.randint
    pages: list[Callable[[], str]] = [
        lambda: f'"before":{some(2, size)}',
        lambda: f'"after":{some(1, size - 1)}',
        lambda: f'"around":{some(1, size)}',
        lambda: f'"at":{FIRST_TIME + some(0, SPAN)}',
    ]
    message = '{"type":"get:history","data":{"room":"room 0",{line}},"id":"{id}"}'
    lines = [speech.chance.choice(pages)() for _ in range(500)]
    return _ask(host, "the great room", message, '"messages":[{', lines)


def _searches(host: Host, who: str, speech: Speech) -> Mapping[str, float]:
    lines = [make_query() for make_query in kinds(speech).values() for _ in range(50)]
    speech.chance.shuffle(lines)
    message = '{"type":"search","data":{"query":"{line}"},"id":"{id}"}'
    quoted = [json.dumps(line, ensure_ascii=False)[1:-1] for line in lines]
    return _ask(host, who, message, '"search:results"', quoted)


def _ask(host: Host, who: str, message: str, answer: str, lines: Iterable[str]) -> Any:
    """Return what it took to answer, one after the other, one request for each of *lines*."""
    token = who.replace(" ", "-")
    setup = (
        ('{"type":"auth","data":{"token":"i-am-%s"}}' % token, '"auth:response"'),  # noqa: UP031
        ('{"type":"join:room","data":{"room":"room 0"}}', '"history"'),
    )
    if who != "the great room":
        setup = setup[:1]
    lines = list(lines)
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.write("".join(f"{line}\n" for line in lines))
        file.flush()
        options = {"message": message, "lines": file.name, "deliver": "none", "ack": answer}
        return host.come(setup, messages=len(lines), **options)["ack_us"]


def starting(_name: str, messages: int) -> Mapping[str, float]:
    """Return how long a start takes with a large database, and what is resident then."""
    with hosts.conclave(prepared(messages)) as host:
        counted = host.come((), members=1)
        return {
            "seconds_until_it_serves": host.started_within,
            "mb_at_start": counted["kib_before"] * 1024 / 1e6,
        }
