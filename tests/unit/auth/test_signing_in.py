"""Coming in: who is let in, what is said to whom, and what is written down of it."""

import pyotp
import pytest
from tests.support.authenticator import SoftAuthenticator
from tests.unit.auth.world import GOOD, HERE, ORIGIN, THERE

from conclave.auth import recovery
from conclave.auth.devices import Devices
from conclave.auth.passwords import Cost, Passwords
from conclave.auth.pending import GOOD_FOR_S, TRIES, Pending, Proven
from conclave.core.passes import MemoryPasses
from conclave.model import STRANGER, Action, Role, Via
from conclave.protocol.account import FactorWanted, SecondFactor, SignIn
from conclave.protocol.errors import Code, Reject
from conclave.storage.identities import SqlIdentities


async def refusal(awaitable):
    with pytest.raises(Reject) as no:
        await awaitable
    return no.value.code, no.value.message


WRONG = (Code.AUTH_FAILED, "The name or the password is wrong")


async def test_the_right_password_opens_a_session(world):
    await world.account("ada")
    entered = await world.sign_in("ADA")
    assert (entered.user.id, entered.must) == ("ada", [])
    identity, _ = await world.sessions.find(entered.session.secret, HERE)
    assert identity.user == "ada"
    assert [note.action for note in world.notes] == [Action.SESSION_STARTED]
    assert world.notes[0].details == {"how": "password"}
    assert world.devices.known("ada", entered.device)
    assert not world.devices.known("bob", entered.device)


async def test_all_others_hear_the_same_and_it_is_noted_without_their_words(world):
    await world.account("ada")
    await world.account("eve")
    await world.store.people.change("eve", active=False)
    for name, password in [("ada", "wrong"), ("Tulips-in-77-rows", GOOD), ("eve", GOOD)]:
        assert await refusal(world.sign_in(name, password)) == WRONG
    assert [note.action for note in world.notes] == [Action.SESSION_FAILED] * 3
    assert [(note.actor, note.target) for note in world.notes] == [
        (STRANGER, "ada"),
        (STRANGER, None),
        (STRANGER, "eve"),
    ]
    assert world.notes[0].details == {"how": "password"}
    assert world.notes[1].details == {"how": "password", "account": "Tul…"}
    assert {note.address for note in world.notes} == {HERE.address}


async def test_a_good_one_clears_the_count_and_a_refused_one_is_not_judged(world):
    await world.account("ada")
    for _ in range(4):
        await refusal(world.sign_in("ada", "wrong"))
    await world.sign_in("ada")
    for _ in range(5):
        assert await refusal(world.sign_in("ada", "wrong")) == WRONG
    code, _ = await refusal(world.sign_in("ada"))
    assert code == Code.RATE_LIMITED
    assert (await refusal(world.sign_in("Ada", place=THERE)))[0] == Code.RATE_LIMITED
    world.clock.turn(60)
    await world.sign_in("ada")


async def test_a_known_device_is_let_past_the_rest_of_its_account(world):
    await world.account("ada")
    device = (await world.sign_in("ada")).device
    for _ in range(5):
        await refusal(world.sign_in("ada", "wrong", THERE))
    assert (await refusal(world.sign_in("ada", place=THERE)))[0] == Code.RATE_LIMITED
    await world.sign_in("ada", place=THERE, device=device)


async def test_a_password_that_could_not_be_judged_is_not_counted(world, monkeypatch):
    await world.account("ada")

    async def busy(*_):
        raise Reject(Code.BUSY)

    with monkeypatch.context() as patched:
        patched.setattr(world.passwords, "verify", busy)
        for _ in range(10):
            assert (await refusal(world.sign_in("ada")))[0] == Code.BUSY
    await world.sign_in("ada")


async def test_a_hash_of_another_cost_is_renewed(world):
    await world.account("ada")
    dear = Passwords(Cost(memory_kib=16, passes=1))
    await world.accounts.set_password("ada", await dear.hash(GOOD))
    dear.close()
    await world.sign_in("ada")
    kept = await world.accounts.password_of("ada")
    assert "m=8," in kept
    await world.sign_in("ada")
    assert await world.accounts.password_of("ada") == kept


