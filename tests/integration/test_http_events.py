"""A room heard over HTTP: everything after a number, once, in order, and how it ends."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

import httpx
import pytest
from tests.support.people import app

from conclave.http.stream import EventStream
from conclave.model import Identity
from conclave.ports import WIRE
from conclave.testing import serve


class Told(NamedTuple):
    name: str
    id: str
    data: Any


class Stream:
    """What a browser's EventSource makes of an answer."""

    def __init__(self, answer: httpx.Response) -> None:
        self._lines = answer.aiter_lines()
        self.comments = 0
        self.last_id = ""

    async def next(self) -> Told | None:
        """Return the next event; None: the answer has ended."""
        fields: dict[str, str] = {}
        async for line in self._lines:
            if not line:
                if "data" in fields:
                    self.last_id = fields.get("id", self.last_id)
                    return Told(fields["event"], fields.get("id", ""), json.loads(fields["data"]))
                continue
            name, _, value = line.partition(": ")
            self.comments += line.startswith(":")
            fields[name] = value
        return None

    async def until(self, name: str) -> list[Told]:
        """Return all up to the first event of this *name*."""
        found = []
        while (told := await self.next()) is not None:
            found.append(told)
            if told.name == name:
                return found
        raise AssertionError(f"ended before {name}: {found}")

    async def rest(self) -> list[Told]:
        found = []
        while (told := await self.next()) is not None:
            found.append(told)
        return found


def address(server) -> str:
    return f"http://127.0.0.1:{server.port}/api/v1"


@asynccontextmanager
async def hearing(server, name: str, query: str = "", **headers: str) -> AsyncIterator[Stream]:
    auth = {"authorization": f"Bearer i-am-{name}"}
    auth |= {key.replace("_", "-"): value for key, value in headers.items()}
    async with (
        httpx.AsyncClient(timeout=30) as client,
        client.stream(
            "GET", f"{address(server)}/rooms/general/events{query}", headers=auth
        ) as answer,
    ):
        if answer.status_code != 200:
            await answer.aread()
            raise AssertionError(answer.status_code, answer.json()["code"])
        assert answer.headers["content-type"] == "text/event-stream"
        yield Stream(answer)


async def member(server, name: str) -> None:
    await server.node.store.ensure_member("general", Identity(user=name, name=name))


async def said(client, *texts: str) -> list[int]:
    return [(await client.ask("chat", room="general", text=text))["seq"] for text in texts]


@asynccontextmanager
async def stage(**settings: Any):
    async with serve(app(), **{"rate": 0.0, **settings}) as server:
        await member(server, "ann")
        async with server.client("i-am-bob") as bob:
            await bob.ask("join:room", room="general")
            yield server, bob


def texts(events: list[Told]) -> list[str]:
    return [one.data["text"] for one in events if one.data.get("type") == "message"]


async def test_a_reader_is_told_what_is_said_from_now_on() -> None:
    async with stage() as (server, bob):
        await said(bob, "before")
        async with hearing(server, "ann") as stream:
            ready = await stream.next()
            assert (ready.name, ready.data["room"]) == ("ready", "general")
            numbers = await said(bob, "one", "two")
            events = [await stream.next(), await stream.next()]
            assert [(one.name, one.data["seq"]) for one in events] == [
                ("entry", n) for n in numbers
            ]
            assert texts(events) == ["one", "two"]
            assert events[1].id == f"{numbers[1]}.{ready.data['epoch']}"


async def test_who_comes_back_after_a_restart_misses_nothing_and_hears_nothing_twice(
    tmp_path,
) -> None:
    heard: list[int] = []
    last = ""
    for round_ in range(3):
        async with stage(data=str(tmp_path)) as (server, bob):
            if round_:
                await said(bob, f"away {round_}")
            query = {"last_event_id": last} if last else {}
            async with hearing(server, "ann", "" if last else "?after=0", **query) as stream:
                heard += [
                    one.data["seq"] for one in await stream.until("ready") if one.name == "entry"
                ]
                await said(bob, f"here {round_}")
                heard.append((await stream.until("entry"))[-1].data["seq"])
                last = stream.last_id
    assert heard == list(range(1, len(heard) + 1))


