"""
Signing in by the certified `oidc-provider`, and what somebody who wants more may try there.

One process of it serves all of these tests; each has a server of its own.
"""

from contextlib import asynccontextmanager

import pytest
from tests.support.oidc_provider import Visitor, begin, come_in, oidc_provider
from tests.support.page import GOOD, Page, invited
from tests.support.ports import free_port

from conclave.model import AuditQuery, Role
from conclave.protocol.errors import Close
from conclave.testing import serve

pytestmark = pytest.mark.usefixtures("cheap_passwords")
FAILED = (401, "auth_failed")


@pytest.fixture(scope="module")
def provider():
    with oidc_provider() as provider:
        yield provider


@pytest.fixture
def house(provider, tmp_path):
    """A server that `provider` vouches for people at; more keys may be given."""

    @asynccontextmanager
    async def serving(**keys):
        # The provider knows the address that it sends people back to, before anybody serves.
        port = free_port()
        file = provider.write(tmp_path, **keys)
        await provider.serve(f"http://127.0.0.1:{port}")
        async with serve(demo=False, rate=0.0, port=port, oidc=(str(file),)) as server:
            yield server

    return serving


def outcome(answer):
    return answer.status, answer.code


async def brought_by(page, login, id_="house"):
    async with Visitor() as visitor:
        return await visitor.go(await begin(page, id_), login)


async def finish(page, brought, id_="house"):
    return await page.ask("POST", f"/oidc/{id_}/finish", brought)


async def notes(server, action):
    found = await server.node.audit_log.lines(AuditQuery(action=action))
    return [dict(line.details) for line in found]


async def test_who_is_vouched_for_gets_an_account_a_session_and_a_socket(house):
    async with house(accounts="create") as server:
        page = Page(server)
        answer = await come_in(page, "u-ada")
        assert answer.status == 200, answer
        assert answer.json["user"] == {"id": "ada", "name": "Ada Lovelace", "role": "user"}
        assert "conclave-oidc" not in page.cookies
        for line in answer.values("set-cookie"):
            assert {"httponly", "samesite=strict"} <= set(line.lower().split("; "))
        (device,) = (await page.ask("GET", "/sessions")).json["sessions"]
        assert device["current"]
        async with server.client(await page.ticket()) as client:
            await client.ask("room:list", scope="public")
        # The next time it is the same account, whatever it is called there by then.
        again = await come_in(Page(server), "u-ada")
        assert again.json["user"]["id"] == "ada"
        assert (await page.ask("DELETE", "/sessions/current")).status == 204
        assert outcome(await page.ask("GET", "/me")) == (401, "auth_required")


async def test_what_another_browser_has_begun_lets_nobody_in(house):
    """Login CSRF: the attacker's code, or the attacker's own sign-in, in the victim's browser."""
    async with house(accounts="create") as server:
        attacker, victim = Page(server), Page(server)
        brought = await brought_by(attacker, "u-eve")
        assert outcome(await finish(victim, brought)) == FAILED
        await begin(victim)
        assert outcome(await finish(victim, brought)) == FAILED
        # With the victim's own state, but the attacker's code: its verifier is another's.
        own = await brought_by(victim, "u-ada")
        assert outcome(await finish(victim, own | {"code": brought["code"]})) == FAILED
        assert "conclave-session" not in victim.cookies


async def test_nothing_is_good_twice_and_nothing_but_what_was_begun(house):
    async with house(accounts="create") as server:
        page = Page(server)
        brought = await brought_by(page, "u-ada")
        kept = dict(page.cookies)
        for wrong in (
            {"state": ""},
            {"state": "x" * 43},
            {"state": "\ud800"},
            {"code": ""},
            {"error": "access_denied"},
        ):
            page.cookies = dict(kept)
            tampered = {**brought, **wrong}
            refused = await finish(page, tampered)
            assert refused.status in (400, 401), (wrong, refused)
            assert "conclave-session" not in page.cookies
            # Each of them that had the right state has used it up.
            brought = await brought_by(page, "u-ada")
            kept = dict(page.cookies)
        assert (await finish(page, brought)).status == 200
        page.cookies = dict(kept)
        assert outcome(await finish(page, brought)) == FAILED