async def test_a_role_that_must_have_a_factor_is_told_so(world):
    await world.account("root", Role.ADMIN)
    world.factor_for.add(Role.ADMIN)
    assert (await world.sign_in("root")).must == ["second_factor"]


# ── second factors ─────────────────────────────────────────────────────────────────────


class Owner:
    """Somebody with an app, recovery codes and a passkey."""

    def __init__(self, world, secret, codes, device):
        self.world, self.secret, self.codes, self.device = world, secret, codes, device

    def code(self, ahead=0):
        step = self.world.clock.wall() // 30_000 + ahead
        return pyotp.TOTP(self.secret).generate_otp(step)


async def owner(world, name="ada"):
    await world.account(name)
    caller = await world.caller(name)
    begun = await world.factors.begin_totp(caller)
    step = world.clock.wall() // 30_000 - 1
    code = pyotp.TOTP(begun.secret).generate_otp(step)
    codes = await world.factors.confirm_totp(caller, code)
    device = SoftAuthenticator(ORIGIN)
    asked = await world.factors.ask_registration(caller)
    await world.factors.add_passkey(caller, "laptop", device.create(asked))
    world.forget()
    return Owner(world, begun.secret, codes, device)


async def wanted(world, place=HERE):
    found = await world.signing_in.with_password(SignIn("ada", GOOD), place, "")
    assert isinstance(found, FactorWanted)
    return found


async def test_a_password_alone_is_not_enough_for_who_has_a_factor(world):
    ada = await owner(world)
    found = await wanted(world)
    assert found.methods == ["totp", "passkey", "recovery"]
    assert len(found.passkey["allowCredentials"]) == 1
    assert world.notes == []
    for given, how in [
        ({"totp": ada.code()}, "totp"),
        ({"recovery": ada.codes[2]}, "recovery"),
        ({"passkey": ada.device.get(found.passkey)}, "passkey"),
    ]:
        found = await wanted(world)
        if how == "passkey":
            given = {"passkey": ada.device.get(found.passkey)}
        entered = await world.signing_in.with_factor(SecondFactor(found.pending, **given), HERE)
        assert entered.user.id == "ada"
        assert world.notes[-1].details == {"how": f"password and {how}"}
    assert [note.actor for note in world.noted(Action.RECOVERY_USED)] == ["ada"]


async def test_a_wrong_answer_is_noted_and_another_may_follow(world):
    ada = await owner(world)
    found = await wanted(world)
    said = (Code.AUTH_FAILED, "The code is wrong, or was used before")
    for given in ({"totp": "000000"}, {"recovery": "x"}, {"recovery": "0" * 16}):
        asked = world.signing_in.with_factor(SecondFactor(found.pending, **given), HERE)
        assert await refusal(asked) == said
    assert [note.action for note in world.notes] == [Action.SESSION_FAILED] * 3
    assert world.notes[0].details == {"how": "second factor"}
    assert world.notes[0].target == "ada"
    await world.signing_in.with_factor(SecondFactor(found.pending, totp=ada.code()), HERE)
    # Whoever is in needs no second way in.
    asked = world.signing_in.with_factor(SecondFactor(found.pending, totp=ada.code(1)), HERE)
    assert await refusal(asked) == (Code.AUTH_FAILED, "Sign in once more")


async def test_who_knows_the_password_keeps_nobody_from_the_second_factor(world):
    ada = await owner(world)
    found = await wanted(world)
    entered = await world.signing_in.with_factor(SecondFactor(found.pending, totp=ada.code()), HERE)
    found = await wanted(world)
    for _ in range(5):
        asked = world.signing_in.with_factor(SecondFactor(found.pending, totp="000000"), HERE)
        assert (await refusal(asked))[0] == Code.AUTH_FAILED
    found = await wanted(world)
    request = SecondFactor(found.pending, totp=ada.code(1))
    for device in ("", "x", world.devices.cookie("bob")):
        asked = world.signing_in.with_factor(request, HERE, device)
        assert (await refusal(asked))[0] == Code.RATE_LIMITED
    await world.signing_in.with_factor(request, HERE, entered.device)


