"""What `ports.Accounts` promises: what lets people in is kept, and used as often as meant."""

import asyncio

import pytest

from conclave.model import (
    AcceptedAccount,
    Factors,
    Identity,
    LinkKind,
    Passkey,
    Place,
    Role,
    RoomKind,
    Scope,
    TokenKind,
    User,
)
from conclave.protocol.errors import Code, Reject
from conclave.storage.accounts import SqlAccounts

DAY = 86_400_000
HOME = Place(address="192.0.2.1", agent="Firefox")
SESSION, TOKEN = TokenKind.SESSION, TokenKind.TOKEN


class Wall:
    now = 1_800_000_000_000

    def __call__(self):
        return self.now


@pytest.fixture
def wall():
    return Wall()


@pytest.fixture
async def accounts(store, wall):
    made = SqlAccounts(store, wall)
    yield made
    await made.close()


@pytest.fixture
async def people(store):
    for name in ("ada", "bob"):
        await store.put_user(User(id=name, name=name, display_name=name.title()))


def digest(n):
    return f"{n:032}".encode()


async def refused(code, awaitable):
    with pytest.raises(Reject) as no:
        await awaitable
    return no.value.code == code


# ── accounts and passwords ─────────────────────────────────────────────────────────────


@pytest.mark.usefixtures("people")
async def test_an_account_is_found_by_its_name_in_any_case_and_who_is_vouched_for_is_not(
    store, accounts
):
    assert (await accounts.find_account("ADA")).id == "ada"
    assert await accounts.find_account("eve") is None
    await store.create_room("hall", Identity(user="x-7", name="Ada"))
    await store.ensure_member("hall", Identity(user="eve", name="eve"))
    assert await accounts.find_account("eve") is None
    assert (await store.user("eve")).account is False
    assert (await store.user("ada")).account is True


async def test_there_is_an_admin_once_an_active_account_is_one(store, accounts):
    assert not await accounts.has_admin()
    await store.put_user(User(id="ada", name="ada", display_name="Ada"))
    await store.create_room("hall", Identity(user="root", name="root", role=Role.ADMIN))
    assert not await accounts.has_admin()
    asleep = User(id="old", name="old", display_name="Old", role=Role.ADMIN, active=False)
    await store.put_user(asleep)
    assert not await accounts.has_admin()
    await store.put_user(User(id="boss", name="boss", display_name="Boss", role=Role.ADMIN))
    assert await accounts.has_admin()


@pytest.mark.usefixtures("people")
async def test_a_guest_takes_no_name_that_is_there(accounts):
    guest = User(id="guest-1", name="guest-1", display_name="Zed", role=Role.GUEST)
    assert await accounts.add_guest(guest) == guest
    assert await refused(Code.NAME_TAKEN, accounts.add_guest(guest))
    same = User(id="ada2", name="ada", display_name="x", role=Role.GUEST)
    assert await refused(Code.NAME_TAKEN, accounts.add_guest(same))


@pytest.mark.usefixtures("people")
async def test_a_new_password_revokes_the_sessions_but_the_one_it_was_set_from(accounts):
    assert await accounts.password_of("ada") is None
    opened = [await open_one(accounts, "ada", n) for n in range(3)]
    his = await open_one(accounts, "bob", 9)
    gone = await accounts.set_password("ada", "hash-1", keep=opened[1].id)
    assert sorted(gone) == sorted([opened[0].id, opened[2].id])
    assert await accounts.password_of("ada") == "hash-1"
    assert [one.id for one in await accounts.tokens_of("ada", SESSION)] == [opened[1].id]
    assert [one.id for one in await accounts.tokens_of("bob", SESSION)] == [his.id]
    assert await accounts.set_password("ada", "hash-2") == [opened[1].id]
    assert await refused(Code.NO_SUCH_USER, accounts.set_password("eve", "hash"))


