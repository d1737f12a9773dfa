"""Of what people want to be notified: who is told of it, and who is not."""

import pytest
from tests.support.people import app

from conclave import Reject, testing
from conclave.client import Client
from conclave.model import Notify


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
