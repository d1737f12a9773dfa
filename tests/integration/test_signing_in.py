"""Coming in over HTTP as a page does it: the cookie, what protects it, the ticket, the end."""

import json

import pytest
from tests.support.page import GOOD, Page, invited

from conclave.model import Role
from conclave.protocol.errors import Close, Reject
from conclave.testing import serve

DAY_S = 86_400.0


pytestmark = pytest.mark.usefixtures("cheap_passwords")


@pytest.fixture
async def server():
    async with serve(demo=False, rate=0.0) as server:
        yield server


async def test_an_invitation_leads_to_a_session_a_ticket_and_a_socket(server):
    page = await invited(server, "ada")
    me = (await page.ask("GET", "/me")).json
    assert me["user"] == {"id": "ada", "name": "ada", "role": "user"}
    assert me["csrf"] == page.csrf
    assert (me["scopes"], me["must"], me["has_password"]) == (None, [], True)
    async with server.client(await page.ticket()) as client:
        await client.ask("join:room", room="hall")


async def test_a_password_opens_a_session_in_a_cookie_that_no_script_reads(server):
    await invited(server, "ada")
    page = Page(server)
    answer = await page.sign_in("ADA", GOOD)
    assert answer.status == 200
    assert answer.json["user"]["id"] == "ada"
    assert "session" not in answer.content.decode()
    session, device = answer.values("set-cookie")
    for line, name in ((session, "conclave-session"), (device, "conclave-device")):
        parts = {part.strip().lower() for part in line.split(";")}
        assert line.startswith(f"{name}=")
        assert {"httponly", "samesite=strict", "path=/"} <= parts
        assert not {part for part in parts if part.startswith("domain") or part == "secure"}
    assert "max-age=2592000" in session.lower() or "max-age=2591999" in session.lower()
    assert answer.values("cache-control") == ["no-store"]


async def test_where_tls_is_spoken_the_cookies_are_secure_and_of_this_host_alone():
    async with serve(demo=False, public_url=("https://127.0.0.1",)) as server:
        page = Page(server)
        page.origin = "https://127.0.0.1"
        await invited(server, "ada")
        answer = await page.sign_in("ada", GOOD)
        for line in answer.values("set-cookie"):
            assert line.startswith("__Host-conclave-")
            assert "secure" in line.lower().split("; ")
        assert (await page.ask("GET", "/me")).status == 200


async def test_nobody_learns_who_exists(server):
    await invited(server, "ada")
    await invited(server, "eve")
    await server.node.store.people.change("eve", active=False)
    answers = [
        await Page(server).sign_in(name, password)
        for name, password in [
            ("ada", "not the password"),
            ("nobody", "not the password"),
            ("eve", GOOD),
            ("eve", "not the password"),
            ("system", GOOD),
            ("", GOOD),
            ("ada\u0000", GOOD),
            ("ada", ""),
        ]
    ]
    assert {answer.status for answer in answers} == {401}
    assert len({answer.content for answer in answers}) == 1
    assert not [answer for answer in answers if answer.values("set-cookie")]
    assert answers[0].json["code"] == "auth_failed"


async def test_a_session_counts_only_from_a_page_of_this_server_that_sends_its_token(server):
    page = await invited(server, "ada")
    other = await invited(server, "bob")
    refused = [
        await page.ask("POST", "/tickets", x_csrf_token=None),
        await page.ask("POST", "/tickets", x_csrf_token=""),
        await page.ask("POST", "/tickets", x_csrf_token="x" * 43),
        await page.ask("POST", "/tickets", x_csrf_token=other.csrf),
        await page.ask("POST", "/tickets", origin=None),
        await page.ask("POST", "/tickets", origin="null"),
        await page.ask("POST", "/tickets", origin="https://evil.example"),
        await page.ask("POST", "/tickets", origin=f"http://127.0.0.1:{server.port}.evil.org"),
        await page.ask("POST", "/tickets", sec_fetch_site="cross-site"),
        await page.ask("GET", "/me", origin="https://evil.example"),
        await page.ask("GET", "/me", sec_fetch_site="same-site"),
        await page.ask("DELETE", "/sessions", x_csrf_token=None),
    ]
    assert [(one.status, one.code) for one in refused] == [(403, "forbidden")] * len(refused)
    assert (await page.ask("POST", "/tickets", sec_fetch_site="same-origin")).status == 200