async def test_a_plain_number_is_a_position_too_and_a_foreign_one_is_a_reset() -> None:
    async with stage() as (server, bob):
        numbers = await said(bob, "one", "two", "three")
        async with hearing(server, "ann", last_event_id=str(numbers[0])) as stream:
            assert texts(await stream.until("ready")) == ["two", "three"]
        for foreign in ("9999", f"{numbers[0]}.0123456789abcdef"):
            async with hearing(server, "ann", last_event_id=foreign) as stream:
                reset, ready = await stream.until("ready")
                assert (reset.name, reset.data["reset"]) == ("reset", True)
                assert reset.data["messages"][-1]["text"] == "three"
                assert reset.id == ready.id


async def test_many_pages_are_read_before_it_is_ready() -> None:
    async with stage() as (server, bob):
        for n in range(25):
            await asyncio.gather(*(bob.ask("chat", room="general", text=f"{n}") for _ in range(50)))
        async with hearing(server, "ann", "?after=0") as stream:
            events = await stream.until("ready")
        numbers = [one.data["seq"] for one in events[:-1]]
        assert numbers == list(range(1, events[-1].data["upto"] + 1))
        assert len(numbers) > 1_250


async def test_who_is_no_member_or_nobody_is_told_so_instead_of_an_answer() -> None:
    async with stage() as (server, _):
        base = address(server)
        async with httpx.AsyncClient(timeout=30) as client:

            async def code(path: str, **headers: str) -> tuple[int, str]:
                answer = await client.get(f"{base}{path}", headers=headers)
                return answer.status_code, answer.json()["code"]

            eve = {"authorization": "Bearer i-am-eve"}
            ann = {"authorization": "Bearer i-am-ann"}
            assert await code("/rooms/general/events", **eve) == (403, "not_in_room")
            assert await code("/rooms/nowhere/events", **eve) == (404, "no_such_room")
            assert await code("/rooms/general/events") == (401, "auth_required")
            wrong = {**ann, "last-event-id": "x"}
            assert await code("/rooms/general/events", **wrong) == (400, "bad_request")
            assert await server.node.store.member("general", "eve") is None


async def test_who_is_removed_is_told_so_and_hears_no_more() -> None:
    async with stage() as (server, bob), server.client("admin-token-456") as admin:
        async with hearing(server, "ann") as stream:
            await stream.until("ready")
            await admin.ask("room:kick", room="general", user="ann", reason="bye")
            await said(bob, "without her")
            events = await stream.rest()
        assert [one.name for one in events] == ["entry", "gone", "end"]
        assert events[0].data["type"] == "member:removed"
        assert events[1].data == {"room": "general", "reason": "kicked", "text": "bye"}
        assert (events[2].data["code"], events[2].data["come_back"]) == (1000, False)


async def test_who_loses_the_token_hears_no_more_at_once() -> None:
    async with stage() as (server, bob):
        token = await server.token("ann")
        async with hearing(server, "x", authorization=f"Bearer {token}") as stream:
            await stream.until("ready")
            await server.node.revoke("ann")
            await said(bob, "without her")
            (end,) = await stream.rest()
        assert (end.name, end.data["code"], end.data["come_back"]) == ("end", 4501, False)


async def test_the_end_of_a_token_is_the_end_of_what_it_hears() -> None:
    class Brief:
        async def authenticate(self, token: str) -> Identity | None:
            if token != "brief":
                return None
            return Identity(user="ann", name="ann", expires_at=server.clock.wall() + 60_000)

    brief = app()
    brief.authenticators = (Brief(), *brief.authenticators)
    async with serve(brief, rate=0.0) as server:
        await member(server, "ann")
        async with hearing(server, "x", authorization="Bearer brief") as stream:
            await stream.until("ready")
            await server.turn(31)
            assert (await stream.next()).name == "expiring"
            await server.turn(30)
            (end,) = await stream.rest()
            assert (end.data["code"], end.data["come_back"]) == (4002, True)


async def test_a_silent_room_is_heard_to_be_alive() -> None:
    async with stage() as (server, bob), hearing(server, "ann") as stream:
        await stream.until("ready")
        for _ in range(3):
            await server.turn(31)
            await asyncio.sleep(0.05)
        await said(bob, "hi")
        assert texts(await stream.until("entry")) == ["hi"]
        assert stream.comments >= 3


async def test_a_stopping_server_says_so() -> None:
    async with stage() as (server, _):
        client = httpx.AsyncClient(timeout=30)
        auth = {"authorization": "Bearer i-am-ann"}
        answer = await client.send(
            client.build_request("GET", f"{address(server)}/rooms/general/events", headers=auth),
            stream=True,
        )
        stream = Stream(answer)
        await stream.until("ready")
    (end,) = await stream.rest()
    assert (end.data["code"], end.data["come_back"]) == (1001, True)
    await client.aclose()


