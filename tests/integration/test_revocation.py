"""Tokens and sessions on live sockets: their ends, their renewal, and what revoking them does."""

import asyncio

import pytest

from conclave import Reject, testing
from conclave.auth.tokens import digest, new_token
from conclave.cli import main
from conclave.model import AuditQuery, Role, Scope, TokenKind
from conclave.protocol.errors import Close

JOHN = "user-token-123"


async def token(
    server: testing.Server, user: str, seconds: float | None = None, **more
) -> tuple[str, str]:
    """Return a new token of *user* and its id; it is good for *seconds* from now."""
    made = new_token()
    ends = None if seconds is None else server.clock.wall() + round(seconds * 1000)
    terms = {"name": "", "scopes": None, "expires_at": ends, "most": 1_000, **more}
    known = await server.node.accounts.add_token(user, digest(made), **terms)
    return made, known.id


@pytest.fixture
async def server():
    async with testing.serve(heartbeat_interval=3600) as server:
        for name in ("ada", "eve"):
            await server.node.store.people.create_account(name)
        yield server


async def test_an_end_is_announced_and_a_refresh_moves_it(server) -> None:
    short, _ = await token(server, "ada", 100)
    long, _ = await token(server, "ada", 1_000)
    async with server.client(short) as ada:
        (answer,) = ada.told("auth:response")
        await server.turn(49)
        assert not ada.told("auth:expiring")
        await server.turn(2)
        assert await ada.expect("auth:expiring") == {"expires_at": answer["expires_at"]}
        renewed = await ada.ask("auth:refresh", token=long)
        assert abs(renewed["expires_at"] - answer["expires_at"] - 900_000) < 1_000
        await server.turn(800)
        await ada.ask("heartbeat", timestamp=1)
        assert len(ada.told("auth:expiring")) == 1
        await server.turn(100)
        await ada.expect("auth:expiring")
        await server.turn(60)
        assert await ada.ended() == (4002, "Token expired")


async def test_a_refresh_that_is_not_good_leaves_the_end_where_it_was(server) -> None:
    good, _ = await token(server, "ada", 100)
    gone, id_ = await token(server, "ada")
    await server.node.store.people.revoke("ada", [id_])
    async with server.client(good) as ada:
        for bad in ("nobody's", new_token(), gone):
            with pytest.raises(Reject) as no:
                await ada.ask("auth:refresh", token=bad)
            assert no.value.code == "auth_failed"
        await ada.ask("heartbeat", timestamp=1)
        await server.turn(101)
        assert (await ada.ended())[0] == 4002


async def test_a_refresh_speaks_for_nobody_else(server) -> None:
    mine, _ = await token(server, "ada")
    other, _ = await token(server, "eve")
    async with server.client(mine) as ada:
        await ada.ask("join:room", room="general")
        ada.send("auth:refresh", token=other)
        ada.send("chat", room="general", text="I am Eve")
        assert await ada.ended() == (4503, "The token is of another user")
    page = await server.node.store.history("general")
    assert [entry.text for entry in page.entries] == ["Welcome to the general chat room!"]


async def test_a_refresh_is_for_who_has_authenticated(server) -> None:
    good, _ = await token(server, "ada")
    async with server.client(None) as stranger:
        with pytest.raises(Reject) as no:
            await stranger.ask("auth:refresh", token=good)
        assert no.value.code == "auth_required"


async def test_a_refresh_brings_other_scopes_and_another_session(server) -> None:
    whole, _ = await token(server, "ada")
    reading, id_ = await token(server, "ada", scopes=frozenset({Scope.READ}))
    async with server.client(whole) as ada:
        await ada.ask("join:room", room="general")
        await ada.ask("chat", room="general", text="hi")
        assert await ada.ask("auth:refresh", token=reading) == {}
        with pytest.raises(Reject) as no:
            await ada.ask("chat", room="general", text="hi again")
        assert no.value.code == "forbidden"
        await server.node.revoke("ada", [id_])
        assert await ada.ended() == (4501, "Session revoked")


async def test_a_revoked_token_closes_its_sockets_and_no_others(server) -> None:
    one, one_id = await token(server, "ada")
    two, _ = await token(server, "ada")
    eves, _ = await token(server, "eve")
    async with (
        server.client(one) as phone,
        server.client(one) as again,
        server.client(two) as laptop,
        server.client(eves) as eve,
    ):
        assert await server.node.revoke("ada", [one_id]) == [one_id]
        for gone in (phone, again):
            assert await gone.ended(1) == (4501, "Session revoked")
        for here in (laptop, eve):
            await here.ask("heartbeat", timestamp=1)
        with pytest.raises(Reject) as no:
            async with server.client(one):
                pass
        assert no.value.code == "auth_failed"


