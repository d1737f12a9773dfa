"""
Many who hear one room, in a process of their own: `python -m tests.support.audience PORT COUNT`.

A hundred times a second two hundred people are told something; clients that decode each
event cannot keep up with that and measure themselves. Here one epoll reads frames and looks
for the number in each. What everybody is told must be the same bytes and the next number.

A line to it is a question, a line from it the answer: `Audience` is the other end.
"""

import json
import os
import re
import select
import socket
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Final, Self

from benchmarks.members import joined
from tests.support.checker import hash_of

_ROOT: Final = Path(__file__).parents[2]
_NUMBER: Final = re.compile(rb'"seq":(\d+)')
# Messages say first when they were sent, by the clock of `time.monotonic`.
_SENT_AT: Final = re.compile(rb'"text":"(\d+\.\d+) ')


class Audience:
    """
    Runs the process; *core* is where.

    Its people are members of `general` when it is made, each a user of their own.
    """

    def __init__(self, port: int, count: int, core: int) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.audience", str(port), str(count), str(core)],
            cwd=_ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._read()

    def heard(self, upto: int, within: float = 15.0) -> dict[str, Any]:
        """
        Wait until all have heard *upto*; tell what they heard since the last question.

        `behind`: how many have not heard it in time. `wrong`: what was not the next number
        or not what the others heard. `p99`: the age of what came, in seconds. `said`: the
        id of each message and the hash of its text, by its number.
        """
        assert self._process.stdin is not None
        self._process.stdin.write(f"{upto} {within}\n")
        self._process.stdin.flush()
        return self._read()

    def _read(self) -> Any:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the audience has died"
        return json.loads(line)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()


class _Listener:
    def __init__(self, listening: socket.socket) -> None:
        self.socket = listening
        self.upto = 0
        self._rest = b""

    def read(self) -> list[bytes]:
        """Return the payloads of the frames that are whole now."""
        data = self._rest + self.socket.recv(1 << 18)
        at, found = 0, []
        while (end := _end_of_frame(data, at)) <= len(data):
            found.append(data[at:end])
            at = end
        self._rest = data[at:]
        return found


def _end_of_frame(data: bytes, at: int) -> int:
    """Return where the frame at *at* ends; beyond *data* if its header is not whole."""
    if at + 4 > len(data):
        size = data[at + 1] if at + 1 < len(data) else 126
        return at + 2 + size if size < 126 else len(data) + 1
    size = data[at + 1]
    return at + 2 + size if size < 126 else at + 4 + int.from_bytes(data[at + 2 : at + 4], "big")


class _Hearing:
    """What all of them heard."""

    def __init__(self, sockets: list[socket.socket]) -> None:
        self.listeners = {s.fileno(): _Listener(s) for s in sockets}
        self._frames: dict[int, tuple[bytes, float]] = {}
        self._ages: list[float] = []
        self._wrong: list[str] = []
        self._said: dict[int, tuple[str, str]] = {}

    def read(self, fd: int) -> None:
        listener = self.listeners[fd]
        now = time.monotonic()
        for frame in listener.read():
            if (number := _NUMBER.search(frame)) is not None:
                self._hear(listener, int(number[1]), frame, now)

    def _hear(self, listener: _Listener, seq: int, frame: bytes, now: float) -> None:
        if listener.upto and seq != listener.upto + 1:
            self._wrong.append(f"{seq} after {listener.upto}")
        listener.upto = seq
        known = self._frames.get(seq)
        if known is None:
            known = self._frames[seq] = (frame, self._first(seq, frame))
        if known[0] != frame:
            self._wrong.append(f"{seq} is not the same for all")
        if known[1]:
            self._ages.append(now - known[1])

    def _first(self, seq: int, frame: bytes) -> float:
        """Note what *seq* is; return when it was sent, 0 if it does not say."""
        data = json.loads(frame[frame.index(b"{") :])["data"]
        self._said[seq] = (data["id"], hash_of(data["text"]))
        sent_at = _SENT_AT.search(frame)
        return float(sent_at[1]) if sent_at else 0.0

    def behind(self, upto: int) -> int:
        return sum(listener.upto < upto for listener in self.listeners.values())

    def report(self, upto: int) -> dict[str, Any]:
        ages, wrong, said = self._ages, self._wrong, self._said
        self._ages, self._wrong, self._said, self._frames = [], [], {}, {}
        return {
            "behind": self.behind(upto),
            "wrong": wrong[:10],
            "p99": statistics.quantiles(ages, n=100)[98] if len(ages) > 1 else None,
            "said": said,
        }


def _listen(hearing: _Hearing) -> None:
    poll = select.epoll()
    for fd in (*hearing.listeners, 0):
        poll.register(fd, select.EPOLLIN)
    upto, until = 0, 0.0
    while True:
        for fd, _ in poll.poll(0.05, 1_024):
            if fd:
                hearing.read(fd)
            elif words := os.read(0, 100).split():
                upto, until = int(words[0]), time.monotonic() + float(words[1])
            else:
                return
        if upto and (not hearing.behind(upto) or time.monotonic() > until):
            print(json.dumps(hearing.report(upto)), flush=True)
            upto = 0


def main() -> None:
    port, count, core = map(int, sys.argv[1:])
    os.sched_setaffinity(0, {core})
    with joined(port, count, lambda n: b"i-am-reader%d" % n) as members:
        print("{}", flush=True)
        _listen(_Hearing(members.sockets))


if __name__ == "__main__":
    main()
