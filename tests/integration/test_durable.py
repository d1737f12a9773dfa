"""Entries of an application's own kinds: in the log like messages, from the hook to the export."""

import asyncio
import json

import pytest

from conclave import (
    Access,
    App,
    Client,
    Connection,
    Controller,
    Draft,
    Durable,
    Event,
    Node,
    Reject,
    Request,
    before_entry,
    on,
    testing,
)
from conclave.core.query import parse
from conclave.protocol.events import Stored
from conclave.storage.erase import erase
from conclave.storage.exporting import export
from conclave.storage.importing import import_lines
from conclave.storage.verify import examine, verify

JOHN, ADMIN = "user-token-123", "admin-token-456"


class Open(Event, type="poll:open"):
    room: str
    question: str


class Opened(Durable, type="poll:opened", searchable=True):
    question: str
    # A name that the chat has a field for: it stays in the data all the same.
    role: str = "asker"

    def words(self) -> str:
        return self.question


class Closed(Durable, type="poll:closed"):
    votes: int


class Polls(Controller):
    entries = (Opened, Closed)

    @on(Open, needs=Access.ROOM)
    async def open(self, connection: Connection, event: Open, request: Request) -> None:
        await self.publish(event.room, Opened(event.question), request)


class Decent(Controller):
    @before_entry
    async def look(self, draft: Draft) -> None:
        # The first takes longer: what follows must not overtake it.
        await asyncio.sleep(0.02 if draft.text == "slow" else 0)
        if "damn" in draft.text:
            raise Reject("moderation:word", "Mind your words")
        if draft.text == "broken":
            raise RuntimeError("what judges has a bug")


MADE: dict[str, Polls] = {}


class Kept(Polls):
    def __init__(self, node: Node) -> None:
        super().__init__(node)
        MADE["polls"] = self


async def test_it_is_numbered_acknowledged_told_and_read_later_by_who_was_away(tmp_path):
    app = App(Kept)
    async with testing.serve(app, data=tmp_path) as server:
        async with server.client() as john, server.client(ADMIN) as admin:
            await john.ask("join:room", room="general")
            joined = await admin.ask("join:room", room="general")
            since = {"epoch": joined["epoch"], "seq": joined["last_seq"]}

            receipt = await john.ask(Open("general", "Where to?"))
            told = await admin.expect("entry", type="poll:opened")
        assert receipt["seq"] == told["seq"] > since["seq"]
        assert (told["user_id"], told["text"]) == ("user1", "Where to?")
        assert told["data"] == {"question": "Where to?", "role": "asker"}
    async with testing.serve(app, data=tmp_path) as server, server.client(ADMIN) as admin:
        page = await admin.ask("join:room", room="general", since=since, **{"as": "entries"})
        assert [one["data"] for one in page["messages"] if one["type"] == "poll:opened"] == [
            {"question": "Where to?", "role": "asker"}
        ]
        polls = MADE["polls"]
        await polls.publish("general", Closed(3))
        said = [(entry.user, one) async for entry, one in polls.replay("general", Opened, Closed)]
        assert said == [("user1", Opened("Where to?")), ("system", Closed(3))]
        last = [one async for _, one in polls.replay("general", Closed, after=receipt["seq"])]
        assert last == [Closed(3)]


async def test_the_same_request_is_stored_once_and_who_is_not_in_the_room_is_refused():
    async with testing.serve(App(Polls)) as server, server.client() as john:
        with pytest.raises(Reject, match="not_in_room"):
            await john.ask(Open("general", "Where to?"))
        await john.ask("join:room", room="general")
        first, again = [await john.ask(Open("general", "Where to?"), id="p-1") for _ in range(2)]
        assert first == again
        assert len(john.told("entry", type="poll:opened")) == 1


async def test_the_python_client_hands_it_over_typed():
    async with testing.serve(App(Polls)) as server, Client(server.url, token=JOHN) as john:
        room = john.room("general").follow()
        await room.join()
        await john.ask(Open("general", "Where to?"), Stored)
        async with asyncio.timeout(20):
            async for line in room:
                assert Closed.read(line) is None
                if (one := Opened.read(line)) is not None:
                    break
        assert one == Opened("Where to?")


async def test_the_kind_that_says_so_is_found_and_the_other_is_not():
    async with testing.serve(App(Kept)) as server, server.client() as john:
        await john.ask("join:room", room="general")
        await john.ask(Open("general", "Zanzibar or home?"))
        await MADE["polls"].publish("general", Closed(77))
        await server.node.store.index()
        found = await server.node.store.search(parse("zanzibar"), reader="user1")
        (hit,) = found.hits
        assert "".join(piece.text for piece in hit.snippet) == "Zanzibar or home?"
        assert not (await server.node.store.search(parse("77"), reader="user1")).hits


async def test_what_is_too_large_or_not_declared_is_stored_nowhere():
    class Stranger(Durable, type="other:thing"):
        size: int = 1

    async with testing.serve(App(Kept)) as server, server.client() as john:
        await john.ask("join:room", room="general")
        polls = MADE["polls"]
        before = (await server.node.store.heads(["general"]))["general"]
        with pytest.raises(TypeError, match=r"name it in Kept\.entries"):
            await polls.publish("general", Stranger())
        with pytest.raises(Reject, match="too_long"):
            await polls.publish("general", Opened("x" * 70_000))
        assert (await server.node.store.heads(["general"]))["general"] == before


