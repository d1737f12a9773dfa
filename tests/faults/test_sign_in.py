"""Those who guess, listen and crowd at the door: C3, C4, C12, C16 of the limits."""

import asyncio
import json
import random
import statistics
import time

import pytest
from argon2 import PasswordHasher
from tests.support.authenticator import SoftAuthenticator
from tests.support.jwts import AUDIENCE, ISSUER, Issuer, claims
from tests.support.node_process import NodeProcess
from tests.support.page import GOOD, Page, invited

from conclave.app import entry
from conclave.auth.links import make_link
from conclave.auth.passwords import Cost, Passwords
from conclave.model import LinkKind
from conclave.protocol.errors import Reject
from conclave.testing import serve

SEED = random.randrange(2**32)
CHEAP = Cost(memory_kib=8, passes=1)


@pytest.fixture
def cheap_passwords(monkeypatch):
    monkeypatch.setattr(entry, "Passwords", lambda: Passwords(CHEAP))


@pytest.fixture
def hashes(monkeypatch):
    """Return a list that grows with each argon2 verification."""
    done, verify = [], PasswordHasher.verify
    monkeypatch.setattr(PasswordHasher, "verify", lambda *given: done.append(1) or verify(*given))
    return done


def tally(answers):
    """Count answers by code; each that says when to come again says it in both ways."""
    for one in answers:
        if one.code == "rate_limited":
            assert 0 < one.json["retry_after_ms"] <= 900_000
            assert int(one.values("retry-after")[0]) >= 1
    codes = [one.code or "in" for one in answers]
    return {code: codes.count(code) for code in sorted(set(codes))}


# ── C3: guessing ───────────────────────────────────────────────────────────────────────


@pytest.mark.usefixtures("cheap_passwords")
@pytest.mark.parametrize("tries", [40, pytest.param(200, marks=pytest.mark.slow)])
async def test_c3_an_account_is_guessed_at_five_times_and_its_owner_comes_in(tries, hashes):
    async with serve(demo=False, rate=0.0) as server:
        owner = await invited(server, "ada")
        await owner.sign_in("ada", GOOD)
        hashes.clear()
        guesser = [Page(server) for _ in range(tries)]
        answers = await asyncio.gather(
            *(page.sign_in("ada", f"guess number {n}") for n, page in enumerate(guesser))
        )
        assert tally(answers) == {"auth_failed": 5, "rate_limited": tries - 5}
        assert len(hashes) == 5
        # A stranger with the right password waits as well: what is right is not told.
        assert (await Page(server, address="127.0.0.9").sign_in("ada", GOOD)).code == "rate_limited"
        elsewhere = Page(server, address="127.0.0.8")
        elsewhere.cookies = {"conclave-device": owner.cookies["conclave-device"]}
        began = dict(elsewhere.cookies)
        assert (await elsewhere.sign_in("ada", "mistyped once")).code == "auth_failed"
        assert (await elsewhere.sign_in("ada", GOOD)).code == "rate_limited"
        server.clock.turn(10)
        assert (await elsewhere.sign_in("ada", GOOD)).status == 200
        assert began["conclave-device"] != elsewhere.cookies["conclave-device"]
        assert len(hashes) == 7
        print(json.dumps({"C3": {"tries": tries, "judged": 5, "owner_in_after_s": 10}}))


@pytest.mark.usefixtures("cheap_passwords")
@pytest.mark.parametrize("accounts", [40, pytest.param(200, marks=pytest.mark.slow)])
async def test_c3_an_address_tries_twenty_accounts_and_others_are_not_held_up(accounts, hashes):
    async with serve(demo=False, rate=0.0) as server:
        await invited(server, "ada")
        hashes.clear()
        answers = await asyncio.gather(
            *(Page(server).sign_in(f"user{n}", "Summer2026!") for n in range(accounts))
        )
        assert tally(answers) == {"auth_failed": 20, "rate_limited": accounts - 20}
        assert len(hashes) == 20
        assert (await Page(server, address="127.0.0.9").sign_in("ada", GOOD)).status == 200
        print(json.dumps({"C3": {"spray": accounts, "judged": 20}}))


