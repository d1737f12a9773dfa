"""
What a node counts while it works: plain numbers, added where something happens.

They only ever grow, and nothing here reads a clock, locks or waits, so that counting costs
a message nothing one could measure. Whoever shows them reads them at that moment. Names
that are counted by are words of this program, never a user's or a room's.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from typing import Final

# What is counted when there are more names than anybody could mean: an application's own
# codes may be anything.
OTHER: Final = "other"
_MOST_NAMES: Final = 200

# Upper bounds of what takes time, in seconds, and of how many are done at once.
SECONDS: Final = (
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
)  # fmt: skip
AT_ONCE: Final = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1_024, 4_096)


class Tally:
    """How often each of some things happened; those named at first are there from the start."""

    __slots__ = ("_counts",)

    def __init__(self, *names: str) -> None:
        self._counts = dict.fromkeys(names, 0)

    def add(self, name: str) -> None:
        counts = self._counts
        if name not in counts:
            if len(counts) >= _MOST_NAMES:
                name = OTHER
            counts.setdefault(name, 0)
        counts[name] += 1

    def __getitem__(self, name: str) -> int:
        return self._counts.get(name, 0)

    def items(self) -> list[tuple[str, int]]:
        return sorted(self._counts.items())


class Histogram:
    """How many were at most so much; one thread adds, any may read."""

    __slots__ = ("bounds", "counts", "sum")

    def __init__(self, bounds: Iterable[float]) -> None:
        self.bounds = tuple(bounds)
        # One more than there are bounds: what is above all of them.
        self.counts = [0] * (len(self.bounds) + 1)
        self.sum = 0.0

    def add(self, value: float) -> None:
        self.counts[bisect_left(self.bounds, value)] += 1
        self.sum += value

    @property
    def count(self) -> int:
        return sum(self.counts)

    def cumulative(self) -> Iterator[tuple[float, int]]:
        """Return each bound with how many were not above it; the last one is infinite."""
        total = 0
        for bound, count in zip((*self.bounds, float("inf")), list(self.counts), strict=True):
            total += count
            yield bound, total


class Meters:
    """
    Those of one node.

    To count something more, add an attribute here, its row in `conclave.app.metrics` and
    its line in docs/metrics.md.
    """

    def __init__(self) -> None:
        # Connections that have gone, by close code.
        self.closed = Tally()
        # Requests that were understood, by type; what was refused, by code.
        self.requests = Tally()
        self.refused = Tally()
        # Entries of logs that were stored and told here, by type.
        self.entries = Tally("message")
        # How often an entry was handed to a connection that is in its room.
        self.deliveries = 0
        # Connections that came into a room and went out of it.
        self.joins = self.leaves = 0
        self.pings = 0
        self.auth_failures = Tally("token", "password", "second factor", "passkey", "timeout")
        # By the setting that was in the way.
        self.limits = Tally(*_LIMITS)
        # Answers over HTTP, by status.
        self.responses = Tally()
        # From a request that writes an entry to its acknowledgement, and until all were told.
        self.acked = Histogram(SECONDS)
        self.told = Histogram(SECONDS)
        self.loop_lag = Histogram(SECONDS)
        # What was attached and kept, by kind, and its bytes; what was not, by code.
        self.attached = Tally("image", "audio", "video", "file")
        self.attached_bytes = 0
        self.not_attached = Tally()
        # From a picture that has come in until it and its small one are drawn.
        self.drawn = Histogram(SECONDS)
        self.hooks = HookMeters()


class HookMeters:
    """What became of posts to outgoing webhooks, those that somebody sends again included."""

    def __init__(self) -> None:
        # By what the answer meant; the words are those of `conclave.hooks.answers`.
        self.posts = Tally("taken", "later", "refused", "gone")
        # Posts of what was posted before.
        self.retries = 0
        # Entries that were put aside.
        self.given_up = 0
        # Webhooks that were turned off by the server, by why.
        self.off = Tally("failing", "gone", "maker")


_LIMITS: Final = (
    "connection_rate",
    "http_rate",
    "max_connections",
    "max_connections_per_address",
    "max_connections_per_user",
    "max_files",
    "max_http",
    "max_http_per_address",
    "max_message_bytes",
    "max_queue_bytes",
    "rate",
    "requests",
    "users_per_address",
)
