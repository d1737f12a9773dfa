"""A whole server as a process of its own: to be measured, traced, stopped and killed."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

import psutil

ENVIRONMENT = {
    name: value for name, value in os.environ.items() if not name.startswith(("CONCLAVE", "PORT"))
}
# No caps, no rates: what load tests are run against.
_ROOT = Path(__file__).parents[2]
UNBOUND = ("--config", str(_ROOT / "benchmarks" / "server.toml"))
ADDRESS = re.compile(r"https?://localhost:(\d+)")


def cpu_of(pid: int) -> float:
    """
    Seconds of CPU of a process so far, of all its threads, to the microsecond.

    By the clock that clock_getcpuclockid(3) names; /proc tells ticks of ten milliseconds, which
    is as much as a thousand sends.
    """
    return time.clock_gettime((~pid << 3) | 2)


class NodeProcess:
    """
    `conclave serve WORDS`; made, it accepts connections. Its log goes to a file.

    *variables*: of the environment, beside those of the tests.
    """

    def __init__(
        self,
        data: Path,
        *words: str,
        port: int = 0,
        before: Sequence[str] = (),
        cores: set[int] | None = None,
        variables: Mapping[str, str] | None = None,
    ) -> None:
        data.mkdir(parents=True, exist_ok=True)
        self.log = data / "server.log"
        command = [sys.executable, "-m", "conclave", "serve", *words]
        self._log = self.log.open("a")
        began = time.monotonic()
        self.process = subprocess.Popen(
            [*before, *command, "--port", str(port), "--data", str(data)],
            env={**ENVIRONMENT, **(variables or {})},
            cwd=_ROOT,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
        )
        self.pid = self.process.pid
        self.port = self._read_port()
        self.started_within = time.monotonic() - began
        self.pid = self._find_pid() if before else self.process.pid
        if cores is not None:
            os.sched_setaffinity(self.pid, cores)

    def _read_port(self) -> int:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if (found := ADDRESS.search(line)) is not None:
                return int(found[1])
        self.kill()
        raise AssertionError(f"it did not start: {self.log.read_text()}")

    def _find_pid(self) -> int:
        # Behind strace the server is its child.
        children = psutil.Process(self.process.pid).children()
        return children[0].pid if children else self.process.pid

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/ws"

    @property
    def rss(self) -> int:
        """Resident bytes."""
        return psutil.Process(self.pid).memory_info().rss

    @property
    def cpu(self) -> float:
        """Seconds of CPU so far, user and system, of all threads."""
        return cpu_of(self.pid)

    def send_signal(self, number: signal.Signals) -> None:
        os.kill(self.pid, number)

    def wait(self, within: float = 30.0) -> int:
        """Return its exit code."""
        return self.process.wait(within)

    def kill(self) -> None:
        """End it at once, if it has not ended; idempotent."""
        if self.process.poll() is None:
            os.kill(self.pid, signal.SIGKILL)
        self.process.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()
        self._log.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
