"""The Python client and a real server."""

import asyncio
import json

import pytest
from examples.dice import Dice, Roll, Rolled
from tests.support.people import app

from conclave import App, Reject, testing
from conclave.client import (
    Client,
    ClientClosed,
    Connected,
    Disconnected,
    Lost,
    NotSent,
    Stopped,
    Unknown,
    WasReset,
    places,
)
from conclave.model import Position
from conclave.protocol.events import Line, RoomGone, Typing

JOHN = "user-token-123"
ADMIN = "admin-token-456"


async def read(room, count: int) -> list[Line]:
    async with asyncio.timeout(20):
        return [await anext(room) for _ in range(count)]


async def until_refused(room) -> list[int]:
    """Return the numbers that come before a refusal."""
    told = []
    try:
        while True:
            told += [line.seq for line in await read(room, 1)]
    except Reject:
        return told


async def expect(client: Client, kind: type, **having):
    """Return the next event of *kind* that has these values."""
    async with asyncio.timeout(20):
        while True:
            event = await anext(client)
            has = isinstance(event, kind) and all(
                getattr(event, name) == value for name, value in having.items()
            )
            if has:
                return event


async def test_what_is_sent_is_numbered_and_read_by_all():
    async with (
        testing.serve() as server,
        Client(server.url, token=JOHN) as john,
        Client(server.url, token=ADMIN) as admin,
    ):
        general = admin.room("general").follow()
        await general.join()
        stored = await john.room("general").send("hello")
        lines = await read(general, 2)
        assert lines[0].type == "member:added"
        assert (lines[1].seq, lines[1].text, lines[1].user_id) == (stored.seq, "hello", "user1")
        assert (john.me.id, john.me.name) == ("user1", "john")
        assert john.hello.limits.page == 100


async def test_a_room_is_read_on_from_a_position():
    async with testing.serve() as server, Client(server.url, token=JOHN) as john:
        general = john.room("general")
        seqs = [(await general.send(f"message {n}")).seq for n in range(5)]
        since = general.position
        assert since.seq == seqs[-1]
        async with Client(server.url, token=JOHN) as again:
            there = again.room("general").follow(seqs[1])
            assert [line.seq for line in await read(there, 3)] == seqs[2:]
        await general.send("later")
        async with Client(server.url, token=JOHN) as again:
            there = again.room("general").follow(since)
            assert [line.text for line in await read(there, 1)] == ["later"]


async def test_a_position_of_another_log_is_a_reset_and_reading_goes_on():
    async with testing.serve() as server, Client(server.url, token=JOHN) as john:
        general = john.room("general").follow(Position("another", 1))
        with pytest.raises(WasReset) as reset:
            await anext(general)
        assert reset.value.reset.messages[0].text == "Welcome to the general chat room!"
        stored = await general.send("on we go")
        assert stored.seq == reset.value.reset.upto + 1
        assert [line.seq for line in await read(general, 1)] == [stored.seq]


async def test_a_reader_misses_nothing_when_writing_joins_a_room_anew():
    async with (
        testing.serve() as server,
        Client(server.url, token=JOHN) as john,
        Client(server.url, token=JOHN) as phone,
        Client(server.url, token=ADMIN) as admin,
    ):
        general = john.room("general").follow()
        await general.join()
        before = general.position
        await phone.room("general").quit()
        await expect(john, RoomGone)
        await general.send("I am back")
        last = await admin.room("general").send("the end")
        told = await until_refused(general)
        while last.seq not in told:
            told += [line.seq for line in await read(general, 1)]
        # What was said between the refusal and the join belongs to it as well.
        assert told == list(range(before.seq + 1, last.seq + 1))


async def test_a_message_too_large_to_send_stops_nothing_and_is_not_kept(tmp_path):
    async with testing.serve() as server:
        async with Client(server.url, token=JOHN, outbox=tmp_path / "outbox") as john:
            with pytest.raises(Reject, match="65,536 bytes"):
                await john.room("general").post("x" * 65_530)
            assert (await john.room("general").send("goes on")).seq
        assert b"xxx" not in (tmp_path / "outbox").read_bytes()


async def test_what_is_kept_and_no_request_is_told_and_passed_over(tmp_path):
    file = tmp_path / "outbox"
    async with testing.serve() as server:
        async with Client(server.url, token=JOHN, outbox=file):
            pass
        with file.open("a") as lines:
            for id_, text in [("bad", "x" * 70_000), ("good", "hi")]:
                kept = {"id": id_, "type": "chat", "data": {"text": text, "room": "general"}}
                lines.write(json.dumps({"add": kept}) + "\n")
        async with Client(server.url, token=JOHN, outbox=file) as john:
            told = await expect(john, NotSent)
            assert (told.event.type, told.reject.code) == ("chat", "bad_request")
            await john.drain()
            page = await john.room("general").history(limit=1)
            assert page.messages[0].text == "hi"
        assert b"xxx" not in file.read_bytes() or b'"done":"bad"' in file.read_bytes()


