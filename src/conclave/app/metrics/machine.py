"""The metrics of what carries the chat: the store, the event loop, the process, the disk."""

import os
import platform
import time
from collections.abc import Iterator
from typing import Final

from conclave import __version__
from conclave.app.metrics.rows import Metric, Moment, Watched, by, one, spread
from conclave.server import descriptors, fanout
from conclave.storage.driver import driver
from conclave.telemetry import dropped_lines
from conclave.telemetry.exposition import COUNTER, GAUGE, HISTOGRAM, Sample

# wall clock: what restarted is told by it; this is imported when the process starts.
_STARTED_AT: Final = time.time()


def _build(_watched: Watched, _now: Moment) -> Iterator[Sample]:
    said = {
        "version": __version__,
        "python": platform.python_version(),
        "sqlite": str(driver().sqlite_version),
        "fanout": "c" if fanout.IS_NATIVE else "python",
    }
    yield Sample(1, said)


def _failing(watched: Watched, _now: Moment) -> Iterator[Sample]:
    yield from by("task", dict.fromkeys(sorted(watched.background.failing), 1))


def _cpu(_watched: Watched, _now: Moment) -> Iterator[Sample]:
    times = os.times()
    yield Sample(times.user + times.system)


MACHINE: Final = (
    Metric("conclave_build_info", GAUGE, "Always 1; its labels say what runs.", _build, "version"),
    Metric(
        "conclave_ready",
        GAUGE,
        "1 where this node takes people, as /ready says.",
        lambda w, _: one(not w.problems()),
    ),
    Metric(
        "conclave_store_healthy",
        GAUGE,
        "1 while the store writes; 0 from a failed sync to the restart.",
        lambda w, _: one(w.store.healthy),
    ),
    Metric(
        "conclave_background_failing",
        GAUGE,
        "1 for each task of the node that fails.",
        _failing,
        "task",
    ),
    Metric(
        "conclave_commit_seconds",
        HISTOGRAM,
        "From the begin of a transaction until it is on the disk.",
        lambda w, _: spread(w.store.writer.commit_seconds),
    ),
    Metric(
        "conclave_commit_batch_jobs",
        HISTOGRAM,
        "What waited together and became one transaction.",
        lambda w, _: spread(w.store.writer.batch_sizes),
    ),
    Metric(
        "conclave_store_waiting",
        GAUGE,
        "Writes that were asked for and have no answer yet.",
        lambda w, _: one(w.store.writer.waiting),
    ),
    Metric(
        "conclave_audit_waiting",
        GAUGE,
        "Lines of the audit log that are not on the disk yet.",
        lambda w, _: one(w.audit.waiting),
    ),
    Metric(
        "conclave_index_lag_entries",
        GAUGE,
        "Entries that cannot be searched yet.",
        lambda _, now: one(now.index_lag),
    ),
    Metric(
        "conclave_database_bytes",
        GAUGE,
        "Size of the database.",
        lambda _, now: one(now.database_bytes),
    ),
    Metric(
        "conclave_wal_bytes",
        GAUGE,
        "Size of its write-ahead log.",
        lambda _, now: one(now.wal_bytes),
    ),
    Metric(
        "conclave_disk_free_bytes",
        GAUGE,
        "What the disk of the data directory has left.",
        lambda _, now: one(now.free_bytes),
    ),
    Metric(
        "conclave_loop_lag_seconds",
        HISTOGRAM,
        "How late the event loop did what was due, measured twice a second.",
        lambda w, _: spread(w.meters.loop_lag),
    ),
    Metric(
        "conclave_log_lines_dropped_total",
        COUNTER,
        "Lines of the log that nobody took in time, and that are lost.",
        lambda _w, _: one(dropped_lines()),
    ),
    Metric(
        "process_resident_memory_bytes",
        GAUGE,
        "Memory that the process has.",
        lambda _, now: one(now.memory_bytes),
    ),
    Metric("process_cpu_seconds_total", COUNTER, "CPU that the process has used.", _cpu),
    Metric(
        "process_open_fds",
        GAUGE,
        "Files and sockets that are open.",
        lambda _, now: one(now.open_files),
    ),
    Metric(
        "process_max_fds",
        GAUGE,
        "Files and sockets that may be open.",
        lambda _w, _: one(descriptors.limit()),
    ),
    Metric(
        "process_start_time_seconds",
        GAUGE,
        "When the process was started, in seconds since 1970.",
        lambda _w, _: one(_STARTED_AT),
    ),
)
