"""Passkeys: which answers of an authenticator are good, against one in software."""

import copy
import random
import time

import pytest
from structlog.testing import capture_logs
from tests.support.authenticator import PRESENT, VERIFIED, SoftAuthenticator, raw, text

from conclave.auth.challenges import GOOD_FOR_S, Challenges
from conclave.auth.passkeys import Passkeys
from conclave.core.passes import MemoryPasses
from conclave.protocol.errors import Code, Reject

ORIGIN = "https://chat.example.org"
SEED = random.randrange(2**32)


class Clock:
    now = 1_000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def passkeys(clock):
    return Passkeys("chat.example.org", lambda: [ORIGIN], MemoryPasses(clock))


@pytest.fixture
def device():
    return SoftAuthenticator(ORIGIN)


async def registered(passkeys, device, user="ada"):
    return await passkeys.register(
        user, device.create(await passkeys.ask_registration(user, "Ada", ()))
    )


async def refused(call, *given):
    with pytest.raises(Reject) as no:
        await call(*given)
    return no.value.code == Code.AUTH_FAILED


async def test_a_passkey_is_registered_and_signs_in(passkeys, device):
    kept = await registered(passkeys, device)
    answer = device.get(await passkeys.ask_sign_in())
    assert passkeys.credential_of(answer) == kept.id == device.credential
    assert await passkeys.sign_in(answer, kept) == 0


async def test_the_browser_is_asked_for_a_verified_user_and_a_passkey_it_can_find(passkeys):
    asked = await passkeys.ask_registration("ada", "Ada", [b"old"])
    assert asked["rp"] == {"name": "chat.example.org", "id": "chat.example.org"}
    assert (asked["user"]["name"], asked["user"]["displayName"]) == ("ada", "Ada")
    assert asked["authenticatorSelection"]["residentKey"] == "required"
    assert asked["authenticatorSelection"]["requireResidentKey"] is True
    assert asked["authenticatorSelection"]["userVerification"] == "required"
    assert asked["attestation"] == "none"
    assert [raw(one["id"]) for one in asked["excludeCredentials"]] == [b"old"]
    assert asked["timeout"] == 300_000
    asked = await passkeys.ask_sign_in([b"mine"])
    assert (asked["rpId"], asked["userVerification"]) == ("chat.example.org", "required")
    assert [raw(one["id"]) for one in asked["allowCredentials"]] == [b"mine"]
    assert asked["timeout"] == 300_000


async def test_what_the_authenticator_knows_a_user_by_is_nobodys_name(passkeys):
    asked = [
        await passkeys.ask_registration(user, name, ())
        for user, name in (("ada", "Ada"), ("ada", "Countess"), ("bob", "Ada"))
    ]
    hers, hers_too, his = (one["user"]["id"] for one in asked)
    assert hers == hers_too
    assert hers != his
    assert b"ada" not in raw(hers)


async def test_each_challenge_is_another_and_good_once(passkeys, device):
    kept = await registered(passkeys, device)
    asked = [await passkeys.ask_sign_in() for _ in range(20)]
    assert len({one["challenge"] for one in asked}) == 20
    answer = device.get(asked[7])
    await passkeys.sign_in(answer, kept)
    assert await refused(passkeys.sign_in, answer, kept)
    await passkeys.sign_in(device.get(asked[3]), kept)


async def test_a_registration_is_good_once_and_for_who_asked(passkeys, device):
    asked = await passkeys.ask_registration("ada", "Ada", ())
    assert await refused(passkeys.register, "bob", device.create(asked))
    assert await refused(passkeys.register, "ada", device.create(asked))
    answer = device.create(await passkeys.ask_registration("ada", "Ada", ()))
    await passkeys.register("ada", answer)
    assert await refused(passkeys.register, "ada", answer)


async def test_a_challenge_of_one_kind_is_not_good_for_the_other(passkeys, device):
    kept = await registered(passkeys, device)
    asked = await passkeys.ask_sign_in()
    assert await refused(passkeys.register, "ada", device.create(asked | asked_like("ada")))
    asked = await passkeys.ask_registration("ada", "Ada", ())
    assert await refused(passkeys.sign_in, device.get(asked | {"rpId": "chat.example.org"}), kept)