async def test_who_waits_for_a_factor_does_not_come_in_by_a_password_of_before(world):
    ada = await owner(world)
    found = await wanted(world)
    await world.accounts.set_password("ada", await world.passwords.hash("another four words"))
    asked = world.signing_in.with_factor(SecondFactor(found.pending, totp=ada.code()), HERE)
    assert (await refusal(asked))[0] == Code.AUTH_FAILED
    assert await world.sessions.listed("ada") == []


async def test_a_password_that_is_changed_while_it_is_judged_opens_nothing(world, monkeypatch):
    await world.account("ada")
    verify, changed = world.passwords.verify, []

    async def slowly(password, kept):
        verdict = await verify(password, kept)
        another = await world.passwords.hash("another four words")
        changed.append(await world.accounts.set_password("ada", another))
        return verdict

    monkeypatch.setattr(world.passwords, "verify", slowly)
    assert (await refusal(world.sign_in("ada")))[0] == Code.AUTH_FAILED
    assert changed == [[]]
    assert await world.sessions.listed("ada") == []


async def test_of_two_who_renew_one_hash_one_is_asked_to_come_again(world, monkeypatch):
    await world.account("ada")
    world.signing_in._passwords = Passwords(Cost(memory_kib=16, passes=1))
    renew, at_once = world.accounts.renew_password, []

    async def second(user, old, new):
        at_once.append(await renew(user, old, await world.passwords.hash(GOOD)))
        return await renew(user, old, new)

    monkeypatch.setattr(world.accounts, "renew_password", second)
    assert (await refusal(world.sign_in("ada")))[0] == Code.BUSY
    assert at_once == [True]
    world.signing_in._passwords.close()


async def test_a_code_of_an_app_is_good_once(world):
    ada = await owner(world)
    first, second = await wanted(world), await wanted(world)
    await world.signing_in.with_factor(SecondFactor(first.pending, totp=ada.code()), HERE)
    asked = world.signing_in.with_factor(SecondFactor(second.pending, totp=ada.code()), HERE)
    assert (await refusal(asked))[0] == Code.AUTH_FAILED
    await world.signing_in.with_factor(SecondFactor(second.pending, totp=ada.code(1)), HERE)


async def test_codes_are_guessed_five_times_and_a_good_one_clears_the_count(world):
    ada = await owner(world)

    async def guess(n, code="000000"):
        found = await wanted(world)
        request = SecondFactor(found.pending, totp=code)
        return await world.signing_in.with_factor(request, HERE)

    for n in range(4):
        await refusal(guess(n))
    await guess(4, ada.code())
    for n in range(5):
        assert (await refusal(guess(n)))[0] == Code.AUTH_FAILED
    assert (await refusal(guess(5, ada.code(1))))[0] == Code.RATE_LIMITED
    world.clock.turn(60)
    await guess(6, ada.code())


async def test_one_answer_is_asked_for(world):
    ada = await owner(world)
    found = await wanted(world)
    for given in ({}, {"totp": ada.code(), "recovery": ada.codes[0]}):
        asked = world.signing_in.with_factor(SecondFactor(found.pending, **given), HERE)
        assert (await refusal(asked))[0] == Code.BAD_REQUEST
    assert world.notes == []


async def test_who_was_deactivated_after_the_password_does_not_come_in(world):
    ada = await owner(world)
    found = await wanted(world)
    await world.store.people.change("ada", active=False)
    asked = world.signing_in.with_factor(SecondFactor(found.pending, totp=ada.code()), HERE)
    assert await refusal(asked) == WRONG


