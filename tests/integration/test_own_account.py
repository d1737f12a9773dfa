"""What people do with their account over HTTP: devices, password, tokens, links, guests."""

import pytest
from tests.support.page import GOOD, Page, invited

from conclave.auth.links import make_link
from conclave.model import LinkKind, Role
from conclave.protocol.errors import Close, Reject
from conclave.testing import serve

NEW = "another four words"
LATER_S = 601.0


pytestmark = pytest.mark.usefixtures("cheap_passwords")


@pytest.fixture
async def server():
    async with serve(demo=False, rate=0.0) as server:
        yield server


async def signed_in(server, name="ada", **page):
    page = Page(server, **page)
    assert (await page.sign_in(name, GOOD)).status == 200
    return page


# ── devices ────────────────────────────────────────────────────────────────────────────


async def test_the_devices_are_listed_with_where_and_what_they_are(server):
    laptop = await invited(server, "ada")
    phone = Page(server, address="127.0.0.3")
    phone.agent = "Phone/1 \u00e9".encode().decode("latin-1")
    await phone.sign_in("ada", GOOD)
    await invited(server, "bob")
    found = (await phone.ask("GET", "/sessions")).json["sessions"]
    assert [(one["address"], one["current"]) for one in found] == [
        ("127.0.0.3", True),
        ("127.0.0.1", False),
    ]
    assert found[1]["agent"] == "Firefox"
    assert found[0]["agent"].startswith("Phone/1")
    server.clock.turn(120)
    await laptop.ask("GET", "/me")
    used = (await phone.ask("GET", "/sessions")).json["sessions"]
    assert {one["id"] for one in used} == {one["id"] for one in found}
    for one in used:
        assert one["last_used_at"] >= one["created_at"] + 120_000


async def test_one_device_is_signed_out_from_another_within_a_second(server):
    laptop, phone = await invited(server, "ada"), None
    phone = await signed_in(server)
    listed = (await laptop.ask("GET", "/sessions")).json["sessions"]
    (other,) = [one["id"] for one in listed if not one["current"]]
    async with (
        server.client(await phone.ticket()) as its,
        server.client(await laptop.ticket()) as mine,
    ):
        assert (await laptop.ask("DELETE", f"/sessions/{other}")).status == 204
        assert (await its.ended(within=1.0))[0] == Close.SESSION_REVOKED
        await mine.ask("join:room", room="hall")
    assert (await phone.ask("GET", "/me")).code == "auth_failed"
    assert (await laptop.ask("DELETE", f"/sessions/{other}")).code == "not_found"


async def test_all_others_are_signed_out_at_once(server):
    page = await invited(server, "ada")
    others = [await signed_in(server) for _ in range(3)]
    his = await invited(server, "bob")
    assert (await page.ask("DELETE", "/sessions")).json == {"revoked": 3}
    assert [(await one.ask("GET", "/me")).status for one in others] == [401] * 3
    assert (await page.ask("GET", "/me")).status == 200
    assert (await his.ask("GET", "/me")).status == 200


async def test_nobody_ends_the_session_of_somebody_else(server):
    ada, bob = await invited(server, "ada"), await invited(server, "bob")
    (his,) = [one["id"] for one in (await bob.ask("GET", "/sessions")).json["sessions"]]
    for id_ in (his, "x", "0" * 26):
        answer = await ada.ask("DELETE", f"/sessions/{id_}")
        assert (answer.status, answer.code) == (404, "not_found")
    assert (await bob.ask("GET", "/me")).status == 200


# ── the password ───────────────────────────────────────────────────────────────────────