async def test_a_foreign_page_cannot_sign_anybody_in(server):
    """Else it would be the attacker's account that the victim writes from."""
    await invited(server, "ada")
    body = {"name": "ada", "password": GOOD}
    for headers in ({"origin": "https://evil.example"}, {"sec_fetch_site": "cross-site"}):
        answer = await Page(server).ask("POST", "/sessions", body, **headers)
        assert (answer.status, answer.code) == (403, "forbidden")
        assert not answer.values("set-cookie")
    assert (await Page(server, browser=False).sign_in("ada", GOOD)).status == 200


async def test_no_page_of_another_origin_may_read_an_answer(server):
    page = await invited(server, "ada")
    for answer in (
        await page.ask("GET", "/me", origin="https://evil.example"),
        await page.ask("OPTIONS", "/me", origin="https://evil.example"),
    ):
        assert not [name for name, _ in answer.headers if name.startswith("access-control")]


@pytest.mark.parametrize(
    "cookie",
    ["", "x", "cvs_" + "x" * 43, "cvt_" + "x" * 43, "cvs_é", "cvs_" + "x" * 4_000, "a; b=c"],
)
async def test_a_cookie_that_is_no_session_lets_nobody_in(server, cookie):
    page = Page(server)
    answer = await page.ask("GET", "/me", cookie=f"conclave-session={cookie}")
    assert answer.status == 401
    assert answer.code in ("auth_failed", "auth_required")


async def test_signing_out_ends_the_session_its_tickets_and_its_sockets(server):
    page, elsewhere = await invited(server, "ada"), Page(server)
    await elsewhere.sign_in("ada", GOOD)
    unused = await page.ticket()
    cookies = dict(page.cookies)
    async with (
        server.client(await page.ticket()) as client,
        server.client(await elsewhere.ticket()) as other,
    ):
        answer = await page.ask("DELETE", "/sessions/current")
        assert answer.status == 204
        assert (await client.ended())[0] == Close.SESSION_REVOKED
        await other.ask("join:room", room="hall")
    assert "conclave-session" not in page.cookies
    page.cookies = cookies
    assert (await page.ask("GET", "/me")).status == 401
    with pytest.raises(Reject):
        async with server.client(unused):
            pass


async def test_a_session_ends_after_its_days(server):
    page = await invited(server, "ada")
    server.clock.turn(30 * DAY_S - 5)
    assert (await page.ask("GET", "/me")).status == 200
    server.clock.turn(5)
    assert (await page.ask("GET", "/me")).code == "auth_failed"


async def test_the_cookie_ends_with_the_session():
    async with serve(demo=False, session_days=7) as server:
        await invited(server, "ada")
        answer = await Page(server).sign_in("ada", GOOD)
        assert "max-age=6047" in answer.values("set-cookie")[0].lower() + "max-age=6048"
        assert abs(answer.json["expires_at"] - server.clock.wall() - 7 * DAY_S * 1000) < 60_000


async def test_a_ticket_is_good_once_at_one_address_and_for_sockets_alone(server):
    page = await invited(server, "ada")
    ticket = await page.ticket()
    program = Page(server, browser=False)
    answer = await program.ask("GET", "/me", authorization=f"Bearer {ticket}")
    assert (answer.status, answer.code) == (401, "auth_failed")
    async with server.client(ticket):
        pass
    elsewhere = await invited(server, "bob", address="127.0.0.2")
    late = await page.ticket()
    server.clock.turn(31)
    for bad in (ticket, await elsewhere.ticket(), late):
        with pytest.raises(Reject) as no:
            async with server.client(bad):
                pass
        assert no.value.code == "auth_failed"