async def test_verify_finds_nothing_and_erasing_its_author_leaves_only_the_number(tmp_path):
    async with testing.serve(App(Kept), data=tmp_path) as server:
        async with server.client() as john:
            await john.ask("join:room", room="general")
            await john.ask(Open("general", "Quetzal?"))
        store = server.node.store
        await store.index()
        await erase(store, "user1")  # type: ignore[arg-type]  # it is the one of SQLite
        page = await store.after("general", 0)
        (entry,) = [one for one in page.entries if one.type == "poll:opened"]
        assert (entry.text, entry.extra, entry.name) == ("", {}, "deleted user")
        assert [one async for one in MADE["polls"].replay("general", Opened)] == []
    database = tmp_path / "demo/conclave.db"
    assert await asyncio.to_thread(lambda: list(verify(database))) == []
    assert b"Quetzal" not in await asyncio.to_thread(database.read_bytes)


async def test_exported_and_imported_it_is_what_it_was_on_whichever_server(tmp_path):
    async with testing.serve(App(Kept), data=tmp_path / "old") as server:
        async with server.client() as john:
            await john.ask("join:room", room="general")
            await john.ask(Open("general", "Zanzibar?"), id="p-1")
        await MADE["polls"].publish("general", Closed(3))
        told = (await server.node.store.after("general", 0)).entries
    lines: list[bytes] = []
    await asyncio.to_thread(export, tmp_path / "old/demo/conclave.db", lines.append)
    given = b"".join(lines).splitlines(keepends=True)
    await asyncio.to_thread(import_lines, tmp_path / "new/demo", given, examine=examine)
    database = tmp_path / "new/demo/conclave.db"
    assert await asyncio.to_thread(lambda: list(verify(database))) == []
    async with testing.serve(App(Kept), data=tmp_path / "new") as server:
        assert (await server.node.store.after("general", 0)).entries == told
        said = [one async for _, one in MADE["polls"].replay("general", Opened, Closed)]
        assert said == [Opened("Zanzibar?"), Closed(3)]
        await server.node.store.index()
        assert len((await server.node.store.search(parse("zanzibar"), reader="user1")).hits) == 1
        async with server.client() as john:
            await john.ask("join:room", room="general")
            await john.ask(Open("general", "Zanzibar?"), id="p-1")
        assert len((await server.node.store.after("general", 0)).entries) == len(told)
    # One without the application keeps and shows what it does not know.
    async with testing.serve(App(), data=tmp_path / "new") as server, server.client() as john:
        await john.ask("join:room", room="general")
        page = await john.ask("get:history", room="general", **{"as": "entries"})
        polls = [one for one in page["messages"] if one["type"].startswith("poll:")]
        kept = [(one["type"], one["data"]) for one in polls]
    assert kept == [
        ("poll:opened", {"question": "Zanzibar?", "role": "asker"}),
        ("poll:closed", {"votes": 3}),
    ]


async def test_a_hook_refuses_before_anything_is_stored_and_the_order_stays():
    async with testing.serve(App(Polls, Decent)) as server, server.client() as john:
        await john.ask("join:room", room="general")
        both = [
            asyncio.create_task(john.ask("chat", room="general", text=text))
            for text in ("slow", "next")
        ]
        await asyncio.sleep(0)
        with pytest.raises(Reject, match="Mind your words"):
            await john.ask(Open("general", "damn?"))
        with pytest.raises(Reject, match="moderation:word"):
            await john.ask("chat", room="general", text="damn")
        with pytest.raises(Reject, match="internal"):
            await john.ask("chat", room="general", text="broken")
        await asyncio.gather(*both)
        page = await server.node.store.history("general")
        assert [one.text for one in page.entries[-2:]] == ["slow", "next"]


async def test_what_was_stored_before_is_acknowledged_whatever_a_hook_says_today():
    class Fickle(Controller):
        calls = 0

        @before_entry
        async def look(self, draft: Draft) -> None:
            Fickle.calls += 1
            if Fickle.calls > 1:
                raise Reject("forbidden")

    async with testing.serve(App(Fickle)) as server, server.client() as john:
        await john.ask("join:room", room="general")
        first, again = [
            await john.ask("chat", id="once", room="general", text="hello") for _ in range(2)
        ]
        assert first == again
        with pytest.raises(Reject, match="forbidden"):
            await john.ask("chat", room="general", text="again")


def test_a_kind_needs_a_namespace_of_its_own_and_two_of_one_name_are_one_too_many():
    for wrong in ("opened", "message:opened", "room:opened"):
        with pytest.raises(TypeError, match="a namespace of your own"):
            type(Durable)("Wrong", (Durable,), {}, type=wrong)

    class Same(Durable, type="poll:opened"):
        pass

    class More(Controller):
        entries = (Same,)

    async def start() -> None:
        async with testing.serve(App(Polls, More)):
            raise AssertionError("it started")

    with pytest.raises(TypeError, match=r"«poll:opened» is two kinds"):
        asyncio.run(start())


def test_it_is_read_by_the_class_as_it_is_now():
    class Line:
        type = "poll:opened"
        data = json.loads('{"question": "Where to?", "unknown": 1}')

    assert Opened.read(Line()) == Opened("Where to?")
