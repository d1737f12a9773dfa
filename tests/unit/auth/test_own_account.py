"""One's own account: the password, tokens for programs, and the proof that the owner is there."""

import re

import pytest
from msgspec.structs import replace
from tests.unit.auth.world import GOOD, HERE

from conclave.auth.confirming import FRESH_MS, Confirming
from conclave.auth.own_account import MOST_TOKENS
from conclave.auth.tokens import digest
from conclave.core.throttle import Throttle
from conclave.model import Action, Caller, Identity, Role, Scope, TokenKind
from conclave.protocol.account import ChangePassword, NewToken
from conclave.protocol.errors import Code, Reject

NEW = "another four words"


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


# ── the password ───────────────────────────────────────────────────────────────────────


async def test_a_new_password_ends_all_other_sessions(world, ada):
    others = [await world.caller("ada") for _ in range(2)]
    world.forget()
    assert await world.own.change_password(ada, ChangePassword(GOOD, NEW)) == 2
    ((user, ids),) = world.gone
    assert (user, set(ids)) == ("ada", {one.session.id for one in others})
    (note,) = world.notes
    assert (note.action, note.actor, note.target) == (Action.PASSWORD_CHANGED, "ada", "ada")
    assert (note.address, note.details) == (HERE.address, {})
    await world.sign_in("ada", NEW)
    assert await refusal(world.sign_in("ada", GOOD)) == Code.AUTH_FAILED


async def test_the_old_password_is_asked_for_also_of_who_has_just_signed_in(world, ada):
    for old in ("wrong", ""):
        asked = world.own.change_password(ada, ChangePassword(old, NEW))
        assert await refusal(asked) == Code.PASSWORD_REQUIRED
    asked = world.own.change_password(ada, ChangePassword(GOOD, "ada-ada-1234"))
    assert await refusal(asked) == Code.BAD_REQUEST
    assert world.gone == []
    # A wrong one leaves a line, a password that is no good none.
    (*lines,) = [(note.action, note.actor, note.details) for note in world.notes]
    assert lines == [(Action.SESSION_FAILED, "ada", {"how": "confirmation"})] * 2
    await world.sign_in("ada", GOOD)


async def test_a_program_that_changes_it_ends_all_sessions(world, ada):
    program = Caller(identity=Identity(user="ada", name="Ada"), place=HERE)
    assert await world.own.change_password(program, ChangePassword(GOOD, NEW)) == 1
    assert world.gone == [("ada", [ada.session.id])]


async def test_who_is_kept_by_another_system_has_no_password_here(world):
    await world.store.create_room("hall", Identity(user="eve", name="Eve"))
    eve = Caller(identity=Identity(user="eve", name="Eve"), place=HERE)
    assert not await world.own.has_password(eve)
    asked = world.own.change_password(eve, ChangePassword(GOOD, NEW))
    assert await refusal(asked) == Code.PASSWORD_REQUIRED
    await world.accounts.set_password("eve", await world.passwords.hash(GOOD))
    asked = world.own.change_password(eve, ChangePassword(GOOD, NEW))
    assert await refusal(asked) == Code.FORBIDDEN


async def test_what_must_be_done_first_is_said_of_accounts_alone(world, ada):
    assert await world.own.has_password(ada)
    assert await world.own.must(ada) == []
    world.factor_for.add(Role.USER)
    assert await world.own.must(ada) == ["second_factor"]
    await world.store.create_room("hall", Identity(user="eve", name="Eve"))
    for name in ("nobody", "eve"):
        other = Caller(identity=Identity(user=name, name=name), place=HERE)
        assert await world.own.must(other) == []
    await world.accounts.begin_totp("ada", b"x")
    await world.accounts.use_totp("ada", 1, b"x")
    assert await world.own.must(ada) == []


# ── tokens ─────────────────────────────────────────────────────────────────────────────


async def test_a_token_is_shown_once_and_has_what_was_asked_for(world, ada):
    request = NewToken(" my \n laptop ", [Scope.READ, Scope.WRITE], 30)
    token, made = await world.own.make_token(ada, request)
    assert re.fullmatch(r"cvt_[A-Za-z0-9_-]{43}", token)
    assert (made.name, made.scopes) == ("my laptop", {Scope.READ, Scope.WRITE})
    assert made.expires_at == world.clock.wall() + 30 * 86_400_000
    assert made.kind is TokenKind.TOKEN
    assert await world.accounts.token(digest(token)) == made
    assert await world.own.tokens(ada) == [made]
    (note,) = world.notes
    assert (note.action, note.details) == (Action.TOKEN_CREATED, {"name": "my laptop"})
    _, plain = await world.own.make_token(ada, NewToken("x" * 100))
    assert (plain.name, plain.scopes, plain.expires_at) == ("x" * 64, None, None)


