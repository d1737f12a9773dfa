"""Links and guests: what each is good for, how often, and what is written down of it."""

import re

import pytest
from tests.unit.auth.world import GOOD, HERE, THERE

from conclave.auth.guests import Guests
from conclave.auth.links import SETUP_FOR_MS, make_link, make_setup_link
from conclave.model import SERVER, Action, LinkKind, Role, User
from conclave.protocol.account import AcceptLink
from conclave.protocol.errors import Code, Reject

NEW = "another four words"


async def refusal(awaitable):
    with pytest.raises(Reject) as no:
        await awaitable
    return no.value.code


async def link(world, kind, **terms):
    secret, _ = await make_link(world.accounts, kind, created_by="root", **terms)
    return secret


async def test_a_link_is_256_bits_and_kept_with_its_terms(world):
    await world.account("ada")
    terms = {"name": "for ada", "expires_at": 5, "uses": 7, "role": Role.GUEST, "user": "ada"}
    secret, kept = await make_link(world.accounts, LinkKind.INVITE, created_by="root", **terms)
    assert re.fullmatch(r"cvl_[A-Za-z0-9_-]{43}", secret)
    assert (kept.kind, kept.created_by, kept.name) == (LinkKind.INVITE, "root", "for ada")
    assert (kept.expires_at, kept.uses_left, kept.role, kept.user) == (5, 7, Role.GUEST, "ada")
    assert kept.room is None
    _, once = await make_link(world.accounts, LinkKind.INVITE, created_by="root")
    assert (once.uses_left, once.name) == (1, "")


async def test_an_invitation_is_looked_at_and_accepted(world):
    secret = await link(world, LinkKind.INVITE, role=Role.BOT)
    assert (await world.links.look(secret)).role is Role.BOT
    request = AcceptLink(secret, GOOD, "Ada", " Ada  Lovelace ")
    entered = await world.links.accept(request, HERE)
    user = entered.user
    assert (user.id, user.name, user.display_name) == ("ada", "ada", "Ada Lovelace")
    assert user.role is Role.BOT
    assert (await world.sessions.find(entered.session.secret, HERE))[0].user == "ada"
    notes = [(note.action, note.actor, note.address) for note in world.notes]
    assert notes == [
        (Action.LINK_USED, "ada", HERE.address),
        (Action.USER_CREATED, "ada", HERE.address),
        (Action.SESSION_STARTED, "ada", HERE.address),
    ]
    assert world.notes[0].details["how"] == "invite"
    assert world.notes[0].details["role"] == "bot"
    assert world.notes[0].details["id"]
    assert world.notes[2].details == {"how": "invite"}
    assert await refusal(world.links.look(secret)) == Code.NOT_FOUND
    assert await refusal(world.links.accept(request, HERE)) == Code.NOT_FOUND


async def test_who_gives_no_display_name_is_shown_by_name(world):
    secret = await link(world, LinkKind.INVITE)
    entered = await world.links.accept(AcceptLink(secret, GOOD, "Ada"), HERE)
    assert (entered.user.name, entered.user.display_name) == ("ada", "Ada")


@pytest.mark.parametrize(
    ("name", "display_name", "password", "code"),
    [
        ("a", "", GOOD, Code.BAD_REQUEST),
        ("\u0430da", "", GOOD, Code.BAD_REQUEST),
        ("system", "", GOOD, Code.NAME_TAKEN),
        ("ada", "system", GOOD, Code.NAME_TAKEN),
        ("ada", "x" * 65, GOOD, Code.BAD_REQUEST),
        ("ada", "", "ada-ada-1234", Code.BAD_REQUEST),
        ("ada", "Lovelace", "lovelace1234", Code.BAD_REQUEST),
        ("ada", "", "short", Code.BAD_REQUEST),
        ("bob", "", GOOD, Code.NAME_TAKEN),
    ],
)
async def test_what_cannot_be_an_account_uses_nothing_up(world, name, display_name, password, code):
    await world.account("bob")
    secret = await link(world, LinkKind.INVITE)
    request = AcceptLink(secret, password, name, display_name)
    assert await refusal(world.links.accept(request, HERE)) == code
    assert world.notes == []
    assert (await world.links.look(secret)).uses == 0


async def test_a_link_that_is_not_good_costs_no_hash(world, monkeypatch):
    hashed = []
    monkeypatch.setattr(world.passwords, "hash", hashed.append)
    room = await link(world, LinkKind.ROOM)
    ended = await link(world, LinkKind.INVITE, expires_at=world.clock.wall())
    for secret in ("", "x", "cvl_" + "x" * 43, "cvl_" + "é" * 43, room, ended):
        request = AcceptLink(secret, GOOD, "ada")
        assert await refusal(world.links.accept(request, HERE)) == Code.NOT_FOUND
        assert await refusal(world.links.look(secret)) == Code.NOT_FOUND
    assert hashed == []


async def test_the_first_admin_is_made_by_the_last_link_within_a_day(world):
    first = await make_setup_link(world.accounts, world.clock.wall())
    second = await make_setup_link(world.accounts, world.clock.wall())
    assert await refusal(world.links.look(first)) == Code.NOT_FOUND
    found = await world.links.look(second)
    assert (found.kind, found.role, found.created_by) == (LinkKind.SETUP, Role.ADMIN, SERVER)
    assert found.expires_at == world.clock.wall() + SETUP_FOR_MS == world.clock.wall() + 86_400_000
    entered = await world.links.accept(AcceptLink(second, GOOD, "root"), HERE)
    assert entered.user.role is Role.ADMIN
    assert await make_setup_link(world.accounts, world.clock.wall()) is None


