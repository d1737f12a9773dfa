"""Second factors over HTTP: set up, asked for, lost, and required of a role."""

import re

import pyotp
import pytest
from tests.support.authenticator import SoftAuthenticator
from tests.support.page import GOOD, Page, invited

from conclave.model import Role
from conclave.protocol.errors import Close, Reject
from conclave.testing import serve

pytestmark = pytest.mark.usefixtures("cheap_passwords")


@pytest.fixture
async def server():
    async with serve(demo=False, rate=0.0) as server:
        yield server


class Phone:
    """An authenticator app."""

    def __init__(self, server, begun):
        self._server = server
        self._totp = pyotp.parse_uri(begun["link"])
        assert self._totp.secret == begun["secret"]

    def code(self, ahead=0):
        return self._totp.generate_otp(self._server.clock.wall() // 30_000 + ahead)


@pytest.fixture
async def server_of_strict():
    async with serve(demo=False, rate=0.0, require_second_factor=("admin",)) as server:
        yield server


async def with_totp(server, page):
    """Set up one-time passwords; return the phone and the recovery codes."""
    phone = Phone(server, (await page.ask("POST", "/me/totp", {})).json)
    answer = await page.ask("POST", "/me/totp/confirm", {"code": phone.code(-1)})
    assert answer.status == 200, answer
    return phone, answer.json["codes"]


async def asked(server, name="ada", password=GOOD, **page):
    """Say a good password; return the page and what is asked for besides."""
    page = Page(server, **page)
    answer = await page.sign_in(name, password)
    assert answer.status == 200
    assert "conclave-session" not in page.cookies
    return page, answer.json


async def answer(page, wanted, **given):
    return await page.ask("POST", "/sessions/factor", {"pending": wanted["pending"], **given})


# ── one-time passwords ─────────────────────────────────────────────────────────────────


async def test_an_app_is_set_up_by_a_code_to_scan_and_asked_from_then_on(server):
    page = await invited(server, "ada")
    begun = (await page.ask("POST", "/me/totp", {})).json
    assert begun["link"].startswith("otpauth://totp/Conclave:ada?")
    assert begun["size"] > 30
    assert re.fullmatch(r"[Mhvz0-9 -]+", begun["path"])
    assert (await page.ask("GET", "/me")).json["factors"]["totp"] is False
    # Until a code has shown that it is in an app, nobody is locked out.
    assert (await Page(server).sign_in("ada", GOOD)).json["user"]["id"] == "ada"
    phone, codes = await with_totp(server, page)
    assert len(set(codes)) == 10
    factors = (await page.ask("GET", "/me")).json["factors"]
    assert factors == {"totp": True, "passkeys": 0, "recovery_codes": 10}
    other, wanted = await asked(server)
    assert wanted["methods"] == ["totp", "recovery"]
    assert wanted["passkey"] is None
    entered = await answer(other, wanted, totp=phone.code())
    assert entered.json["user"]["id"] == "ada"
    assert (await other.ask("GET", "/me")).status == 200


async def test_a_wrong_code_confirms_nothing(server):
    page = await invited(server, "ada")
    phone = Phone(server, (await page.ask("POST", "/me/totp", {})).json)
    for code in ("000000" if phone.code() != "000000" else "111111", "", "x", phone.code(5)):
        refused = await page.ask("POST", "/me/totp/confirm", {"code": code})
        assert (refused.status, refused.code) == (409, "conflict")
    assert (await page.ask("GET", "/me")).json["factors"]["totp"] is False


async def test_a_second_secret_does_not_replace_one_that_is_in_use(server):
    page = await invited(server, "ada")
    phone, _ = await with_totp(server, page)
    assert (await page.ask("POST", "/me/totp", {})).code == "forbidden"
    other, wanted = await asked(server)
    assert (await answer(other, wanted, totp=phone.code())).status == 200


async def test_no_code_is_good_twice(server):
    page = await invited(server, "ada")
    phone, codes = await with_totp(server, page)
    code = phone.code()
    for given in ({"totp": code}, {"recovery": codes[3]}):
        first, wanted = await asked(server)
        assert (await answer(first, wanted, **given)).status == 200
        second, wanted = await asked(server)
        refused = await answer(second, wanted, **given)
        assert (refused.status, refused.code) == (401, "auth_failed")
    assert (await page.ask("GET", "/me")).json["factors"]["recovery_codes"] == 9


async def test_a_recovery_code_may_be_typed_in_any_way(server):
    page = await invited(server, "ada")
    _, codes = await with_totp(server, page)
    other, wanted = await asked(server)
    typed = codes[0].upper().replace("-", " ")
    assert (await answer(other, wanted, recovery=typed)).status == 200


async def test_a_sign_in_waits_five_minutes_at_one_address_for_five_tries(server):
    page = await invited(server, "ada")
    phone, _ = await with_totp(server, page)
    here, wanted = await asked(server)
    elsewhere = Page(server, address="127.0.0.5")
    assert (await answer(elsewhere, wanted, totp=phone.code())).code == "auth_failed"
    wrong = f"{(int(phone.code()) + 7) % 1_000_000:06}"
    tries = [(await answer(here, wanted, totp=wrong)).code for _ in range(5)]
    assert tries == ["auth_failed"] * 5
    assert (await answer(here, wanted, totp=phone.code())).code == "auth_failed"
    server.clock.turn(120)
    late, wanted = await asked(server)
    server.clock.turn(300)
    assert (await answer(late, wanted, totp=phone.code())).code == "auth_failed"


async def test_codes_are_not_guessed_by_signing_in_again_and_again(server):
    page = await invited(server, "ada")
    phone, _ = await with_totp(server, page)
    wrong = f"{(int(phone.code()) + 7) % 1_000_000:06}"
    codes = []
    for n in range(8):
        other, wanted = await asked(server, address=f"127.0.1.{n + 1}")
        codes.append((await answer(other, wanted, totp=wrong)).code)
    assert codes == ["auth_failed"] * 5 + ["rate_limited"] * 3


@pytest.mark.parametrize(
    "given", [{}, {"totp": "1", "recovery": "x"}, {"totp": 1}, {"passkey": "x"}, {"sms": "1"}]
)
async def test_exactly_one_answer_is_taken(server, given):
    page = await invited(server, "ada")
    await with_totp(server, page)
    other, wanted = await asked(server)
    refused = await answer(other, wanted, **given)
    assert (refused.status, refused.code) == (400, "bad_request")


async def test_taking_it_away_lets_the_password_alone_in_and_ends_the_codes(server):
    page = await invited(server, "ada")
    await with_totp(server, page)
    assert (await page.ask("POST", "/me/totp/remove", {})).status == 204
    assert (await page.ask("GET", "/me")).json["factors"] == {
        "totp": False,
        "passkeys": 0,
        "recovery_codes": 0,
    }
    assert (await Page(server).sign_in("ada", GOOD)).json["user"]["id"] == "ada"
    assert (await page.ask("POST", "/me/totp/remove", {})).code == "not_found"


async def test_new_recovery_codes_end_the_old_ones(server):
    page = await invited(server, "ada")
    assert (await page.ask("POST", "/me/recovery", {})).code == "forbidden"
    _, old = await with_totp(server, page)
    new = (await page.ask("POST", "/me/recovery", {})).json["codes"]
    assert not set(old) & set(new)
    other, wanted = await asked(server)
    assert (await answer(other, wanted, recovery=old[0])).code == "auth_failed"
    assert (await answer(other, wanted, recovery=new[0])).status == 200


async def test_who_was_deactivated_meanwhile_does_not_come_in(server):
    page = await invited(server, "ada")
    phone, _ = await with_totp(server, page)
    other, wanted = await asked(server)
    await server.node.store.people.change("ada", active=False)
    assert (await answer(other, wanted, totp=phone.code())).code == "auth_failed"


# ── passkeys ───────────────────────────────────────────────────────────────────────────


def authenticator(server):
    return SoftAuthenticator(f"http://localhost:{server.port}")


async def with_passkey(page, device, name="laptop"):
    options = (await page.ask("POST", "/me/passkeys/challenge", {})).json["options"]
    made = {"name": name, "passkey": device.create(options)}
    return await page.ask("POST", "/me/passkeys", made)


async def by_passkey(server, device, **changed):
    page = Page(server)
    options = (await page.ask("POST", "/sessions/passkey/challenge")).json["options"]
    return await page.ask("POST", "/sessions/passkey", {"passkey": device.get(options, **changed)})


async def test_a_passkey_signs_in_alone_and_after_a_password(server):
    page, device = await invited(server, "ada"), authenticator(server)
    made = await with_passkey(page, device)
    assert made.status == 201
    assert made.json["details"]["name"] == "laptop"
    assert len(made.json["codes"]) == 10
    entered = await by_passkey(server, device)
    assert entered.json["user"]["id"] == "ada"
    other, wanted = await asked(server)
    assert wanted["methods"] == ["passkey", "recovery"]
    assert len(wanted["passkey"]["allowCredentials"]) == 1
    entered = await answer(other, wanted, passkey=device.get(wanted["passkey"]))
    assert entered.status == 200
    listed = (await page.ask("GET", "/me/passkeys")).json["passkeys"]
    assert [(one["name"], one["last_used_at"] is not None) for one in listed] == [("laptop", True)]


async def test_a_passkey_of_somebody_else_is_no_second_factor(server):
    ada, bob = await invited(server, "ada"), await invited(server, "bob")
    hers, his = authenticator(server), authenticator(server)
    await with_passkey(ada, hers)
    await with_passkey(bob, his)
    other, wanted = await asked(server)
    refused = await answer(other, wanted, passkey=his.get(wanted["passkey"]))
    assert (refused.status, refused.code) == (401, "auth_failed")
    assert (await by_passkey(server, his)).json["user"]["id"] == "bob"


async def test_a_passkey_made_for_another_page_or_copied_is_refused(server):
    page, device = await invited(server, "ada"), authenticator(server)
    device.count = 5
    await with_passkey(page, device)
    device.count = 6
    assert (await by_passkey(server, device, origin="https://evil.example")).code == "auth_failed"
    assert (await by_passkey(server, device)).status == 200
    assert (await by_passkey(server, device)).code == "auth_failed"
    stranger = authenticator(server)
    assert (await by_passkey(server, stranger)).code == "auth_failed"
    assert (await Page(server).ask("POST", "/sessions/passkey", {"passkey": {}})).code == (
        "auth_failed"
    )


async def test_a_passkey_is_removed_and_does_not_sign_in_any_more(server):
    page, device = await invited(server, "ada"), authenticator(server)
    id_ = (await with_passkey(page, device)).json["details"]["id"]
    bob = await invited(server, "bob")
    for one, name in ((bob, id_), (page, "AAAA"), (page, "%C3%A9")):
        refused = await one.ask("POST", f"/me/passkeys/{name}/remove", {})
        assert (refused.status, refused.code) == (404, "not_found")
    assert (await page.ask("POST", f"/me/passkeys/{id_}/remove", {})).status == 204
    assert (await by_passkey(server, device)).code == "auth_failed"
    assert (await page.ask("GET", "/me/passkeys")).json == {"passkeys": []}
    assert (await Page(server).sign_in("ada", GOOD)).json["user"]["id"] == "ada"


async def test_a_registration_that_is_not_good_is_no_sign_out(server):
    page, device = await invited(server, "ada"), authenticator(server)
    for made in ({}, device.create(await a_question(page), origin="https://evil.example")):
        refused = await page.ask("POST", "/me/passkeys", {"name": "x", "passkey": made})
        assert (refused.status, refused.code) == (409, "conflict")
    assert (await page.ask("GET", "/me")).status == 200


async def a_question(page):
    return (await page.ask("POST", "/me/passkeys/challenge", {})).json["options"]


# ── required of a role ─────────────────────────────────────────────────────────────────


async def test_a_role_may_have_to_have_one_before_all_else():
    async with serve(demo=False, rate=0.0, require_second_factor=("admin",)) as server:
        page = await invited(server, "root", Role.ADMIN)
        me = (await page.ask("GET", "/me")).json
        assert (me["must"], me["scopes"]) == (["second_factor"], ["account"])
        async with server.client(await page.ticket()) as client:
            with pytest.raises(Reject) as no:
                await client.ask("room:list")
            assert no.value.code == "forbidden"
        phone, _ = await with_totp(server, page)
        me = (await page.ask("GET", "/me")).json
        assert (me["must"], me["scopes"]) == ([], None)
        async with server.client(await page.ticket()) as client:
            await client.ask("room:list")
        assert (await page.ask("POST", "/me/totp/remove", {})).code == "forbidden"
        device = authenticator(server)
        id_ = (await with_passkey(page, device)).json["details"]["id"]
        assert (await page.ask("POST", "/me/totp/remove", {})).status == 204
        assert (await page.ask("POST", f"/me/passkeys/{id_}/remove", {})).code == "forbidden"
        other, wanted = await asked(server, "root")
        assert (await answer(other, wanted, totp=phone.code())).code == "auth_failed"
        user = await invited(server, "ada")
        assert (await user.ask("GET", "/me")).json["must"] == []


async def test_who_gets_a_role_that_needs_one_has_no_open_door_without(server_of_strict):
    server = server_of_strict
    root, ada = await invited(server, "root", Role.ADMIN), await invited(server, "ada")
    await with_totp(server, root)
    async with server.client(await ada.ticket()) as client:
        await client.ask("room:list")
        given = await root.ask("PATCH", "/admin/users/ada", {"role": "admin"})
        assert given.status == 200, given
        assert (await client.ended(within=1.0))[0] == Close.SESSION_REVOKED
    assert (await ada.ask("GET", "/me")).status == 401
    assert (await ada.sign_in("ada", GOOD)).json["must"] == ["second_factor"]
    async with server.client(await ada.ticket()) as client:
        with pytest.raises(Reject, match="forbidden"):
            await client.ask("room:list")
    await with_totp(server, ada)
    async with server.client(await ada.ticket()) as client:
        await client.ask("room:list")
        # So it is when an admin takes the last one away.
        assert (await root.ask("DELETE", "/admin/users/ada/factors")).status == 204
        assert (await client.ended(within=1.0))[0] == Close.SESSION_REVOKED
    assert (await ada.ask("GET", "/me")).status == 401


async def test_no_admin_gets_around_the_own_password_or_factor_in_the_office(server):
    root = await invited(server, "root", Role.ADMIN)
    await with_totp(server, root)
    for method, path in (("POST", "reset"), ("DELETE", "factors")):
        answer = await root.ask(method, f"/admin/users/root/{path}", {})
        assert (answer.status, answer.code) == (403, "forbidden")
    assert (await root.ask("GET", "/me")).json["factors"]["totp"]


async def test_after_a_reset_the_second_factor_is_asked_for(server):
    from conclave.auth.links import make_link
    from conclave.model import LinkKind

    page = await invited(server, "ada")
    phone, _ = await with_totp(server, page)
    secret, _ = await make_link(server.node.accounts, LinkKind.RESET, created_by="root", user="ada")
    stranger = Page(server)
    body = {"token": secret, "password": "another four words"}
    accepted = await stranger.ask("POST", "/links/accept", body)
    assert (accepted.status, stranger.cookies) == (204, {})
    other, wanted = await asked(server, "ada", "another four words")
    assert (await answer(other, wanted, totp=phone.code())).status == 200
