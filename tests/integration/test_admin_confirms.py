"""What an admin's stolen cookie or token is not enough for: letting in for good, and erasing."""

import asyncio

import pyotp
import pytest
from tests.support.page import GOOD, Page, invited

from conclave.model import LinkKind, Role
from conclave.protocol.errors import Close, Code
from conclave.testing import serve

pytestmark = pytest.mark.usefixtures("cheap_passwords")

LONG = 601.0
ADMIN = {"role": "admin"}
# What asks who is there; ada is a user with a second factor, eve is deactivated.
GUARDED = {
    "a reset link": ("POST", "/admin/users/ada/reset", None),
    "factors": ("DELETE", "/admin/users/ada/factors", None),
    "an admin's role": ("PATCH", "/admin/users/ada", ADMIN),
    "coming back": ("PATCH", "/admin/users/eve", {"active": True}),
    "an admin's account": ("POST", "/admin/users", {"name": "zed", **ADMIN}),
    "an admin's invitation": ("POST", "/admin/links", ADMIN),
    "erasing": ("DELETE", "/admin/users/bob", None),
}
# What does not.
FREE = {
    "a name": ("PATCH", "/admin/users/ada", {"display_name": "Ada L."}),
    "deactivating": ("PATCH", "/admin/users/ada", {"active": False}),
    "a lesser role": ("PATCH", "/admin/users/ada", {"role": "guest"}),
    "an account": ("POST", "/admin/users", {"name": "zed"}),
    "an invitation": ("POST", "/admin/links", {}),
    "signing out": ("DELETE", "/admin/users/ada/sessions", None),
}


@pytest.fixture
async def server():
    async with serve(demo=False, rate=0.0) as server:
        yield server


@pytest.fixture
async def admin(server):
    root = await invited(server, "root", Role.ADMIN)
    ada = await invited(server, "ada")
    for name in ("bob", "eve"):
        await server.token(name)
    begun = (await ada.ask("POST", "/me/totp", {})).json["secret"]
    code = pyotp.TOTP(begun).at(server.node.clock.wall() / 1000)
    assert (await ada.ask("POST", "/me/totp/confirm", {"code": code})).status == 200
    assert (await root.ask("PATCH", "/admin/users/eve", {"active": False})).status == 200
    return root


async def over(admin: Page, errand: str) -> dict:
    async with asyncio.timeout(20):
        while not (state := (await admin.ask("GET", f"/admin/erasures/{errand}")).json)["over"]:
            await asyncio.sleep(0.02)
    return state


async def failed(admin: Page) -> list[dict]:
    return (await admin.ask("GET", "/admin/audit?action=session.failed")).json["lines"]


@pytest.mark.parametrize("what", GUARDED)
async def test_who_signed_in_long_ago_is_asked_before_somebody_is_let_in_for_good(
    server, admin, what
) -> None:
    method, path, body = GUARDED[what]
    await server.turn(LONG)
    before = (await admin.ask("GET", "/admin/users")).json
    refused = await admin.ask(method, path, body)
    assert (refused.status, refused.code) == (403, Code.PASSWORD_REQUIRED)
    assert (await admin.ask("GET", "/admin/users")).json == before
    links = await server.node.accounts.links((LinkKind.INVITE, LinkKind.RESET))
    assert not [link for link in links if link.role is Role.ADMIN or link.user == "ada"]
    wrong = await admin.ask("POST", "/me/confirm", {"password": "not it at all"})
    assert (wrong.status, wrong.code) == (403, Code.PASSWORD_REQUIRED)
    assert (await admin.ask(method, path, body)).code == Code.PASSWORD_REQUIRED
    assert (await admin.ask("POST", "/me/confirm", {"password": GOOD})).status == 204
    assert (await admin.ask(method, path, body)).status < 300


@pytest.mark.parametrize("what", GUARDED)
async def test_who_has_just_signed_in_is_not_asked(admin, what) -> None:
    method, path, body = GUARDED[what]
    assert (await admin.ask(method, path, body)).status < 300


@pytest.mark.parametrize("what", FREE)
async def test_what_lets_nobody_in_for_good_asks_for_nothing(server, admin, what) -> None:
    method, path, body = FREE[what]
    await server.turn(LONG)
    assert (await admin.ask(method, path, body)).status < 300


async def test_it_is_asked_again_after_ten_minutes_and_of_each_session(server, admin) -> None:
    other = Page(server)
    await other.sign_in("root", GOOD)
    await server.turn(LONG)
    assert (await admin.ask("POST", "/me/confirm", {"password": GOOD})).status == 204
    assert (await admin.ask("POST", "/admin/links", ADMIN)).status == 201
    assert (await other.ask("POST", "/admin/links", ADMIN)).code == Code.PASSWORD_REQUIRED
    await server.turn(LONG)
    assert (await admin.ask("POST", "/admin/links", ADMIN)).code == Code.PASSWORD_REQUIRED