async def test_streams_count_among_the_connections_of_a_user_and_the_oldest_goes() -> None:
    async with (
        stage(max_connections_per_user=2) as (server, _),
        hearing(server, "ann") as first,
    ):
        await first.until("ready")
        async with hearing(server, "ann") as second, hearing(server, "ann") as third:
            await second.until("ready")
            await third.until("ready")
            (end,) = await first.rest()
            assert end.data["code"] == 4007
            assert len(server.node.hub.of("ann")) == 2
    async with asyncio.timeout(20):
        while server.node.hub.of("ann"):
            await asyncio.sleep(0.01)


async def test_a_slow_reader_is_cut_off_and_costs_little() -> None:
    async with stage(max_queue_bytes=200_000) as (server, bob):
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port, limit=1_024)
        writer.write(
            b"GET /api/v1/rooms/general/events HTTP/1.1\r\nhost: 127.0.0.1\r\n"
            b"authorization: Bearer i-am-ann\r\n\r\n"
        )
        await reader.readuntil(b"ready")
        (ear,) = server.node.hub.of("ann")
        for _ in range(400):
            await asyncio.gather(
                *(bob.ask("chat", room="general", text="x" * 3_900) for _ in range(10))
            )
            if not server.node.hub.of("ann"):
                break
        assert not server.node.hub.of("ann")
        assert ear.ear.waiting_bytes < 300_000
        writer.close()


async def test_who_is_cut_off_and_does_not_read_is_left_nothing_to_read() -> None:
    wire = Full()
    stream = EventStream("127.0.0.1", lambda _: b"", lambda _code, _reason: b"end")
    answering = asyncio.create_task(
        stream({"extensions": {WIRE: wire}}, wire.receive, wire.send)  # type: ignore[arg-type]
    )
    await asyncio.sleep(0)
    stream.close(4_501, "revoked", within=0.05)
    async with asyncio.timeout(20):
        await answering
    assert wire.is_aborted
    assert not wire.is_complete


@pytest.mark.parametrize("within", [0.05, None])
async def test_who_takes_nothing_is_left_to_no_server_in_front_for_ever(
    within: float | None, monkeypatch
) -> None:
    monkeypatch.setattr("conclave.http.stream._LEAVES_WITHIN_S", 0.05)

    async def stuck(*_message: Any) -> Any:
        await asyncio.sleep(3600)

    stream = EventStream("127.0.0.1", lambda _: b"", lambda _code, _reason: b"end")
    answering = asyncio.create_task(stream({}, stuck, stuck))  # type: ignore[arg-type]
    await asyncio.sleep(0)
    stream.close(4_501, "revoked", within=within)
    async with asyncio.timeout(20):
        await answering


class Full:
    """A socket whose peer takes nothing, below an answer."""

    def __init__(self) -> None:
        self._gone = asyncio.Event()
        self.is_complete = False

    @property
    def is_aborted(self) -> bool:
        return self._gone.is_set()

    def get_write_buffer_size(self) -> int:
        return 1

    def abort(self) -> None:
        self._gone.set()

    async def receive(self) -> dict[str, str]:
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: dict[str, Any]) -> None:
        self.is_complete = not message.get("more_body", True)


@pytest.mark.slow
async def test_a_revocation_ends_the_socket_of_who_does_not_read_within_a_second() -> None:
    async with stage() as (server, bob):
        token = await server.token("ann")
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port, limit=1_024)
        writer.write(
            b"GET /api/v1/rooms/general/events HTTP/1.1\r\nhost: 127.0.0.1\r\n"
            b"authorization: Bearer " + token.encode() + b"\r\n\r\n"
        )
        await reader.readuntil(b"ready")
        (ear,) = server.node.hub.of("ann")
        while ear.ear.waiting_bytes < 30_000:
            await asyncio.gather(
                *(bob.ask("chat", room="general", text="x" * 3_900) for _ in range(10))
            )
        await server.node.revoke("ann")
        await asyncio.sleep(1.2)
        # What had left is in the kernel's hands; the rest, and a proper end, never comes.
        async with asyncio.timeout(2):
            left = await reader.read(-1)
        assert not left.endswith(b"0\r\n\r\n")
        writer.close()
