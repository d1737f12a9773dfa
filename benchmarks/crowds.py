"""
Scenarios of many who come: idle members, a rush, and thousands who resume at once.

Members were here before, as after a restart: making somebody a member for the first time is a
write of its own, and `benchmarks.idle` measures it.
"""

import asyncio
import json
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks import hosts
from benchmarks.hosts import AUTH, Host
from tests.support.raw import TEXT, Raw, frame

from conclave.model import SYSTEM, Identity
from conclave.storage import SqliteStore

# Members of a room here: those who come are told to few.
CIRCLE = 10
MISSED = 100
# Who are made members together: fewer than may wait for the writer.
_AT_ONCE = 1_000
# How long the generator waits for what comes twice, in seconds.
_LINGER = 0.2


@contextmanager
def known(name: str, members: int) -> Iterator[Host]:
    """Start a host where all have been before, and some have warmed it up."""
    rooms = max(1, members // CIRCLE)
    with tempfile.TemporaryDirectory() as folder:
        if name == "conclave":
            with hosts.conclave(Path(folder)) as host:
                host.come(members=members, rooms=rooms)
        with hosts.host(name, Path(folder)) as host:
            # What the first ones load and make stays, and is not theirs.
            host.come(members=20, rooms=2)
            yield host


async def make_members(data: Path, members: int) -> None:
    """
    Make as many members of room-0 in the directory *data*, before there is a server.

    Where they become members by coming in, each is told to all who are there: 50 million times
    in a room of 10,000.
    """
    store = await SqliteStore.open(data)
    await store.create_room("room-0", SYSTEM)
    names = [f"user{n}" for n in range(members)]
    for at in range(0, members, _AT_ONCE):
        some = (Identity(user=name, name=name) for name in names[at : at + _AT_ONCE])
        await asyncio.gather(*(store.ensure_member("room-0", one) for one in some))
    await store.close()


def idle(name: str, members: int) -> float:
    """Return bytes of the server per idle member."""
    with known(name, members) as host:
        counted = host.come(members=members, rooms=max(1, members // CIRCLE), idle=2)
    return float(counted["bytes_per_connection"])


def coming(name: str, members: int) -> Mapping[str, float]:
    """Return how many a second come in: upgrade, authenticate, join."""
    with known(name, members) as host:
        counted = host.come(members=members, rooms=max(1, members // CIRCLE))
    return {
        "setups_per_second": counted["setups_per_second"],
        "cpu_us_per_setup": counted["setup_cpu_us"],
        "setup_us_p99": counted["setup_us"]["p99"],
    }


def resuming(_name: str, members: int) -> Mapping[str, float]:
    """Return the time from the server's start until all of a room have read what they missed."""
    with tempfile.TemporaryDirectory() as folder:
        with hosts.conclave(Path(folder)) as host:
            host.come(members=members)
            since = end_of_room(host)
            host.talk(members=1, messages=MISSED, size=200)
        began = time.monotonic()
        with hosts.conclave(Path(folder)) as host:
            join = '{"type":"join:room","data":{"room":"room-0","since":' + since + '},"id":"j-1"}'
            setup = (AUTH, (join, '"history"'))
            counted = host.come(setup, members=members, recall=MISSED, connecting=256)
            return {
                "seconds_until_all_are_back": time.monotonic() - began - _LINGER,
                "seconds_until_it_serves": host.started_within,
                "resumes_per_second": counted["setups_per_second"],
                "cpu_us_per_resume": counted["setup_cpu_us"],
            }


def end_of_room(host: Host) -> str:
    """Return where room-0 ends, as `since` of a join."""
    with Raw.opened(host.port) as raw:
        raw.send(frame(TEXT, b'{"type":"auth","data":{"token":"i-am-user0"}}'))
        raw.send(frame(TEXT, b'{"type":"join:room","data":{"room":"room-0"}}'))
        data = _history(raw)
    position = {"epoch": data["epoch"], "seq": data["upto"], "id": data["upto_id"]}
    return json.dumps(position, separators=(",", ":"))


def _history(raw: Raw) -> dict[str, Any]:
    while (found := raw.read_frame()) is not None:
        event = json.loads(found.payload)
        if event["type"] == "history":
            data: dict[str, Any] = event["data"]
            return data
    raise AssertionError("no history came")