@pytest.mark.usefixtures("people")
async def test_a_hash_is_renewed_only_while_it_is_the_one_that_was_read(accounts):
    await accounts.set_password("ada", "old")
    assert await accounts.renew_password("ada", "old", "new")
    assert await accounts.password_of("ada") == "new"
    assert not await accounts.renew_password("ada", "old", "stale")
    assert await accounts.password_of("ada") == "new"


# ── sessions and tokens ────────────────────────────────────────────────────────────────


async def open_one(accounts, user, n, most=50, place=HOME):
    expires_at = accounts._wall() + 30 * DAY
    made, _ = await accounts.open_session(
        user, digest(n), expires_at=expires_at, place=place, most=most
    )
    return made


@pytest.mark.usefixtures("people")
async def test_a_session_is_found_by_its_digest_and_by_its_id(accounts, wall):
    made = await open_one(accounts, "ada", 1)
    for found in (await accounts.token(digest(1)), await accounts.token_by_id(made.id)):
        assert found == made
    assert (made.kind, made.user.id, made.scopes) == (SESSION, "ada", None)
    assert (made.address, made.agent) == ("192.0.2.1", "Firefox")
    assert (made.created_at, made.expires_at) == (wall.now, wall.now + 30 * DAY)
    assert await accounts.token(digest(2)) is None
    assert await accounts.token_by_id("x") is None


@pytest.mark.usefixtures("people")
async def test_many_sessions_and_users_are_found_by_one_look(store, accounts):
    made = [await open_one(accounts, "ada", n) for n in range(1, 4)]
    wanted = [made[0].id, made[2].id, "x"]
    found = await accounts.tokens_by_id(wanted)
    assert {one.id: one for one in found} == {one.id: one for one in (made[0], made[2])}
    assert [one.id for one in await store.users(["ada", "nobody"])] == ["ada"]
    assert await store.users(["ada"]) == [await store.user("ada")]


async def test_nobody_who_is_deactivated_or_unknown_opens_a_session(store, accounts):
    await store.put_user(User(id="old", name="old", display_name="Old", active=False))
    for user in ("old", "eve"):
        assert await refused(Code.AUTH_FAILED, open_one(accounts, user, 1))
    assert await accounts.token(digest(1)) is None


@pytest.mark.usefixtures("people")
async def test_a_user_has_so_many_sessions_whoever_comes_at_once(accounts, wall):
    """D8: exactly the limit, and the ones that were not used for longest go."""
    opened = []
    for n in range(5):
        opened.append(await open_one(accounts, "ada", n, most=5))
        wall.now += 1_000
    accounts.note_use(opened[0].id, HOME)
    await accounts.close()
    _, gone = await accounts.open_session(
        "ada", digest(50), expires_at=wall.now + DAY, place=HOME, most=5
    )
    assert gone == [opened[1].id]
    await asyncio.gather(*(open_one(accounts, "ada", 100 + n, most=5) for n in range(20)))
    assert len(await accounts.tokens_of("ada", SESSION)) == 5
    print({"D8": {"sessions": 25, "left": 5}})


@pytest.mark.usefixtures("people")
async def test_tokens_have_names_scopes_and_an_end(accounts, wall):
    scopes = frozenset({Scope.READ, Scope.WRITE})
    terms = {"name": "laptop", "scopes": scopes, "expires_at": wall.now + DAY}
    made = await accounts.add_token("ada", digest(1), **terms, most=9)
    assert await accounts.token(digest(1)) == made
    assert (made.name, made.scopes, made.kind) == ("laptop", scopes, TOKEN)
    every = {"name": "all", "scopes": None, "expires_at": None}
    await accounts.add_token("ada", digest(2), **every, most=9)
    assert (await accounts.token(digest(2))).scopes is None
    wall.now += DAY
    assert [one.name for one in await accounts.tokens_of("ada", TOKEN)] == ["all"]