@pytest.mark.parametrize(
    "request_",
    [
        NewToken(""),
        NewToken(" \n"),
        NewToken("x", []),
        NewToken("x", [Scope.ACCOUNT]),
        NewToken("x", [Scope.READ, Scope.ACCOUNT]),
        NewToken("x", None, 0),
        NewToken("x", None, 10**9),
    ],
)
async def test_a_wish_that_cannot_be_granted_makes_no_token(world, ada, request_):
    assert await refusal(world.own.make_token(ada, request_)) == Code.BAD_REQUEST
    assert await world.own.tokens(ada) == []
    assert world.notes == []


async def test_there_are_so_many_tokens(world, ada):
    terms = {"name": "x", "scopes": None, "expires_at": None, "most": MOST_TOKENS}
    for n in range(MOST_TOKENS):
        await world.accounts.add_token("ada", bytes([n]), **terms)
    assert await refusal(world.own.make_token(ada, NewToken("x"))) == Code.FORBIDDEN
    assert MOST_TOKENS == 100


async def test_tokens_are_revoked_one_by_one_or_all_and_that_is_told(world, ada):
    made = [(await world.own.make_token(ada, NewToken(f"t{n}")))[1].id for n in range(3)]
    world.forget()
    await world.own.revoke_token(ada, made[1])
    assert world.gone == [("ada", [made[1]])]
    (note,) = world.notes
    assert (note.action, note.details) == (Action.TOKEN_REVOKED, {})
    for other in (made[1], ada.session.id, "x"):
        assert await refusal(world.own.revoke_token(ada, other)) == Code.NOT_FOUND
    world.forget()
    assert await world.own.revoke_tokens(ada) == 2
    assert world.gone == [("ada", sorted([made[0], made[2]]))]
    assert [note.details for note in world.notes] == [{"times": 2}]
    world.forget()
    assert await world.own.revoke_tokens(ada) == 0
    assert world.notes == []
    assert await world.sessions.listed("ada") != []


# ── whether the owner is there ─────────────────────────────────────────────────────────


async def test_who_has_just_signed_in_is_there(world, ada):
    await world.confirming.confirm(ada, "")
    world.clock.turn(FRESH_MS / 1000 - 1)
    await world.confirming.confirm(ada, "")
    world.clock.turn(1)
    assert await refusal(world.confirming.confirm(ada, "")) == Code.PASSWORD_REQUIRED
    assert FRESH_MS == 600_000


async def test_later_and_for_programs_the_password_is_asked_for(world, ada):
    program = Caller(identity=replace(ada.identity, session="a token"), place=HERE)
    world.clock.turn(FRESH_MS / 1000)
    for caller in (ada, program):
        with pytest.raises(Reject) as no:
            await world.confirming.confirm(caller, "wrong")
        assert (no.value.code, no.value.message) == (
            Code.PASSWORD_REQUIRED,
            "This is not your password",
        )
        await world.confirming.confirm(caller, GOOD)
        # For a while it is not asked again, of who came in by this.
        world.clock.turn(FRESH_MS / 1000 - 1)
        await world.confirming.confirm(caller, "")
        world.clock.turn(2)
        assert await refusal(world.confirming.confirm(caller, "")) == Code.PASSWORD_REQUIRED


async def test_it_is_guessed_five_times_apart_from_the_door(world, ada):
    world.clock.turn(FRESH_MS / 1000)
    asked = world.confirming.check_password
    for _ in range(4):
        assert await refusal(asked(ada, "wrong")) == Code.PASSWORD_REQUIRED
    await asked(ada, GOOD)
    for _ in range(5):
        assert await refusal(asked(ada, "wrong")) == Code.PASSWORD_REQUIRED
    assert await refusal(asked(ada, GOOD)) == Code.RATE_LIMITED
    await world.sign_in("ada")
    world.clock.turn(60)
    await asked(ada, GOOD)


async def test_what_could_not_be_judged_is_not_counted(world, ada, monkeypatch):
    world.clock.turn(FRESH_MS / 1000)

    async def busy(*_):
        raise Reject(Code.BUSY)

    with monkeypatch.context() as patched:
        patched.setattr(world.passwords, "verify", busy)
        for _ in range(10):
            assert await refusal(world.confirming.confirm(ada, GOOD)) == Code.BUSY
    await world.confirming.confirm(ada, GOOD)


OFFICE = frozenset({Scope.ADMIN})


async def test_the_office_asks_again_whoever_signed_in_long_ago(world, ada):
    await world.confirming.require(ada)
    world.clock.turn(FRESH_MS / 1000)
    with pytest.raises(Reject) as no:
        await world.confirming.require(ada)
    assert no.value.code == Code.PASSWORD_REQUIRED
    await world.confirming.confirm(ada, GOOD)
    await world.confirming.require(ada)


