"""Whose account somebody enters whom a provider vouches for, and who gets none."""

from types import SimpleNamespace

import pytest
from msgspec.structs import replace
from tests.unit.auth.world import HERE

from conclave.auth.jws import Refused
from conclave.auth.oidc.people import People, names
from conclave.auth.oidc.provider import Provider
from conclave.model import Action, Role
from conclave.protocol.errors import Code, Reject
from conclave.storage.identities import SqlIdentities

HOUSE = Provider(
    issuer="https://id.example.org",
    client_id="conclave",
    name="House",
    id="house",
    accounts="create",
)
LINKING = replace(HOUSE, accounts="link")
BY_NAME = replace(LINKING, link_by_name=True)


def claims(sub="u-ada", **more):
    return {"iss": HOUSE.issuer, "sub": sub, "preferred_username": "ada", "name": "Ada L", **more}


@pytest.fixture
def house(world):
    identities = SqlIdentities(world.store, world.clock.wall)
    roles = []

    async def set_role(user, role, place):
        roles.append((user, role, place))
        await world.store.people.change(user, role=role)

    people = People(world.store, world.accounts, identities, world, set_role)
    return SimpleNamespace(people=people, identities=identities, roles=roles)


async def refusal(awaitable):
    with pytest.raises(Refused) as why:
        await awaitable
    return str(why.value)


async def test_who_comes_first_gets_an_account_and_it_is_theirs_from_then_on(world, house):
    user = await house.people.enter(HOUSE, claims(), HERE)
    assert (user.id, user.display_name, user.role) == ("ada", "Ada L", Role.USER)
    (note,) = world.noted(Action.USER_CREATED)
    assert (note.actor, note.details) == ("ada", {"how": "oidc house"})
    # Whatever they are called there by then.
    again = await house.people.enter(HOUSE, claims(preferred_username="countess"), HERE)
    assert again.id == "ada"
    other = await house.people.enter(HOUSE, claims("u-ada-2", name="Ada M"), HERE)
    assert other.id == "ada-2", "a name makes nobody the same"


async def test_a_name_or_a_shown_name_that_is_another_s_is_not_given_twice(world, house):
    await world.account("ada")
    await world.account("bob")
    user = await house.people.enter(HOUSE, claims(name="bob"), HERE)
    assert (user.id, user.display_name) == ("ada-2", "ada-2")


async def test_a_shown_name_that_nobody_may_have_is_left_away(house):
    for n, shown in enumerate([None, 7, "", "system", "\u202ezed", "x" * 65, "\ud800"]):
        user = await house.people.enter(HOUSE, claims(f"u-{n}", name=shown), HERE)
        assert user.display_name == user.id, shown


@pytest.mark.parametrize(
    ("wanted", "first"),
    [
        ("Ada.Lovelace", "ada.lovelace"),
        ("ada@example.org", "ada"),
        ("--Ada  L--", "ada-l"),
        ("艾达", "user"),
        (None, "user"),
        ("x" * 60, "x" * 28),
        # Names that are the server's own are passed over.
        ("system", "system-2"),
        ("a", "a-2"),
        ("guest-0123456789", "guest-0123456789-2"),
    ],
)
def test_account_names_are_made_of_what_they_are_called_there(wanted, first):
    offered = list(names(wanted))
    assert offered[0] == first
    assert len(set(offered)) == len(offered) >= 8
    assert all(2 <= len(name) <= 32 for name in offered)


async def test_where_no_name_is_free_nobody_comes_in(world, house):
    async def taken(_claimed, _user):
        raise Reject(Code.NAME_TAKEN)

    house.identities.make = taken
    assert await refusal(house.people.enter(HOUSE, claims(), HERE)) == "no name is free for them"


async def test_a_store_that_is_away_is_no_taken_name(house):
    tried = []

    async def away(_claimed, user):
        tried.append(user.id)
        raise Reject(Code.UNAVAILABLE)

    house.identities.make = away
    with pytest.raises(Reject, match="unavailable"):
        await house.people.enter(HOUSE, claims(), HERE)
    assert tried == ["ada"]


async def test_where_accounts_are_linked_alone_a_name_lets_nobody_in(world, house):
    await world.account("ada")
    entered = house.people.enter(LINKING, claims(), HERE)
    assert await refusal(entered) == "no account is linked with them"
    await house.people.link(LINKING, claims(), "ada", HERE)
    assert (await house.people.enter(LINKING, claims(), HERE)).id == "ada"
    assert [note.action for note in world.notes] == [Action.IDENTITY_LINKED]


async def test_where_names_count_the_account_of_exactly_that_name_is_entered(world, house):
    await world.account("ada")
    assert (await house.people.enter(BY_NAME, claims(), HERE)).id == "ada"
    (note,) = world.noted(Action.IDENTITY_LINKED)
    assert (note.actor, note.details) == ("ada", {"how": "oidc house"})
    # Another one of the same name there is not the same.
    entered = house.people.enter(BY_NAME, claims("u-other"), HERE)
    assert await refusal(entered) == "no account is linked with them"


