"""
What a message costs among ten million: `python -m benchmarks.deep [MESSAGES [TIMES]]`.

CPU of the server for each, written into rooms of one as fast as may be, compared with a server
that has ten thousand messages; the two take turns. The database is made first, in `build/bench`:
ten million take half an hour and 4 GB.
"""

import statistics
import sys

from benchmarks import hosts
from benchmarks.large import prepared
from benchmarks.scenarios import SIZE

FEW = 10_000
_WRITTEN = 40_000


def cost(messages: int) -> float:
    """Return µs of CPU for each message that is written where so many are stored."""
    with hosts.conclave(prepared(messages)) as host:
        shape = {
            "members": 200,
            "rooms": 200,
            "senders": 200,
            "per_room": 1,
            "window": 16,
            "size": SIZE,
        }
        # The first ones fill the caches: of the same pages at both servers.
        counted = host.talk(**shape, messages=_WRITTEN, warmup=_WRITTEN // 2)
    return float(counted["cpu_us_per_message"])


def main() -> None:
    messages = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000_000
    times = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    ratios = []
    for _ in range(times):
        few, many = cost(FEW), cost(messages)
        ratios.append(many / few)
        print(f"{FEW:,}: {few:.1f} µs a message, {messages:,}: {many:.1f}", flush=True)
    print(f"{statistics.median(ratios):.2f} times ({min(ratios):.2f} to {max(ratios):.2f})")


if __name__ == "__main__":
    main()