@pytest.mark.usefixtures("people")
async def test_a_user_has_so_many_tokens(accounts):
    terms = {"name": "", "scopes": None, "expires_at": None, "most": 3}
    adds = [accounts.add_token("ada", digest(n), **terms) for n in range(10)]
    results = await asyncio.gather(*adds, return_exceptions=True)
    assert sum(isinstance(one, Reject) and one.code == Code.FORBIDDEN for one in results) == 7
    assert len(await accounts.tokens_of("ada", TOKEN)) == 3


@pytest.mark.usefixtures("people")
async def test_one_is_revoked_or_all_but_one_and_never_somebody_elses(accounts):
    hers = [await open_one(accounts, "ada", n) for n in range(4)]
    his = await open_one(accounts, "bob", 9)
    assert not await accounts.revoke_token("ada", SESSION, his.id)
    assert not await accounts.revoke_token("ada", TOKEN, hers[0].id)
    assert not await accounts.revoke_token("ada", SESSION, "x")
    assert await accounts.revoke_token("ada", SESSION, hers[0].id)
    assert not await accounts.revoke_token("ada", SESSION, hers[0].id)
    assert (await accounts.token(digest(0))).revoked_at is not None
    gone = await accounts.revoke_tokens("ada", SESSION, but=hers[2].id)
    assert gone == sorted([hers[1].id, hers[3].id])
    assert [one.id for one in await accounts.tokens_of("ada", SESSION)] == [hers[2].id]
    assert await accounts.revoke_tokens("ada", SESSION) == [hers[2].id]
    assert [one.id for one in await accounts.tokens_of("bob", SESSION)] == [his.id]


@pytest.mark.usefixtures("people")
async def test_a_use_is_known_at_once_and_kept_at_the_end(accounts, wall):
    made = [await open_one(accounts, "ada", n) for n in range(2)]
    wall.now += 60_000
    accounts.note_use(made[0].id, Place(address="198.51.100.7", agent="x" * 1_000))
    first = (await accounts.tokens_of("ada", SESSION))[0]
    assert (first.last_used_at, first.address) == (wall.now, "198.51.100.7")
    await accounts.close()
    kept = await accounts.token(digest(0))
    assert (kept.last_used_at, kept.address, len(kept.agent)) == (wall.now, "198.51.100.7", 256)
    assert [one.id for one in await accounts.tokens_of("ada", SESSION)] == [made[0].id, made[1].id]


@pytest.mark.usefixtures("people")
async def test_a_use_that_names_no_program_leaves_its_name(accounts, wall):
    made = await open_one(accounts, "ada", 1)
    wall.now += 60_000
    accounts.note_use(made.id, Place(address="198.51.100.7"))
    assert (await accounts.tokens_of("ada", SESSION))[0].agent == "Firefox"
    await accounts.close()
    kept = await accounts.token(digest(1))
    assert (kept.last_used_at, kept.address, kept.agent) == (wall.now, "198.51.100.7", "Firefox")


# ── second factors ─────────────────────────────────────────────────────────────────────


@pytest.mark.usefixtures("people")
async def test_totp_is_a_factor_once_a_code_has_confirmed_it(accounts):
    assert await accounts.totp("ada") is None
    await accounts.begin_totp("ada", b"one")
    await accounts.begin_totp("ada", b"two")
    begun = await accounts.totp("ada")
    assert (begun.sealed, begun.confirmed, begun.last_step) == (b"two", False, 0)
    assert await accounts.factors("ada") == Factors()
    assert await accounts.use_totp("ada", 70, b"sealed anew")
    now = await accounts.totp("ada")
    assert (now.sealed, now.confirmed, now.last_step) == (b"sealed anew", True, 70)
    assert (await accounts.factors("ada")).any
    assert await refused(Code.FORBIDDEN, accounts.begin_totp("ada", b"three"))
    assert await accounts.remove_totp("ada")
    assert not await accounts.remove_totp("ada")
    assert not (await accounts.factors("ada")).any


