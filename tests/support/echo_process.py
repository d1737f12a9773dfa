"""
The echo in a process of its own, under any terms, and what it costs: memory, descriptors.

Run as a script it is that process; `EchoProcess` starts it.
"""

import asyncio
import json
import logging
import os
import signal
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Any

import psutil
import structlog
import uvloop

from conclave.server import memory
from conclave.server.listener import Listener
from conclave.server.origin import HostRule, OriginRule
from conclave.server.terms import Terms
from conclave.testing.echo import EchoDoor, say_what_it_is

ROOT = Path(__file__).parents[2]


class EchoProcess:
    """
    `with EchoProcess(message_timeout=1.0) as echo:` serves on `echo.port`.

    The keywords are fields of `Terms`; `origins` and `any_loopback` make its `OriginRule`,
    `names` its `HostRule`; with `trims` it gives free memory back to the system all the time.
    Leaving fails if the server said anything on stderr: a traceback, or a warning that nobody
    asked for.
    """

    def __init__(self, **terms: Any) -> None:
        self._terms = terms

    def __enter__(self) -> "EchoProcess":
        self._process = subprocess.Popen(
            [
                sys.executable,
                "-W",
                "default",
                "-m",
                "tests.support.echo_process",
                json.dumps(self._terms),
            ],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(self._process.communicate()[1])
        self.port = int(line)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        alive = self._process.poll() is None
        self._process.send_signal(signal.SIGTERM)
        _, self.stderr = self._process.communicate(timeout=20)
        if kind is None:
            assert alive, "the server died"
            assert self._process.returncode == 0
            assert self.stderr == "", self.stderr

    @property
    def rss_bytes(self) -> int:
        pages = int(Path(f"/proc/{self._process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGESIZE")

    @property
    def cpu(self) -> float:
        """Seconds of CPU so far, user and system, of all threads."""
        times = psutil.Process(self._process.pid).cpu_times()
        return times.user + times.system

    @property
    def sockets(self) -> int:
        """Open sockets of the server, the listening one included."""
        return sum(_is_socket(link) for link in Path(f"/proc/{self._process.pid}/fd").iterdir())


def _is_socket(link: Path) -> bool:
    try:
        return os.readlink(link).startswith("socket:")
    except FileNotFoundError:  # closed meanwhile
        return False


async def serve(options: dict[str, Any]) -> None:
    for name in ("tls_cert", "tls_key"):
        if name in options:
            options[name] = Path(options[name])
    trims = options.pop("trims", False)
    origins = OriginRule(options.pop("origins", ()), any_loopback=options.pop("any_loopback", True))
    terms = Terms(origins=origins, hosts=HostRule(options.pop("names", ())), **options)
    listener = Listener(say_what_it_is, EchoDoor(), terms)
    await listener.start()
    trimming = asyncio.create_task(_trim()) if trims else None
    stopped = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
    print(listener.port, flush=True)
    await stopped.wait()
    if trimming is not None:
        trimming.cancel()
    await listener.stop(within=1.0)


async def _trim() -> None:
    """Do what a node does every half a minute, so that what is still held can be told apart."""
    while True:
        await asyncio.sleep(0.5)
        await memory.give_back()


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO)
    # Refusals are what many tests are about; nobody reads them here.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    uvloop.run(serve(json.loads(sys.argv[1])))
