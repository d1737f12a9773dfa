"""
Where a process spends its CPU: one line for each stack, as flame graphs are drawn from.

A thread looks at all others a hundred times a second, and books what a thread has used since
to the stack it has now: the sum is exact, the place is a sample. Who waits uses nothing and
is not seen. Python lets the looker in between two instructions or at a system call, so some
of what was done just before a call is booked to it.

The file has a line for each stack, outermost first: `thread;module.function;… microseconds`
(the format of Brendan Gregg's `flamegraph.pl`; speedscope.app reads it, too).
"""

import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import CodeType, FrameType
from typing import Final

import structlog

_log = structlog.get_logger("conclave.telemetry")

# Not every 10 ms: what else happens so often would always be seen, or never.
_EVERY_S: Final = 0.0097
_WRITE_EVERY_S: Final = 60.0
# A server has some thousand; a program that makes functions as it goes could have any number.
_MOST_STACKS: Final = 20_000
_DEEPEST: Final = 80


@contextmanager
def profiled(path: Path | None) -> Iterator[None]:
    """Write to *path* where the CPU goes, each minute and at the end; None: not at all."""
    if path is None:
        yield
        return
    profile = Profile(path)
    profile.start()
    try:
        yield
    finally:
        profile.stop()


class Profile:
    """Looks from `start` to `stop`; a file that cannot be written is said in the log."""

    def __init__(self, path: Path, *, write_every: float = _WRITE_EVERY_S) -> None:
        self._path = path
        self._write_every = write_every
        self._used: dict[int, float] = {}
        self._spent: Counter[str] = Counter()
        self._names: dict[CodeType, str] = {}
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, name="profile", daemon=True)

    def start(self) -> None:
        self._look()
        self._spent.clear()
        self._thread.start()

    def stop(self) -> None:
        self._end.set()
        self._thread.join()
        self._write()

    def _run(self) -> None:
        due = time.monotonic() + self._write_every
        while not self._end.wait(_EVERY_S):
            self._look()
            if time.monotonic() >= due:
                self._write()
                due = time.monotonic() + self._write_every

    def _look(self) -> None:
        frames = sys._current_frames()
        threads = {one.ident: one for one in threading.enumerate() if one is not self._thread}
        for ident, thread in threads.items():
            if ident is not None and (frame := frames.get(ident)) is not None:
                self._book(ident, thread.name, frame)
        self._used = {ident: used for ident, used in self._used.items() if ident in threads}

    def _book(self, ident: int, thread: str, frame: FrameType) -> None:
        # A thread that has just ended has no clock any more.
        with suppress(OSError):
            used = time.clock_gettime(time.pthread_getcpuclockid(ident))
            spent = round((used - self._used.get(ident, used)) * 1e6)
            self._used[ident] = used
            if spent > 0:
                stack = self._stack(thread, frame)
                room = stack in self._spent or len(self._spent) < _MOST_STACKS
                self._spent[stack if room else "others"] += spent

    def _stack(self, thread: str, frame: FrameType | None) -> str:
        names: list[str] = []
        while frame is not None and len(names) < _DEEPEST:
            names.append(self._name(frame))
            frame = frame.f_back
        return ";".join([thread, *reversed(names)])

    def _name(self, frame: FrameType) -> str:
        if (name := self._names.get(frame.f_code)) is None:
            module = frame.f_globals.get("__name__", "?")
            name = f"{module}.{frame.f_code.co_qualname}".replace(";", ":")
            if len(self._names) < _MOST_STACKS:
                self._names[frame.f_code] = name
        return name

    def _write(self) -> None:
        lines = [f"{stack} {spent}\n" for stack, spent in self._spent.most_common()]
        unfinished = self._path.with_name(self._path.name + ".new")
        try:
            # What a server does is no business of the machine's other users.
            unfinished.touch(0o600)
            unfinished.write_text("".join(lines))
            unfinished.replace(self._path)
        except OSError as error:
            _log.error("profile_not_written", path=str(self._path), error=error.strerror)
