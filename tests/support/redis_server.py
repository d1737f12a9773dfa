"""A real redis-server of a test's own, on a free port of loopback, that keeps nothing."""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Self

import pytest
from tests.support.ports import free_port

BINARY = shutil.which("redis-server")
needs_redis = pytest.mark.skipif(BINARY is None, reason="apt install redis-server")


class RedisServer:
    """Started by `start`, killed by `kill`, and then started again at the same port, empty."""

    def __init__(self, directory: Path, *options: str) -> None:
        self.port = free_port()
        self._directory = directory
        self._options = options
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> Self:
        assert BINARY is not None
        at = ("--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self._directory))
        keep = ("--save", "", "--appendonly", "no", "--logfile", "redis.log")
        command = [BINARY, *at, *keep, *self._options]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        self._await_answer()
        return self

    def _await_answer(self) -> None:
        until = time.monotonic() + 30
        while True:
            try:
                with socket.create_connection(("127.0.0.1", self.port), 1) as one:
                    one.sendall(b"PING\r\n")
                    assert one.recv(64)
                    return
            except OSError:
                assert time.monotonic() < until, "redis-server does not answer"
                time.sleep(0.02)

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[RedisServer]:
    """One of a test's own, which may take it away."""
    server = RedisServer(tmp_path).start()
    yield server
    server.kill()


@pytest.fixture(scope="module")
def shared_redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """One for a module, where no test takes it away."""
    server = RedisServer(tmp_path_factory.mktemp("redis")).start()
    yield server
    server.kill()
