"""
What another node changed of people reaches who is connected here, once that node says so.

The other node is the store, written past this one, and a hint: that is all it is to this one.
"""

import asyncio

import pytest

from conclave import testing
from conclave.auth.tokens import digest, new_token
from conclave.model import Role
from conclave.protocol.errors import Close


@pytest.fixture
async def server():
    async with testing.serve() as server:
        await server.node.store.people.create_account("ada")
        yield server


async def grant(server: testing.Server) -> tuple[str, str]:
    made = new_token()
    known = await server.node.store.create_token("ada", digest(made))
    return made, known.id


async def test_a_token_that_another_node_revoked_ends_its_connections_and_no_other(server) -> None:
    (gone, id_), (good, _) = await grant(server), await grant(server)
    async with server.client(gone) as ended, server.client(good) as other:
        await server.node.store.people.revoke("ada", [id_])
        server.node.relay.doubted("ada")
        assert (await ended.ended(5))[0] == Close.SESSION_REVOKED
        await other.ask("heartbeat", timestamp=1)


async def test_who_is_deactivated_by_another_node_is_out(server) -> None:
    token, _ = await grant(server)
    async with server.client(token) as client:
        await server.node.store.people.change("ada", active=False)
        await server.node.store.people.revoke("ada")
        server.node.relay.doubted("ada")
        assert (await client.ended())[0] == Close.SESSION_REVOKED


async def test_who_is_renamed_and_promoted_by_another_node_is_so_here(server) -> None:
    token, _ = await grant(server)
    async with server.client(token) as client:
        await server.node.store.people.change("ada", display_name="Lady", role=Role.ADMIN)
        server.node.relay.doubted("ada")
        changed = await client.expect("profile:changed", user="ada")
        assert (changed["display_name"], changed["role"]) == ("Lady", "admin")
        (connection,) = server.node.hub.of("ada")
        assert connection.identity.role is Role.ADMIN


async def test_who_is_doubted_for_nothing_does_not_notice(server) -> None:
    token, _ = await grant(server)
    async with server.client(token) as client:
        before = len(client.events)
        server.node.relay.doubted("ada")
        server.node.relay.doubted("nobody")
        await asyncio.sleep(0.6)
        await client.ask("heartbeat", timestamp=1)
        assert {e.type for e in client.events[before:]} <= {"heartbeat", "ping"}


async def test_what_this_node_changes_lets_the_others_look_again(
    server,
) -> None:
    doubted: list[str] = []
    object.__setattr__(server.node, "doubt", doubted.append)
    await server.node.revoke("ada")
    user = await server.node.store.people.change("ada", display_name="Lady")
    server.node.changed(user)
    assert doubted == ["ada", "ada"]
    # What was heard from others is not said again.
    server.node.show(user)
    assert doubted == ["ada", "ada"]


@pytest.mark.parametrize("how", ["auth", "auth:refresh"])
async def test_who_comes_in_while_all_are_looked_at_is_looked_at_too(
    server, monkeypatch, how
) -> None:
    """They were not found yet, and the word that their token is good no more was lost."""
    (gone, id_), (good, _) = await grant(server), await grant(server)
    hub, store = server.node.hub, server.node.store
    found, looked, go_on = asyncio.Event(), asyncio.Event(), asyncio.Event()

    def slow(real):
        async def ask(*given):
            result = await real(*given)
            if given[0] == digest(gone) and not go_on.is_set():
                found.set()
                await go_on.wait()
            return result

        return ask

    def look(real=hub.identities):
        looked.set()
        return real()

    for name in ("token_coming_in", "token"):
        monkeypatch.setattr(store, name, slow(getattr(store, name)))
    monkeypatch.setattr(hub, "identities", look)
    async with server.client(good if how == "auth:refresh" else None) as client:
        asking = asyncio.create_task(client.ask(how, token=gone))
        await found.wait()
        await store.people.revoke("ada", [id_])
        server.node.relay._halls.on_missed()
        await looked.wait()
        go_on.set()
        assert (await client.ended(20))[0] == Close.SESSION_REVOKED
        await asyncio.gather(asking, return_exceptions=True)