async def test_a_token_that_was_made_for_the_office_needs_no_more(world):
    mine = {"user": "ada", "name": "Ada"}
    made_here = Identity(**mine, session="t", scopes=OFFICE)
    await world.confirming.require(Caller(identity=made_here, place=HERE))
    for other in (
        Identity(**mine, session="t", scopes=frozenset({Scope.READ})),
        Identity(**mine, session="t"),
        # Of another system: nobody asked its owner here.
        Identity(**mine, scopes=OFFICE),
    ):
        with pytest.raises(Reject) as no:
            await world.confirming.require(Caller(identity=other, place=HERE))
        assert no.value.code == Code.PASSWORD_REQUIRED


async def test_in_an_open_house_the_office_asks_nobody(world, ada):
    parts = (world.accounts, world, world.clock, world.passwords, Throttle(), world.passes)
    world.clock.turn(FRESH_MS / 1000)
    await Confirming(*parts, open_house=True).require(ada)
    with pytest.raises(Reject):
        await Confirming(*parts).require(ada)


async def test_what_was_said_before_the_password_changed_is_believed_no_more(world, ada):
    await world.account("bob")
    own, hers, his = (
        Caller(identity=Identity(user=user, name=user, session=by), place=HERE)
        for user, by in (("ada", "t-1"), ("ada", "t-2"), ("bob", "t-3"))
    )
    for caller in (own, hers, his):
        await world.confirming.confirm(caller, GOOD)
    await world.accounts.set_password("ada", await world.passwords.hash(NEW))
    for caller in (own, hers):
        assert await refusal(world.confirming.confirm(caller, "")) == Code.PASSWORD_REQUIRED
    await world.confirming.confirm(his, "")


async def test_of_too_many_who_said_it_those_of_longest_ago_are_asked_again(
    world, ada, monkeypatch
):
    monkeypatch.setattr("conclave.auth.confirming._MOST_OF_USER", 2)
    first, second, third = (
        Caller(identity=replace(ada.identity, session=f"t-{n}"), place=HERE) for n in range(3)
    )
    # The first says it once more, and is no longer the one of longest ago.
    for caller in (first, second, first):
        await world.confirming.check_password(caller, GOOD)
    await world.confirming.confirm(third, GOOD)
    assert await refusal(world.confirming.confirm(second, "")) == Code.PASSWORD_REQUIRED
    for caller in (first, third):
        await world.confirming.confirm(caller, "")


# ── who asks ───────────────────────────────────────────────────────────────────────────


async def test_a_question_that_could_not_be_answered_is_no_failed_token(world):
    for why, noted in ((Code.UNAVAILABLE, 0), (Code.BUSY, 0), (Code.AUTH_FAILED, 1)):

        async def identify(_, why=why):
            raise Reject(why)

        world.gate._identify = identify
        assert await refusal(world.gate.by_token("t", HERE)) == why
        assert len(world.noted(Action.SESSION_FAILED)) == noted


async def test_a_page_is_known_by_its_cookie_and_a_program_by_its_token(world, ada):
    assert (ada.identity.user, ada.place) == ("ada", HERE)
    assert ada.session.kind is TokenKind.SESSION
    world.known["t"] = Identity(user="bot", name="Bot", session="s-1")
    world.known["v"] = Identity(user="eve", name="Eve")
    uses = []
    world.accounts.note_use = lambda *use: uses.append(use)
    program = await world.gate.by_token("t", HERE)
    assert program == Caller(identity=world.known["t"], place=HERE)
    assert uses == [("s-1", HERE)]
    assert (await world.gate.by_token("v", HERE)).identity.user == "eve"
    assert len(uses) == 1
    assert await refusal(world.gate.by_token("x", HERE)) == Code.AUTH_FAILED


async def test_a_page_must_send_the_token_of_its_own_session(world, ada):
    other = await world.caller("ada")
    token = world.gate.csrf_of(ada.session)
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", token)
    assert world.gate.csrf_is_good(ada, token)
    for wrong in ("", "x", token[:-1], token + "x", world.gate.csrf_of(other.session), "\ud800"):
        assert not world.gate.csrf_is_good(ada, wrong)
    assert world.gate.csrf_is_good(Caller(identity=ada.identity, place=HERE), "")


async def test_a_ticket_is_of_the_caller_and_for_the_callers_address(world, ada):
    ticket = await world.gate.ticket(ada)
    assert await world.tickets.redeem(ticket, HERE.address) == ada.identity
    ticket = await world.gate.ticket(ada)
    assert await refusal(world.tickets.redeem(ticket, "192.0.2.99")) == Code.AUTH_FAILED


async def test_who_lacks_the_second_factor_of_their_role_makes_no_token(world, ada):
    world.factor_for.add(Role.USER)
    for scopes in (None, [Scope.READ]):
        asked = world.own.make_token(ada, NewToken("laptop", scopes))
        assert await refusal(asked) == Code.FORBIDDEN
    await world.accounts.begin_totp("ada", b"x")
    await world.accounts.use_totp("ada", 1, b"x")
    await world.own.make_token(ada, NewToken("laptop"))