@pytest.mark.usefixtures("cheap_passwords")
async def test_c3_many_addresses_get_no_more_guesses_at_one_account(hashes):
    async with serve(demo=False, rate=0.0) as server:
        await invited(server, "ada")
        hashes.clear()
        answers = [
            await Page(server, address=f"127.0.0.{n}").sign_in("ada", "guess number 1")
            for n in range(2, 22)
        ]
        assert tally(answers) == {"auth_failed": 5, "rate_limited": 15}
        assert len(hashes) == 5
        print(json.dumps({"C3": {"addresses": 20, "judged": 5}}))


@pytest.mark.usefixtures("cheap_passwords")
async def test_c3_a_device_cookie_of_another_account_or_invented_is_worth_nothing():
    async with serve(demo=False, rate=0.0) as server:
        await invited(server, "ada")
        bob = await invited(server, "bob")
        for n in range(5):
            await Page(server, address=f"127.0.0.{n + 20}").sign_in("ada", "guess number 1")
        for cookie in (bob.cookies["conclave-device"], "x" * 22 + "." + "y" * 43, "", "."):
            page = Page(server, address="127.0.0.9")
            page.cookies = {"conclave-device": cookie}
            assert (await page.sign_in("ada", GOOD)).code == "rate_limited"


# ── C4: listening to the time ──────────────────────────────────────────────────────────


@pytest.mark.slow
@pytest.mark.alone
@pytest.mark.timeout(600)
async def test_c4_an_unknown_name_takes_as_long_as_a_wrong_password():
    """Interleaved, each of another account and address, so that nothing is held up."""
    rng = random.Random(SEED)
    print(f"seed {SEED}")
    count = 300
    async with serve(demo=False, rate=0.0) as server:
        accounts, passwords = server.node.accounts, Passwords()
        kept = await passwords.hash(GOOD)
        passwords.close()
        for n in range(count):
            await server.node.store.people.create_account(f"known{n}")
            await accounts.set_password(f"known{n}", kept)
        took: dict[str, list[float]] = {"known": [], "nobody": []}
        texts = set()
        order = [(kind, n) for n in range(count) for kind in took]
        rng.shuffle(order)
        for at, (kind, n) in enumerate(order):
            page = Page(server, address=f"127.1.{at // 250}.{at % 250 + 1}")
            began = time.perf_counter()
            answer = await page.sign_in(f"{kind}{n}", "not the password")
            took[kind].append(time.perf_counter() - began)
            texts.add((answer.status, answer.content))
    known, nobody = (statistics.median(took[kind]) for kind in took)
    apart = abs(known - nobody) / known
    numbers = {"wrong_ms": round(known * 1000, 1), "unknown_ms": round(nobody * 1000, 1)}
    print(json.dumps({"C4": {**numbers, "apart": round(apart, 4), "answers": len(texts)}}))
    assert len(texts) == 1
    assert apart < 0.1


# ── C12: the deactivated ───────────────────────────────────────────────────────────────


@pytest.mark.usefixtures("cheap_passwords")
async def test_c12_who_is_deactivated_is_refused_on_every_way(tmp_path):
    issuer = Issuer(tmp_path)
    keys = tuple(str(path) for path in issuer.files)
    settings = {"jwt_key": keys, "jwt_issuer": ISSUER, "jwt_audience": AUDIENCE}
    async with serve(demo=False, rate=0.0, **settings) as server:
        page, device = await invited(server, "ada"), soft(server)
        reset, _ = await make_link(
            server.node.accounts, LinkKind.RESET, created_by="root", user="ada"
        )
        token = (await page.ask("POST", "/tokens", {"name": "laptop"})).json["token"]
        tickets = [await page.ticket() for _ in range(2)]
        jwt = issuer.token(claims(server.clock.wall() / 1000))
        await with_passkey(page, device)
        pending = (await Page(server).sign_in("ada", GOOD)).json["pending"]
        ways = Ways(server, page, device, token, tickets, jwt, pending, reset)
        assert await ways.sockets() == [None] * 3
        async with server.client(token) as live:
            await server.node.store.people.change("ada", active=False)
            refused = [await refusal(live.ask("auth:refresh", token=one)) for one in (token, jwt)]
        refused += await ways.sockets() + await ways.requests()
        print(json.dumps({"C12": {"ways": len(refused), "refused": len(refused)}}))
        assert len(refused) >= 12
        assert set(refused) == {"auth_failed", "not_found"}
        assert refused.count("not_found") == 1


