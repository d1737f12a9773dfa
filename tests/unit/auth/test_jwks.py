"""Keys that are fetched: no flood fetches them, and no failure takes a good one away (C8)."""

import asyncio
import json

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

from conclave.auth.jwks import FRESH_S, REST_S, REST_WITHOUT_S, STALE_S, FetchedKeys
from conclave.auth.jwt_keys import keys_of_set
from conclave.protocol.errors import Reject

RSA = rsa.generate_private_key(65_537, 2_048)
EC, ED = ec.generate_private_key(ec.SECP256R1()), ed25519.Ed25519PrivateKey.generate()


def member(kid="one", **more):
    return {**json.loads(RSAAlgorithm.to_jwk(RSA.public_key())), "kid": kid, **more}


def jwks(*kids):
    return json.dumps({"keys": [member(kid) for kid in kids]}).encode()


class System:
    """Another system that shows its keys, and a clock that is turned by hand."""

    def __init__(self):
        self.now = 1_000.0
        self.answer = jwks("one")
        self.open = asyncio.Event()
        self.open.set()
        self.keys = FetchedKeys(self.fetch, lambda: self.now, "house")

    async def fetch(self):
        await self.open.wait()
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    async def knows(self, kid):
        return bool(await self.keys.keys("RS256", kid))


async def test_a_key_is_fetched_once_and_then_known():
    system = System()
    assert [await system.knows("one") for _ in range(100)] == [True] * 100
    assert system.keys.fetches == 1
    assert not await system.keys.keys("ES256", "one")
    assert len(await system.keys.keys("RS256", None)) == 1


async def test_c8_25000_unknown_kids_fetch_once_a_minute_and_keep_nobody_out():
    system = System()
    assert await system.knows("one")
    for n in range(25_000):
        system.now += 5 / 25_000
        assert not await system.knows(f"invented-{n}")
        if n % 500 == 0:
            assert await system.knows("one")
    assert system.keys.fetches == 1
    system.now += REST_S
    for n in range(1_000):
        assert not await system.knows(f"invented-{n}")
    assert system.keys.fetches == 2


async def test_all_who_ask_at_once_wait_for_one_fetch():
    system = System()
    system.open.clear()
    asked = [asyncio.create_task(system.knows("one")) for _ in range(150)]
    await asyncio.sleep(0)
    system.open.set()
    assert all(await asyncio.gather(*asked))
    assert system.keys.fetches == 1


async def test_more_than_may_wait_are_told_to_come_back():
    system = System()
    system.open.clear()
    asked = [asyncio.create_task(system.knows("one")) for _ in range(300)]
    await asyncio.sleep(0)
    system.open.set()
    answers = await asyncio.gather(*asked, return_exceptions=True)
    busy = [one for one in answers if isinstance(one, Reject)]
    assert (len(busy), answers.count(True)) == (100, 200)
    assert {no.code for no in busy} == {"busy"}


async def test_a_failed_fetch_takes_no_good_key_away():
    system = System()
    assert await system.knows("one")
    for broken in (OSError("gone"), b"{", b'{"keys": []}', b"[]", b'{"keys": [{"kty": "oct"}]}'):
        system.now += REST_S + FRESH_S
        system.answer = broken
        assert await system.knows("one")
        assert not await system.knows("two")
        await asyncio.sleep(0)
        assert await system.knows("one")
    assert system.keys.fetches == 6


async def test_a_new_key_is_taken_when_the_rest_is_over():
    system = System()
    assert await system.knows("one")
    system.answer = jwks("one", "two")
    assert not await system.knows("two")
    system.now += REST_S
    assert await system.knows("two")


async def test_a_key_that_was_taken_back_counts_no_more_once_it_is_fetched_again():
    system = System()
    assert await system.knows("one")
    system.answer = jwks("two")
    system.now += FRESH_S
    # Told from what is known, while it is fetched beside.
    assert await system.knows("one")
    await asyncio.sleep(0.01)
    assert not await system.knows("one")
    assert await system.knows("two")


async def test_keys_that_nobody_could_fetch_for_a_day_count_no_more():
    system = System()
    assert await system.knows("one")
    system.answer = OSError("gone")
    system.now += STALE_S + 1
    assert not await system.knows("one")


async def test_without_any_key_it_is_tried_again_sooner():
    system = System()
    system.answer = OSError("not yet")
    assert not await system.knows("one")
    system.answer = jwks("one")
    assert not await system.knows("one")
    system.now += REST_WITHOUT_S
    assert await system.knows("one")


async def test_who_goes_away_ends_nobody_elses_fetch():
    system = System()
    system.open.clear()
    first, second = (asyncio.create_task(system.knows("one")) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.sleep(0)
    system.open.set()
    assert await second


async def test_a_fetch_that_hangs_is_ended_at_the_end():
    system = System()
    system.open.clear()
    asked = asyncio.create_task(system.knows("one"))
    await asyncio.sleep(0)
    await system.keys.close()
    with pytest.raises(asyncio.CancelledError):
        await asked


async def test_where_nothing_is_fetched_there_is_nothing_to_end():
    system = System()
    await system.keys.close()
    assert await system.knows("one")
    await system.keys.close()
    assert system.keys.fetches == 1


def names(*members):
    return [(key.kid, key.name) for key in keys_of_set(json.dumps({"keys": members}).encode())]


def test_what_a_key_is_decides_its_algorithm():
    ec_key = {**json.loads(ECAlgorithm.to_jwk(EC.public_key())), "kid": "ec"}
    ed_key = {**json.loads(OKPAlgorithm.to_jwk(ED.public_key())), "kid": "ed"}
    assert names(member(), member("ps", alg="PS256"), ec_key, ed_key) == [
        ("one", "RS256"),
        ("ps", "PS256"),
        ("ec", "ES256"),
        ("ed", "EdDSA"),
    ]


def test_keys_for_something_else_are_left_out():
    others = [
        member("enc", use="enc"),
        member("wrap", key_ops=["wrapKey"]),
        member("weak", n="AQAB"),
        member("alg", alg="RS1"),
        member("es", alg="ES256"),
        member(7),
        {"kty": "EC", "crv": "P-521", "x": "AA", "y": "AA"},
        {"kty": "new"},
    ]
    assert names(*others, member()) == [("one", "RS256")]


def test_a_set_with_a_secret_in_it_is_refused_whole():
    for secret in (json.loads(RSAAlgorithm.to_jwk(RSA)), {"kty": "oct", "k": "AA"}):
        with pytest.raises(ValueError, match="secret"):
            names(member(), secret)


async def test_what_could_not_be_loaded_once_is_loaded_with_the_next_fetch(monkeypatch):
    system = System()

    def fail(_content):
        raise OSError(24, "Too many open files")

    with monkeypatch.context() as patched:
        patched.setattr("conclave.auth.jwks._read", fail)
        assert not await system.knows("one")
    system.now += REST_S
    assert await system.knows("one")
