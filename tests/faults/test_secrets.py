"""C13: what people come in with stands in no log, no file and no list of processes."""

import json
import re
import signal
import time
from pathlib import Path

import psutil
import pyotp
from tests.support.authenticator import SoftAuthenticator
from tests.support.jwts import AUDIENCE, ISSUER, Issuer, claims
from tests.support.node_process import NodeProcess
from tests.support.page import Page

from conclave.client.wire import connect

FIRST, SECOND, WRONG = "Tulips-in-77-rows", "Gravel-under-9-boots", "Pepper-on-3-moons"
SETUP = re.compile(r"#setup=(cvl_\S+)")


class Kept:
    """All that was secret in a run, by name."""

    def __init__(self):
        self.secrets = {"first password": FIRST, "second": SECOND, "wrong": WRONG}

    def note(self, name, secret):
        assert len(secret) > 8, name
        self.secrets[f"{name} {len(self.secrets)}"] = secret
        return secret

    def note_page(self, page):
        for name, value in page.cookies.items():
            self.note(name, value)
        self.note("csrf", page.csrf)

    def found_in(self, where, content):
        return [
            f"{name} in {where}" for name, one in self.secrets.items() if one.encode() in content
        ]


async def test_c13_no_secret_of_a_run_is_anywhere(tmp_path):
    issuer = Issuer(tmp_path)
    jwt = ["--jwt-issuer", ISSUER, "--jwt-audience", AUDIENCE]
    keys = [word for path in issuer.files for word in ("--jwt-key", str(path))]
    kept, data = Kept(), tmp_path / "data"
    words = ["--log-level", "debug", "--rate", "0", "--guests", *jwt, *keys]
    with NodeProcess(data, *words) as server:
        await a_day(server, issuer, kept)
        found = searched(kept, data) + kept.found_in("ps", processes(server))
        server.send_signal(signal.SIGTERM)
        assert server.wait() == 0
        rest = server.process.stdout.read()
    found += searched(kept, data) + kept.found_in("standard output", rest.encode())
    print(json.dumps({"C13": {"secrets": len(kept.secrets), "found": len(found)}}))
    assert found == []
    assert len(kept.secrets) > 35
    # The search would find one: what is no secret is there.
    log = (data / "server.log").read_bytes()
    assert b"jwt_refused" in log
    assert any(b"ada" in path.read_bytes() for path in data.glob("conclave.db*"))


def searched(kept, data):
    return [
        where
        for path in data.rglob("*")
        if path.is_file()
        for where in kept.found_in(path.name, path.read_bytes())
    ]


def processes(server):
    process = psutil.Process(server.pid)
    return "\n".join([*process.cmdline(), *process.environ().values()]).encode()


async def a_day(server, issuer, kept):
    """Do all that has to do with secrets, rightly and wrongly."""
    setup = next(found[1] for line in server.process.stdout if (found := SETUP.search(line)))
    ada = Page(server)
    asked = {"token": kept.note("setup", setup), "name": "ada", "password": FIRST}
    await ada.ask("POST", "/links/accept", asked)
    kept.note_page(ada)
    await ada.ask("POST", "/links/accept", asked)
    for name, password in (("ada", WRONG), (WRONG, WRONG), ("nobody", WRONG)):
        await Page(server).sign_in(name, password)
    await ada.ask("PUT", "/me/password", {"password": WRONG, "new": SECOND})
    assert (await ada.ask("PUT", "/me/password", {"password": FIRST, "new": SECOND})).status == 200
    await sockets(server, issuer, kept, ada)
    await factors(server, kept, ada)
    await by_link_and_as_guest(server, kept)


async def sockets(server, issuer, kept, page):
    made = (await page.ask("POST", "/tokens", {"name": "laptop"})).json
    token = kept.note("token", made["token"])
    jwt = kept.note("jwt", issuer.token(claims(time.time())))
    bad = kept.note("bad jwt", issuer.token(claims(time.time(), iss="https://other.example")))
    unknown = kept.note("unknown token", "cvt_" + "q" * 43)
    tickets = [kept.note("ticket", await page.ticket()) for _ in range(2)]
    for one in (token, jwt, bad, unknown, *tickets, tickets[0]):
        async with connect(server.url) as wire:
            wire.send("auth", token=one)
            await wire.receive()
    program = Page(server, browser=False)
    for one in (token, jwt, bad, unknown, tickets[0]):
        await program.ask("GET", "/me", authorization=f"Bearer {one}")
    for name, value in (("conclave-session", unknown), ("conclave-device", WRONG)):
        await program.ask("GET", "/me", cookie=f"{name}={value}")
    # In the place where it does not belong.
    await program.ask("GET", f"/me?token={token}")
    await program.ask("DELETE", f"/tokens/{made['details']['id']}", authorization=f"Bearer {token}")


async def factors(server, kept, page):
    begun = (await page.ask("POST", "/me/totp", {})).json
    secret = kept.note("totp secret", begun["secret"])
    code = pyotp.TOTP(secret).now()
    codes = (await page.ask("POST", "/me/totp/confirm", {"code": code})).json["codes"]
    for one in codes:
        kept.note("recovery", one)
        kept.note("recovery, plain", one.replace("-", ""))
    device = SoftAuthenticator(f"http://localhost:{server.port}")
    options = (await page.ask("POST", "/me/passkeys/challenge", {})).json["options"]
    await page.ask("POST", "/me/passkeys", {"name": "key", "passkey": device.create(options)})
    other = Page(server)
    pending = kept.note("pending", (await other.sign_in("ada", SECOND)).json["pending"])
    for given in ({"totp": WRONG}, {"recovery": codes[0]}):
        await other.ask("POST", "/sessions/factor", {"pending": pending, **given})
    kept.note_page(other)
    assert (await other.ask("GET", "/me")).status == 200
    await other.ask("DELETE", "/sessions/current")


async def by_link_and_as_guest(server, kept):
    guest = Page(server)
    await guest.ask("POST", "/guests", {"display_name": "Zed"})
    kept.note_page(guest)
    wrong = kept.note("link", "cvl_" + "z" * 43)
    await guest.ask("POST", "/links/look", {"token": wrong})
    await guest.ask("POST", "/links/accept", {"token": wrong, "name": "x", "password": WRONG})
    # A body that cannot be read, with a secret in it.
    await guest.ask("POST", "/sessions", raw=b'{"name": "ada", "password": "' + WRONG.encode())
    await guest.ask("POST", "/sessions", {"name": ["ada"], "password": {WRONG: WRONG}})


def test_the_search_finds_what_is_there(tmp_path: Path):
    kept = Kept()
    (tmp_path / "server.log").write_text(f"password={WRONG}")
    assert searched(kept, tmp_path) == ["wrong in server.log"]