class Ways:
    """All the ways in that somebody has found."""

    def __init__(self, server, page, device, token, tickets, jwt, pending, reset):
        self.server, self.page, self.device = server, page, device
        self.token, self.tickets, self.jwt = token, tickets, jwt
        self.pending, self.reset = pending, reset

    async def sockets(self):
        """Return what a socket hears to a token, a ticket and a JWT; None: come in."""
        codes = []
        for one in (self.token, self.tickets.pop(), self.jwt):
            try:
                async with self.server.client(one):
                    codes.append(None)
            except Reject as no:
                codes.append(no.code)
        return codes

    async def requests(self):
        """Return the codes of all that can be asked over HTTP."""
        new = Page(self.server)
        factor = {"pending": self.pending, "recovery": "x"}
        options = (await new.ask("POST", "/sessions/passkey/challenge")).json["options"]
        passkey = {"passkey": self.device.get(options)}
        accept = {"token": self.reset, "password": "another four words"}
        program = Page(self.server, browser=False)
        answers = [
            await new.sign_in("ada", GOOD),
            await new.ask("POST", "/sessions/factor", factor),
            await new.ask("POST", "/sessions/passkey", passkey),
            await new.ask("POST", "/links/accept", accept),
            await self.page.ask("GET", "/me"),
            await self.page.ask("POST", "/tickets"),
            *[
                await program.ask("GET", "/me", authorization=f"Bearer {one}")
                for one in (self.token, self.jwt)
            ],
        ]
        return [answer.code for answer in answers]


def soft(server):
    return SoftAuthenticator(f"http://localhost:{server.port}")


async def with_passkey(page, device):
    options = (await page.ask("POST", "/me/passkeys/challenge", {})).json["options"]
    made = {"name": "laptop", "passkey": device.create(options)}
    assert (await page.ask("POST", "/me/passkeys", made)).status == 201


async def refusal(asked):
    with pytest.raises(Reject) as no:
        await asked
    return no.value.code


# ── C16: the crowd ─────────────────────────────────────────────────────────────────────

MIB = 2**20


@pytest.mark.alone
@pytest.mark.timeout(180)
async def test_c16_two_hundred_sign_ins_at_once_hold_up_nobody(tmp_path):
    with NodeProcess(tmp_path, "--rate", "0") as server:
        await Page(server).sign_in("warm", "up the workers")
        before, most = server.rss, [0]
        lags = await beside(crowd(server), server, most)
    answers, lag_ms = lags
    codes = tally(answers)
    numbers = {
        "sign_ins": len(answers),
        "codes": codes,
        "lag_p99_ms": round(statistics.quantiles(lag_ms, n=100)[98], 1),
        "probes": len(lag_ms),
        "rss_mib": round((most[0] - before) / MIB, 1),
    }
    print(json.dumps({"C16": numbers}))
    assert set(codes) == {"auth_failed", "busy"}
    assert 2 <= codes["auth_failed"] <= 60
    assert numbers["rss_mib"] <= 200
    assert numbers["lag_p99_ms"] <= 100


async def crowd(server):
    """Two hundred people, each from an address with room for tries."""
    pages = [Page(server, address=f"127.0.2.{n % 100 + 1}") for n in range(200)]
    return await asyncio.gather(
        *(page.sign_in(f"user{n}", "not the password") for n, page in enumerate(pages))
    )


async def beside(work, server, most):
    """Run *work*; return its result and how late answers of the event loop came meanwhile."""
    task, lag_ms = asyncio.create_task(work), []
    while not task.done():
        began = time.perf_counter()
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(b"GET /health HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n")
        await reader.read()
        writer.close()
        lag_ms.append((time.perf_counter() - began) * 1000)
        most[0] = max(most[0], server.rss)
        await asyncio.sleep(0.005)
    return await task, lag_ms