async def test_a_new_password_ends_all_other_sessions_and_their_sockets(server):
    page, other = await invited(server, "ada"), await signed_in(server)
    async with (
        server.client(await page.ticket()) as mine,
        server.client(await other.ticket()) as its,
    ):
        body = {"password": GOOD, "new": NEW}
        assert (await page.ask("PUT", "/me/password", body)).json == {"revoked": 1}
        assert (await its.ended(within=1.0))[0] == Close.SESSION_REVOKED
        await mine.ask("join:room", room="hall")
    assert (await page.ask("GET", "/me")).status == 200
    assert (await other.ask("GET", "/me")).status == 401
    assert (await Page(server).sign_in("ada", GOOD)).status == 401
    assert (await Page(server).sign_in("ada", NEW)).status == 200


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"password": "not mine", "new": NEW}, 403, "password_required"),
        ({"password": "", "new": NEW}, 403, "password_required"),
        ({"password": GOOD, "new": "short"}, 400, "bad_request"),
        ({"password": GOOD, "new": "password1234"}, 400, "bad_request"),
        ({"password": GOOD, "new": "ada-ada-12345"}, 400, "bad_request"),
        ({"password": GOOD}, 400, "bad_request"),
    ],
)
async def test_a_password_is_not_changed_without_the_old_one_or_to_a_weak_one(
    server, body, status, code
):
    page = await invited(server, "ada")
    answer = await page.ask("PUT", "/me/password", body)
    assert (answer.status, answer.code) == (status, code)
    assert (await Page(server).sign_in("ada", GOOD)).status == 200


# ── tokens for programs ────────────────────────────────────────────────────────────────


async def make_token(page, **wishes):
    answer = await page.ask("POST", "/tokens", {"name": "laptop", **wishes})
    assert answer.status == 201, answer
    return answer.json["token"], answer.json["details"]["id"]


async def test_a_token_is_for_programs_without_cookie_and_origin(server):
    page = await invited(server, "ada")
    token, id_ = await make_token(page, days=30)
    program = Page(server, browser=False)
    bearer = {"authorization": f"Bearer {token}"}
    me = (await program.ask("GET", "/me", **bearer)).json
    assert (me["user"]["id"], me["csrf"], me["scopes"]) == ("ada", None, None)
    listed = (await program.ask("GET", "/tokens", **bearer)).json["tokens"]
    assert [(one["id"], one["name"]) for one in listed] == [(id_, "laptop")]
    assert listed[0]["last_used_at"] is not None
    life = listed[0]["expires_at"] - listed[0]["created_at"]
    assert abs(life - 30 * 86_400_000) < 1_000
    async with server.client(token) as client:
        await client.ask("join:room", room="hall")
    async with server.client((await program.ask("POST", "/tickets", **bearer)).json["ticket"]):
        pass
    answer = await program.ask("DELETE", "/sessions/current", **bearer)
    assert (answer.status, answer.code) == (403, "forbidden")


async def test_a_bearer_counts_before_the_cookie_of_somebody_else(server):
    ada, bob = await invited(server, "ada"), await invited(server, "bob")
    token, _ = await make_token(bob)
    answer = await ada.ask("GET", "/me", authorization=f"bearer {token}")
    assert answer.json["user"]["id"] == "bob"
    answer = await ada.ask("GET", "/me", authorization="Bearer x")
    assert answer.status == 401


async def test_a_token_is_good_for_its_scopes_and_never_for_the_account(server):
    page = await invited(server, "ada")
    token, _ = await make_token(page, scopes=["read"])
    async with server.client(token) as client:
        await client.ask("room:list")
        with pytest.raises(Reject) as no:
            await client.ask("room:create", room="hall")
        assert no.value.code == "forbidden"
    program = Page(server, browser=False)
    for method, path in [("GET", "/tokens"), ("POST", "/tokens"), ("GET", "/sessions")]:
        answer = await program.ask(method, path, authorization=f"Bearer {token}")
        assert (answer.status, answer.code) == (403, "forbidden")
    for scopes in (["account"], ["read", "account"], [], ["king"]):
        answer = await page.ask("POST", "/tokens", {"name": "x", "scopes": scopes})
        assert (answer.status, answer.code) == (400, "bad_request")


