"""
Servers that start in an instant, to be traced and killed in great numbers.

One process imports everything once and forks a server for each `serve`; strace comes to it
when it stands. Run as a module, it is that process: it reads one command a line and answers
each with a line of JSON.
"""

import ctypes
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Any, NoReturn, Self

from tests.support.node_process import ADDRESS, ENVIRONMENT, UNBOUND
from tests.support.syscalls import traced

from conclave.cli import main

_ROOT = Path(__file__).parents[2]
WORDS = (*UNBOUND, "--app", "tests.support.people:APP")
_PR_SET_PTRACER = 0x59616D61
_ANYBODY = -1


class Stage:
    """The process that forks; leave the context and everything it made is gone."""

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.stage"],
            cwd=_ROOT,
            env=ENVIRONMENT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.communicate()

    def serve(self, data: Path, port: int = 0, log: Path | None = None) -> "Actor":
        """Return a server on *data* that accepts connections; *log* is beside the data."""
        data.mkdir(parents=True, exist_ok=True)
        log = log or data.with_name(f"{data.name}.log")
        return Actor(self, log, **self.ask("serve", str(data), port, str(log)))

    def ask(self, *words: Any) -> Any:
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        stdin.write(json.dumps(words) + "\n")
        stdin.flush()
        return json.loads(stdout.readline())


class Actor:
    """One forked server."""

    def __init__(self, stage: Stage, log: Path, pid: int, port: int) -> None:
        self._stage = stage
        self.pid = pid
        self.port = port
        self.log = log

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/ws"

    def attach(self, trace: Path, *inject: str, only: Path | None = None) -> "Strace":
        """Let strace come to it, with faults; return when they are in force."""
        return Strace(self.pid, trace, *inject, only=only)

    def killed(self, within: float = 20.0) -> bool:
        """Wait for its end; return whether a SIGKILL was it."""
        code: int | None = self._stage.ask("wait", self.pid, within)
        return code == -signal.SIGKILL

    def kill(self) -> None:
        try:
            os.kill(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            return
        self.killed()


class Strace:
    """A strace beside a running process; `detach` ends its faults and leaves the process."""

    def __init__(self, pid: int, trace: Path, *inject: str, only: Path | None = None) -> None:
        words = [word for word in traced(trace, *inject, only=only) if word != "-q"]
        self._process = subprocess.Popen([*words, "-p", str(pid)], stderr=subprocess.PIPE)
        assert self._process.stderr is not None
        # «Process 7 attached with 5 threads»: from here on it sees every call.
        said = self._process.stderr.readline()
        assert b"attached" in said, said

    def detach(self) -> None:
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
        self._process.communicate()


def _main() -> None:
    # What a server needs, once for all of them; no thread and no loop yet.
    __import__("conclave.app")
    __import__("tests.support.people")
    for line in sys.stdin:
        word, *rest = json.loads(line)
        answer = _serve(*rest) if word == "serve" else _wait(*rest)
        print(json.dumps(answer), flush=True)


def _serve(data: str, port: int, log: str) -> dict[str, Any]:
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reading)
        _become_server(data, port, log, writing)
    os.close(writing)
    # Read on by nobody, but open: what is said there must not break it.
    found = ADDRESS.search(os.read(reading, 4_096).decode())
    if found is None:
        raise AssertionError(f"it did not start: {Path(log).read_text()}")
    return {"pid": pid, "port": int(found[1])}


def _become_server(data: str, port: int, log: str, stdout: int) -> NoReturn:
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(stdout, 1)
    os.dup2(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND), 2)
    # Where strace may come only to its own children (Yama), it may come to us.
    ctypes.CDLL(None).prctl(_PR_SET_PTRACER, ctypes.c_long(_ANYBODY), 0, 0, 0)
    os._exit(main(["serve", *WORDS, "--port", str(port), "--data", data]))


def _wait(pid: int, within: float) -> int | None:
    by = time.monotonic() + within
    while time.monotonic() < by:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.01)
    return None


if __name__ == "__main__":
    _main()
