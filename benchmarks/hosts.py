"""
What is measured: Conclave, and a room server in each peer's own best manner (`peers/`).

A host is a process on one core, how to speak to it, and what it says of its version. The peers
store nothing, number nothing and acknowledge nothing; Conclave does all of that, with
`synchronous=FULL`, and has no cap on rates or connections here (`server.toml`).
"""

import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks import generator
from tests.support.node_process import ENVIRONMENT, UNBOUND, NodeProcess

PEERS = Path(__file__).with_name("peers")
NODE, PYTHON = generator.BUILD / "node", generator.BUILD / "python" / "bin" / "python"
# Members answer pings; but with 15,000 of them who comes and goes shall not depend on the hour.
WORDS = (*UNBOUND, "--heartbeat-interval", "3600", "--app", "tests.support.people:APP")
SERVERS_CORE, GENERATORS_CORE = 0, 1


@dataclass(frozen=True)
class Speech:
    """How to speak to a host, in the generator's words."""

    setup: tuple[tuple[str, str], ...]
    # What writes, and what else every connection needs.
    writing: Mapping[str, Any]
    always: Mapping[str, Any] = field(default_factory=dict)


_CHAT = '{"type":"chat","data":{"text":"{mark} {pad}","room":"room-{room}"},"id":"{id}"}'
AUTH = ('{"type":"auth","data":{"token":"i-am-user{n}"},"id":"a-1"}', '"auth:response"')
_JOIN = ('{"type":"join:room","data":{"room":"room-{room}"},"id":"j-1"}', '"history"')
PLAIN = Speech((AUTH, _JOIN), {"message": _CHAT})
CONCLAVE = Speech((AUTH, _JOIN), {"message": _CHAT, "ack": '"type":"ack"'})
SOCKET_IO = Speech(
    (
        ("", "0{"),
        ("40", "40{"),
        ('42["auth",{"token":"i-am-user{n}"}]', "auth:response"),
        ('42["join:room",{"room":"room-{room}"}]', "history"),
    ),
    {"message": '42["chat",{"text":"{mark} {pad}","room":"room-{room}"}]'},
    {"path": "/socket.io/?EIO=4&transport=websocket", "answer": [("2", "3")]},
)


@dataclass(frozen=True)
class Host:
    """A running server."""

    speech: Speech
    port: int
    pid: int
    versions: str
    started_within: float = 0.0

    def talk(self, **options: Any) -> dict[str, Any]:
        """Let members come in and write; return what the generator counted."""
        return self.come(**{**self.speech.writing, **options})

    def come(
        self, setup: tuple[tuple[str, str], ...] | None = None, **options: Any
    ) -> dict[str, Any]:
        """Let members come in, by *setup* instead of the host's own if it is given."""
        at = {"port": self.port, "pid": self.pid, "core": GENERATORS_CORE}
        steps = self.speech.setup if setup is None else setup
        return generator.run({**self.speech.always, **at, **options}, generator.say(*steps))


@contextmanager
def conclave(data: Path | None = None) -> Iterator[Host]:
    """Serve Conclave from *data*, or from nothing."""
    with tempfile.TemporaryDirectory() as folder:
        pinned = ("taskset", "-c", str(SERVERS_CORE))
        node = NodeProcess(data or Path(folder), *WORDS, before=pinned)
        try:
            yield Host(CONCLAVE, node.port, node.pid, _own_versions(), node.started_within)
            _stop(node.process)
        finally:
            node.kill()


def _own_versions() -> str:
    names = ("conclave-chat", "picows", "uvloop", "msgspec")
    python = sys.version.split()[0]
    return " ".join([*(f"{name} {version(name)}" for name in names), f"python {python}"])


def _stop(process: subprocess.Popen[str]) -> None:
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(20)


_BUN = NODE / "node_modules/.bin/bun"
# Node and its modules stand where `make bench-setup` put them.
_COMMANDS: Mapping[str, tuple[Speech, tuple[str, ...]]] = {
    "bun": (PLAIN, (str(_BUN), str(PEERS / "on_bun.js"))),
    "ws": (PLAIN, ("node", str(PEERS / "on_ws.cjs"))),
    "socket.io": (SOCKET_IO, ("node", str(PEERS / "on_socketio.cjs"))),
    "websockets": (PLAIN, (str(PYTHON), str(PEERS / "on_websockets.py"))),
    "fastapi": (PLAIN, (str(PYTHON), str(PEERS / "on_fastapi.py"))),
    "channels": (PLAIN, (str(PYTHON), str(PEERS / "on_channels.py"))),
}
NAMES = ("conclave", *_COMMANDS)


@contextmanager
def peer(name: str) -> Iterator[Host]:
    speech, command = _COMMANDS[name]
    pinned = ("taskset", "-c", str(SERVERS_CORE))
    # In its folder: there `require` finds what was installed.
    process = subprocess.Popen(
        [*pinned, *command, "0"], cwd=NODE, env=ENVIRONMENT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        said, port, versions, *_ = [*process.stdout.readline().split(" ", 2), "", ""]
        if said != "port":
            raise SystemExit(f"{name} did not start: make bench-setup")
        _until_it_listens(int(port))
        yield Host(speech, int(port), process.pid, versions.strip())
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def _until_it_listens(port: int, within: float = 10.0) -> None:
    until = time.monotonic() + within
    while time.monotonic() < until:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    raise SystemExit(f"nobody listens at {port}")


def host(name: str, data: Path | None = None) -> AbstractContextManager[Host]:
    """Start a host by its name; only Conclave has *data*."""
    return conclave(data) if name == "conclave" else peer(name)


def installed() -> list[str]:
    """Return the hosts that can be measured here."""
    there = {
        "ws": NODE / "node_modules/ws",
        "socket.io": NODE / "node_modules/socket.io",
        "bun": _BUN,
    }
    return [name for name in NAMES if name == "conclave" or there.get(name, PYTHON).exists()]