async def test_by_name_nobody_enters_an_admin_s_account_or_one_that_is_closed(world, house):
    await world.account("root", Role.ADMIN)
    await world.account("gone")
    await world.store.people.change("gone", active=False)
    for name in (None, 7, "x" * 256, "nobody", "root", "gone"):
        entered = house.people.enter(BY_NAME, claims(preferred_username=name), HERE)
        assert await refusal(entered) == "no account is linked with them"


async def test_by_mail_only_a_verified_address_of_the_domain_says_a_name(world, house):
    await world.account("ada")
    mail = replace(BY_NAME, name_claim="email", allowed_domains=("example.org",))
    for wrong in (
        {},
        {"email": 7, "email_verified": True},
        {"email": "ada@example.org"},
        {"email": "ada@example.org", "email_verified": "true"},
        {"email": "ada@example.com", "email_verified": True},
        {"email": "ada@evil@example.org", "email_verified": True},
    ):
        entered = house.people.enter(mail, claims(**wrong), HERE)
        assert await refusal(entered) == "not of an allowed domain"
    good = claims(email="ada@Example.org", email_verified=True)
    assert (await house.people.enter(mail, good, HERE)).id == "ada"


async def test_without_a_verified_address_an_account_is_named_after_nobody(house):
    mail = replace(HOUSE, name_claim="email")
    user = await house.people.enter(mail, claims(email="ada@example.org"), HERE)
    assert user.id == "user"


async def test_who_is_in_no_allowed_group_is_let_in_by_nothing(world, house):
    staff = replace(HOUSE, allowed_groups=("staff", "board"))
    await world.account("ada")
    for said in (None, "staff", [], ["guests"], [7, None], {"staff": 1}):
        for attempt in (
            house.people.enter(staff, claims(groups=said), HERE),
            house.people.link(staff, claims(groups=said), "ada", HERE),
        ):
            assert await refusal(attempt) == "in no allowed group"
    assert (await house.people.enter(staff, claims(groups=[7, "board"]), HERE)).id == "ada-2"


async def test_a_group_makes_admins_of_accounts_that_were_made_for_the_provider(world, house):
    ruled = replace(HOUSE, admin_group="chiefs")
    await house.people.enter(ruled, claims(groups=["chiefs"]), HERE)
    assert house.roles == [("ada", Role.ADMIN, HERE)]
    await house.people.enter(ruled, claims(groups=["chiefs"]), HERE)
    assert len(house.roles) == 1, "it is so already"
    await house.people.enter(ruled, claims(groups=[]), HERE)
    assert house.roles[1:] == [("ada", Role.USER, HERE)]
    # An account with an owner of its own keeps its role.
    await world.account("bob")
    await house.people.link(ruled, claims("u-bob"), "bob", HERE)
    await house.people.enter(ruled, claims("u-bob", groups=["chiefs"]), HERE)
    assert len(house.roles) == 2


async def test_who_cannot_lose_a_role_does_not_come_in_with_it(world, house):
    ruled = replace(HOUSE, admin_group="chiefs")
    await house.people.enter(ruled, claims(groups=["chiefs"]), HERE)

    async def last(*_):
        raise Reject(Code.CONFLICT, "The last admin stays")

    house.people._set_role = last
    entered = house.people.enter(ruled, claims(groups=[]), HERE)
    assert await refusal(entered) == "their role cannot be user: The last admin stays"


async def test_an_account_that_goes_in_between_lets_nobody_in(world, house, monkeypatch):
    async def nothing(*_):
        return None

    with monkeypatch.context() as patched:
        patched.setattr(house.identities, "find", nothing)
        entered = house.people.enter(HOUSE, claims(), HERE)
        assert await refusal(entered) == "their account is gone"
    with monkeypatch.context() as patched:
        patched.setattr(world.store, "user", nothing)
        for provider in (HOUSE, replace(HOUSE, admin_group="chiefs")):
            entered = house.people.enter(provider, claims(), HERE)
            assert await refusal(entered) == "their account is gone"
    assert house.roles == []


async def test_the_last_way_in_stays(world, house):
    other = replace(HOUSE, id="work", issuer="https://id2.example.org")
    await house.people.enter(HOUSE, claims(), HERE)
    for provider, code in ((other, Code.NOT_FOUND), (HOUSE, Code.FORBIDDEN)):
        with pytest.raises(Reject) as no:
            await house.people.unlink(provider, "ada", HERE)
        assert no.value.code == code
    await house.people.link(other, claims("w-1") | {"iss": other.issuer}, "ada", HERE)
    await house.people.unlink(HOUSE, "ada", HERE)
    assert [one.claimed.issuer for one in await house.identities.of("ada")] == [other.issuer]
    assert world.notes[-1].action == Action.IDENTITY_UNLINKED
    await world.accounts.set_password("ada", await world.passwords.hash("four words of mine"))
    await house.people.unlink(other, "ada", HERE)
    assert await house.identities.of("ada") == []


async def test_a_bot_is_made_no_admin_by_a_group(world, house):
    ruled = replace(HOUSE, admin_group="chiefs")
    await house.people.enter(ruled, claims(groups=[]), HERE)
    await world.store.people.change("ada", role=Role.BOT)
    await house.people.enter(ruled, claims(groups=["chiefs"]), HERE)
    assert house.roles == []
    assert (await world.store.user("ada")).role is Role.BOT