async def test_what_another_provider_sends_is_refused(house):
    """Mix-up (RFC 9207): the answer says who it is from, and each has an address of its own."""
    async with house(accounts="create") as server:
        for wrong in ({"iss": "https://evil.example"}, {"iss": ""}, {"iss": None}):
            page = Page(server)
            brought = await brought_by(page, "u-ada")
            assert brought["iss"]
            assert outcome(await finish(page, brought | wrong)) == FAILED
        page = Page(server)
        brought = await brought_by(page, "u-ada")
        assert outcome(await finish(page, brought, "other")) == (404, "not_found")


async def test_nobody_is_sent_anywhere_but_back_to_this_server(house, provider):
    async with house() as server:
        url = await begin(Page(server))
        assert url.startswith(f"{provider.issuer}/auth?")
        assert f"127.0.0.1%3A{server.port}%2Foidc%2Fhouse%2Fcallback" in url
        assert "code_challenge_method=S256" in url
        assert "nonce=" in url
        for origin in ("https://evil.example", "null", f"http://127.0.0.1:{server.port}.evil.org"):
            page = Page(server)
            refused = await page.ask("POST", "/oidc/house/begin", origin=origin)
            assert outcome(refused) == (403, "forbidden")
        without = await Page(server).ask("POST", "/oidc/house/begin", origin=None)
        assert outcome(without) == (400, "bad_request")


async def test_an_account_is_entered_by_no_name_and_no_address(house):
    """Account linking: bob and eve say that they are called, or written to, as ada is."""
    async with house(accounts="create") as server:
        await invited(server, "ada")
        for login, id_ in (("u-bob", "ada-2"), ("u-eve", "eve"), ("u-ada", "ada-3")):
            page = Page(server)
            answer = await come_in(page, login)
            assert answer.json["user"]["id"] == id_


async def test_who_has_no_linked_account_does_not_come_in_unless_they_get_one(house):
    async with house() as server:
        await invited(server, "ada")
        assert outcome(await come_in(Page(server), "u-ada")) == FAILED
        (note,) = await notes(server, "session.failed")
        assert note == {"how": "oidc house", "why": "no account is linked with them"}


async def test_whoever_is_signed_in_links_their_account_and_takes_it_back(house):
    async with house() as server:
        ada = await invited(server, "ada")
        async with Visitor() as visitor:
            there = await ada.ask("POST", "/oidc/house/link")
            brought = await visitor.go(there.json["url"], "u-bob")
        assert outcome(await finish(ada, brought)) == FAILED
        async with Visitor() as visitor:
            there = await ada.ask("POST", "/oidc/house/link")
            brought = await visitor.go(there.json["url"], "u-bob")
        assert (await ada.ask("POST", "/oidc/house/link/finish", brought)).status == 204
        (known,) = (await ada.ask("GET", "/oidc")).json["providers"]
        assert known["linked_at"]
        assert (await come_in(Page(server), "u-bob")).json["user"]["id"] == "ada"
        assert (await ada.ask("DELETE", "/oidc/house/link")).status == 204
        assert outcome(await come_in(Page(server), "u-bob")) == FAILED
        assert await notes(server, "identity.linked") == [{"how": "oidc house"}]


async def test_nobody_links_what_somebody_else_has_begun(house):
    """The attacker's identity on the victim's account, or the victim's on the attacker's."""
    async with house() as server:
        ada, eve = await invited(server, "ada"), await invited(server, "eve")
        async with Visitor() as visitor:
            there = await eve.ask("POST", "/oidc/house/link")
            brought = await visitor.go(there.json["url"], "u-eve")
        link = "/oidc/house/link/finish"
        assert outcome(await ada.ask("POST", link, brought)) == FAILED
        ada.cookies["conclave-oidc"] = eve.cookies["conclave-oidc"]
        assert outcome(await ada.ask("POST", link, brought)) == FAILED
        # What was begun to come in links nothing.
        signing_in = await brought_by(ada, "u-eve")
        assert outcome(await ada.ask("POST", link, signing_in)) == FAILED
        assert outcome(await ada.ask("POST", link, brought, x_csrf_token=None)) == (
            403,
            "forbidden",
        )
        assert (await ada.ask("GET", "/oidc")).json["providers"][0]["linked_at"] is None