async def test_logging_out_everywhere_else_keeps_this_device(server) -> None:
    tokens = [await token(server, "ada") for _ in range(3)]
    here, here_id = tokens[0]
    async with (
        server.client(here) as this,
        server.client(tokens[1][0]) as that,
        server.client(tokens[2][0]) as other,
    ):
        revoked = await server.node.revoke("ada", but=here_id)
        assert set(revoked) == {tokens[1][1], tokens[2][1]}
        for gone in (that, other):
            assert (await gone.ended(1))[0] == 4501
        await this.ask("heartbeat", timestamp=1)


async def test_who_is_deactivated_is_gone_and_comes_in_by_no_token(server) -> None:
    mine, _ = await token(server, "ada")
    demo = JOHN
    async with server.client(mine) as ada, server.client(demo) as john:
        for user, client in (("ada", ada), ("user1", john)):
            await server.node.store.people.change(user, active=False)
            server.node.part(user, code=Close.BANNED, reason="Deactivated")
            assert await client.ended(1) == (4502, "Deactivated")
    for token_ in (mine, demo):
        with pytest.raises(Reject) as no:
            async with server.client(token_):
                pass
        assert no.value.code == "auth_failed"


async def test_a_role_is_what_the_account_has_now(server) -> None:
    await server.node.store.people.change("user1", role=Role.GUEST)
    async with server.client(JOHN) as john:
        (answer,) = john.told("auth:response")
        assert answer["user"] == {"id": "user1", "name": "john", "role": "guest"}


async def test_when_and_from_where_a_token_was_used_is_known(server) -> None:
    mine, id_ = await token(server, "ada", name="laptop")
    async with server.client(mine):
        pass
    (known,) = await server.node.accounts.tokens_of("ada", TokenKind.TOKEN)
    assert known.last_used_at is not None
    assert (known.id, known.name, known.address) == (id_, "laptop", "127.0.0.1")


async def test_a_revocation_whose_caller_has_gone_closes_all_the_same(server) -> None:
    mine, _ = await token(server, "ada")
    async with server.client(mine) as ada:
        caller = asyncio.create_task(server.node.revoke("ada"))
        await asyncio.sleep(0)
        caller.cancel()
        assert await ada.ended(1) == (4501, "Session revoked")
    assert await server.node.store.people.tokens("ada") == []


async def test_the_operator_revokes_on_a_running_server(tmp_path, capsys) -> None:
    async with testing.serve(data=tmp_path, demo=False) as server:
        made, other = await server.token("ada"), await server.token("eve")
        async with server.client(made) as ada, server.client(other) as eve:
            words = ["token", "revoke", "ada", "--all", "--data", str(tmp_path)]
            assert await asyncio.to_thread(main, words) == 0
            assert await ada.ended(1) == (4501, "Session revoked")
            await eve.ask("heartbeat", timestamp=1)
            assert len(capsys.readouterr().out.split()) == 1
        await server.node.audit_log.write()
        lines = await server.node.audit_log.lines(AuditQuery(action="token.revoked"))
        assert [(line.actor, line.target) for line in lines] == [("@operator", "ada")]


async def test_a_token_that_may_not_read_hears_of_no_room(server) -> None:
    deaf, _ = await token(server, "ada", scopes=frozenset({Scope.ACCOUNT}))
    whole, _ = await token(server, "ada")
    eve, _ = await token(server, "eve")
    async with server.client(eve) as eve, server.client(whole) as ada:
        await eve.ask("room:create", room="cellar", kind="private")
        await eve.ask("room:invite", room="cellar", user="ada")
        await ada.expect("room:changed", room="cellar")
        async with server.client(deaf) as client:
            assert [line.get("rooms") for line in client.told("system")] in ([None], [None, []])
            await eve.ask("room:create", room="attic", kind="private")
            await eve.ask("room:invite", room="attic", user="ada")
            await ada.expect("room:changed", room="attic")
            await client.ask("heartbeat", timestamp=1)
            assert client.told("room:changed") == []
            # It may become one that does, and that does not become one that may not.
            await client.ask("auth:refresh", token=whole)
            with pytest.raises(Reject, match="forbidden"):
                await client.ask("auth:refresh", token=deaf)
            await eve.ask("join:room", room="attic")
            await eve.ask("chat", room="attic", text="hello")
            await client.expect("room:changed", room="attic")