async def test_tokens_are_revoked_one_by_one_or_all_with_their_sockets(server):
    page = await invited(server, "ada")
    first, id_ = await make_token(page)
    others = [(await make_token(page))[0] for _ in range(2)]
    async with server.client(first) as one, server.client(others[0]) as other:
        assert (await page.ask("DELETE", f"/tokens/{id_}")).status == 204
        assert (await one.ended(within=1.0))[0] == Close.SESSION_REVOKED
        await other.ask("room:list")
        assert (await page.ask("DELETE", "/tokens")).json == {"revoked": 2}
        assert (await other.ended(within=1.0))[0] == Close.SESSION_REVOKED
    assert (await page.ask("DELETE", f"/tokens/{id_}")).code == "not_found"
    assert (await page.ask("GET", "/tokens")).json == {"tokens": []}
    assert (await page.ask("GET", "/me")).status == 200
    with pytest.raises(Reject):
        async with server.client(first):
            pass


@pytest.mark.parametrize(
    "wishes", [{"name": ""}, {"name": " \n"}, {"days": 0}, {"days": -1}, {"days": 10**9}]
)
async def test_a_token_without_a_name_or_of_an_odd_life_is_not_made(server, wishes):
    page = await invited(server, "ada")
    answer = await page.ask("POST", "/tokens", {"name": "laptop", **wishes})
    assert (answer.status, answer.code) == (400, "bad_request")


async def test_what_lets_somebody_in_for_good_asks_for_the_password_later(server):
    page = await invited(server, "ada")
    await make_token(page)
    server.clock.turn(LATER_S)
    for path, body in [
        ("/tokens", {"name": "x"}),
        ("/me/totp", {}),
        ("/me/recovery", {}),
        ("/me/totp/remove", {}),
        ("/me/passkeys/challenge", {}),
        ("/me/passkeys/AAAA/remove", {}),
    ]:
        answer = await page.ask("POST", path, body)
        assert (path, answer.status, answer.code) == (path, 403, "password_required")
        answer = await page.ask("POST", path, {**body, "password": "not mine"})
        assert (path, answer.code) == (path, "password_required")
        page = await signed_in(server)
        server.clock.turn(LATER_S)
    await make_token(page, password=GOOD)


async def test_the_right_password_is_not_guessed_by_who_holds_the_screen(server):
    page = await invited(server, "ada")
    server.clock.turn(LATER_S)
    answers = [
        await page.ask("POST", "/tokens", {"name": "x", "password": f"guess {n}"}) for n in range(7)
    ]
    assert [one.code for one in answers] == ["password_required"] * 5 + ["rate_limited"] * 2


# ── links ──────────────────────────────────────────────────────────────────────────────


async def test_the_first_admin_is_made_once_by_the_link_of_the_start(server):
    first, url = await server.setup_url(), await server.setup_url()
    assert url.startswith(f"http://localhost:{server.port}/#setup=cvl_")
    page = Page(server)
    stale, token = (one.partition("#setup=")[2] for one in (first, url))
    assert (await page.ask("POST", "/links/look", {"token": stale})).code == "not_found"
    info = (await page.ask("POST", "/links/look", {"token": token})).json
    assert (info["kind"], info["role"]) == ("setup", "admin")
    body = {"token": token, "name": "root", "display_name": "Root", "password": GOOD}
    answer = await page.ask("POST", "/links/accept", body)
    assert answer.json["user"] == {"id": "root", "name": "Root", "role": "admin"}
    assert (await page.ask("GET", "/me")).status == 200
    assert await server.setup_url() == ""
    again = await Page(server).ask("POST", "/links/accept", {**body, "name": "root2"})
    assert (again.status, again.code) == (404, "not_found")


async def test_the_link_of_the_start_ends_after_a_day(server):
    token = (await server.setup_url()).partition("#setup=")[2]
    server.clock.turn(86_400)
    body = {"token": token, "name": "root", "password": GOOD}
    assert (await Page(server).ask("POST", "/links/accept", body)).code == "not_found"


