"""
What an idle connection costs: `python -m benchmarks.idle [COUNT]`.

Resident memory of the whole server per authenticated, joined connection, each of another
user, after all has become quiet; its garbage included. They are members of the room from
before, as after a restart. Making a thousand members at once takes more for a moment, which
Python's allocator keeps for the next time: that is measured apart, in waves of newcomers.
"""

import os
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.members import joined
from tests.support.node_process import UNBOUND, NodeProcess

# The members answer no pings.
_NO_PINGS = ("--heartbeat-interval", "3600")
WORDS = (*UNBOUND, *_NO_PINGS, "--app", "tests.support.people:APP")


def measure(data: Path, count: int) -> float:
    """Return bytes per connection."""
    with _node(data) as node, joined(node.port, count, _somebody):
        pass
    with _node(data) as node, joined(node.port, 20, lambda n: b"i-am-first%d" % n):
        # What the first ones load and make stays, and is not theirs.
        before = node.rss
        with joined(node.port, count, _somebody):
            return (node.rss - before) / count


def newcomers(data: Path, count: int, waves: int = 3) -> list[float]:
    """
    Return bytes per connection over the beginning, for each wave of people who never came before.

    The waves before have gone: what grows from one to the next is kept for good.
    """
    with _node(data) as node, joined(node.port, 20, lambda n: b"i-am-first%d" % n):
        before, costs = node.rss, []
        for wave in range(waves):
            with joined(node.port, count, lambda n, wave=wave: b"i-am-new%d-%d" % (wave, n)):
                costs.append((node.rss - before) / count)
            # Until nobody waits for them to come back.
            time.sleep(7)
    return costs


def _node(data: Path) -> NodeProcess:
    return NodeProcess(data, *WORDS, cores={0})


def _somebody(n: int) -> bytes:
    return b"i-am-user%d" % n


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000
    os.sched_setaffinity(0, {1})
    with tempfile.TemporaryDirectory() as data:
        for run in range(3):
            cost = measure(Path(data) / str(run), count)
            print(f"{count} idle connections: {cost / 1024:.1f} KiB each")
        waves = " ".join(f"{cost / 1024:.1f}" for cost in newcomers(Path(data) / "new", count))
        print(f"{count} newcomers, wave after wave: {waves} KiB each")


if __name__ == "__main__":
    main()