async def test_events_are_typed_and_rooms_may_be_read_with_them():
    async with (
        testing.serve() as server,
        Client(server.url, token=JOHN) as john,
        Client(server.url, token=ADMIN) as admin,
    ):
        await john.join("general", "random")
        await admin.room("general").join()
        await expect(john, Line, type="user:joined", member="admin1")
        admin.room("general").typing()
        assert await expect(john, Typing) == Typing("general", "admin1", True)
        await admin.room("random").send("over here")
        assert (await expect(john, Line, type="message")).text == "over here"
        with pytest.raises(RuntimeError, match="is read already"):
            await anext(john.room("general"))


async def test_events_of_an_application_go_both_ways():
    async with (
        testing.serve(App(Dice)) as server,
        Client(server.url, token=JOHN, events=[Rolled]) as john,
        Client(server.url, token=ADMIN) as admin,
    ):
        await admin.room("general").join()
        answer = await john.room("general").ask(Roll("general", sides=20), dict[str, int])
        assert await expect(john, Rolled) == Rolled("general", "user1", answer["result"])
        assert (await expect(admin, Unknown)).type == "dice:rolled"
        with pytest.raises(Reject, match="at least two sides"):
            await john.ask(Roll("general", sides=1), dict[str, int])


async def test_messages_are_changed_and_asked_about():
    async with testing.serve() as server, Client(server.url, token=JOHN) as john:
        general = john.room("general")
        first = await general.send("helo")
        await general.edit(first.seq, "hello")
        reply = await general.send("to you", reply_to=first.seq)
        await general.react(first.seq, "👋")
        await general.pin(first.seq)
        page = await general.history(around=first.seq)
        message = next(line for line in page.messages if line.seq == first.seq)
        assert (message.text, message.pinned, message.reactions[0].emoji) == ("hello", True, "👋")
        await general.unreact(first.seq, "👋")
        await general.unpin(first.seq)
        await general.delete(reply.seq)
        assert (await general.history(pinned=True)).messages == []
        await general.read(reply.seq)
        assert [member.id async for member in general.members()] == ["user1"]


async def test_rooms_are_made_listed_and_left():
    async with testing.serve() as server, Client(server.url, token=JOHN) as john:
        den = await john.create("den", title="The den", private=True)
        assert "den" in [room.room for room in await john.rooms()]
        assert "den" not in [room.room for room in await john.rooms(public=True)]
        with pytest.raises(Reject, match="room_exists"):
            await john.create("den")
        await den.send("alone")
        await den.quit()
        assert "den" not in [room.room for room in await john.rooms()]
        with pytest.raises(Reject, match="no_such_room"):
            await john.room("den").send("not any more")


async def test_messages_are_found_by_their_words():
    async with testing.serve() as server, Client(server.url, token=JOHN) as john:
        stored = await john.room("general").send("a needle in the hay")
        async with asyncio.timeout(20):
            while not (found := await john.search("needle", room="general", author="user1")).hits:
                await asyncio.sleep(0.02)
        assert [hit.seq for hit in found.hits] == [stored.seq]
        assert not found.more


async def test_what_the_server_refuses_is_its_own_code():
    async with testing.serve() as server, Client(server.url, token=JOHN) as john:
        with pytest.raises(Reject, match="no_such_message"):
            await john.room("general").edit(999, "nothing there")
        with pytest.raises(Reject, match="too_long"):
            await john.room("general").send("x" * 5_000)
        await john.room("general").send("still fine")
        with pytest.raises(Reject, match="is called 'general'"):
            await john.room("General").send("by another name")


async def test_too_many_at_once_are_waited_for():
    async with testing.serve(rate=20.0, burst=5) as server, Client(server.url, token=JOHN) as john:
        pending = [await john.room("general").post(f"{n}") for n in range(20)]
        seqs = [(await one).seq for one in pending]
        assert seqs == list(range(seqs[0], seqs[0] + 20))


async def test_a_bad_token_ends_it_at_once():
    async with testing.serve() as server:
        with pytest.raises(Stopped, match="auth_failed") as stopped:
            async with Client(server.url, token="nobody's"):
                pytest.fail("let in")
        assert stopped.value.code == 1008


