"""Second factors of one's own: set up, named, taken away, and what is written down of it."""

import pyotp
import pytest
from tests.support.authenticator import SoftAuthenticator
from tests.unit.auth.world import ORIGIN

from conclave.auth.factors import MOST_PASSKEYS
from conclave.model import Action, Factors, Passkey, Role
from conclave.protocol.errors import Code, Reject


async def refusal(awaitable):
    with pytest.raises(Reject) as no:
        await awaitable
    return no.value.code


@pytest.fixture
async def ada(world):
    await world.account("ada")
    caller = await world.caller("ada")
    world.forget()
    return caller


def code(world, secret, ahead=0):
    return pyotp.TOTP(secret).generate_otp(world.clock.wall() // 30_000 + ahead)


async def with_totp(world, caller, ahead=-1):
    begun = await world.factors.begin_totp(caller)
    return begun.secret, await world.factors.confirm_totp(caller, code(world, begun.secret, ahead))


async def with_passkey(world, caller, name="laptop"):
    device = SoftAuthenticator(ORIGIN)
    made = device.create(await world.factors.ask_registration(caller))
    return await world.factors.add_passkey(caller, name, made)


async def test_what_an_app_is_given_is_one_secret_in_three_forms(world, ada):
    begun = await world.factors.begin_totp(ada)
    app = pyotp.parse_uri(begun.link)
    assert (app.secret, app.name, app.issuer) == (begun.secret, "ada", "chat.example.org")
    assert begun.path.startswith("M4 4h7v1h-7z")
    assert begun.size >= 33
    kept = await world.accounts.totp("ada")
    assert begun.secret.encode() not in kept.sealed


async def test_it_counts_once_a_code_has_shown_that_it_is_in_an_app(world, ada):
    begun = await world.factors.begin_totp(ada)
    assert await world.factors.methods("ada") == []
    assert await refusal(world.factors.confirm_totp(ada, "000000")) == Code.CONFLICT
    assert world.notes == []
    codes = await world.factors.confirm_totp(ada, code(world, begun.secret))
    assert len(codes) == 10
    assert await world.factors.methods("ada") == ["totp", "recovery"]
    assert [note.action for note in world.notes] == [Action.FACTOR_ADDED, Action.RECOVERY_MADE]
    assert world.notes[0].details == {"how": "totp"}
    assert {(note.actor, note.target) for note in world.notes} == {("ada", "ada")}
    # Nor does a code confirm what is in use already.
    assert await refusal(world.factors.confirm_totp(ada, code(world, begun.secret, 1))) == (
        Code.CONFLICT
    )


async def test_confirming_is_guessed_at_five_times(world, ada):
    begun = await world.factors.begin_totp(ada)
    for _ in range(5):
        assert await refusal(world.factors.confirm_totp(ada, "000000")) == Code.CONFLICT
    good = code(world, begun.secret)
    assert await refusal(world.factors.confirm_totp(ada, good)) == Code.RATE_LIMITED
    world.clock.turn(60)
    await world.factors.confirm_totp(ada, code(world, begun.secret))
    for _ in range(5):
        assert await refusal(world.factors.confirm_totp(ada, "000000")) == Code.CONFLICT


async def test_only_the_first_factor_brings_recovery_codes(world, ada):
    _, codes = await with_totp(world, ada)
    _, more = await with_passkey(world, ada)
    assert (len(codes), more) == (10, [])
    await world.factors.remove_totp(ada)
    _, again = await with_totp(world, ada, ahead=0)
    assert again == []
    assert (await world.own.factors(ada)).recovery_codes == 10


async def test_a_passkey_as_the_first_brings_them_too(world, ada):
    kept, codes = await with_passkey(world, ada, "  my \n laptop ")
    assert (kept.name, len(codes)) == ("my laptop", 10)
    (note, _) = world.notes
    assert note.action == Action.FACTOR_ADDED
    assert note.details == {"how": "passkey", "name": "my laptop"}
    named, _ = await with_passkey(world, ada, "x" * 100)
    assert named.name == "x" * 64
    unnamed, _ = await with_passkey(world, ada, " ")
    assert unnamed.name == "Passkey"
    assert [one.id for one in await world.factors.passkeys_of(ada)] == [
        one.id for one in await world.accounts.passkeys_of("ada")
    ]


async def test_the_browser_is_told_which_passkeys_there_are(world, ada):
    kept, _ = await with_passkey(world, ada)
    asked = await world.factors.ask_registration(ada)
    assert len(asked["excludeCredentials"]) == 1
    assert asked["user"]["name"] == "ada"
    assert asked["user"]["displayName"] == "ada"
    mine = await world.factors.ask_passkey("ada")
    assert [one["id"] for one in mine["allowCredentials"]] == [
        one["id"] for one in asked["excludeCredentials"]
    ]
    assert kept.user == "ada"


async def test_a_registration_that_is_not_good_is_a_conflict(world, ada):
    assert await refusal(world.factors.add_passkey(ada, "x", {})) == Code.CONFLICT
    assert world.notes == []


async def test_there_are_so_many_passkeys(world, ada):
    for n in range(MOST_PASSKEYS):
        one = Passkey(id=bytes([n]), user="ada", public_key=b"k", sign_count=0)
        await world.accounts.add_passkey(one, most=MOST_PASSKEYS)
    assert await refusal(with_passkey(world, ada)) == Code.FORBIDDEN
    assert MOST_PASSKEYS == 20


async def test_with_the_last_factor_the_codes_go(world, ada):
    await with_totp(world, ada)
    kept, _ = await with_passkey(world, ada)
    world.forget()
    await world.factors.remove_totp(ada)
    assert (await world.own.factors(ada)).recovery_codes == 10
    await world.factors.remove_passkey(ada, kept.id)
    assert await world.own.factors(ada) == Factors()
    assert [(note.action, note.details["how"]) for note in world.notes] == [
        (Action.FACTOR_REMOVED, "totp"),
        (Action.FACTOR_REMOVED, "passkey"),
    ]


async def test_what_is_not_there_is_not_taken_away(world, ada):
    assert await refusal(world.factors.remove_totp(ada)) == Code.NOT_FOUND
    assert await refusal(world.factors.remove_passkey(ada, b"x")) == Code.NOT_FOUND
    assert world.notes == []


async def test_a_role_that_must_have_one_keeps_its_last(world, ada):
    world.factor_for.add(Role.USER)
    await with_totp(world, ada)
    assert await refusal(world.factors.remove_totp(ada)) == Code.FORBIDDEN
    first, _ = await with_passkey(world, ada)
    second, _ = await with_passkey(world, ada)
    await world.factors.remove_totp(ada)
    await world.factors.remove_passkey(ada, first.id)
    assert await refusal(world.factors.remove_passkey(ada, second.id)) == Code.FORBIDDEN
    world.factor_for.clear()
    await world.factors.remove_passkey(ada, second.id)


async def test_recovery_codes_are_for_who_has_a_factor_and_new_ones_end_the_old(world, ada):
    assert await refusal(world.factors.renew_recovery(ada)) == Code.FORBIDDEN
    assert world.notes == []
    _, old = await with_totp(world, ada)
    new = await world.factors.renew_recovery(ada)
    assert len(set(old) | set(new)) == 20
    assert (await world.own.factors(ada)).recovery_codes == 10
    assert world.notes[-1].action == Action.RECOVERY_MADE
    assert not world.notes[-1].details


async def test_every_note_says_from_where(world, ada):
    await with_totp(world, ada)
    await world.factors.remove_totp(ada)
    assert len(world.notes) == 3
    assert {note.address for note in world.notes} == {ada.place.address}
