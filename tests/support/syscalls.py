"""
What a process did, as strace saw it: was anybody told of a message before it was on disk?

A kill -9 does not prove durability: the kernel keeps what was written. The order of writes,
syncs and sends does. Start the process with `traced`, read the trace with `read_trace`,
ask `told_too_early`. Markers are texts of A-Z a-z 0-9 - that are in one message each.
"""

import re
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

SYNCS = ("fsync", "fdatasync")
_WRITES = ("write", "writev", "pwrite64", "pwritev", "pwritev2")
_SENDS = ("sendto", "sendmsg", "sendmmsg")
_DATABASE = re.compile(r"\.db(-wal|-journal)?$")

needs_strace = pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")


def traced(trace: Path, *inject: str, only: Path | None = None) -> list[str]:
    """
    Return the words that go before a command so that its trace is written to *trace*.

    *inject* are strace's fault expressions, such as `fsync,fdatasync:error=EIO:when=3+`;
    *only* restricts trace and faults to calls on that file.
    """
    names = ",".join((*SYNCS, *_WRITES, *_SENDS))
    words = ["strace", "-f", "-y", "-q", "-s", "1000000", "-o", str(trace), "-e", f"trace={names}"]
    for fault in inject:
        words += ["-e", f"inject={fault}"]
    return words if only is None else [*words, "-P", str(only)]


@dataclass
class Call:
    """One system call; `began` and `ended` are lines of the trace."""

    thread: int
    name: str
    # The file, socket or pipe it went to.
    target: str
    text: str
    began: int
    ended: int | None = None
    succeeded: bool = False
    injected: bool = False


_LINE = re.compile(r"(?P<thread>\d+) +(?P<rest>.*)")
_BEGIN = re.compile(r"(?P<name>\w+)\((?P<fd>\d+)(<(?P<target>.*?)>)?(?P<text>[,) ].*)")
_RESUMED = re.compile(r"<\.\.\. (?P<name>\w+) resumed>(?P<text>.*)")
_UNFINISHED = " <unfinished ...>"


def read_trace(trace: Path) -> list[Call]:
    """Return the calls in the order in which they began."""
    calls: list[Call] = []
    open_calls: dict[int, Call] = {}
    for at, line in enumerate(trace.read_text(errors="replace").splitlines()):
        found = _LINE.match(line)
        if found is None:
            continue
        thread, rest = int(found["thread"]), found["rest"]
        if (resumed := _RESUMED.match(rest)) is not None:
            if (call := open_calls.pop(thread, None)) is not None:
                _end(call, resumed["text"], at)
        elif (begin := _BEGIN.match(rest)) is not None:
            call = Call(thread, begin["name"], begin["target"] or begin["fd"], begin["text"], at)
            calls.append(call)
            if rest.endswith(_UNFINISHED):
                open_calls[thread] = call
            else:
                _end(call, call.text, at)
    return calls


def _end(call: Call, text: str, at: int) -> None:
    if '"...' in call.text:
        raise ValueError("strace has cut a text: give it a larger -s")
    result = text.rpartition(" = ")[2]
    call.ended = at
    call.succeeded = result[:1].isdigit()
    call.injected = "(INJECTED" in result


def faults_fired(calls: Iterable[Call]) -> int:
    """Return how many faults strace injected; a fault test with none has tested nothing."""
    return sum(call.injected for call in calls)


def told_too_early(calls: list[Call], markers: Iterable[str]) -> list[str]:
    """
    Return what is wrong with each of *markers*; an empty list means that all is well.

    All that leaves the process with a marker in it (an ack by the request's id, the message
    by its text) must begin after a sync has succeeded which itself began after the write
    that first brought the marker to that same file. A marker nobody was told of, or which
    was never written, is wrong too: then this has tested nothing.
    """
    flaws: list[str] = []
    for marker in markers:
        holding = [call for call in calls if marker in call.text]
        flaws += _flaws_of(marker, holding, calls)
    return flaws


def _flaws_of(marker: str, holding: list[Call], calls: list[Call]) -> Iterator[str]:
    written = next((call for call in holding if _is_database(call)), None)
    told = [call for call in holding if not _is_database(call)]
    if not told:
        yield f"{marker}: nobody was told"
        return
    if written is None:
        yield f"{marker}: told, but never written"
        return
    synced = _synced_after(written, calls)
    for call in told:
        if synced is None or call.began < synced:
            yield f"{marker}: line {call.began + 1} tells {call.target} before a sync"


def _is_database(call: Call) -> bool:
    return _DATABASE.search(call.target) is not None


def _synced_after(written: Call, calls: list[Call]) -> int | None:
    """Return the line where the first good sync of that file ended."""
    if written.ended is None or not written.succeeded:
        return None
    ends = [
        call.ended
        for call in calls
        if call.name in SYNCS
        and call.target == written.target
        and call.began > written.ended
        and call.ended is not None
        and call.succeeded
    ]
    return min(ends, default=None)
