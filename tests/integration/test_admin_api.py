"""The office of an admin over HTTP: what it does, and what connected people notice of it."""

import pytest
from tests.support.page import GOOD, Page, invited

from conclave.model import Role
from conclave.protocol.errors import Close, Code, Reject
from conclave.testing import serve

pytestmark = pytest.mark.usefixtures("cheap_passwords")


@pytest.fixture
async def server():
    async with serve(demo=False, rate=0.0) as server:
        yield server


@pytest.fixture
async def admin(server):
    return await invited(server, "root", Role.ADMIN)


async def said(page: Page, method: str, path: str, body: object = None, status: int = 200):
    answer = await page.ask(method, f"/admin{path}", body)
    assert answer.status == status, answer
    return answer.json if answer.content else None


async def lines(admin: Page, query: str = "") -> list[dict]:
    return (await said(admin, "GET", f"/audit{query}"))["lines"]


# ── people ─────────────────────────────────────────────────────────────────────────────


async def test_people_are_listed_page_by_page_and_searched(server, admin) -> None:
    for n in range(5):
        await server.token(f"user{n}")
    found, after = [], ""
    while True:
        page = await said(admin, "GET", f"/users?limit=2&after={after}")
        found += [one["id"] for one in page["users"]]
        if not page["more"]:
            break
        after = found[-1]
    assert found == ["root", *(f"user{n}" for n in range(5))]
    (one,) = (await said(admin, "GET", "/users?query=SER3"))["users"]
    assert (one["id"], one["active"], one["role"]) == ("user3", True, "user")
    assert (one["account"], one["second_factor"], one["tokens"]) == (True, False, 1)
    assert (await said(admin, "GET", "/users/root"))["sessions"] == 1


async def test_an_account_is_made_and_its_owner_chooses_the_password(server, admin) -> None:
    made = await said(admin, "POST", "/users", {"name": "Ada", "display_name": "Ada L."}, 201)
    assert (made["id"], made["display_name"], made["has_password"]) == ("ada", "Ada L.", False)
    token = (await said(admin, "POST", "/users/ada/reset", status=201))["token"]
    ada = Page(server)
    answer = await ada.ask("POST", "/links/accept", {"token": token, "password": GOOD})
    assert answer.status == 200
    assert (await ada.ask("GET", "/me")).json["user"]["name"] == "Ada L."
    again = await Page(server).ask("POST", "/links/accept", {"token": token, "password": GOOD})
    assert again.status == 404
    refused = await admin.ask("POST", "/admin/users", {"name": "ada"})
    assert (refused.status, refused.code) == (409, Code.NAME_TAKEN)


async def test_who_is_deactivated_is_out_at_once_everywhere(server, admin) -> None:
    ada = await invited(server, "ada")
    token = await server.token("ada")
    async with (
        server.client(await ada.ticket()) as first,
        server.client(token) as second,
        server.client(await admin.ticket()) as other,
    ):
        now = await said(admin, "PATCH", "/users/ada", {"active": False})
        assert now["active"] is False
        for client in (first, second):
            assert (await client.ended())[0] == Close.BANNED
        await other.ask("heartbeat", timestamp=1)
    assert (await ada.ask("GET", "/me")).status == 401
    assert (await Page(server).sign_in("ada", GOOD)).status == 401
    with pytest.raises(Reject):
        async with server.client(token):
            pass
    await said(admin, "PATCH", "/users/ada", {"active": True})
    assert (await Page(server).sign_in("ada", GOOD)).status == 200
    # What was revoked stays so.
    with pytest.raises(Reject):
        async with server.client(token):
            pass
    done = {(one["actor"], one["action"]) for one in await lines(admin, "?target=ada&action=user")}
    assert done == {
        ("root", "user.activated"),
        ("root", "user.deactivated"),
        ("ada", "user.created"),
    }