def asked_like(user):
    return {"user": {"id": text(user.encode())}, "rp": {"id": "chat.example.org"}}


async def test_a_challenge_ends_after_five_minutes(passkeys, device, clock):
    kept = await registered(passkeys, device)
    early, late = [device.get(await passkeys.ask_sign_in()) for _ in range(2)]
    clock.now += GOOD_FOR_S - 0.1
    await passkeys.sign_in(early, kept)
    clock.now += 0.1
    assert await refused(passkeys.sign_in, late, kept)


async def test_a_count_that_does_not_go_up_is_a_copys(passkeys, device):
    device.count = 5
    kept = await registered(passkeys, device)
    assert kept.sign_count == 5
    device.count = 6
    assert await passkeys.sign_in(device.get(await passkeys.ask_sign_in()), kept) == 6
    for count in (5, 4, 0):
        device.count = count
        assert await refused(passkeys.sign_in, device.get(await passkeys.ask_sign_in()), kept)


@pytest.mark.parametrize("flags", [0, PRESENT, VERIFIED])
async def test_a_user_who_was_not_verified_is_refused(passkeys, device, flags):
    kept = await registered(passkeys, device)
    device.flags = flags
    assert await refused(passkeys.sign_in, device.get(await passkeys.ask_sign_in()), kept)
    answer = device.create(await passkeys.ask_registration("ada", "Ada", ()))
    assert await refused(passkeys.register, "ada", answer)


@pytest.mark.parametrize(
    "changed",
    [
        {"origin": "https://evil.example.org"},
        {"origin": "https://chat.example.org.evil.org"},
        {"origin": "http://chat.example.org"},
        {"origin": "null"},
        {"origin": ""},
        {"type": "webauthn.create"},
        {"type": "payment.get"},
        {"challenge": text(b"x" * 32)},
        {"challenge": ""},
        {"rpId": "evil.example.org"},
        {"userHandle": text(b"bob")},
    ],
    ids=str,
)
async def test_an_answer_for_another_place_or_purpose_is_refused(passkeys, device, changed):
    kept = await registered(passkeys, device)
    assert await refused(
        passkeys.sign_in, device.get(await passkeys.ask_sign_in(), **changed), kept
    )


@pytest.mark.parametrize(
    "changed",
    [
        {"origin": "https://evil.example.org"},
        {"type": "webauthn.get"},
        {"challenge": text(b"x" * 32)},
        {"fmt": "tpm"},
        {"fmt": "android-safetynet"},
        {"fmt": "x"},
        {"fmt": 7},
    ],
    ids=str,
)
async def test_a_registration_from_another_place_or_of_another_kind_is_refused(
    passkeys, device, changed
):
    answer = device.create(await passkeys.ask_registration("ada", "Ada", ()), **changed)
    assert await refused(passkeys.register, "ada", answer)


async def test_a_key_that_is_not_known_or_another_is_refused(passkeys, device):
    kept = await registered(passkeys, device)
    other = SoftAuthenticator(ORIGIN)
    others = await registered(passkeys, other, "bob")
    assert await refused(passkeys.sign_in, other.get(await passkeys.ask_sign_in()), kept)
    assert await refused(passkeys.sign_in, device.get(await passkeys.ask_sign_in()), None)
    # Its own signature under the other's name.
    device.credential = other.credential
    assert await refused(passkeys.sign_in, device.get(await passkeys.ask_sign_in()), others)


async def test_a_good_signature_under_the_name_of_another_passkey_is_refused(passkeys, device):
    kept = await registered(passkeys, device)
    device.credential = b"another"
    assert await refused(passkeys.sign_in, device.get(await passkeys.ask_sign_in()), kept)


async def test_an_authenticator_that_says_no_user_is_taken_at_its_key(passkeys, device):
    kept = await registered(passkeys, device)
    for handle in ("", None):
        await passkeys.sign_in(device.get(await passkeys.ask_sign_in(), userHandle=handle), kept)


async def test_a_credential_id_beyond_the_bound_is_refused(passkeys, device):
    device.credential = b"x" * 1_024
    answer = device.create(await passkeys.ask_registration("ada", "Ada", ()))
    assert await refused(passkeys.register, "ada", answer)
    device.credential = b"x" * 1_023
    await registered(passkeys, device)


