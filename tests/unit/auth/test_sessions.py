"""Sessions: who holds one, until when, and that what is said elsewhere counts at once."""

import re

import pytest
from msgspec.structs import replace
from tests.unit.auth.world import HERE, THERE

from conclave.model import Action, Identity, Place, Role, Scope, User
from conclave.protocol.errors import Code, Reject

DAY_S = 86_400.0


async def opened(world, name="ada", place=HERE, **more):
    return await world.sessions.open(await world.store.user(name), place, "password", **more)


async def refused(world, secret):
    with pytest.raises(Reject) as no:
        await world.sessions.find(secret, HERE)
    return no.value.code == Code.AUTH_FAILED


@pytest.fixture
async def ada(world):
    return await world.account("ada")


@pytest.mark.usefixtures("ada")
async def test_a_session_is_256_bits_under_a_known_name_for_its_days(world):
    secret, info = await opened(world)
    assert re.fullmatch(r"cvs_[A-Za-z0-9_-]{43}", secret)
    assert info.expires_at == world.clock.wall() + 30 * 86_400_000
    identity, found = await world.sessions.find(secret, HERE)
    assert found == info
    assert identity == Identity(user="ada", name="ada", expires_at=info.expires_at, session=info.id)
    assert (await opened(world)).secret != secret
    short = await opened(world, days=1)
    assert short.info.expires_at == world.clock.wall() + 86_400_000


@pytest.mark.usefixtures("ada")
async def test_it_is_noted_who_came_in_by_what_and_from_where(world):
    await opened(world)
    (note,) = world.notes
    assert (note.action, note.actor, note.target) == (Action.SESSION_STARTED, "ada", "ada")
    assert (note.address, note.details) == ("192.0.2.7", {"how": "password"})


@pytest.mark.usefixtures("ada")
async def test_a_session_ends_at_its_hour_and_when_its_user_is_deactivated(world):
    secret, _ = await opened(world)
    world.clock.turn(30 * DAY_S - 1)
    await world.sessions.find(secret, HERE)
    world.clock.turn(1)
    assert await refused(world, secret)
    secret, _ = await opened(world)
    await world.store.people.change("ada", active=False)
    assert await refused(world, secret)
    with pytest.raises(Reject):
        await opened(world)


@pytest.mark.usefixtures("ada")
async def test_what_is_no_session_lets_nobody_in(world):
    secret, _ = await opened(world)
    token = await world.own.make_token(await world.caller("ada"), new_token())
    wrong = ["", "cvs_", secret[:-1], secret + "x", secret[:4] + secret[4:].swapcase(), token[0]]
    wrong += ["cvs_" + "x" * 43, "cvs_" + token[0][4:], "cvs_" + "é" * 43, secret + "\n"]
    for one in wrong:
        assert await refused(world, one)


def new_token():
    from conclave.protocol.account import NewToken

    return NewToken("laptop")


@pytest.mark.usefixtures("ada")
async def test_name_and_role_are_those_of_now(world):
    secret, _ = await opened(world)
    await world.store.people.change("ada", display_name="Countess", role=Role.ADMIN)
    identity, _ = await world.sessions.find(secret, HERE)
    assert (identity.name, identity.role) == ("Countess", Role.ADMIN)


@pytest.mark.usefixtures("ada")
async def test_who_has_as_many_as_may_be_loses_the_one_not_used_for_longest(world):
    sessions = []
    for _ in range(3):
        sessions.append(await opened(world))
        world.clock.turn(100)
    await world.sessions.find(sessions[0].secret, HERE)
    await world.accounts.close()
    world.forget()
    await opened(world)
    assert world.gone == [("ada", [sessions[1].info.id])]
    assert await refused(world, sessions[1].secret)
    await world.sessions.find(sessions[0].secret, HERE)


@pytest.mark.usefixtures("ada")
async def test_a_use_is_noted_once_a_minute_and_from_each_new_place(world, monkeypatch):
    secret, info = await opened(world)
    uses = []
    monkeypatch.setattr(world.accounts, "note_use", lambda *use: uses.append(use))
    world.clock.turn(1)
    await world.sessions.find(secret, HERE)
    assert uses == [(info.id, HERE)]
    monkeypatch.undo()
    world.accounts.note_use(info.id, HERE)
    await world.accounts.close()
    monkeypatch.setattr(world.accounts, "note_use", lambda *use: uses.append(use))
    world.clock.turn(59)
    await world.sessions.find(secret, HERE)
    assert len(uses) == 1
    await world.sessions.find(secret, THERE)
    assert uses[1:] == [(info.id, THERE)]
    world.clock.turn(1)
    await world.sessions.find(secret, HERE)
    assert uses[2:] == [(info.id, HERE)]


@pytest.mark.usefixtures("ada")
async def test_ending_one_is_told_and_noted_by_how_it_was_done(world):
    first, second = await opened(world), await opened(world)
    world.forget()
    await world.sessions.end("ada", first.info.id, HERE, own=True)
    await world.sessions.end("ada", second.info.id, THERE, own=False)
    assert world.gone == [("ada", [first.info.id]), ("ada", [second.info.id])]
    notes = [(note.action, note.address) for note in world.notes]
    assert notes == [
        (Action.SESSION_ENDED, HERE.address),
        (Action.SESSION_REVOKED, THERE.address),
    ]
    world.forget()
    for id_ in (first.info.id, "x"):
        with pytest.raises(Reject) as no:
            await world.sessions.end("ada", id_, HERE, own=False)
        assert no.value.code == Code.NOT_FOUND
    assert (world.gone, world.notes) == ([], [])