async def test_a_reset_lets_its_owner_in_and_ends_all_else(world):
    await world.account("ada")
    caller = await world.caller("ada")
    world.forget()
    secret = await link(world, LinkKind.RESET, user="ada")
    assert (await world.links.look(secret)).user == "ada"
    weak = AcceptLink(secret, "ada-ada-1234")
    assert await refusal(world.links.accept(weak, THERE)) == Code.BAD_REQUEST
    entered = await world.links.accept(AcceptLink(secret, NEW, "bob", "Bob"), THERE)
    assert entered.user.id == "ada"
    assert world.gone[0] == ("ada", [caller.session.id])
    assert [note.action for note in world.notes] == [
        Action.LINK_USED,
        Action.PASSWORD_RESET,
        Action.SESSION_STARTED,
    ]
    assert {note.address for note in world.notes} == {THERE.address}
    await world.sign_in("ada", NEW)
    assert await world.store.user("bob") is None


async def test_a_reset_of_who_has_a_second_factor_lets_nobody_in_by_itself(world):
    await world.account("ada")
    await world.accounts.begin_totp("ada", b"x")
    await world.accounts.use_totp("ada", 1, b"x")
    secret = await link(world, LinkKind.RESET, user="ada")
    assert await world.links.accept(AcceptLink(secret, NEW), HERE) is None
    assert await world.accounts.tokens_of("ada", "session") == []
    assert [note.action for note in world.notes] == [Action.LINK_USED, Action.PASSWORD_RESET]


async def test_a_reset_for_nobody_is_not_good(world):
    secret = await link(world, LinkKind.RESET)
    assert await refusal(world.links.accept(AcceptLink(secret, NEW), HERE)) == Code.NOT_FOUND


async def test_an_invitation_asks_for_a_name(world):
    secret = await link(world, LinkKind.INVITE)
    for name in (None, ""):
        asked = world.links.accept(AcceptLink(secret, GOOD, name), HERE)
        assert await refusal(asked) == Code.CONFLICT
    assert (await world.links.look(secret)).uses == 0


# ── guests ─────────────────────────────────────────────────────────────────────────────


async def test_a_guest_is_made_for_a_day(world):
    entered = await world.guests.enter(" Zed ", HERE)
    user = entered.user
    assert re.fullmatch(r"guest-[0-9a-f]{10}", user.id)
    assert (user.name, user.display_name, user.role) == (user.id, "Zed", Role.GUEST)
    assert entered.session.info.expires_at == world.clock.wall() + 86_400_000
    assert await world.accounts.password_of(user.id) is None
    assert [note.action for note in world.notes] == [Action.USER_CREATED, Action.SESSION_STARTED]
    assert world.notes[0].details == {"how": "guest", "role": "guest"}
    assert world.notes[0].actor == world.notes[0].target == user.id
    assert world.notes[0].address == HERE.address
    assert world.notes[1].details == {"how": "guest"}


async def test_where_none_are_taken_nobody_is_made(world):
    closed = Guests(world.accounts, world, world.clock, world.signing_in, allowed=False)
    assert await refusal(closed.enter("Zed", HERE)) == Code.FORBIDDEN
    assert (closed.allowed, world.guests.allowed) == (False, True)
    assert world.notes == []


async def test_an_address_makes_five_and_then_one_a_minute(world):
    for _ in range(5):
        await world.guests.enter("Zed", HERE)
    with pytest.raises(Reject) as no:
        await world.guests.enter("Zed", HERE)
    assert no.value.code == Code.RATE_LIMITED
    assert 60_000 <= no.value.retry_after_ms <= 60_001
    await world.guests.enter("Zed", THERE)
    world.clock.turn(60)
    await world.guests.enter("Zed", HERE)
    assert await refusal(world.guests.enter("Zed", HERE)) == Code.RATE_LIMITED
    world.clock.turn(60)
    await world.guests.enter("Zed", HERE)


@pytest.mark.parametrize("name", ["", "system", "\u202ezed", "x" * 65])
async def test_a_guest_has_a_name_like_everybody(world, name):
    code = Code.NAME_TAKEN if name == "system" else Code.BAD_REQUEST
    assert await refusal(world.guests.enter(name, HERE)) == code
    assert world.notes == []


async def test_a_guest_is_a_user_of_no_other_kind(world):
    entered = await world.guests.enter("Zed", HERE)
    assert isinstance(entered.user, User)
    assert entered.must == []


async def test_nobody_comes_in_under_the_name_of_somebody_elses_account(world):
    await world.account("bob")
    secret = await link(world, LinkKind.INVITE)
    asked = world.links.accept(AcceptLink(secret, GOOD, "mallory", "Bob"), HERE)
    assert await refusal(asked) == Code.NAME_TAKEN
    assert await refusal(world.guests.enter("BOB", HERE)) == Code.NAME_TAKEN
    # It did not use the link up.
    await world.links.accept(AcceptLink(secret, GOOD, "mallory", "Mallory"), HERE)