@pytest.mark.usefixtures("people")
async def test_a_sealed_secret_is_replaced_only_where_it_is_still_the_one(accounts):
    assert await accounts.sealed_totps() == []
    await accounts.begin_totp("bob", b"b")
    await accounts.begin_totp("ada", b"a")
    assert await accounts.use_totp("ada", 70, b"a")
    assert await accounts.sealed_totps() == [("ada", b"a"), ("bob", b"b")]
    assert await accounts.reseal_totp("ada", b"a", b"anew")
    assert not await accounts.reseal_totp("ada", b"a", b"late")
    assert not await accounts.reseal_totp("eve", b"a", b"late")
    assert await accounts.sealed_totps() == [("ada", b"anew"), ("bob", b"b")]
    now = await accounts.totp("ada")
    assert (now.confirmed, now.last_step) == (True, 70), "nothing else changes"


@pytest.mark.usefixtures("people")
async def test_of_many_with_the_same_code_at_once_one_comes_in(accounts):
    await accounts.begin_totp("ada", b"x")
    uses = [accounts.use_totp("ada", 70, b"x") for _ in range(50)]
    assert sum(await asyncio.gather(*uses)) == 1
    assert not await accounts.use_totp("ada", 69, b"x")
    assert await accounts.use_totp("ada", 71, b"x")
    assert not await accounts.use_totp("bob", 71, b"x")
    await accounts.set_recovery("ada", [digest(1)])
    uses = [accounts.use_recovery("ada", digest(1)) for _ in range(50)]
    assert sum(await asyncio.gather(*uses)) == 1


@pytest.mark.usefixtures("people")
async def test_recovery_codes_are_good_once_and_replaced_by_new_ones(accounts):
    await accounts.set_recovery("ada", [digest(n) for n in range(10)])
    assert (await accounts.factors("ada")).recovery_codes == 10
    assert not (await accounts.factors("ada")).any
    assert not await accounts.use_recovery("bob", digest(3))
    assert await accounts.use_recovery("ada", digest(3))
    assert not await accounts.use_recovery("ada", digest(3))
    assert (await accounts.factors("ada")).recovery_codes == 9
    await accounts.set_recovery("ada", [digest(20)])
    assert not await accounts.use_recovery("ada", digest(4))
    assert (await accounts.factors("ada")).recovery_codes == 1
    await accounts.set_recovery("ada", [])
    assert (await accounts.factors("ada")).recovery_codes == 0


def a_passkey(n, user="ada", count=0):
    return Passkey(id=digest(n), user=user, public_key=b"cose", sign_count=count, name=f"key {n}")


@pytest.mark.usefixtures("people")
async def test_passkeys_are_kept_named_and_removed_by_their_owner(accounts, wall):
    kept = await accounts.add_passkey(a_passkey(1), most=2)
    assert (kept.name, kept.created_at, kept.last_used_at) == ("key 1", wall.now, None)
    assert await accounts.passkey(digest(1)) == kept
    assert await refused(Code.FORBIDDEN, accounts.add_passkey(a_passkey(1, "bob"), most=2))
    await accounts.add_passkey(a_passkey(2), most=2)
    assert await refused(Code.FORBIDDEN, accounts.add_passkey(a_passkey(3), most=2))
    assert (await accounts.factors("ada")).passkeys == 2
    assert not await accounts.remove_passkey("bob", digest(1))
    assert await accounts.remove_passkey("ada", digest(1))
    assert [one.id for one in await accounts.passkeys_of("ada")] == [digest(2)]
    assert await accounts.passkey(digest(1)) is None