async def test_rooms_of_the_deactivated_get_another_owner_who_is_told(server, admin) -> None:
    ada, bob = await invited(server, "ada"), await server.token("bob")
    async with server.client(await ada.ticket()) as owner, server.client(bob) as member:
        await owner.ask("room:create", room="lab")
        await member.ask("join:room", room="lab")
        await said(admin, "PATCH", "/users/ada", {"active": False})
        told = await member.expect("entry", type="member:role")
        assert (told["member"], told["role"]) == ("bob", "owner")
    assert "bob" in (await said(admin, "GET", "/rooms/lab"))["owners"]


async def test_a_role_counts_at_once_on_open_sockets(server, admin) -> None:
    ada = await invited(server, "ada")
    async with server.client(await ada.ticket()) as client:
        assert (await ada.ask("GET", "/admin/users")).status == 403
        await client.ask("room:create", room="lab")
        await said(admin, "PATCH", "/users/ada", {"role": "admin"})
        assert (await ada.ask("GET", "/admin/users")).status == 200
        await said(admin, "PATCH", "/users/ada", {"role": "guest"})
        assert (await ada.ask("GET", "/admin/users")).status == 403
        with pytest.raises(Reject, match="forbidden"):
            await client.ask("room:create", room="lab2")


async def test_nobody_locks_themselves_or_the_last_admin_out(server, admin) -> None:
    for change in ({"role": "user"}, {"active": False}):
        refused = await admin.ask("PATCH", "/admin/users/root", change)
        assert (refused.status, refused.code) == (403, Code.FORBIDDEN)
    renamed = await said(admin, "PATCH", "/users/root", {"display_name": "Root Ä."})
    assert renamed["display_name"] == "Root Ä."


async def test_sessions_are_listed_ended_one_by_one_and_all(server, admin) -> None:
    phone, laptop = await invited(server, "ada"), Page(server)
    await laptop.sign_in("ada", GOOD)
    token = await server.token("ada")
    listed = (await said(admin, "GET", "/users/ada/sessions"))["sessions"]
    assert sorted(one["kind"] for one in listed) == ["session", "session", "token"]
    async with server.client(token) as client:
        (one,) = [one["id"] for one in listed if one["kind"] == "token"]
        await said(admin, "DELETE", f"/users/ada/sessions/{one}", status=204)
        assert (await client.ended())[0] == Close.SESSION_REVOKED
    assert (await phone.ask("GET", "/me")).status == 200
    assert (await said(admin, "DELETE", "/users/ada/sessions"))["revoked"] == 2
    for page in (phone, laptop):
        assert (await page.ask("GET", "/me")).status == 401
    assert (await admin.ask("GET", "/me")).status == 200
    refused = await admin.ask("DELETE", f"/admin/users/ada/sessions/{one}")
    assert (refused.status, refused.code) == (404, Code.NOT_FOUND)


async def test_what_cannot_be_is_a_problem_with_a_code(server, admin) -> None:
    for method, path, body, code in (
        ("GET", "/users/nobody", None, Code.NO_SUCH_USER),
        ("PATCH", "/users/nobody", {"active": False}, Code.NO_SUCH_USER),
        ("PATCH", "/users/root", {"role": "king"}, Code.BAD_REQUEST),
        ("POST", "/users", {"name": "с@"}, Code.BAD_REQUEST),
        ("GET", "/users?limit=0", None, Code.BAD_REQUEST),
        ("GET", "/audit?before=-1", None, Code.BAD_REQUEST),
        ("GET", "/audit?before=9007199254740993", None, Code.BAD_REQUEST),
        ("DELETE", "/links/nothing", None, Code.NOT_FOUND),
        ("DELETE", "/users/root/factors", None, Code.FORBIDDEN),
        ("GET", "/rooms/nowhere", None, Code.NO_SUCH_ROOM),
        ("DELETE", "/rooms/nowhere", None, Code.NO_SUCH_ROOM),
        ("POST", "/reports/nothing/close", {"outcome": "resolved"}, Code.NOT_FOUND),
        ("POST", "/links", {"role": "admin", "uses": 5}, Code.BAD_REQUEST),
    ):
        answer = await admin.ask(method, f"/admin{path}", body)
        assert (answer.code, answer.status >= 400) == (code, True), (method, path, answer)
        assert answer.values("content-type") == ["application/problem+json"]


