"""
A process that appends to a store and says on standard output what became of it.

`python -m tests.support.appender DATA COUNT [FIRST]` appends COUNT messages, eight at a time, and
writes one line of JSON for each the moment the store has answered: {"ack": marker, …} or
{"refused": code, …}. Each message holds its marker in its text. It is what fault tests
kill, trace and inject errors into.
"""

import asyncio
import json
import os
import sys
from pathlib import Path

from conclave.model import Draft, Identity
from conclave.protocol.errors import Reject
from conclave.storage import SqliteStore
from conclave.telemetry import start_logging

_AT_ONCE = 8


def say(line: dict[str, object]) -> None:
    # Written at once and whole: a killed process has said it or has not.
    os.write(1, json.dumps(line).encode() + b"\n")


def marker(n: int) -> str:
    return f"marker-{n:06d}-end"


async def append(store: SqliteStore, n: int) -> None:
    mark = marker(n)
    draft = Draft(room="hall", user="ann", name="Ann", text=f"text {mark}", client_id=mark)
    try:
        receipt = await store.append(draft)
        say({"ack": mark, "seq": receipt.seq, "id": receipt.id, "new": receipt.entry is not None})
    except Reject as refused:
        say({"refused": refused.code, "marker": mark, "healthy": store.healthy})


async def main(data: Path, count: int, first: int) -> None:
    store = await SqliteStore.open(data)
    if await store.find_room("hall") is None:
        await store.create_room("hall", Identity(user="ann", name="Ann"))
    say({"ready": os.getpid()})
    for start in range(first, first + count, _AT_ONCE):
        batch = range(start, min(start + _AT_ONCE, first + count))
        await asyncio.gather(*(append(store, n) for n in batch))
    say({"read": len((await store.history("hall")).entries), "healthy": store.healthy})
    await store.close()
    say({"closed": True})


if __name__ == "__main__":
    start_logging()
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2]), int([*sys.argv, "0"][3])))
