"""What an operator does to a running server: stops it under load, hurries it, grants tokens."""

import asyncio
import signal
import subprocess
import sys
import time

import pytest
from tests.support.checker import check, history_of, read_journals
from tests.support.crowd import Sender
from tests.support.node_process import ENVIRONMENT, UNBOUND, NodeProcess
from tests.support.raw import TEXT, Raw, frame

from conclave.client.wire import Closed, connect
from conclave.storage.sqlite import SqliteStore

WORDS = (*UNBOUND, "--app", "tests.support.people:APP")
# Seconds for a stop, where the machine is busy and where it is not.
WITHIN = pytest.mark.parametrize(
    "within", [15, pytest.param(5, marks=[pytest.mark.slow, pytest.mark.alone])]
)


class Once(Sender):
    """A sender that does not come back."""

    end: Closed | None = None

    async def run(self) -> None:
        async with connect(self.urls[0]) as wire:
            wire.send("auth", token=f"i-am-{self.name}")
            try:
                await self._send_all(wire)
            except Closed as end:
                self.end = end
        self.journal.close()


@WITHIN
async def test_sigterm_under_load_keeps_what_was_acknowledged_and_says_goodbye(tmp_path, within):
    with NodeProcess(tmp_path / "data", *WORDS) as node:
        (tmp_path / "journals").mkdir()
        people = [Once(node.url, f"u{n}", "general", tmp_path / "journals") for n in range(20)]
        async with asyncio.TaskGroup() as tasks:
            for person in people:
                tasks.create_task(person.run())
            while min(person.acked for person in people) < 3:
                await asyncio.sleep(0.02)
            began = time.monotonic()
            node.send_signal(signal.SIGTERM)
            assert await asyncio.to_thread(node.wait) == 0
            assert time.monotonic() - began < within
        ends = {(person.end.code, person.end.reason) for person in people}
        assert ends == {(1001, "Server shutting down")}
        assert "Traceback" not in node.log.read_text()
    store = await SqliteStore.open(tmp_path / "data" / "demo")
    history = await history_of(store, ["general"])
    await store.close()
    assert check(read_journals((tmp_path / "journals").iterdir()), history) == []


@pytest.mark.alone
async def test_a_second_sigterm_hurries(tmp_path):
    with NodeProcess(tmp_path / "data", "--demo") as node:
        # One that never says goodbye: it would be waited for.
        mute = await asyncio.to_thread(Raw.opened, node.port)
        began = time.monotonic()
        node.send_signal(signal.SIGTERM)
        await asyncio.sleep(0.3)
        assert node.process.poll() is None
        node.send_signal(signal.SIGTERM)
        assert await asyncio.to_thread(node.wait) == 0
        assert time.monotonic() - began < 1.5
        mute.socket.close()


@WITHIN
async def test_a_mute_peer_holds_a_stop_up_for_two_seconds_at_most(tmp_path, within):
    with NodeProcess(tmp_path / "data", "--demo") as node:
        mute = [await asyncio.to_thread(Raw.opened, node.port) for _ in range(5)]
        mute[0].send(frame(TEXT, b'{"type":"auth","data":{"token":"user-token-123"}}'))
        began = time.monotonic()
        node.send_signal(signal.SIGTERM)
        assert await asyncio.to_thread(node.wait) == 0
        assert 1 < time.monotonic() - began < within
        for raw in mute:
            raw.socket.close()


def _grant(data, *words: str) -> str:
    command = [sys.executable, "-m", "conclave", "token", "create", *words, "--data", str(data)]
    done = subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


async def _login(node: NodeProcess, token: str) -> dict:
    async with connect(node.url) as wire:
        wire.send("auth", id="a", token=token)
        while (answer := await wire.receive()).id != "a":
            pass
        return answer.data


async def test_a_token_granted_beside_a_running_server_works_at_once(tmp_path):
    with NodeProcess(tmp_path / "data") as node:
        token = await asyncio.to_thread(_grant, tmp_path / "data", "ada", "--role", "admin")
        answer = await _login(node, token)
        assert answer["success"] is True
        assert answer["user"] == {"id": "ada", "name": "ada", "role": "admin"}
        assert token not in node.log.read_text()


async def test_a_token_granted_without_a_server_works_when_it_runs(tmp_path):
    token = await asyncio.to_thread(_grant, tmp_path / "data", "ada")
    with NodeProcess(tmp_path / "data") as node:
        assert (await _login(node, token))["success"] is True


@pytest.mark.parametrize("token", ["user-token-123", "admin-token-456"])
async def test_a_demo_token_is_worth_nothing_without_demo(tmp_path, token):
    with NodeProcess(tmp_path / "data") as node:
        assert await _login(node, token) == {"success": False, "code": "auth_failed"}


@pytest.mark.parametrize(
    ("app", "says"),
    [
        ("no.such.module:app", "--app no.such.module:app cannot be loaded: No module named 'no'"),
        ("examples.dice:Nothing", "has no attribute 'Nothing'"),
        ("examples.dice:Roll", "is neither an App nor a subclass of Controller"),
        ("examples.dice", "write it as package.module:app"),
    ],
)
def test_a_wrong_app_is_one_line(tmp_path, app, says):
    command = [sys.executable, "-m", "conclave", "serve", "--demo", "--port", "0"]
    done = subprocess.run(
        [*command, "--app", app, "--data", str(tmp_path)],
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert done.returncode in (1, 2)
    assert says in done.stderr
    assert len(done.stderr.splitlines()) == 1


async def test_the_dice_are_served_by_their_name(tmp_path):
    with NodeProcess(tmp_path / "data", "--demo", "--app", "examples.dice:Dice") as node:
        async with connect(node.url) as wire:
            wire.send("auth", token="user-token-123")
            wire.send("join:room", room="general")
            wire.send("dice:roll", id="roll", room="general")
            while (answer := await wire.receive()).id != "roll":
                pass
            assert 1 <= answer.data["result"] <= 6