# ── links ──────────────────────────────────────────────────────────────────────────────


async def test_an_invitation_lets_somebody_in_and_is_listed_without_its_secret(
    server, admin
) -> None:
    wanted = {"name": "team", "role": "user", "uses": 2, "days": 3}
    token = (await said(admin, "POST", "/links", wanted, 201))["token"]
    for name in ("ada", "bob"):
        body = {"token": token, "name": name, "password": GOOD}
        assert (await Page(server).ask("POST", "/links/accept", body)).status == 200
        listed = await admin.ask("GET", "/admin/links")
        assert token.encode() not in listed.content
    assert listed.json["links"] == []
    body = {"token": token, "name": "cid", "password": GOOD}
    assert (await Page(server).ask("POST", "/links/accept", body)).status == 404
    await said(admin, "POST", "/links", wanted, 201)
    (link,) = (await said(admin, "GET", "/links"))["links"]
    assert (link["kind"], link["name"], link["uses_left"], link["created_by"]) == (
        "invite",
        "team",
        2,
        "root",
    )
    await said(admin, "DELETE", f"/links/{link['id']}", status=204)
    assert (await said(admin, "GET", "/links"))["links"] == []


# ── rooms and reports ──────────────────────────────────────────────────────────────────


async def test_rooms_are_listed_without_what_is_said_and_governed(server, admin) -> None:
    ada = await invited(server, "ada")
    async with server.client(await ada.ticket()) as client:
        await client.ask("room:create", room="a/b ü", kind="private", title="Plans")
        await client.ask("join:room", room="a/b ü")
        await client.ask("chat", room="a/b ü", text="the secret plan")
        listed = await admin.ask("GET", "/admin/rooms?query=plans")
        (room,) = listed.json["rooms"]
        assert (room["room"], room["kind"], room["members"]) == ("a/b ü", "private", 1)
        assert (room["owners"], room["messages"], room["archived"]) == (["ada"], 1, False)
        assert b"secret plan" not in listed.content
        path = "/rooms/a%2Fb%20%C3%BC"
        assert (await said(admin, "PATCH", path, {"archived": True}))["archived"]
        with pytest.raises(Reject, match="archived"):
            await client.ask("chat", room="a/b ü", text="again")
        assert not (await said(admin, "PATCH", path, {"archived": False}))["archived"]
        await client.ask("chat", room="a/b ü", text="again")
        await said(admin, "DELETE", path, status=204)
        gone = await client.expect("room:gone")
        assert (gone["room"], gone["reason"]) == ("a/b ü", "deleted")
    assert (await said(admin, "GET", "/rooms"))["rooms"] == []
    assert [one["action"] for one in await lines(admin, "?action=room")][:3] == [
        "room.deleted",
        "room.unarchived",
        "room.archived",
    ]


async def test_a_member_is_made_an_owner_and_nobody_else(server, admin) -> None:
    ada, bob = await invited(server, "ada"), await server.token("bob")
    async with server.client(await ada.ticket()) as owner, server.client(bob) as member:
        await owner.ask("room:create", room="lab")
        await member.ask("join:room", room="lab")
        body = {"room": "lab", "user": "bob"}
        assert (await said(admin, "POST", "/owners", body))["owners"] == ["ada", "bob"]
        refused = await admin.ask("POST", "/admin/owners", {"room": "lab", "user": "root"})
        assert (refused.status, refused.code) == (404, Code.NO_SUCH_USER)


