"""The Python client: other tokens in time, people, and how one is, over broken connections."""

import asyncio

import pytest
from tests.support.people import app

from conclave import Reject, testing
from conclave.auth.tokens import digest, new_token
from conclave.client import Client, Connected, Disconnected, Stopped
from conclave.protocol.errors import Close
from conclave.protocol.events import PresenceChanged, ProfileChanged


async def grant(server: testing.Server, seconds: float) -> str:
    made = new_token()
    ends = server.clock.wall() + round(seconds * 1000)
    await server.node.store.create_token("ada", digest(made), expires_at=ends)
    return made


@pytest.fixture
async def server():
    async with testing.serve(app(), heartbeat_interval=3600, rate=0) as server:
        for name in ("ada", "bob"):
            await server.node.store.people.create_account(name)
        yield server


async def next_of(client: Client, kind: type) -> object:
    async with asyncio.timeout(20):
        while not isinstance(event := await anext(client), kind):
            pass
        return event


async def test_a_token_is_renewed_by_its_callback_without_a_new_connection(server) -> None:
    asked = 0

    async def token() -> str:
        nonlocal asked
        asked += 1
        return await grant(server, 600)

    async with Client(server.url, token=token) as client:
        await client.join("general")
        (connection,) = server.node.hub.of("ada")
        for n in range(3):
            ends = connection.identity.expires_at
            # The server says so a minute before.
            await server.turn(550)
            async with asyncio.timeout(20):
                while connection.identity.expires_at == ends:
                    await asyncio.sleep(0.01)
            await client.room("general").send(f"still here {n}")
        assert server.node.hub.of("ada") == [connection], "it is another connection"
    assert asked == 4


async def test_a_token_that_ended_is_fetched_again_and_a_revoked_session_is_the_end(server) -> None:
    tokens, too_late = [], asyncio.Event()

    async def token() -> str:
        # Nothing renews the first one in time.
        if len(tokens) == 1:
            await too_late.wait()
        tokens.append(await grant(server, 600))
        return tokens[-1]

    async with Client(server.url, token=token) as client:
        await server.turn(601)
        gone = await next_of(client, Disconnected)
        assert gone.code == Close.TOKEN_EXPIRED
        too_late.set()
        await next_of(client, Connected)
        await server.node.revoke("ada")
        assert (await next_of(client, Disconnected)).code == Close.SESSION_REVOKED
        with pytest.raises(Stopped) as stopped:
            await next_of(client, Connected)
        assert stopped.value.code == Close.SESSION_REVOKED


async def test_people_profiles_and_presence_are_typed(server) -> None:
    async with (
        Client(server.url, token="i-am-ada") as ada,
        Client(server.url, token="i-am-bob") as bob,
    ):
        for one in (ada, bob):
            await one.join("general")
        profile = await ada.set_profile(display_name="Ada Lovelace", about="Engines")
        assert (profile.display_name, profile.about) == ("Ada Lovelace", "Engines")
        changed = await next_of(bob, ProfileChanged)
        assert (changed.user, changed.display_name) == ("ada", "Ada Lovelace")
        await ada.set_presence("dnd")
        assert await next_of(bob, PresenceChanged) == PresenceChanged("ada", "dnd")
        found = await bob.people("love")
        assert [(one.id, one.status) for one in found.users] == [("ada", "dnd")]
        assert (await bob.profile("ada")).about == "Engines"
        with pytest.raises(Reject) as no:
            await bob.profile("nobody")
        assert no.value.code == "no_such_user"


async def test_who_is_invisible_stays_so_when_the_server_has_forgotten_it(server) -> None:
    async with (
        Client(server.url, token="i-am-ada") as ada,
        server.client("i-am-bob") as bob,
    ):
        await bob.ask("join:room", room="general")
        await ada.set_presence("invisible")
        await ada.join("general")
        # As after a restart.
        server.node.statuses._said.clear()
        for connection in server.node.hub.of("ada"):
            connection.disconnect(Close.STATE_LOST, "State lost, resume now")
        await next_of(ada, Disconnected)
        await ada.room("general").send("nobody saw me come")
        await bob.expect("chat", text="nobody saw me come")
        assert not bob.told("chat", type="user:joined", member="ada")
        assert server.node.attendance.count("general") == 1