@pytest.mark.usefixtures("people")
async def test_a_count_goes_up_or_stays_at_none(accounts, wall):
    await accounts.add_passkey(a_passkey(1, count=5), most=9)
    for count, good in ((5, False), (0, False), (6, True), (6, False), (9, True)):
        assert await accounts.use_passkey(digest(1), count) is good
    assert (await accounts.passkey(digest(1))).last_used_at == wall.now
    await accounts.add_passkey(a_passkey(2), most=9)
    assert [await accounts.use_passkey(digest(2), 0) for _ in range(2)] == [True, True]
    assert await accounts.use_passkey(digest(2), 1)
    assert not await accounts.use_passkey(digest(2), 0)


# ── links ──────────────────────────────────────────────────────────────────────────────


def wanted(name):
    return User(id=name, name=name, display_name=name.title())


async def test_an_invitation_makes_an_account_with_the_role_of_the_link(store, accounts):
    await accounts.add_link(LinkKind.INVITE, digest(1), created_by="root", role=Role.GUEST)
    accepted = await accounts.accept_account(digest(1), wanted("ada"), "hash")
    made, link = accepted.user, accepted.link
    assert (made.id, made.role, link.uses_left, link.uses) == ("ada", Role.GUEST, 0, 1)
    assert await store.user("ada") == made
    assert await accounts.password_of("ada") == "hash"
    assert await refused(Code.NOT_FOUND, accounts.accept_account(digest(1), wanted("bob"), "h"))
    assert await store.user("bob") is None


@pytest.mark.parametrize("uses", [1, 3])
async def test_of_many_who_use_an_invitation_at_once_as_many_come_in_as_it_says(accounts, uses):
    """D8: single-use means single, under any number of hands."""
    await accounts.add_link(LinkKind.INVITE, digest(1), created_by="root", uses=uses)
    accepts = [accounts.accept_account(digest(1), wanted(f"u{n:02}"), "hash") for n in range(20)]
    results = await asyncio.gather(*accepts, return_exceptions=True)
    assert sum(isinstance(one, AcceptedAccount) for one in results) == uses
    print({"D8": {"at_once": 20, "uses": uses, "accounts": uses}})


async def test_of_a_hundred_who_want_the_same_name_one_gets_it_and_no_use_is_lost(accounts):
    """E6: and who was refused has not used the link up."""
    await accounts.add_link(LinkKind.INVITE, digest(1), created_by="root", uses=None)
    accepts = [accounts.accept_account(digest(1), wanted("ada"), "hash") for _ in range(100)]
    results = await asyncio.gather(*accepts, return_exceptions=True)
    taken = [one for one in results if isinstance(one, Reject) and one.code == Code.NAME_TAKEN]
    assert len(taken) == 99
    assert (await accounts.link(digest(1))).uses == 1
    print({"E6": {"at_once": 100, "accounts": 1}})


async def test_a_name_of_who_is_vouched_for_is_taken(store, accounts):
    await store.create_room("hall", Identity(user="eve", name="Eve"))
    await accounts.add_link(LinkKind.INVITE, digest(1), created_by="root")
    assert await refused(Code.NAME_TAKEN, accounts.accept_account(digest(1), wanted("eve"), "h"))


async def test_the_set_up_is_over_once_there_is_an_admin(store, accounts, wall):
    terms = {"created_by": "@server", "role": Role.ADMIN, "expires_at": wall.now + DAY}
    await accounts.add_link(LinkKind.SETUP, digest(1), **terms)
    await accounts.add_link(LinkKind.SETUP, digest(2), **terms)
    assert await refused(Code.NOT_FOUND, accounts.accept_account(digest(1), wanted("ada"), "h"))
    made = (await accounts.accept_account(digest(2), wanted("ada"), "h")).user
    assert made.role is Role.ADMIN
    await accounts.add_link(LinkKind.SETUP, digest(3), **terms)
    assert await refused(Code.NOT_FOUND, accounts.accept_account(digest(3), wanted("bob"), "h"))
    assert await store.user("bob") is None


