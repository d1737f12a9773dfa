"""What breaks inside breaks alone (J6); and the detectors of these tests detect (J10)."""

import asyncio
import json
import time
import urllib.error
import urllib.request
from itertools import pairwise
from typing import ClassVar

import pytest
from blockbuster import BlockingError
from tests.support.watch import no_blocking_calls, no_leaked_tasks

from conclave import App, Connection, Controller, Event, Reject, on, on_join, testing
from conclave.client.wire import Closed, connect
from conclave.relay.news import News
from conclave.server.background import Background


class Break(Event, type="test:break"):
    pass


class Fragile(Controller):
    @on(Break)
    async def fail(self, connection: Connection, event: Break) -> None:
        raise RuntimeError("s3cret inside")

    @on_join
    async def measure(self, connection: Connection, room: str) -> None:
        raise RuntimeError("a broken metric")


async def test_a_request_that_fails_fails_alone_and_the_fourth_ends_the_connection(logs):
    async with (
        testing.serve(App(Fragile)) as server,
        server.client() as john,
        server.client("admin-token-456") as admin,
    ):
        await admin.ask("join:room", room="general")
        await john.ask("join:room", room="general")
        for n in range(3):
            with pytest.raises(Reject, match="internal"):
                await john.ask("test:break")
            await john.ask("chat", room="general", text=f"alive after {n}")
        with pytest.raises((Closed, Reject)):
            await john.ask("test:break")
        assert await john.ended() == (1011, "Too many failures")
        await admin.ask("chat", room="general", text="the others are well")
        assert "s3cret" not in str(john.events + admin.events)
    failed = [line for line in logs if line["event"] == "handler_failed"]
    assert len(failed) == 4
    assert all(line["connection"] for line in failed)
    assert [line["hook"] for line in logs if line["event"] == "hook_failed"] == ["join"] * 2


def _ready(port: int) -> tuple[int, dict]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/ready", timeout=30) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


async def test_a_background_task_that_fails_is_said_and_comes_back(monkeypatch, logs):
    broken = True
    tell = News.tell

    async def sometimes(self: News) -> None:
        if broken:
            raise RuntimeError("no news")
        await tell(self)

    monkeypatch.setattr(News, "tell", sometimes)
    async with testing.serve() as server, server.client() as john:
        assert (await asyncio.to_thread(_ready, server.port))[0] == 200
        async with asyncio.timeout(20):
            while (found := await asyncio.to_thread(_ready, server.port))[0] != 503:
                await asyncio.sleep(0.1)
        assert "news fails" in str(found[1])
        await john.ask("join:room", room="general")
        broken = False
        async with asyncio.timeout(20):
            while (await asyncio.to_thread(_ready, server.port))[0] != 200:
                await asyncio.sleep(0.1)
    assert [line["task"] for line in logs if line["event"] == "background_failed"] == ["news"]


async def test_a_background_task_that_always_fails_is_tried_less_and_less_often(logs):
    times: list[float] = []

    async def fail() -> None:
        times.append(time.monotonic())
        raise RuntimeError("again")

    background = Background()
    background.every(0.02, "hopeless", fail)
    while len(times) < 5:
        await asyncio.sleep(0.01)
    assert background.failing == {"hopeless"}
    await background.close()
    # A busy machine may be late with each, and is early with none.
    waits = [b - a for a, b in pairwise(times)]
    assert all(wait >= 0.9 * 0.04 * 2**n for n, wait in enumerate(waits)), waits


async def test_one_that_must_be_quick_when_all_is_well_again_is_tried_often_and_logged_rarely(logs):
    tries = 0

    async def fail_at_first() -> None:
        nonlocal tries
        tries += 1
        if tries <= 20:
            raise RuntimeError("again")

    background = Background()
    background.every(0.01, "urgent", fail_at_first, at_most=0.01)
    async with asyncio.timeout(60):
        while tries < 21 or background.failing:
            await asyncio.sleep(0.01)
    await background.close()
    said = [line for line in logs if line["event"] == "background_failed"]
    # With the 1st, 3rd, 7th and 15th, or so: sums of hundredths are no whole numbers.
    assert 3 <= len(said) <= 5


class Blocking(Controller):
    caught: ClassVar[list[BaseException]] = []

    @on(Break)
    async def block(self, connection: Connection, event: Break) -> None:
        try:
            time.sleep(0.001)
        except BlockingError as error:
            self.caught.append(error)


async def test_a_handler_that_blocks_is_found():
    Blocking.caught = []
    async with testing.serve(App(Blocking)) as server, server.client() as john:
        with no_blocking_calls():
            await john.ask("test:break")
    assert len(Blocking.caught) == 1


async def test_a_task_that_is_left_behind_is_found():
    async def leak() -> asyncio.Task[None]:
        async with no_leaked_tasks():
            return asyncio.create_task(asyncio.sleep(60))

    with pytest.raises(AssertionError, match="tasks left behind"):
        await leak()
    for task in asyncio.all_tasks() - {asyncio.current_task()}:
        if "sleep" in repr(task):
            task.cancel()


async def test_a_server_that_hangs_up_before_its_answer_is_an_os_error_to_a_client():
    """Not a connection that breaks at the first word: so it is when a server is killed."""

    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(hang_up, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(OSError, match="hung up"):
            async with connect(f"ws://127.0.0.1:{port}/ws"):
                pass
