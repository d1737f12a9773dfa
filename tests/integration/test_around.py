"""What stands around handlers, runs beside them, and is given to controllers."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from conclave import (
    App,
    Connection,
    Controller,
    Draft,
    Event,
    Node,
    Publisher,
    Reject,
    Request,
    around,
    before_entry,
    every,
    on,
    on_start,
    on_stop,
    testing,
)
from conclave.app import stopping

SEEN: list[Any] = []


@pytest.fixture(autouse=True)
def _unseen():
    SEEN.clear()


class Ping(Event, type="own:ping"):
    word: str = ""


class Work(Event, type="own:work"):
    room: str = ""
    fails: bool = False


class Pings(Controller):
    @on(Ping)
    async def ping(self, connection: Connection, event: Ping) -> dict[str, str]:
        SEEN.append("handler")
        return {"word": event.word}


class Outer(Controller):
    @around
    async def first(self, request: Request, proceed: Callable[[], Awaitable[Any]]) -> Any:
        if not request.event.type.startswith("own:"):
            return await proceed()
        SEEN.append("outer")
        try:
            return {"outer": await proceed()}
        finally:
            SEEN.append("outer ends")


class Inner(Controller):
    @around
    async def second(self, request: Request, proceed: Callable[[], Awaitable[Any]]) -> Any:
        SEEN.append("inner")
        if getattr(request.event, "word", "") == "no":
            raise Reject("own:no", "Not today")
        return await proceed()


async def test_middleware_stands_around_every_handler_in_the_order_of_registration():
    async with testing.serve(App(Outer, Inner, Pings)) as server, server.client() as john:
        SEEN.clear()
        assert await john.ask(Ping("yes")) == {"outer": {"word": "yes"}}
        assert SEEN == ["outer", "inner", "handler", "outer ends"]
        SEEN.clear()
        with pytest.raises(Reject, match="Not today"):
            await john.ask(Ping("no"))
        assert SEEN == ["outer", "inner", "outer ends"]
        # The chat's own go the same way, and what it acknowledged stays acknowledged.
        SEEN.clear()
        assert (await john.ask("join:room", room="general"))["last_seq"] > 0
        assert "inner" in SEEN


async def note_end(name: str) -> None:
    try:
        SEEN.append(f"{name} runs")
        await asyncio.sleep(3600)
    finally:
        SEEN.append(f"{name} ends")


async def fail() -> None:
    raise RuntimeError("of this task alone")


class Workers(Controller):
    @on(Work)
    async def work(self, connection: Connection, event: Work) -> None:
        tasks = self.node.tasks
        if event.fails:
            tasks.start(fail(), of=connection)
            return
        tasks.start(note_end("connection"), of=connection)
        tasks.start(note_end("room"), of=event.room)
        tasks.start(note_end("node"))


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.01)


async def test_a_task_ends_with_its_connection_its_room_or_the_node(caplog):
    async with testing.serve(App(Workers), presence_grace=0) as server:
        async with server.client() as other:
            await other.ask("join:room", room="general")
            async with server.client() as john:
                await john.ask("join:room", room="general")
                await john.ask(Work("general"))
                await until(lambda: len(server.node.tasks) == 3)
                await john.ask(Work("general", fails=True))
            await until(lambda: "connection ends" in SEEN)
            assert "room ends" not in SEEN, "somebody else is there"
        await until(lambda: "room ends" in SEEN)
        assert "node ends" not in SEEN
    assert SEEN[-1] == "node ends"


async def test_an_owner_has_so_many_tasks_and_one_that_is_gone_has_none():
    async with testing.serve(App(Workers)) as server:
        tasks = server.node.tasks
        for _ in range(2):
            tasks.start(note_end("node"), most=2)
        with pytest.raises(Reject, match="busy"):
            tasks.start(note_end("node"), most=2)
        with pytest.raises(RuntimeError, match="its owner is gone"):
            tasks.start(note_end("room"), of="general")
        assert len(tasks) == 2


class Beside(Controller):
    @around
    async def watch(self, request: Request, proceed: Callable[[], Awaitable[Any]]) -> Any:
        self.node.tasks.start(note_end("request"), of=request.connection)
        await asyncio.sleep(0)
        return await proceed()


async def test_what_is_begun_for_a_request_over_http_ends_with_it():
    async with testing.serve(App(Beside)) as server:
        url, token = f"http://127.0.0.1:{server.port}", "user-token-123"
        with Publisher(url, token=token, within=0.0) as publisher:
            await asyncio.to_thread(publisher.enter, "general")
            await asyncio.to_thread(publisher.send, "general", "Hello")
        assert SEEN == ["request runs", "request ends"] * 2
        assert not len(server.node.tasks)


async def take_long_to_end() -> None:
    try:
        await asyncio.sleep(3600)
    finally:
        await asyncio.sleep(0.4)
        SEEN.append("has ended")


async def test_what_a_task_does_at_its_end_is_not_cancelled_once_more():
    async with testing.serve(App(Workers), presence_grace=0) as server:
        async with server.client() as john:
            await john.ask("join:room", room="general")
            server.node.tasks.start(take_long_to_end(), of="general")
            await asyncio.sleep(0)
        await until(lambda: not len(server.node.tasks))
        assert SEEN == ["has ended"]


class Slow(Controller):
    @before_entry
    async def judge(self, draft: Draft) -> None:
        if draft.text == "for ever":
            await asyncio.sleep(3600)

    @on_stop
    async def end(self) -> None:
        SEEN.append("told of the stop")


async def test_what_hangs_keeps_no_hook_from_being_told_of_the_stop_and_nothing_is_left(
    monkeypatch,
):
    monkeypatch.setattr(stopping, "_FINISH_WITHIN", 0.05)
    before = asyncio.all_tasks()
    async with testing.serve(App(Slow)) as server, server.client() as john:
        await john.ask("join:room", room="general")
        asking = asyncio.create_task(john.ask("chat", room="general", text="for ever"))
        server.node.tasks.start(take_long_to_end())
        await asyncio.sleep(0.1)
    assert SEEN == ["told of the stop"]
    await asyncio.gather(asking, return_exceptions=True)
    assert asyncio.all_tasks() == before


class Ticking(Controller):
    @every(0.01)
    async def tick(self) -> None:
        SEEN.append("tick")
        if len(SEEN) == 2:
            raise RuntimeError("once")


async def test_what_is_repeated_goes_on_after_a_failure_until_the_node_stops():
    async with testing.serve(App(Ticking)):
        await until(lambda: len(SEEN) > 3)
    n = len(SEEN)
    await asyncio.sleep(0.05)
    assert len(SEEN) == n


class Database:
    def __init__(self) -> None:
        self.rows: list[str] = []


@asynccontextmanager
async def database() -> AsyncIterator[Database]:
    SEEN.append("opened")
    yield Database()
    SEEN.append("closed")


class Rows(Controller):
    def __init__(self, node: Node, database: Database, size: int = 3) -> None:
        super().__init__(node)
        self.database, self.size = database, size

    @on_start
    async def begin(self) -> None:
        self.database.rows.append("first")
        SEEN.append("start")

    @on_stop
    async def end(self) -> None:
        SEEN.append(f"stop with {self.database.rows}")

    @on(Ping)
    async def ping(self, connection: Connection, event: Ping) -> dict[str, Any]:
        return {"rows": self.database.rows, "size": self.size}


async def test_a_controller_gets_what_it_needs_and_it_is_closed_last():
    app = App(Rows, provide={Database: database})
    async with testing.serve(app) as server, server.client() as john:
        assert await john.ask(Ping()) == {"rows": ["first"], "size": 3}
    assert SEEN == ["opened", "start", "stop with ['first']", "closed"]


async def test_what_nobody_provides_is_named_at_start():
    with pytest.raises(TypeError, match=r"Rows\.__init__ needs «database», Database"):
        async with testing.serve(App(Rows)):
            raise AssertionError("it started")
    with pytest.raises(TypeError, match=r"provide\[Database\] made 'nothing', which is none"):
        async with testing.serve(App(Rows, provide={Database: lambda: "nothing"})):
            raise AssertionError("it started")


async def test_a_start_that_fails_stops_the_server_and_closes_what_was_opened():
    class Broken(Controller):
        @on_start
        async def begin(self) -> None:
            raise RuntimeError("no such table")

    with pytest.raises(RuntimeError, match="no such table"):
        async with testing.serve(App(Broken, provide={Database: database})):
            raise AssertionError("it started")
    assert SEEN == ["opened", "closed"]