async def test_a_token_is_good_for_it_only_if_it_was_made_for_the_office(server, admin) -> None:
    made = await admin.ask("POST", "/tokens", {"name": "office", "scopes": ["admin"]})
    whole = await admin.ask("POST", "/tokens", {"name": "all"})
    program = Page(server, browser=False)
    bearer = {name: f"Bearer {one.json['token']}" for name, one in (("o", made), ("a", whole))}
    await server.turn(LONG)
    good = await program.ask("POST", "/admin/links", ADMIN, authorization=bearer["o"])
    assert good.status == 201
    asked = await program.ask("POST", "/admin/links", ADMIN, authorization=bearer["a"])
    assert asked.code == Code.PASSWORD_REQUIRED
    said = await program.ask("POST", "/me/confirm", {"password": GOOD}, authorization=bearer["a"])
    assert said.status == 204
    again = await program.ask("POST", "/admin/links", ADMIN, authorization=bearer["a"])
    assert again.status == 201


async def test_wrong_confirmations_are_written_down_and_a_flood_of_them_is_counted(
    server, admin
) -> None:
    await server.turn(LONG)
    for _ in range(4):
        wrong = await admin.ask("POST", "/me/confirm", {"password": "not it at all"})
        assert wrong.code == Code.PASSWORD_REQUIRED
    lines = await failed(admin)
    assert [(one["actor"], one["target"], one["details"]) for one in lines] == [
        ("root", "root", {"how": "confirmation"})
    ] * 4
    # From here on the throttle answers: nothing is judged, and nothing is written.
    codes = {
        (await admin.ask("POST", "/me/confirm", {"password": "nor this one"})).code
        for _ in range(10)
    }
    assert Code.RATE_LIMITED in codes
    assert len(await failed(admin)) == 5


# ── erasing ────────────────────────────────────────────────────────────────────────────


async def test_an_admin_erases_somebody_who_is_out_at_once_and_in_no_log(server, admin) -> None:
    token = await server.token("bob")
    async with server.client(token) as bob:
        await bob.ask("room:create", room="lab")
        await bob.ask("join:room", room="lab")
        for n in range(120):
            await bob.ask("chat", room="lab", text=f"secret {n}")
        begun = await admin.ask("DELETE", "/admin/users/bob")
        assert begun.status == 202
        assert (await bob.ended())[0] == Close.BANNED
    state = await over(admin, begun.json["errand"])
    assert (state["failed"], state["result"]["messages"]) == (None, 120)
    assert (await admin.ask("GET", "/admin/users/bob")).code == Code.NO_SUCH_USER
    lines = (await admin.ask("GET", "/admin/audit?limit=200")).json["lines"]
    (line,) = [one for one in lines if one["action"] == "user.erased"]
    assert line["actor"] == "root"
    assert line["target"].startswith("deleted-")
    # Whose that is nobody is told.
    assert set(state["result"]) == {"messages", "compacted"}
    assert line["address"] == "127.0.0.1"
    assert "bob" not in str(lines)
    async with server.client(await admin.ticket()) as root:
        history = await root.ask("join:room", room="lab")
    assert "secret" not in str(history)


async def test_nobody_erases_themselves_or_whoever_is_not_there(admin) -> None:
    for user, code in (("root", Code.FORBIDDEN), ("nobody", Code.NO_SUCH_USER)):
        assert (await admin.ask("DELETE", f"/admin/users/{user}")).code == code
    assert (await admin.ask("GET", "/admin/users/root")).status == 200


async def test_an_admin_is_erased_once_it_is_sure_that_another_is_left(server, admin) -> None:
    await invited(server, "rob", Role.ADMIN)
    assert (await admin.ask("DELETE", "/admin/users/rob")).code == Code.FORBIDDEN
    assert (await admin.ask("PATCH", "/admin/users/rob", {"active": False})).status == 200
    begun = await admin.ask("DELETE", "/admin/users/rob")
    assert (await over(admin, begun.json["errand"]))["failed"] is None
    assert (await admin.ask("GET", "/admin/users/rob")).code == Code.NO_SUCH_USER


async def test_a_new_password_ends_what_the_old_one_has_confirmed(server, admin) -> None:
    whole = (await admin.ask("POST", "/tokens", {"name": "all"})).json["token"]
    thief, bearer = Page(server, browser=False), f"Bearer {whole}"
    await server.turn(LONG)
    said = await thief.ask("POST", "/me/confirm", {"password": GOOD}, authorization=bearer)
    assert said.status == 204
    body = {"password": GOOD, "new": "quite another horse"}
    assert (await admin.ask("PUT", "/me/password", body)).status == 200
    asked = await thief.ask("POST", "/admin/links", ADMIN, authorization=bearer)
    assert asked.code == Code.PASSWORD_REQUIRED


async def test_an_admin_does_not_look_into_what_the_operator_has_begun(admin) -> None:
    assert (await admin.ask("GET", "/admin/erasures/backup-1")).code == Code.NOT_FOUND
    assert (await admin.ask("GET", "/admin/erasures/erasing-1")).code == Code.BAD_REQUEST