async def test_where_nobody_answers_entering_says_so():
    with pytest.raises(Lost, match=r"cannot reach ws://127\.0\.0\.1:1: "):
        async with Client("ws://127.0.0.1:1", token=JOHN, connect_within=0.3):
            pytest.fail("let in")


async def test_after_a_break_it_is_in_its_rooms_again_and_misses_nothing():
    async with (
        testing.serve() as server,
        Client(server.url, token=JOHN) as john,
        Client(server.url, token=ADMIN) as admin,
    ):
        general = john.room("general").follow()
        await general.join()
        await admin.room("general").send("before")
        for connection in list(server.node.hub.of("user1")):
            connection.disconnect(4006, "State lost, resume now")
        await expect(john, Disconnected, code=4006)
        await admin.room("general").send("meanwhile")
        await expect(john, Connected)
        await admin.room("general").send("after")
        texts = [line.text for line in await read(general, 4)]
        assert texts == ["", "before", "meanwhile", "after"]


async def test_a_reader_who_is_slow_and_writes_meanwhile_misses_nothing(monkeypatch):
    monkeypatch.setattr(places, "MOST_UNTAKEN", 5)
    async with (
        testing.serve(rate=0.0, burst=0) as server,
        Client(server.url, token=JOHN) as john,
        Client(server.url, token=ADMIN) as admin,
    ):
        general = john.room("general").follow()
        await general.join()
        sent = [await (await admin.room("general").post(f"{n}")) for n in range(40)]
        seqs = []
        async with asyncio.timeout(20):
            async for line in general:
                seqs.append(line.seq)
                if line.user_id == "admin1" and line.type == "message":
                    await general.send(f"I heard {line.text}")
                if line.text == "I heard 39":
                    break
        assert seqs == list(range(seqs[0], seqs[0] + len(seqs)))
        assert seqs[-1] == sent[-1].seq + 40


async def test_a_send_that_is_cancelled_before_it_was_sent_is_taken_back():
    client = Client("ws://127.0.0.1:1", token=JOHN, connect_within=0)
    async with client:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await client.room("general").send("never mind")
        await client.drain()


async def test_what_waits_when_the_client_is_closed_fails():
    client = Client("ws://127.0.0.1:1", token=JOHN, connect_within=0)
    async with client:
        pending = await client.room("general").post("nobody hears me")
        asking = asyncio.create_task(client.rooms())
        await asyncio.sleep(0)
    for one in (pending, asking):
        with pytest.raises(ClientClosed):
            await one
    with pytest.raises(ClientClosed):
        await client.room("general").send("too late")
    assert [event async for event in client if not isinstance(event, Disconnected)] == []


async def test_a_token_is_asked_for_at_each_connection():
    asked = []

    async def token() -> str:
        asked.append(len(asked))
        if len(asked) == 2:
            raise OSError("the house is closed")
        return "i-am-john"

    async with testing.serve(app()) as server, Client(server.url, token=token) as john:
        for connection in list(server.node.hub.of("john")):
            connection.disconnect(4002, "Token expired")
        await expect(john, Disconnected, code=4002)
        await expect(john, Connected)
        assert len(asked) == 3


async def test_a_token_of_somebody_else_is_the_end():
    names = iter(["ann", "bob"])

    async with (
        testing.serve(app()) as server,
        Client(server.url, token=lambda: f"i-am-{next(names)}") as ann,
    ):
        for connection in list(server.node.hub.of("ann")):
            connection.disconnect(4006, "")
        with pytest.raises(Stopped, match="the token is of bob, not ann"):
            await expect(ann, Line)
        with pytest.raises(Stopped):
            await ann.rooms()


async def test_who_looks_after_a_room_does_so_by_its_methods():
    async with (
        testing.serve() as server,
        Client(server.url, token=JOHN) as john,
        Client(server.url, token=ADMIN) as admin,
    ):
        cellar = await john.create("cellar", private=True)
        await cellar.invite("admin")
        there = admin.room("cellar")
        bad = await there.send("bad words")
        await cellar.report(bad.seq, "rude")
        await cellar.mute("admin1", reason="loud")
        with pytest.raises(Reject, match="muted"):
            await there.send("more")
        await cellar.unmute("admin1")
        await cellar.set_role("admin1", "moderator")
        await cellar.kick("admin1")
        token = (await cellar.link(uses=1)).token
        assert (await admin.accept(token)).name == "cellar"
        await cellar.ban("admin1")
        await cellar.unban("admin1")
        await cellar.archive()
        (room,) = [one for one in await john.rooms() if one.room == "cellar"]
        assert (room.archived, room.reports, room.members) == (True, 1, 1)
        direct = await john.direct("admin1")
        await direct.send("hello")
        assert (await admin.direct("user1")).name == direct.name