async def test_a_changed_bit_anywhere_in_what_is_signed_is_refused(passkeys, device):
    rng = random.Random(SEED)
    print(f"seed {SEED}")
    kept = await registered(passkeys, device)
    for name in ("clientDataJSON", "authenticatorData", "signature"):
        for _ in range(40):
            answer = device.get(await passkeys.ask_sign_in())
            bits = bytearray(raw(answer["response"][name]))
            at = rng.randrange(len(bits) * 8)
            bits[at // 8] ^= 1 << at % 8
            answer["response"][name] = text(bytes(bits))
            assert await refused(passkeys.sign_in, answer, kept), (name, at)


JUNK = [
    None,
    7,
    "",
    "x",
    "é",
    "A" * 5_000,
    [],
    {},
    True,
    text(b"\x00"),
    text(b"[" * 5_000),
    text(b"\x81" * 5_000),
    text(b"\x9f" * 5_000),
    text(b"\xbb\xff\xff\xff\xff\xff\xff\xff\xff"),
    text(b"\x5b\x7f\xff\xff\xff\xff\xff\xff\xff"),
    text(b'{"type":"webauthn.get"}'),
    text(b'{"challenge":' + b"[" * 5_000),
    text(b'{"type":1,"challenge":1,"origin":1}'),
    text(b"\xff\xfe"),
]


async def test_no_junk_in_any_field_is_more_than_a_refusal(passkeys, device):
    kept = await registered(passkeys, device)
    slowest = 0.0

    async def answered(junk):
        return passkeys.sign_in, (junk(device.get(await passkeys.ask_sign_in())), kept)

    async def made(junk):
        asked = await passkeys.ask_registration("ada", "Ada", ())
        return passkeys.register, ("ada", junk(device.create(asked)))

    for ask in (answered, made):
        for spoil in spoilers():
            call, given = await ask(spoil)
            began = time.process_time()
            try:
                await call(*given)
            except Reject as no:
                assert no.code == Code.AUTH_FAILED  # noqa: PT017 - a few fields may hold anything
            slowest = max(slowest, time.process_time() - began)
    print(f"slowest {slowest * 1000:.1f} ms")
    assert slowest < 0.5


@pytest.mark.parametrize("answer", [{}, {"rawId": "x"}, {"rawId": "é"}, {"rawId": None}, [], ""])
async def test_what_names_no_passkey_is_refused(passkeys, answer):
    with pytest.raises(Reject) as no:
        passkeys.credential_of(answer)
    assert no.value.code == Code.AUTH_FAILED


def spoilers():
    def put(where, name, value):
        def spoil(answer):
            answer = copy.deepcopy(answer)
            (answer if where is None else answer[where])[name] = value
            return answer

        return spoil

    def drop(where, name):
        def spoil(answer):
            answer = copy.deepcopy(answer)
            (answer if where is None else answer[where]).pop(name, None)
            return answer

        return spoil

    inner = ("clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle")
    for where, names in ((None, ("id", "rawId", "type", "response")), ("response", inner)):
        for name in names:
            yield drop(where, name)
            for junk in JUNK:
                yield put(where, name, junk)


async def test_the_log_says_that_one_was_refused_and_quotes_nothing(passkeys, device):
    kept = await registered(passkeys, device)
    with capture_logs() as lines:
        answer = device.get(await passkeys.ask_sign_in(), origin="https://secret.example")
        assert await refused(passkeys.sign_in, answer, kept)
    assert [line["event"] for line in lines] == ["passkey_refused"]
    assert "secret" not in str(lines)


async def test_challenges_are_bounded_and_the_oldest_goes_first():
    challenges = Challenges(MemoryPasses(lambda: 0.0), most=3)
    given = [await challenges.give("x") for _ in range(4)]
    assert [await challenges.take(one, "x") for one in given] == [False, True, True, True]


async def test_a_challenge_for_another_purpose_is_used_up():
    challenges = Challenges(MemoryPasses(lambda: 0.0))
    one = await challenges.give("x")
    assert not await challenges.take(one, "y")
    assert not await challenges.take(one, "x")
    assert not await challenges.take(b"never given", "")
