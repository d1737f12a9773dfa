"""
What an idle connection costs: `python -m benchmarks.idle [COUNT]`.

Resident memory of the whole server per authenticated, joined connection, each of another
user, after all has become quiet; its garbage included.
"""

import os
import sys
import tempfile
from pathlib import Path

from benchmarks.members import joined
from tests.support.node_process import UNBOUND, NodeProcess

# The members answer no pings.
_NO_PINGS = ("--heartbeat-interval", "3600")
WORDS = (*UNBOUND, *_NO_PINGS, "--app", "tests.support.people:APP")


def measure(data: Path, count: int) -> float:
    """Return bytes per connection."""
    with (
        NodeProcess(data, *WORDS, cores={0}) as node,
        # What the first ones load and make stays, and is not theirs.
        joined(node.port, 20, lambda n: b"i-am-first%d" % n),
    ):
        before = node.rss
        with joined(node.port, count, lambda n: b"i-am-user%d" % n):
            return (node.rss - before) / count


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000
    os.sched_setaffinity(0, {1})
    with tempfile.TemporaryDirectory() as data:
        for run in range(3):
            cost = measure(Path(data) / str(run), count)
            print(f"{count} idle connections: {cost / 1024:.1f} KiB each")


if __name__ == "__main__":
    main()