async def test_a_passkey_of_another_is_no_second_factor(world):
    await owner(world)
    bob = await owner(world, "bob")
    found = await wanted(world)
    answer = bob.device.get(found.passkey)
    asked = world.signing_in.with_factor(SecondFactor(found.pending, passkey=answer), HERE)
    assert (await refusal(asked))[0] == Code.AUTH_FAILED


async def test_a_passkey_signs_in_alone(world):
    ada = await owner(world)
    ada.device.count = 3
    answer = ada.device.get(await world.factors.ask_passkey())
    entered = await world.signing_in.with_passkey(answer, HERE)
    assert entered.user.id == "ada"
    assert world.notes[-1].details == {"how": "passkey"}
    (kept,) = await world.accounts.passkeys_of("ada")
    assert kept.sign_count == 3
    assert (await world.factors.ask_passkey())["allowCredentials"] == []


async def test_of_two_answers_with_one_count_one_comes_in_though_both_are_judged_at_once(
    world, monkeypatch
):
    """A copy of an authenticator, which answers in the same moment."""
    ada = await owner(world)
    ada.device.count = 3
    first, second = [ada.device.get(await world.factors.ask_passkey()) for _ in range(2)]
    as_it_was = await world.accounts.passkey(ada.device.credential)

    async def before(_):
        return as_it_was

    monkeypatch.setattr(world.accounts, "passkey", before)
    assert (await world.signing_in.with_passkey(first, HERE)).user.id == "ada"
    assert (await refusal(world.signing_in.with_passkey(second, HERE)))[0] == Code.AUTH_FAILED


async def test_a_passkey_that_is_not_good_is_noted_for_nobody(world):
    ada = await owner(world)
    stranger = SoftAuthenticator(ORIGIN)
    answer = stranger.get(await world.factors.ask_passkey())
    assert (await refusal(world.signing_in.with_passkey(answer, HERE)))[0] == Code.AUTH_FAILED
    await world.store.people.change("ada", active=False)
    answer = ada.device.get(await world.factors.ask_passkey())
    assert (await refusal(world.signing_in.with_passkey(answer, THERE)))[0] == Code.AUTH_FAILED
    assert [(note.action, note.target) for note in world.notes] == [
        (Action.SESSION_FAILED, None)
    ] * 2
    assert [note.address for note in world.notes] == [HERE.address, THERE.address]
    assert world.notes[0].details["how"] == "passkey"


async def test_a_passkey_that_could_not_be_looked_up_is_no_failed_sign_in(world, monkeypatch):
    ada = await owner(world)

    async def away(*_):
        raise Reject(Code.UNAVAILABLE)

    answer = ada.device.get(await world.factors.ask_passkey())
    monkeypatch.setattr(world.store, "user", away)
    assert (await refusal(world.signing_in.with_passkey(answer, HERE)))[0] == Code.UNAVAILABLE
    assert world.noted(Action.SESSION_FAILED) == []


async def test_a_secret_sealed_by_another_server_is_no_factor_and_recovery_is(world, logs):
    ada = await owner(world)
    await world.accounts.remove_totp("ada")
    await world.accounts.begin_totp("ada", b"sealed by somebody else")
    await world.accounts.use_totp("ada", 1, b"sealed by somebody else")
    found = await wanted(world)
    asked = world.signing_in.with_factor(SecondFactor(found.pending, totp=ada.code()), HERE)
    assert (await refusal(asked))[0] == Code.AUTH_FAILED
    assert [line["event"] for line in logs] == ["totp_sealed_by_another_secret"]
    request = SecondFactor(found.pending, recovery=ada.codes[0])
    await world.signing_in.with_factor(request, HERE)
    assert recovery.digest("ada", ada.codes[0])


# ── who is vouched for ─────────────────────────────────────────────────────────────────


HOUSE = Via(issuer="https://id.example.org", sid="s-1")


async def test_who_is_vouched_for_comes_in_and_the_session_is_the_provider_s(world):
    user = await world.account("ada")
    entered = await world.signing_in.vouched(user, HOUSE, HERE, "oidc house")
    assert (entered.user.id, entered.must) == ("ada", [])
    assert [note.details for note in world.notes] == [{"how": "oidc house"}]
    provider = SqlIdentities(world.store, world.clock.wall)
    ended = await provider.end_sessions(HOUSE.issuer, None, HOUSE.sid)
    assert ended == [("ada", entered.session.info.id)]


