"""Tokens of who must have a second factor, and has none, are worth what their session is."""

import pyotp
import pytest
from tests.support.page import Page, invited

from conclave.auth.tokens import bared, grant_token
from conclave.model import Role, Scope
from conclave.protocol.errors import Close, Code, Reject
from conclave.testing import serve

pytestmark = pytest.mark.usefixtures("cheap_passwords")


@pytest.fixture
async def server():
    async with serve(demo=False, rate=0.0, require_second_factor=("admin",)) as server:
        yield server


def program(server, token: str):
    page = Page(server, browser=False)

    async def ask(method: str, path: str, body: object = None):
        return await page.ask(method, path, body, authorization=f"Bearer {token}")

    return ask


async def add_factor(server, page: Page) -> None:
    begun = await page.ask("POST", "/me/totp", {})
    assert begun.status == 200, begun
    code = pyotp.TOTP(begun.json["secret"]).at(server.node.clock.wall() / 1000)
    assert (await page.ask("POST", "/me/totp/confirm", {"code": code})).status == 200


@pytest.mark.parametrize("scopes", [None, ["admin", "read"]])
async def test_a_token_is_worth_nothing_until_there_is_one(server, scopes) -> None:
    root = await invited(server, "root", Role.ADMIN)
    token = await granted(server, "root", scopes)
    ask = program(server, token)
    assert (await ask("GET", "/admin/users")).code == Code.FORBIDDEN
    me = (await ask("GET", "/me")).json
    assert (me["must"], me["scopes"]) == (["second_factor"], ["account"] if scopes is None else [])
    ticket = (await ask("POST", "/tickets")).json["ticket"]
    for way in (token, ticket):
        async with server.client(way) as client:
            with pytest.raises(Reject, match=Code.FORBIDDEN):
                await client.ask("room:list")
    await add_factor(server, root)
    assert (await ask("GET", "/admin/users")).status == 200
    async with server.client(token) as client:
        await client.ask("room:list")


async def granted(server, user: str, scopes: list[str] | None = None) -> str:
    return await grant_token(server.node.store, user, scopes=scopes)


async def test_who_becomes_an_admin_has_connected_programs_that_may_no_more_at_once(server) -> None:
    root = await invited(server, "root", Role.ADMIN)
    await add_factor(server, root)
    ada = await invited(server, "ada")
    token = await granted(server, "ada")
    async with server.client(token) as client, server.client(await ada.ticket()) as page:
        await client.ask("room:create", room="lab")
        changed = await root.ask("PATCH", "/admin/users/ada", {"role": "admin"})
        assert changed.status == 200
        assert (await client.ended())[0] == Close.STATE_LOST
        assert (await page.ended())[0] == Close.SESSION_REVOKED
    async with server.client(token) as client:
        with pytest.raises(Reject, match=Code.FORBIDDEN):
            await client.ask("room:list")


async def test_other_roles_and_who_has_one_notice_nothing(server) -> None:
    root = await invited(server, "root", Role.ADMIN)
    await add_factor(server, root)
    robot = await server.token("robot", role="bot")
    async with server.client(robot) as bot, server.client(await granted(server, "root")) as admin:
        await root.ask("PATCH", "/admin/users/robot", {"role": "user"})
        for client in (bot, admin):
            await client.ask("room:list")


def test_what_is_left_to_it_is_what_is_left_to_a_session() -> None:
    assert bared(None) == {Scope.ACCOUNT}
    assert bared(frozenset({Scope.READ, Scope.ADMIN})) == frozenset()
