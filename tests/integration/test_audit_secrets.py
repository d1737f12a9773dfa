"""No secret and no word of a chat comes into the audit log, whatever people do."""

import asyncio
import json
import secrets
from contextlib import closing

import pyotp
import pytest
from tests.support.page import GOOD, Page, invited

from conclave.model import AuditQuery, Role
from conclave.storage.driver import driver
from conclave.testing import serve

pytestmark = pytest.mark.usefixtures("cheap_passwords")

WORDS = ("kestrel", "quagga", "axolotl")


def rows(data) -> str:
    """Return all that the table of the log holds, as one text."""
    with closing(driver().connect(data / "conclave.db")) as connection:
        return json.dumps(connection.execute("SELECT * FROM audit").fetchall(), ensure_ascii=False)


async def test_no_secret_of_a_whole_day_is_in_the_log(tmp_path) -> None:
    known: set[str] = {GOOD}
    async with serve(demo=False, rate=0.0, data=tmp_path) as server:
        admin = await invited(server, "root", Role.ADMIN)
        ada = await invited(server, "ada")
        known |= await _come_in(server, ada) | await _be_helped(server, admin, ada)
        await _talk(server, ada, admin)
        program = Page(server, browser=False)
        for token in ("cvt_" + secrets.token_urlsafe(32), "not-a-token-at-all-0123456789abcdef"):
            known.add(token)
            await program.ask("GET", "/me", authorization=f"Bearer {token}")
            async with server.client(None) as client:
                await client.ask("auth", token=token)
        for page in (admin, ada):
            known |= {page.csrf, *page.cookies.values()}
        log = await server.node.audit_log.lines(AuditQuery(limit=500))
    held = await asyncio.to_thread(rows, tmp_path)
    kinds = {str(line.action) for line in log}
    print(f"{len(log)} lines of {len(kinds)} kinds, {len(known)} secrets, {len(WORDS)} words")
    assert len(kinds) >= 15
    assert [one for one in known if one and one in held] == []
    assert [word for word in WORDS if word in held] == []


async def _come_in(server, ada: Page) -> set[str]:
    """Sign in well and badly, with a second factor; make tokens; change the password."""
    known = {"hunter2-is-my-password", "wrong words again"}
    other = Page(server)
    await other.sign_in("ada", "wrong words again")
    # A password in the field of the name.
    await other.sign_in("hunter2-is-my-password", "")
    begun = (await ada.ask("POST", "/me/totp", {"password": GOOD})).json
    code = pyotp.TOTP(begun["secret"]).now()
    codes = (await ada.ask("POST", "/me/totp/confirm", {"code": code})).json["codes"]
    known |= {begun["secret"], begun["link"], *codes}
    made = await ada.ask("POST", "/tokens", {"name": f"laptop {codes[0]}", "password": GOOD})
    known.add(made.json["token"])
    pending = (await other.sign_in("ada", GOOD)).json["pending"]
    known.add(pending)
    answer = await other.ask("POST", "/sessions/factor", {"pending": pending, "recovery": codes[1]})
    assert answer.status == 200
    known |= {other.csrf, *other.cookies.values(), await other.ticket()}
    new = "five other words of mine"
    await ada.ask("PUT", "/me/password", {"password": GOOD, "new": new})
    # A short code in a name looks like any word: whoever writes it there has told it.
    return known - {codes[0]} | {new}


async def _be_helped(server, admin: Page, ada: Page) -> set[str]:
    """Let the admin reset, invite, name and sign out; secrets in every text that may be kept."""
    reset = (await admin.ask("POST", "/admin/users/ada/reset")).json["token"]
    wanted = {"name": f"for {reset}", "uses": 3}
    invite = (await admin.ask("POST", "/admin/links", wanted)).json["token"]
    await admin.ask("PATCH", "/admin/users/ada", {"display_name": "Ada L."})
    await admin.ask("POST", "/admin/users", {"name": "bob"})
    await admin.ask("PATCH", "/admin/users/bob", {"active": False})
    return {reset, invite}


async def _talk(server, ada: Page, admin: Page) -> None:
    """Say words, and let them be reported, deleted, and their author banned."""
    first, second, third = WORDS
    async with (
        server.client(await ada.ticket()) as author,
        server.client(await admin.ticket()) as keeper,
    ):
        await keeper.ask("room:create", room="lab")
        for client in (keeper, author):
            await client.ask("join:room", room="lab")
        sent = await author.ask("chat", room="lab", text=f"a {first} and a {second}")
        await author.ask("message:edit", room="lab", target=sent["seq"], text=third)
        await keeper.ask("message:report", room="lab", target=sent["seq"], reason=f"a {first}")
        await keeper.ask("message:delete", room="lab", target=sent["seq"])
        await keeper.ask("room:update", room="lab", topic=f"all about {second}")
        await keeper.ask("room:ban", room="lab", user="ada")
    (report,) = (await admin.ask("GET", "/admin/reports")).json["reports"]
    await admin.ask("POST", f"/admin/reports/{report['id']}/close", {"outcome": "resolved"})
