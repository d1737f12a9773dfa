"""Invitations that lead into a room: the new account is a member, if their maker may say so."""

import asyncio

import pytest
from tests.support.page import GOOD, Page, invited

from conclave.model import Draft, Identity, Role, RoomKind, RoomRole
from conclave.protocol.errors import Code
from conclave.testing import serve

pytestmark = pytest.mark.usefixtures("cheap_passwords")

FOUNDER = Identity(user="founder", name="Founder")


@pytest.fixture
async def server():
    async with serve(demo=False, rate=0.0) as server:
        yield server


@pytest.fixture
async def root(server):
    """An admin who moderates the private room «den», which another owns."""
    root = await invited(server, "root", Role.ADMIN)
    await server.token("founder")
    await server.node.store.create_room("den", FOUNDER, kind=RoomKind.PRIVATE)
    await server.node.moderation.invite("den", FOUNDER, "root")
    await role(server, RoomRole.MODERATOR)
    return root


async def role(server, role: RoomRole) -> None:
    await server.node.moderation.set_role("den", FOUNDER, "root", role)


async def link(page: Page, **more: object) -> str:
    made = await page.ask("POST", "/admin/links", {"room": "den", **more})
    assert made.status == 201, made
    return made.json["token"]


async def accepted(server, token: str, name: str = "ann") -> Page:
    page = Page(server)
    asked = {"token": token, "name": name, "password": GOOD}
    answer = await page.ask("POST", "/links/accept", asked)
    assert answer.status == 200, answer
    return page


async def rooms(server, page: Page) -> list[str]:
    async with server.client(await page.ticket()) as client:
        return [one["room"] for one in (await client.ask("room:list"))["rooms"]]


async def test_a_new_account_is_a_member_of_the_private_room_at_once(server, root) -> None:
    token = await link(root)
    (listed,) = (await root.ask("GET", "/admin/links")).json["links"]
    assert listed["room"] == "den"
    seen = (await Page(server).ask("POST", "/links/look", {"token": token})).json
    assert (seen["kind"], seen["room"]) == ("invite", "den")
    async with server.client(await root.ticket()) as here:
        await here.ask("join:room", room="den")
        ann = await accepted(server, token)
        told = await here.expect("entry", type="member:added")
        assert (told["member"], told["role"]) == ("ann", "member")
    async with server.client(await ann.ticket()) as client:
        (info,) = (await client.ask("room:list"))["rooms"]
        assert (info["room"], info["role"]) == ("den", "member")
        await client.ask("join:room", room="den")
        await client.ask("chat", room="den", text="thank you")


@pytest.mark.parametrize("lost", ["demoted", "kicked", "archived", "banned"])
async def test_it_is_as_good_as_who_made_it_and_makes_the_account_all_the_same(
    server, root, lost
) -> None:
    token = await link(root)
    if lost == "demoted":
        await role(server, RoomRole.MEMBER)
    elif lost == "kicked":
        await server.node.moderation.kick("den", FOUNDER, "root")
    elif lost == "banned":
        await server.node.moderation.ban("den", FOUNDER, "root")
    else:
        archived = Draft(
            room="den",
            user="founder",
            name="Founder",
            type="room:updated",
            extra={"archived": True},
        )
        await server.node.store.append(archived)
    ann = await accepted(server, token)
    assert await rooms(server, ann) == []


async def test_an_invitation_ends_with_the_room_that_it_leads_into(server, root) -> None:
    token = await link(root)
    async with server.client(await root.ticket()) as client:
        await client.ask("room:delete", room="den")
    answer = await Page(server).ask("POST", "/links/look", {"token": token})
    assert answer.status == 404


async def test_nobody_lets_others_into_a_room_that_is_not_theirs(server, root) -> None:
    other = await invited(server, "rob", Role.ADMIN)
    for room in ("den", "nowhere"):
        refused = await other.ask("POST", "/admin/links", {"room": room})
        assert refused.code == Code.NO_SUCH_ROOM
    await role(server, RoomRole.MEMBER)
    assert (await root.ask("POST", "/admin/links", {"room": "den"})).code == Code.FORBIDDEN
    assert (await root.ask("GET", "/admin/links")).json["links"] == []


async def test_a_token_for_the_office_alone_makes_none_into_a_room(server, root) -> None:
    codes = []
    for scopes in (["admin"], ["admin", "write"]):
        made = await root.ask("POST", "/tokens", {"name": "x", "scopes": scopes})
        bearer = f"Bearer {made.json['token']}"
        program = Page(server, browser=False)
        answer = await program.ask("POST", "/admin/links", {"room": "den"}, authorization=bearer)
        codes.append(answer.code)
    assert codes == [Code.FORBIDDEN, None]


async def test_one_that_is_good_for_many_lets_each_of_them_in(server, root) -> None:
    token = await link(root, uses=5)
    pages = await asyncio.gather(*(accepted(server, token, f"user{n}") for n in range(5)))
    for page in pages:
        assert await rooms(server, page) == ["den"]