@pytest.mark.slow
async def test_one_identity_enters_one_account_and_one_account_has_one_of_a_provider(house):
    async with house() as server:
        ada, eve = await invited(server, "ada"), await invited(server, "eve")
        for page, login, expected in (
            (ada, "u-ada", 204),
            (eve, "u-ada", 403),
            (ada, "u-bob", 403),
            (eve, "u-eve", 204),
        ):
            async with Visitor() as visitor:
                there = await page.ask("POST", "/oidc/house/link")
                brought = await visitor.go(there.json["url"], login)
            answer = await page.ask("POST", "/oidc/house/link/finish", brought)
            assert answer.status == expected, answer


@pytest.mark.slow
async def test_linking_asks_for_the_password_once_the_session_is_old(house):
    async with house() as server:
        ada = await invited(server, "ada")
        await server.turn(700)
        refused = await ada.ask("POST", "/oidc/house/link")
        assert outcome(refused) == (403, "password_required")
        await ada.ask("POST", "/me/confirm", {"password": GOOD})
        assert (await ada.ask("POST", "/oidc/house/link")).status == 200


@pytest.mark.slow
async def test_the_last_way_in_cannot_be_taken_away(house):
    async with house(accounts="create") as server:
        page = Page(server)
        await come_in(page, "u-ada")
        assert outcome(await page.ask("DELETE", "/oidc/house/link")) == (403, "forbidden")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("keys", "let_in"),
    [
        ({"allowed_domains": ["example.org"]}, {"u-ada"}),
        ({"allowed_domains": ["example.org", "example.com"]}, {"u-ada", "u-bob"}),
        ({"allowed_groups": ["others"]}, {"u-eve"}),
        ({"allowed_groups": ["staff", "others"], "allowed_domains": ["example.org"]}, {"u-ada"}),
        ({"allowed_groups": ["staff"], "groups_claim": "name"}, set()),
    ],
)
async def test_the_operator_says_who_comes_in(house, keys, let_in):
    """eve's address is not verified, so that it is of no domain."""
    async with house(accounts="create", **keys) as server:
        for login in ("u-ada", "u-eve", "u-bob"):
            answer = await come_in(Page(server), login)
            assert (answer.status == 200) == (login in let_in), answer


@pytest.mark.slow
async def test_names_count_where_the_operator_says_so_but_never_an_admins(house):
    async with house(link_by_name=True) as server:
        await invited(server, "ada")
        await invited(server, "eve", Role.ADMIN)
        assert (await come_in(Page(server), "u-ada")).json["user"]["id"] == "ada"
        assert outcome(await come_in(Page(server), "u-eve")) == FAILED
        # bob is called ada there, too: the account has somebody of this provider by now.
        assert outcome(await come_in(Page(server), "u-bob")) == FAILED


@pytest.mark.slow
async def test_by_an_address_that_is_not_verified_no_account_is_entered(house):
    keys = {"link_by_name": True, "name_claim": "email", "allowed_domains": ["example.org"]}
    async with house(**keys) as server:
        await invited(server, "ada")
        assert outcome(await come_in(Page(server), "u-eve")) == FAILED
        assert (await come_in(Page(server), "u-ada")).json["user"]["id"] == "ada"


@pytest.mark.slow
async def test_who_is_in_the_group_of_admins_is_one_and_is_none_any_more(house, provider):
    async with house(accounts="create", admin_group="chiefs") as server:
        page = Page(server)
        assert (await come_in(page, "u-ada")).json["user"]["role"] == "admin"
        assert (await page.ask("GET", "/admin/users")).status == 200
        left = {"u-ada": {"preferred_username": "ada", "groups": []}}
        # The last admin is not made a user in passing: nobody comes in instead.
        await provider.serve(f"http://127.0.0.1:{server.port}", people=left)
        assert outcome(await come_in(Page(server), "u-ada")) == FAILED
        await invited(server, "root", Role.ADMIN)
        await provider.serve(f"http://127.0.0.1:{server.port}", people=left)
        assert (await come_in(Page(server), "u-ada")).json["user"]["role"] == "user"
        # The old session is no admin's any more either.
        assert outcome(await page.ask("GET", "/admin/users")) == (403, "forbidden")


@pytest.mark.slow
async def test_an_account_that_its_owner_has_linked_keeps_its_role(house):
    async with house(admin_group="nobody") as server:
        ada = await invited(server, "ada", Role.ADMIN)
        async with Visitor() as visitor:
            there = await ada.ask("POST", "/oidc/house/link")
            brought = await visitor.go(there.json["url"], "u-ada")
        await ada.ask("POST", "/oidc/house/link/finish", brought)
        assert (await come_in(Page(server), "u-ada")).json["user"]["role"] == "admin"


