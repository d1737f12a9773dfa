"""What a metric is, what it is read from, and how all of them become one answer."""

import asyncio
import resource
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from conclave.controllers.node import Node
from conclave.hooks.courier import Courier
from conclave.model import HookBacklog
from conclave.model.meters import Histogram, Meters, Tally
from conclave.ports import Engine
from conclave.relay.halls import Halls
from conclave.server.background import Background
from conclave.server.outbox import Outbox
from conclave.storage.attachments import SqlAttachments
from conclave.storage.audit_log import AuditLog
from conclave.storage.sqlstore import Sizes, SqlStore
from conclave.telemetry.exposition import Sample, written

# Connections looked at in one turn of the loop: ten thousand at once would hold up a message.
_AT_ONCE: Final = 500
# Here Linux says how much memory a process really has.
_STATM: Final = Path("/proc/self/statm")
_DESCRIPTORS: Final = Path("/dev/fd")


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """The parts of one node that metrics are read from."""

    node: Node
    halls: Halls
    engine: Engine
    store: SqlStore
    audit: AuditLog
    attachments: SqlAttachments
    background: Background
    courier: Courier
    data: Path
    # Why it takes nobody; empty: it does.
    problems: Callable[[], Sequence[str]]

    @property
    def meters(self) -> Meters:
        return self.node.meters


@dataclass(frozen=True, slots=True)
class Moment:
    """What takes a while to find out, at the time of one scrape."""

    # Bytes that wait for connections, all together and for the one that is furthest behind.
    outbox_bytes: int
    outbox_most: int
    hooks: HookBacklog
    index_lag: int
    blobs: int
    blobs_bytes: int
    database_bytes: int
    wal_bytes: int
    free_bytes: int
    memory_bytes: int
    open_files: int


Read = Callable[[Watched, Moment], Iterable[Sample]]


@dataclass(frozen=True, slots=True)
class Metric:
    """One row: what it is called, what it means, how it is read, and what its label is."""

    name: str
    kind: str
    help: str
    read: Read
    label: str = ""


async def scrape(watched: Watched, metrics: Sequence[Metric]) -> bytes:
    """Return all of *metrics* as they are now; a disk that cannot be read is no reason to fail."""
    moment = await _moment(watched)
    return "".join(
        written(one.name, one.kind, one.help, one.read(watched, moment)) for one in metrics
    ).encode()


async def _moment(watched: Watched) -> Moment:
    waiting, most = await _outboxes(watched.node)
    sizes = await watched.store.sizes()
    files = await asyncio.to_thread(_files, sizes, watched.data)
    hooks, lag = await watched.courier.backlog(), await watched.store.index_lag()
    kept = await watched.attachments.kept()
    return Moment(waiting, most, hooks, lag, kept.count, kept.bytes, *files)


async def _outboxes(node: Node) -> tuple[int, int]:
    total = most = 0
    for at, connection in enumerate(list(node.hub.connections)):
        if at % _AT_ONCE == _AT_ONCE - 1:
            await asyncio.sleep(0)
        if isinstance(connection.ear, Outbox):
            waiting = connection.ear.waiting_bytes
            total += waiting
            most = max(most, waiting)
    return total, most


def _files(sizes: Sizes, data: Path) -> tuple[int, int, int, int, int]:
    free = shutil.disk_usage(data).free
    # Not the one by which they are listed.
    opened = sum(1 for _ in _DESCRIPTORS.iterdir()) - 1
    return sizes.database, sizes.wal, free, _memory_bytes(), opened


def _memory_bytes() -> int:
    """Return the memory that this process has; where nobody says, the most it ever had."""
    try:
        return int(_STATM.read_text(encoding="ascii").split()[1]) * resource.getpagesize()
    except OSError:
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return most if sys.platform == "darwin" else most * 1024


def one(value: float) -> Iterator[Sample]:
    yield Sample(value)


def by(label: str, counts: Tally | Mapping[str, float]) -> Iterator[Sample]:
    """Return a sample for each name that was counted."""
    for name, value in counts.items():
        yield Sample(value, {label: name})


def spread(histogram: Histogram) -> Iterator[Sample]:
    """Return the buckets of *histogram*, its sum and its count, which are of one moment."""
    total = 0
    summed = histogram.sum
    for bound, count in histogram.cumulative():
        total = count
        yield Sample(count, {"le": "+Inf" if bound == float("inf") else f"{bound:g}"}, "_bucket")
    yield Sample(summed, suffix="_sum")
    yield Sample(total, suffix="_count")
