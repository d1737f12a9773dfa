"""Of what people want to be notified: who is told of it, and who is not."""

import pytest
from msgspec.structs import replace
from tests.support.people import app

from conclave import Reject, testing
from conclave.client import Client
from conclave.model import Draft, Notify, Scope
from conclave.relay import notices as relay_notices


@pytest.fixture
async def server():
    async with testing.serve(app(), heartbeat_interval=3600) as server:
        yield server


async def settled(client: testing.Client) -> testing.Client:
    await client.ask("heartbeat", timestamp=1)
    return client


async def test_all_devices_learn_of_what_one_is_notified_and_nobody_else(server) -> None:
    ann = [server.client("i-am-ann") for _ in range(2)]
    async with ann[0] as phone, ann[1] as laptop, server.client("i-am-bob") as bob:
        for client in (phone, bob):
            await client.ask("join:room", room="general")
        for client in (phone, laptop, bob):
            (await settled(client)).events.clear()
        assert await phone.ask("room:notify", room="general", notify="none") == {}
        for client in (phone, laptop):
            (told,) = [e.data for e in (await settled(client)).events if e.type == "room:changed"]
            assert (told["room"], told["notify"]) == ("general", "none")
        assert [e.type for e in (await settled(bob)).events if e.type != "heartbeat"] == []
        listed = (await bob.ask("room:list"))["rooms"]
        assert "notify" not in next(one for one in listed if one["room"] == "general")
        laptop.events.clear()
        assert await phone.ask("room:notify", room="general", notify="none") == {}
        told = [e.type for e in (await settled(laptop)).events if e.type == "room:changed"]
        assert told == [], "nothing has changed"


async def test_the_python_client_sets_it_and_reads_it(server) -> None:
    async with Client(server.url, token="i-am-ann") as ann, server.client("i-am-bob") as bob:
        await bob.ask("join:room", room="general")
        await ann.room("general").join()
        await ann.room("general").notify("all")
        direct = await ann.direct("bob")
        rooms = {room.room: room.notify for room in await ann.rooms()}
        assert rooms == {"general": Notify.ALL, direct.name: Notify.ALL}
        await direct.notify("none")
        rooms = {room.room: room.notify for room in await ann.rooms()}
        assert rooms[direct.name] is Notify.NONE
        with pytest.raises(Reject) as no:
            await ann.room("support").notify("none")
        assert no.value.code == "not_in_room"


async def in_room(server, *clients: testing.Client, room: str = "general") -> None:
    for client in clients:
        await client.ask("join:room", room=room)


async def told(server, client: testing.Client) -> list[tuple[str, str, bool]]:
    """Return the notices that *client* got since the last call."""
    await server.node.notices.tell()
    found = (await settled(client)).told("notice")
    client.forget()
    return [(one["room"], one["text"], one["mention"]) for one in found]


async def test_who_is_called_is_told_on_all_devices_in_the_room_or_not(server) -> None:
    devices = [server.client("i-am-ann") for _ in range(2)]
    async with devices[0] as phone, devices[1] as laptop, server.client("i-am-bob") as bob:
        await in_room(server, phone, bob)
        await bob.ask("chat", room="general", text="for nobody")
        assert await told(server, laptop) == []
        await bob.ask("chat", room="general", text="@ann look", mentions=["ann"])
        for device in (phone, laptop):
            assert await told(server, device) == [("general", "@ann look", True)]
        assert await told(server, bob) == []
        direct = (await bob.ask("room:direct", users=["ann"]))["room"]
        await in_room(server, bob, room=direct)
        sent = await bob.ask("chat", room=direct, text="x" * 1_000)
        await server.node.notices.tell()
        (notice,) = (await settled(laptop)).told("notice")
        assert notice["timestamp"] == sent["timestamp"]
        assert notice == {
            "room": direct,
            "seq": sent["seq"],
            "user": "bob",
            "user_id": "bob",
            "timestamp": sent["timestamp"],
            "text": "x" * 300,
            "mention": False,
        }


async def test_of_many_messages_one_is_told_the_last_that_names_one(server) -> None:
    async with server.client("i-am-ann") as ann, server.client("i-am-bob") as bob:
        await in_room(server, ann, bob)
        await ann.ask("room:notify", room="general", notify="all")
        await told(server, ann)
        # No turn of the background comes between.
        notices = server.node.notices
        for n in range(5):
            receipt = await server.node.store.append(_by_bob(f"word {n}"))
            notices.note(receipt.entry)
        assert await told(server, ann) == [("general", "word 4", False)]
        for n in range(5):
            mentions = {"mentions": ["ann"]} if n in (1, 2) else {}
            notices.note((await server.node.store.append(_by_bob(f"more {n}", mentions))).entry)
        assert await told(server, ann) == [("general", "more 2", True)]


def _by_bob(text: str, extra: dict | None = None) -> Draft:
    return Draft(room="general", user="bob", name="bob", text=text, extra=extra or {})


async def test_who_is_not_to_be_disturbed_and_who_may_not_read_hears_nothing(server) -> None:
    async with server.client("i-am-ann") as ann, server.client("i-am-bob") as bob:
        await in_room(server, ann, bob)
        say = {"room": "general", "text": "@ann", "mentions": ["ann"]}
        await ann.ask("presence:set", status="dnd")
        await bob.ask("chat", **say)
        assert await told(server, ann) == []
        await ann.ask("presence:set", status="online")
        assert await told(server, ann) == [], "what was not told is not told later"
        await bob.ask("chat", **say)
        assert await told(server, ann) == [("general", "@ann", True)]
        (connection,) = server.node.hub.of("ann")
        connection.renamed(replace(connection.identity, scopes=frozenset({Scope.WRITE})))
        await bob.ask("chat", **say)
        assert await told(server, ann) == []


async def test_what_is_too_much_to_look_at_is_counted_and_nobody_waits(server, monkeypatch) -> None:
    monkeypatch.setattr(relay_notices, "_MOST_WAITING", 3)
    async with server.client("i-am-ann") as ann, server.client("i-am-bob") as bob:
        await in_room(server, ann, bob)
        notices = server.node.notices
        entry = (await server.node.store.append(_by_bob("@ann", {"mentions": ["ann"]}))).entry
        for _ in range(10):
            notices.note(entry)
        assert notices.dropped == 7
        assert await told(server, ann) == [("general", "@ann", True)]


async def test_a_favourite_is_told_to_ones_own_devices_alone(server) -> None:
    ann = [server.client("i-am-ann") for _ in range(2)]
    async with ann[0] as phone, ann[1] as laptop, server.client("i-am-bob") as bob:
        for client in (phone, bob):
            await client.ask("join:room", room="general")
        for client in (laptop, bob):
            (await settled(client)).events.clear()
        assert await phone.ask("room:favourite", room="general", favourite=True) == {}
        (told,) = [e.data for e in (await settled(laptop)).events if e.type == "room:changed"]
        assert (told["room"], told["favourite"]) == ("general", True)
        assert [e.type for e in (await settled(bob)).events if e.type != "heartbeat"] == []
        laptop.events.clear()
        assert await phone.ask("room:favourite", room="general", favourite=True) == {}
        told = [e.type for e in (await settled(laptop)).events if e.type == "room:changed"]
        assert told == [], "nothing has changed"
