"""Names that only the server gives, and tokens that are not good and are written down."""

import pytest
from tests.support.page import GOOD, Page, invited

from conclave import App
from conclave.app.operator import token_commands
from conclave.auth.links import make_link
from conclave.core.names import canonical_name
from conclave.model import Identity, LinkKind, Role
from conclave.protocol.errors import Code, Reject
from conclave.testing import serve

pytestmark = pytest.mark.usefixtures("cheap_passwords")

GIVEN = ["deleted-0123456789abcdef", "guest-0123456789", "DELETED-0123456789ABCDEF"]
LIKE_THEM = ["deleted-", "deleted-0123456789abcde", "deleted-0123456789abcdefg", "guest-ann"]


@pytest.fixture
async def server():
    async with serve(demo=False, rate=0.0, guests=True) as server:
        yield server


@pytest.mark.parametrize("name", GIVEN)
async def test_nobody_takes_the_name_of_who_was_erased_or_of_a_guest(server, name) -> None:
    secret, _ = await make_link(server.node.accounts, LinkKind.INVITE, created_by="root")
    asked = {"token": secret, "name": name, "password": GOOD}
    refused = await Page(server).ask("POST", "/links/accept", asked)
    assert (refused.status, refused.code) == (409, Code.NAME_TAKEN)
    admin = await invited(server, "root", Role.ADMIN)
    made = await admin.ask("POST", "/admin/users", {"name": name})
    assert (made.status, made.code) == (409, Code.NAME_TAKEN)
    with pytest.raises(Reject, match="only the server gives"):
        await token_commands(server.node.store)["token create"](user=name.lower())
    assert await server.node.store.user(name.lower()) is None


@pytest.mark.parametrize("name", LIKE_THEM)
def test_names_that_only_begin_so_are_good(name) -> None:
    assert canonical_name(name) == name


async def test_nobody_who_is_vouched_for_comes_in_as_who_was_erased() -> None:
    class Vouching:
        async def authenticate(self, token: str) -> Identity | None:
            return Identity(user=token, name="Mallory")

    async with serve(App(authenticators=[Vouching()])) as server:
        with pytest.raises(Reject, match=Code.AUTH_FAILED):
            await server.node.identify("deleted-0123456789abcdef")
        assert (await server.node.identify("mallory")).user == "mallory"


async def test_a_guest_has_such_a_name_and_comes_in(server) -> None:
    guest = Page(server)
    entered = await guest.ask("POST", "/guests", {"display_name": "Zoe"})
    assert entered.status == 200
    async with server.client(await guest.ticket()) as client:
        await client.ask("heartbeat", timestamp=1)


async def test_tokens_that_are_not_good_are_written_down_and_a_flood_is_counted(server) -> None:
    admin = await invited(server, "root", Role.ADMIN)
    program = Page(server, browser=False)
    for n in range(40):
        bad = await program.ask("GET", "/me", authorization=f"Bearer cvt_{n:043d}")
        assert bad.status == 401
    await server.turn(61.0)
    path = "/admin/audit?action=session.failed"
    lines = (await admin.ask("GET", path)).json["lines"]
    one_by_one = [one for one in lines if one["details"].get("how") == "token"]
    assert len(one_by_one) == 5
    assert {(one["actor"], one["address"]) for one in lines} == {("@stranger", "127.0.0.1")}
    (counted,) = [one["details"] for one in lines if one not in one_by_one]
    assert counted == {"why": "many", "times": 35, "addresses": 1}
    assert "cvt_" not in str(lines)