async def test_reports_show_what_was_said_and_are_closed(server, admin) -> None:
    ada, bob = await invited(server, "ada"), await server.token("bob")
    async with server.client(await ada.ticket()) as owner, server.client(bob) as member:
        await owner.ask("room:create", room="lab")
        await member.ask("join:room", room="lab")
        sent = await member.ask("chat", room="lab", text="buy pills")
        await owner.ask("message:report", room="lab", target=sent["seq"], reason="spam")
    (report,) = (await said(admin, "GET", "/reports"))["reports"]
    assert (report["room"], report["author"], report["text"]) == ("lab", "bob", "buy pills")
    path = f"/reports/{report['id']}/close"
    await said(admin, "POST", path, {"outcome": "resolved"}, 204)
    await said(admin, "POST", path, {"outcome": "resolved"}, 204)
    assert (await said(admin, "GET", "/reports"))["reports"] == []
    (closed,) = (await said(admin, "GET", "/reports?closed=true"))["reports"]
    assert (closed["closed_by"], closed["outcome"]) == ("root", "resolved")
    log = await admin.ask("GET", "/admin/audit?limit=200")
    assert [one["action"] for one in log.json["lines"]].count("report.closed") == 1
    # The report shows it; the log must not.
    assert b"buy pills" not in log.content


# ── the log and the server ─────────────────────────────────────────────────────────────


async def test_the_log_has_pages_by_number(server, admin) -> None:
    for n in range(5):
        await said(admin, "PATCH", "/users/root", {"display_name": f"Root {n}"})
    first = await said(admin, "GET", "/audit?limit=3&actor=root&action=user.renamed")
    assert [one["details"]["name"] for one in first["lines"]] == ["Root 4", "Root 3", "Root 2"]
    assert first["more"]
    before = first["lines"][-1]["id"]
    rest = await said(
        admin, "GET", f"/audit?limit=3&actor=root&action=user.renamed&before={before}"
    )
    assert [one["details"]["name"] for one in rest["lines"]] == ["Root 1", "Root 0"]
    assert not rest["more"]
    assert {one["address"] for one in rest["lines"]} == {"127.0.0.1"}


async def test_the_server_says_how_it_is_doing(server, admin) -> None:
    async with server.client(await admin.ticket()):
        facts = await said(admin, "GET", "/server")
    assert (facts["connections"], facts["people_online"], facts["users"]) == (1, 1, 1)
    assert facts["problems"] == []
    assert facts["database_bytes"] > 0
    assert facts["limits"]["max_connections"] == 10_000


# ── who may ────────────────────────────────────────────────────────────────────────────

ROUTES = [
    ("GET", "/users", None),
    ("POST", "/users", {"name": "eve"}),
    ("GET", "/users/root", None),
    ("PATCH", "/users/root", {"active": False}),
    ("POST", "/users/root/reset", None),
    ("GET", "/users/root/sessions", None),
    ("DELETE", "/users/root/sessions", None),
    ("DELETE", "/users/root/factors", None),
    ("GET", "/links", None),
    ("POST", "/links", {"role": "admin"}),
    ("GET", "/rooms", None),
    ("PATCH", "/rooms/lab", {"archived": True}),
    ("DELETE", "/rooms/lab", None),
    ("POST", "/owners", {"room": "lab", "user": "root"}),
    ("GET", "/reports", None),
    ("GET", "/audit", None),
    ("GET", "/server", None),
]


@pytest.mark.parametrize("role", [None, Role.USER, Role.GUEST, Role.BOT])
async def test_nobody_but_admins_comes_into_the_office(server, admin, role) -> None:
    page = Page(server) if role is None else await invited(server, "mallory", role)
    for method, path, body in ROUTES:
        answer = await page.ask(method, f"/admin{path}", body)
        wanted = (401, Code.AUTH_REQUIRED) if role is None else (403, Code.FORBIDDEN)
        assert (answer.status, answer.code) == wanted, (method, path)
    assert (await admin.ask("GET", "/me")).status == 200


async def test_a_token_of_an_admin_for_other_things_is_not_good_here(server, admin) -> None:
    made = await admin.ask("POST", "/tokens", {"name": "bot", "scopes": ["read", "write"]})
    program = Page(server, browser=False)
    headers = {"authorization": f"Bearer {made.json['token']}"}
    answer = await program.ask("GET", "/admin/users", **headers)
    assert (answer.status, answer.code) == (403, Code.FORBIDDEN)
    made = await admin.ask("POST", "/tokens", {"name": "tool", "scopes": ["admin"]})
    headers = {"authorization": f"Bearer {made.json['token']}"}
    assert (await program.ask("GET", "/admin/users", **headers)).status == 200