@pytest.mark.usefixtures("people")
async def test_a_reset_sets_the_password_once_and_revokes_all_sessions(accounts, wall):
    opened = await open_one(accounts, "ada", 7)
    await accounts.add_link(LinkKind.RESET, digest(1), created_by="root", user="ada")
    await accounts.add_link(LinkKind.RESET, digest(2), created_by="root", user="bob")
    await accounts.add_link(LinkKind.RESET, digest(3), created_by="root", user="ada")
    assert await refused(Code.NOT_FOUND, accounts.accept_reset(digest(1), "hash"))
    user, gone = await accounts.accept_reset(digest(3), "hash")
    assert (user.id, gone) == ("ada", [opened.id])
    assert await accounts.password_of("ada") == "hash"
    assert await refused(Code.NOT_FOUND, accounts.accept_reset(digest(3), "again"))
    assert (await accounts.accept_reset(digest(2), "his"))[0].id == "bob"
    unknown = accounts.add_link(LinkKind.RESET, digest(4), created_by="root", user="eve")
    assert await refused(Code.NO_SUCH_USER, unknown)


@pytest.mark.usefixtures("people")
async def test_a_new_password_ends_the_links_for_another(accounts):
    for n, user in enumerate(("ada", "bob"), 1):
        await accounts.add_link(LinkKind.RESET, digest(n), created_by="root", user=user)
    await accounts.set_password("ada", "hers")
    assert await refused(Code.NOT_FOUND, accounts.accept_reset(digest(1), "not hers"))
    assert await accounts.password_of("ada") == "hers"
    assert (await accounts.accept_reset(digest(2), "his"))[0].id == "bob"


async def test_nobody_who_is_deactivated_gets_in_by_a_reset(store, accounts):
    await store.put_user(User(id="old", name="old", display_name="Old", active=False))
    await accounts.add_link(LinkKind.RESET, digest(1), created_by="root", user="old")
    assert await refused(Code.NOT_FOUND, accounts.accept_reset(digest(1), "hash"))
    assert await accounts.password_of("old") is None


async def test_a_link_is_good_for_its_kind_until_its_end_and_until_it_is_revoked(
    store, accounts, wall
):
    terms = {"created_by": "root", "uses": None, "expires_at": wall.now + DAY}
    first = await accounts.add_link(LinkKind.INVITE, digest(1), **terms, name="for all")
    # Of one millisecond neither would be the newer one.
    wall.now += 1
    second = await accounts.add_link(LinkKind.INVITE, digest(2), **terms)
    assert await refused(Code.NOT_FOUND, accounts.accept_reset(digest(1), "hash"))
    assert await refused(Code.NOT_FOUND, accounts.accept_account(digest(9), wanted("ada"), "h"))
    assert [one.id for one in await accounts.links([LinkKind.INVITE])] == [second.id, first.id]
    assert await accounts.links([LinkKind.ROOM]) == []
    assert await accounts.revoke_link(second.id)
    assert not await accounts.revoke_link(second.id)
    assert not await accounts.revoke_link("x")
    assert await refused(Code.NOT_FOUND, accounts.accept_account(digest(2), wanted("ada"), "h"))
    assert (await accounts.link(digest(1))).name == "for all"
    wall.now += DAY
    assert await refused(Code.NOT_FOUND, accounts.accept_account(digest(1), wanted("ada"), "h"))
    assert await accounts.links([LinkKind.INVITE]) == []
    assert await store.user("ada") is None


async def test_a_link_may_lead_to_a_room_that_is_there(store, accounts):
    await store.create_room("hall", Identity(user="ada", name="Ada"), kind=RoomKind.PRIVATE)
    made = {"created_by": "ada", "room": "hall"}
    await accounts.add_link(LinkKind.INVITE, digest(1), **made)
    assert (await accounts.link(digest(1))).room == "hall"
    missing = accounts.add_link(LinkKind.ROOM, digest(2), created_by="ada", room="cellar")
    assert await refused(Code.NO_SUCH_ROOM, missing)