async def test_a_second_factor_that_is_kept_here_is_asked_for_here(house):
    async with house(accounts="create") as server:
        page = Page(server)
        await come_in(page, "u-ada")
        begun = (await page.ask("POST", "/me/totp", {})).json
        code = totp_of(begun["secret"])
        assert (await page.ask("POST", "/me/totp/confirm", {"code": code})).status == 200
        other = Page(server)
        answer = await come_in(other, "u-ada")
        assert answer.json["methods"] == ["totp", "recovery"]
        assert "conclave-session" not in other.cookies


def totp_of(secret):
    import pyotp

    return pyotp.TOTP(secret).now()


async def test_a_deactivated_account_is_entered_by_no_provider(house):
    async with house(accounts="create") as server:
        await come_in(Page(server), "u-ada")
        await server.node.store.people.change("ada", active=False)
        assert outcome(await come_in(Page(server), "u-ada")) == FAILED


async def test_the_provider_ends_the_sessions_that_it_has_opened(house, provider):
    """Back-channel logout: sockets close within a second, and what it names alone is ended."""
    async with house(accounts="create") as server:
        page, other = Page(server), Page(server)
        async with Visitor() as visitor:
            brought = await visitor.go(await begin(page), "u-ada")
            assert (await finish(page, brought)).status == 200
            await come_in(other, "u-ada")
            async with server.client(await page.ticket()) as client:
                await visitor.leave(provider.issuer)
                code, _ = await client.ended()
                assert code == Close.SESSION_REVOKED
        assert outcome(await page.ask("GET", "/me")) == (401, "auth_failed")
        assert (await other.ask("GET", "/me")).status == 200


async def test_nobody_but_the_provider_ends_a_session_from_outside(house):
    async with house(accounts="create") as server:
        page = Page(server)
        await come_in(page, "u-ada")
        # What a stranger sends in another shape is no failure of ours.
        part = (
            b'Content-Disposition: form-data; name="logout_token"\r\nContent-Type: a/b; charset=no'
        )
        parts = b"--a\r\n" + part + b"\r\n\r\nx\r\n--a--"
        kind = "multipart/form-data; boundary=a"
        no = await page.ask("POST", "/oidc/house/logout", raw=parts, content_type=kind)
        assert no.code == "bad_request"
        for token in ("", "x", "e30.e30.e30", "logout_token"):
            answer = await Page(server, browser=False).ask(
                "POST",
                "/oidc/house/logout",
                raw=f"logout_token={token}".encode(),
                content_type="application/x-www-form-urlencoded",
            )
            assert outcome(answer) == (400, "bad_request")
        assert (await page.ask("GET", "/me")).status == 200


@pytest.mark.slow
async def test_signing_out_here_leads_to_signing_out_there_where_that_is_wanted(house, provider):
    async with house(accounts="create", sign_out_there=True) as server:
        page = Page(server)
        await come_in(page, "u-ada")
        answer = await page.ask("DELETE", "/sessions/current")
        assert answer.status == 200
        url = answer.json["url"]
        assert url.startswith(f"{provider.issuer}/session/end?client_id=conclave&")
        assert url.endswith(f"127.0.0.1%3A{server.port}%2F")
        # Who came in by a password has nothing to end there.
        ada = await invited(server, "bob")
        assert (await ada.ask("DELETE", "/sessions/current")).status == 204


@pytest.mark.slow
async def test_a_provider_that_does_not_answer_keeps_nobody_else_out(tmp_path, provider):
    file = provider.write(tmp_path, issuer="http://127.0.0.1:9")
    async with serve(demo=False, rate=0.0, oidc=(str(file),)) as server:
        answer = await Page(server).ask("POST", "/oidc/house/begin")
        assert outcome(answer) == (503, "unavailable")
        assert (await invited(server, "ada")).cookies


async def test_where_no_provider_is_there_is_none(tmp_path):
    async with serve(demo=False, rate=0.0) as server:
        page = await invited(server, "ada")
        assert (await page.ask("GET", "/oidc")).json == {"providers": []}
        for path in ("begin", "link"):
            answer = await page.ask("POST", f"/oidc/house/{path}")
            assert outcome(answer) == (404, "not_found")