async def test_who_is_vouched_for_and_has_a_factor_here_is_asked_for_it(world):
    ada = await owner(world)
    user = await world.store.user("ada")
    found = await world.signing_in.vouched(user, HOUSE, HERE, "oidc house")
    assert isinstance(found, FactorWanted)
    entered = await world.signing_in.with_factor(SecondFactor(found.pending, totp=ada.code()), HERE)
    assert entered.user.id == "ada"


async def test_who_is_vouched_for_and_deactivated_does_not_come_in(world):
    await world.account("ada")
    await world.store.people.change("ada", active=False)
    user = await world.store.user("ada")
    assert await refusal(world.signing_in.vouched(user, HOUSE, HERE, "oidc house")) == WRONG
    assert [note.action for note in world.notes] == [Action.SESSION_FAILED]


# ── what waits ─────────────────────────────────────────────────────────────────────────


ADA, BOB = Proven("ada", "hers"), Proven("bob", "his")


def pending(now=lambda: 0.0, most=10):
    return Pending(MemoryPasses(now), most)


async def refused(waiting, secret, place=HERE):
    with pytest.raises(Reject) as no:
        await waiting.try_one(secret, place)
    return no.value.code == Code.AUTH_FAILED


async def test_a_sign_in_waits_for_its_five_tries():
    waiting = pending()
    secret = await waiting.begin(ADA, HERE)
    assert len(secret) == 43
    assert [await waiting.try_one(secret, HERE) for _ in range(TRIES)] == [ADA] * 5
    assert await refused(waiting, secret)


async def test_it_waits_five_minutes_at_its_address():
    now = [100.0]
    waiting = pending(lambda: now[0])
    secret = await waiting.begin(ADA, HERE)
    assert await refused(waiting, secret, THERE)
    now[0] += GOOD_FOR_S - 0.5
    assert await waiting.try_one(secret, HERE) == ADA
    now[0] += 0.5
    assert await refused(waiting, secret)
    assert GOOD_FOR_S == 300


async def test_it_is_over_once_somebody_is_in():
    waiting = pending()
    secret, other = await waiting.begin(ADA, HERE), await waiting.begin(BOB, HERE)
    await waiting.end(secret)
    await waiting.end(secret)
    assert await refused(waiting, secret)
    assert await waiting.try_one(other, HERE) == BOB
    for junk in ("", "x", "é", secret + "x"):
        assert await refused(waiting, junk)


async def test_they_are_bounded_and_the_oldest_goes():
    waiting = pending(most=3)
    people = [Proven(f"u{n}", "hash") for n in range(4)]
    secrets = [await waiting.begin(one, HERE) for one in people]
    assert await refused(waiting, secrets[0])
    assert [await waiting.try_one(one, HERE) for one in secrets[1:]] == people[1:]
    assert secrets[3] not in str(vars(waiting._passes))


async def test_what_has_ended_is_not_kept():
    now = [0.0]
    waiting = pending(lambda: now[0])
    for _ in range(5):
        await waiting.begin(ADA, HERE)
        now[0] += 150
    assert len(waiting._passes) == 2


# ── known devices ──────────────────────────────────────────────────────────────────────


def test_a_device_is_known_for_its_account_and_by_its_own_name(world):
    devices = Devices(world.secret)
    first, second = devices.cookie("ada"), devices.cookie("ada")
    names = [devices.known("ada", one) for one in (first, second)]
    assert names == [first[:22], second[:22]]
    assert names[0] != names[1]
    assert devices.known("bob", first) is None
    mixed = first[:23] + second[23:]
    for junk in ("", "x", ".", mixed, first[:-1], first + "x", "é" * 22 + "." + "x" * 43):
        assert devices.known("ada", junk) is None
