"""`conclave serve` under systemd, and what SIGHUP makes of changed files (J12)."""

import json
import os
import secrets
import signal
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import trustme
from tests.support.node_process import NodeProcess
from tests.support.raw import PING, PONG, TEXT, Raw, frame

from conclave import testing
from conclave.app.service import reload
from conclave.auth.secret import KEY_FILE, OLD_KEY_FILE


def is_alive(client: Raw) -> bool:
    client.send(frame(PING, b"x"))
    while (found := client.read_frame()) is not None:
        if found.opcode == PONG:
            return True
        assert found.opcode == TEXT
    return False


def eventually(is_so: Callable[[], bool], within: float = 30.0) -> None:
    until = time.monotonic() + within
    while not is_so():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.02)


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as hearing:
        hearing.bind(str(tmp_path / "notify"))
        hearing.settimeout(20)
        yield hearing


@pytest.mark.parametrize(
    # Each 0.2 s, half of what is allowed; on a busy machine nowhere near a default.
    "within",
    [8, pytest.param(2, marks=[pytest.mark.slow, pytest.mark.alone])],
)
def test_systemd_hears_that_it_is_ready_alive_and_stopping(
    tmp_path, manager, monkeypatch, within
) -> None:
    environment = {
        **os.environ,
        "NOTIFY_SOCKET": manager.getsockname(),
        "WATCHDOG_USEC": "400000",
    }
    monkeypatch.setattr("tests.support.node_process.ENVIRONMENT", environment)
    with NodeProcess(tmp_path / "data", "--demo") as node:
        heard = [manager.recv(100) for _ in range(4)]
        assert b"READY=1" in heard
        with Raw.opened(node.port) as client:
            assert is_alive(client)
        began = time.monotonic()
        for _ in range(3):
            assert manager.recv(100) == b"WATCHDOG=1"
        assert time.monotonic() - began < within
        node.send_signal(signal.SIGTERM)
        while (last := manager.recv(100)) == b"WATCHDOG=1":
            pass
        assert last == b"STOPPING=1"
        assert node.wait() == 0


class Certificates:
    """Files that the server reads, and who signed what is in them last."""

    def __init__(self, folder: Path) -> None:
        self.chain, self.key = folder / "chain.pem", folder / "key.pem"
        self.write()

    def write(self) -> None:
        self.authority = trustme.CA()
        made = self.authority.issue_cert("localhost")
        made.cert_chain_pems[0].write_to_path(self.chain)
        made.private_key_pem.write_to_path(self.key)

    @property
    def words(self) -> tuple[str, ...]:
        return ("--tls-cert", str(self.chain), "--tls-key", str(self.key))

    def trusting(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        self.authority.configure_trust(context)
        return context


def logged(node: NodeProcess, event: str) -> list[dict[str, str]]:
    lines = [json.loads(line) for line in node.log.read_text().splitlines()]
    return [line for line in lines if line["event"] == event]


def hang_up(node: NodeProcess, event: str) -> list[dict[str, str]]:
    """Send SIGHUP and return what it logs of *event*, one line for each file."""
    before = len(logged(node, "reloaded")) + len(logged(node, "reload_failed"))
    node.send_signal(signal.SIGHUP)
    eventually(
        lambda: len(logged(node, "reloaded")) + len(logged(node, "reload_failed")) > before + 2
    )
    return logged(node, event)


def test_a_sighup_in_the_middle_of_the_start_is_kept_until_it_is_over(tmp_path) -> None:
    with NodeProcess(tmp_path / "data", "--app", "tests.support.hung_up:APP") as node:
        eventually(lambda: len(logged(node, "reloaded")) > 0)


def test_sighup_takes_a_new_certificate_and_nobody_is_disconnected(tmp_path) -> None:
    files = Certificates(tmp_path)
    with NodeProcess(tmp_path / "data", "--demo", *files.words) as node:
        first = files.trusting()
        with Raw.opened(node.port, tls=first) as client:
            files.write()
            hang_up(node, "reloaded")
            with Raw.opened(node.port, tls=files.trusting()) as later:
                assert is_alive(later)
            with pytest.raises(ssl.SSLCertVerificationError):
                Raw(node.port, tls=first)

            held = files.trusting()
            files.key.write_bytes(trustme.CA().issue_cert("localhost").private_key_pem.bytes())
            (failed,) = hang_up(node, "reload_failed")
            assert failed["of"] == "certificate"
            with Raw.opened(node.port, tls=held) as later:
                assert is_alive(later)
            assert is_alive(client)


def test_sighup_takes_a_new_secret_and_refuses_a_bad_one(tmp_path) -> None:
    with NodeProcess(tmp_path / "data", "--demo") as node, Raw.opened(node.port) as client:
        home = tmp_path / "data" / "demo"
        (home / KEY_FILE).rename(home / OLD_KEY_FILE)
        (home / KEY_FILE).write_bytes(b"half")
        (home / KEY_FILE).chmod(0o600)
        (failed,) = hang_up(node, "reload_failed")
        assert failed["of"] == "secret"
        assert "holds only 4" in failed["because"]
        (home / KEY_FILE).write_bytes(secrets.token_bytes(32))
        files = {line["of"] for line in hang_up(node, "reloaded")}
        assert files == {"secret", "certificate", "jwt_key", "metrics_token", "settings"}
        assert is_alive(client)
        log = node.log.read_text()
        assert (home / KEY_FILE).read_bytes().hex() not in log


async def test_in_the_window_both_secrets_hold_and_then_the_old_one_does_not(tmp_path) -> None:
    async with testing.serve(data=tmp_path) as server, server.client() as john:
        home, secret = tmp_path / "demo", server._running.secret
        signed = secret.derive("csrf")
        (home / KEY_FILE).rename(home / OLD_KEY_FILE)
        (home / KEY_FILE).write_bytes(secrets.token_bytes(32))
        (home / KEY_FILE).chmod(0o600)
        await reload(server._running)
        assert secret.derive("csrf") != signed
        assert signed in secret.derive_each("csrf")
        await john.ask("heartbeat", timestamp=0)
        (home / OLD_KEY_FILE).unlink()
        await reload(server._running)
        assert signed not in secret.derive_each("csrf")
        await john.ask("heartbeat", timestamp=0)
        assert server.open_sockets == 1