async def test_a_demo_has_nobody_to_set_it_up():
    async with serve() as server:
        assert await server.setup_url() == ""


async def test_a_weak_password_does_not_use_a_link_up(server):
    secret, _ = await make_link(server.node.accounts, LinkKind.INVITE, created_by="root")
    body = {"token": secret, "name": "ada", "password": "ada-ada-ada"}
    answer = await Page(server).ask("POST", "/links/accept", body)
    assert (answer.status, answer.code) == (400, "bad_request")
    answer = await Page(server).ask("POST", "/links/accept", {**body, "password": GOOD})
    assert answer.status == 200


@pytest.mark.parametrize("token", ["", "x", "cvl_" + "x" * 43, "cvl_é", "cvl_" + "x" * 100])
async def test_a_link_that_was_never_made_is_not_good(server, token):
    body = {"token": token, "name": "ada", "password": GOOD}
    for path in ("/links/look", "/links/accept"):
        answer = await Page(server).ask("POST", path, body)
        assert (answer.status, answer.code) == (404, "not_found")


async def test_a_link_into_a_room_is_not_accepted_here(server):
    await server.node.store.put_user(user("root"))
    secret, _ = await make_link(server.node.accounts, LinkKind.ROOM, created_by="root", name="hall")
    answer = await Page(server).ask("POST", "/links/look", {"token": secret})
    assert answer.code == "not_found"


def user(name, role=Role.USER):
    from conclave.model import User

    return User(id=name, name=name, display_name=name, role=role)


async def test_a_reset_link_sets_a_password_and_ends_all_sessions(server):
    page = await invited(server, "ada")
    secret, _ = await make_link(server.node.accounts, LinkKind.RESET, created_by="root", user="ada")
    info = (await Page(server).ask("POST", "/links/look", {"token": secret})).json
    assert (info["kind"], info["user"]) == ("reset", "ada")
    async with server.client(await page.ticket()) as client:
        body = {"token": secret, "password": NEW, "name": "root"}
        answer = await Page(server).ask("POST", "/links/accept", body)
        assert answer.json["user"]["id"] == "ada"
        assert (await client.ended(within=1.0))[0] == Close.SESSION_REVOKED
    assert (await page.ask("GET", "/me")).status == 401
    assert (await Page(server).sign_in("ada", GOOD)).status == 401
    assert (await Page(server).sign_in("ada", NEW)).status == 200
    assert (await Page(server).ask("POST", "/links/accept", body)).code == "not_found"


# ── guests ─────────────────────────────────────────────────────────────────────────────


async def test_guests_come_in_with_a_name_where_they_may(server):
    answer = await Page(server).ask("POST", "/guests", {"display_name": "Zed"})
    assert (answer.status, answer.code) == (403, "forbidden")
    async with serve(demo=False, rate=0.0, guests=True) as open_server:
        page = Page(open_server)
        answer = await page.ask("POST", "/guests", {"display_name": " Zed "})
        assert answer.json["user"]["name"] == "Zed"
        assert answer.json["user"]["role"] == "guest"
        async with open_server.client(await page.ticket()) as client:
            with pytest.raises(Reject) as no:
                await client.ask("room:create", room="hall")
            assert no.value.code == "forbidden"
        assert (await page.ask("POST", "/tokens", {"name": "x"})).code == "forbidden"
        open_server.clock.turn(86_400)
        assert (await page.ask("GET", "/me")).status == 401


async def test_guests_of_one_address_are_bounded():
    async with serve(demo=False, rate=0.0, guests=True) as server:
        codes = [
            (await Page(server).ask("POST", "/guests", {"display_name": f"Zed {n}"})).code
            for n in range(7)
        ]
        assert codes == [None] * 5 + ["rate_limited"] * 2
        for name in ("", "\u202ezed", "system", "x" * 65):
            page = Page(server, address="127.0.0.9")
            code = "name_taken" if name == "system" else "bad_request"
            assert (await page.ask("POST", "/guests", {"display_name": name})).code == code