async def test_refusals_are_problem_details_with_the_codes_of_the_socket(server):
    answer = await Page(server).sign_in("ada", "not the password")
    assert answer.values("content-type")[0].startswith("application/problem+json")
    assert answer.values("www-authenticate") == ["Bearer"]
    assert answer.json == {
        "title": "Unauthorized",
        "status": 401,
        "detail": "The name or the password is wrong",
        "code": "auth_failed",
        "retryable": False,
    }
    page = Page(server)
    for _ in range(5):
        await page.sign_in("ada", "not the password")
    answer = await page.sign_in("ada", "not the password")
    assert (answer.status, answer.code) == (429, "rate_limited")
    assert answer.json["retryable"] is True
    assert 0 < answer.json["retry_after_ms"] <= 60_000
    assert answer.values("retry-after") == [str(-(-answer.json["retry_after_ms"] // 1000))]


HOSTILE = {
    "no JSON": b"{",
    "not an object": b"[]",
    "null": b"null",
    "wrong type": b'{"name": 1, "password": "x"}',
    "missing field": b'{"name": "ada"}',
    "NaN": b'{"name": "ada", "password": NaN}',
    "not UTF-8": b'{"name": "\xff", "password": "x"}',
    "a lone surrogate": b'{"name": "\\ud800", "password": "x"}',
    "deep": b'{"name": ' + b"[" * 20_000 + b"]" * 20_000 + b"}",
    "a long name": json.dumps({"name": "x" * 65, "password": "x"}).encode(),
    "a long password": json.dumps({"name": "ada", "password": "x" * 1_025}).encode(),
    "empty": b"",
}


@pytest.mark.parametrize("name", HOSTILE)
async def test_a_body_of_another_shape_is_refused_and_not_quoted(server, logs, name):
    answer = await Page(server).ask(
        "POST", "/sessions", raw=HOSTILE[name], content_type="application/json"
    )
    assert (answer.status, answer.code) == (400, "bad_request"), answer
    assert answer.json["detail"] == "Invalid message format"
    assert not [line for line in logs if line["log_level"] == "error"]


async def test_a_body_that_is_too_large_is_refused(server):
    body = json.dumps({"name": "ada", "password": "x", "more": "x" * 70_000}).encode()
    assert (await Page(server).ask("POST", "/sessions", raw=body)).status == 413


async def test_what_is_not_there_is_said_in_the_same_form(server):
    page = await invited(server, "ada")
    answer = await page.ask("GET", "/nowhere")
    assert (answer.status, answer.code) == (404, "not_found")
    answer = await page.ask("PUT", "/me", {})
    assert answer.status == 405
    assert answer.code == "bad_request"


async def test_who_is_not_signed_in_is_told_so_everywhere(server):
    for method, path in [
        ("GET", "/me"),
        ("POST", "/tickets"),
        ("GET", "/sessions"),
        ("DELETE", "/sessions"),
        ("DELETE", "/sessions/current"),
        ("DELETE", "/sessions/x"),
        ("GET", "/tokens"),
        ("POST", "/tokens"),
        ("GET", "/me/passkeys"),
        ("PUT", "/me/password"),
        ("POST", "/me/totp"),
    ]:
        answer = await Page(server).ask(method, path)
        assert (method, path, answer.status, answer.code) == (method, path, 401, "auth_required")


async def test_a_role_that_changes_counts_at_once(server):
    page = await invited(server, "ada")
    await server.node.store.people.change("ada", role=Role.ADMIN)
    assert (await page.ask("GET", "/me")).json["user"]["role"] == "admin"


async def test_names_are_ascii_taken_once_and_say_so(server):
    await invited(server, "ada")
    from conclave.auth.links import make_link
    from conclave.model import LinkKind

    secret, _ = await make_link(server.node.accounts, LinkKind.INVITE, created_by="root")
    for name, code in [
        ("ADA", "name_taken"),
        ("\u0430da", "bad_request"),
        ("ad\u200ba", "bad_request"),
        ("a", "bad_request"),
        ("system", "name_taken"),
        ("\uff41da", "bad_request"),
        ("ada ", "bad_request"),
        ("../ada", "bad_request"),
    ]:
        body = {"token": secret, "name": name, "password": GOOD}
        assert (name, (await Page(server).ask("POST", "/links/accept", body)).code) == (name, code)
    body = {"token": secret, "name": "Bob", "display_name": "Bob Ó", "password": GOOD}
    answer = await Page(server).ask("POST", "/links/accept", body)
    assert answer.json["user"] == {"id": "bob", "name": "Bob Ó", "role": "user"}