@pytest.mark.usefixtures("ada")
async def test_ending_all_others_says_how_many(world):
    sessions = [await opened(world) for _ in range(3)]
    world.forget()
    assert await world.sessions.end_others("ada", sessions[1].info.id, HERE) == 2
    ((user, ids),) = world.gone
    assert (user, set(ids)) == ("ada", {sessions[0].info.id, sessions[2].info.id})
    (note,) = world.notes
    assert (note.action, note.details) == (Action.SESSION_REVOKED, {"times": 2})
    world.forget()
    assert await world.sessions.end_others("ada", sessions[1].info.id, HERE) == 0
    assert world.notes == []
    assert [one.id for one in await world.sessions.listed("ada")] == [sessions[1].info.id]


@pytest.mark.usefixtures("ada")
async def test_what_a_ticket_is_worth_is_what_its_session_is_worth_now(world):
    secret, info = await opened(world)
    identity, _ = await world.sessions.find(secret, HERE)
    await world.store.people.change("ada", role=Role.ADMIN)
    assert (await world.sessions.still(identity)).role is Role.ADMIN
    await world.sessions.end("ada", info.id, HERE, own=True)
    assert await world.sessions.still(identity) is None
    unknown = Identity(user="ada", name="Ada", session="x")
    assert await world.sessions.still(unknown) is None


@pytest.mark.usefixtures("ada")
async def test_of_many_those_are_suspects_whose_session_is_another_now(world):
    good, ended = [await opened(world) for _ in range(2)]
    each = [(await world.sessions.find(one.secret, HERE))[0] for one in (good, ended)]
    vouched = Identity(user="eve", name="Eve")
    assert await world.sessions.suspects([*each, vouched]) == []
    await world.sessions.end("ada", ended.info.id, HERE, own=True)
    narrowed = replace(each[0], rooms=frozenset({"hall"}))
    unknown = Identity(user="ada", name="Ada", session="x")
    suspects = await world.sessions.suspects([*each, vouched, narrowed, unknown])
    assert suspects == [each[1], narrowed, unknown]


async def test_who_came_in_without_a_session_is_still_there_unless_deactivated(world):
    vouched = Identity(user="eve", name="Eve")
    assert await world.sessions.still(vouched) == vouched
    await world.store.put_user(User(id="eve", name="eve", display_name="Eve"))
    assert await world.sessions.still(vouched) == vouched
    await world.store.people.change("eve", active=False)
    assert await world.sessions.still(vouched) is None


@pytest.mark.usefixtures("ada")
async def test_a_role_that_needs_a_factor_has_its_account_alone_until_there_is_one(world):
    secret, info = await opened(world)
    world.factor_for.add(Role.USER)
    identity, _ = await world.sessions.find(secret, HERE)
    assert identity.scopes == frozenset({Scope.ACCOUNT})
    assert (await world.sessions.still(identity)).scopes == frozenset({Scope.ACCOUNT})
    assert await world.sessions.suspects([identity]) == [identity], "its factor is asked for"
    assert await world.sessions.lacks_factor(info.user)
    await world.accounts.begin_totp("ada", b"x")
    await world.accounts.use_totp("ada", 1, b"x")
    assert not await world.sessions.lacks_factor(info.user)
    assert (await world.sessions.find(secret, HERE))[0].scopes is None
    world.factor_for.clear()
    await world.accounts.remove_totp("ada")
    assert not await world.sessions.lacks_factor(info.user)
    assert not world.sessions.must_have_factor(Role.USER)


async def test_a_token_of_a_role_that_needs_a_factor_is_worth_what_a_session_is(world):
    await world.account("ada")
    caller = await world.caller("ada")
    _, made = await world.own.make_token(caller, new_token())
    world.factor_for.add(Role.USER)
    assert (await world.sessions.identity(made)).scopes == frozenset({Scope.ACCOUNT})
    world.factor_for.clear()
    assert (await world.sessions.identity(made)).scopes is None
    place = Place(address="192.0.2.1")
    assert place.agent == ""


@pytest.mark.usefixtures("ada")
async def test_who_is_connected_stays_though_the_wall_clock_jumps_and_goes_when_it_is_revoked(
    world,
):
    """A connection has its token's end by the other clock; who comes in anew is judged by this."""
    secret, info = await opened(world)
    identity, _ = await world.sessions.find(secret, HERE)
    world.clock.turn(12 * 365 * DAY_S)
    assert await world.sessions.still(identity) == identity
    assert await world.sessions.good(identity) is None
    world.clock.turn(-12 * 365 * DAY_S)
    assert await world.sessions.good(identity) == identity
    await world.sessions.end("ada", info.id, HERE, own=True)
    assert await world.sessions.still(identity) is None
    assert await world.sessions.good(identity) is None


async def test_what_another_system_vouched_for_is_good_until_it_ends(world):
    for ends, good in ((None, True), (world.clock.wall() + 1, True), (world.clock.wall(), False)):
        eve = Identity(user="eve", name="Eve", expires_at=ends)
        assert await world.sessions.still(eve) == eve
        assert (await world.sessions.good(eve) == eve) is good
