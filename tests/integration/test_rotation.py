"""Secrets and keys are changed under people who are signed in, and nobody notices (J12)."""

import secrets
from collections.abc import AsyncIterator
from pathlib import Path

import pyotp
import pytest
from tests.support.jwts import AUDIENCE, ISSUER, Issuer, claims
from tests.support.page import Page

from conclave import Reject, testing
from conclave.app.service import reload
from conclave.auth.links import make_link
from conclave.auth.secret import KEY_FILE, OLD_KEY_FILE
from conclave.model import LinkKind, Role

PASSWORD = "four words of mine"


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[testing.Server]:
    async with testing.serve(demo=False, data=tmp_path / "data", rate=0.0) as made:
        yield made


async def invited(server: testing.Server, name: str) -> Page:
    accounts = server.node.accounts
    token, _ = await make_link(accounts, LinkKind.INVITE, created_by="root", role=Role.USER)
    page = Page(server)
    said = {"token": token, "name": name, "password": PASSWORD}
    assert (await page.ask("POST", "/links/accept", said)).status == 200
    return page


class Phone:
    """An authenticator app, whose codes are each of another half minute."""

    def __init__(self, server: testing.Server, secret: str) -> None:
        self.server = server
        self._totp = pyotp.TOTP(secret)

    async def code(self) -> str:
        await self.server.turn(30.0)
        return self._totp.generate_otp(self.server.clock.wall() // 30_000)


async def with_phone(server: testing.Server, page: Page) -> Phone:
    phone = Phone(server, (await page.ask("POST", "/me/totp", {})).json["secret"])
    assert (await page.ask("POST", "/me/totp/confirm", {"code": await phone.code()})).status == 200
    return phone


async def comes_in(server: testing.Server, name: str, phone: Phone) -> bool:
    page = Page(server)
    wanted = (await page.sign_in(name, PASSWORD)).json
    said = {"pending": wanted["pending"], "totp": await phone.code()}
    return (await page.ask("POST", "/sessions/factor", said)).status == 200


def change_secret(server: testing.Server) -> bytes:
    """Do what `docs/operations.md` says; return the old secret."""
    home = server._running.settings.home
    old = (home / KEY_FILE).read_bytes()
    (home / KEY_FILE).rename(home / OLD_KEY_FILE)
    (home / KEY_FILE).write_bytes(secrets.token_bytes(32))
    (home / KEY_FILE).chmod(0o600)
    return old


def drop_old_secret(server: testing.Server) -> None:
    (server._running.settings.home / OLD_KEY_FILE).unlink()


async def test_a_changed_secret_signs_nobody_out_and_locks_nobody_out(server, logs) -> None:
    page = await invited(server, "ada")
    phone = await with_phone(server, page)
    before = page.csrf
    async with server.client(await page.ticket()) as socket:
        sealed = await server.node.accounts.sealed_totps()
        change_secret(server)
        await reload(server._running)
        # The old one and the new one hold.
        assert (await page.ask("POST", "/tickets")).status == 200
        assert page.csrf == before
        assert await server.node.accounts.sealed_totps() != sealed
        assert await comes_in(server, "ada", phone)

        drop_old_secret(server)
        await reload(server._running)
        # Only the new one: what was signed is refused, and got anew by asking.
        assert (await page.ask("POST", "/tickets")).code == "forbidden"
        assert (await page.ask("GET", "/me")).status == 200
        assert page.csrf != before
        assert (await page.ask("POST", "/tickets")).status == 200
        # What was encrypted is encrypted anew: it opens under the new one.
        assert await comes_in(server, "ada", phone)
        await socket.ask("heartbeat", timestamp=0)
        assert server.open_sockets == 1
        print("J12: two reloads, 0 disconnects; old and new held in the window, then only the new")
    resealed = [line for line in logs if line["event"] == "resealed"]
    assert [(line["anew"], line["lost"]) for line in resealed] == [(1, 0)]


async def test_a_secret_changed_while_it_was_down_is_noticed_at_the_start(tmp_path, logs) -> None:
    data = {"demo": False, "data": tmp_path / "data", "rate": 0.0}
    async with testing.serve(**data) as server:
        phone = await with_phone(server, await invited(server, "ada"))
        change_secret(server)
    async with testing.serve(**data) as server:
        # As `conclave serve` does.
        await server._running.ways_in.reseal()
        drop_old_secret(server)
        await reload(server._running)
        # Its clock is not that of the first, which was turned.
        phone.server = server
        await server.turn(60.0)
        assert await comes_in(server, "ada", phone)


async def test_what_no_secret_opens_is_counted_and_left_alone(server, logs) -> None:
    await with_phone(server, await invited(server, "ada"))
    sealed = await server.node.accounts.sealed_totps()
    change_secret(server)
    # Somebody did not keep the old one.
    (server._running.settings.home / OLD_KEY_FILE).write_bytes(secrets.token_bytes(32))
    await reload(server._running)
    (resealed,) = [line for line in logs if line["event"] == "resealed"]
    assert (resealed["anew"], resealed["lost"]) == (0, 1)
    assert await server.node.accounts.sealed_totps() == sealed


async def test_keys_of_another_system_are_changed_without_a_restart(tmp_path) -> None:
    old, new = (Issuer(tmp_path / name) for name in ("old", "new") if not (tmp_path / name).mkdir())
    file = tmp_path / "key.pem"
    file.write_bytes(old.public("rsa"))
    jwt = {"jwt_key": (str(file),), "jwt_issuer": ISSUER, "jwt_audience": AUDIENCE}
    async with testing.serve(demo=False, rate=0.0, **jwt) as server:

        def token(issuer: Issuer, user: str) -> str:
            now = server.clock.wall() // 1000
            return issuer.token(claims(now, sub=user), signed_as="RS256")

        async with server.client(token(old, "ada")) as ada:
            with pytest.raises(Reject):
                async with server.client(token(new, "bob")):
                    pass
            file.write_bytes(new.public("rsa"))
            await reload(server._running)
            async with server.client(token(new, "bob")):
                await ada.ask("heartbeat", timestamp=0)
            with pytest.raises(Reject):
                async with server.client(token(old, "eve")):
                    pass
            file.write_bytes(b"half a key")
            await reload(server._running)
            async with server.client(token(new, "bob")):
                await ada.ask("heartbeat", timestamp=0)
