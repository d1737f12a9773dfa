"""What every store promises of accounts, profiles and tokens."""

import asyncio
from collections.abc import Callable

import pytest
from tests.conformance.conftest import Opened
from tests.conformance.people import ANN, BOB, EVE, furnish

from conclave.model import Identity, Role, User
from conclave.ports import Store
from conclave.protocol.errors import Code, Reject

# E6 of the limits: what pretends to be `admin` or `ann`, what no eye tells apart, what breaks.
HOSTILE = (
    "\u0430dmin", "adm\u0131n", "\uff41dmin", "ad\u200bmin", "ad\u200dmin", "\u202eadmin",
    "admin\u202c", "\ufeffadmin", "ad\u00admin", "a\u0301dmin", "\u00e1dmin", "a" + "\u0301" * 50,
    "ad\x00min", "admin\n", " admin", "admin ", "ad min", "\tadmin", "Admin", "ADMIN", "aDmIn",
    "admin@", "admin/..", "../admin", ".admin", "-admin", "_admin", "a", "", "a" * 33, "a" * 300,
    "\U0001f600", "ad\U0001f600min", "\u0130nan", "i\u0307nan", "stra\u00dfe", "\u212aelvin",
    "\u017fystem", "system", "SYSTEM", "Ann", "ANN", "a\u0308nn",
    "\u0391nn", "\u1e9ebc", "ann\u3164", "ann\u2060", "%61dmin", "admin\u0000", "\U00020000b",
)  # fmt: skip
assert len(HOSTILE) >= 40


async def refused(work) -> str:
    with pytest.raises(Reject) as no:
        await work
    return no.value.code


async def test_an_account_is_known_by_its_canonical_name(store: Store) -> None:
    made = await store.people.create_account("Ada.Lovelace", display_name="  Ada \n Lovelace ")
    assert made == User(id="ada.lovelace", name="ada.lovelace", display_name="Ada Lovelace")
    assert await store.user("ada.lovelace") == made
    bot = await store.people.create_account("bot-1", role=Role.BOT)
    assert (bot.display_name, bot.role, bot.active, bot.about) == ("bot-1", Role.BOT, True, "")


@pytest.mark.parametrize("name", HOSTILE, ids=ascii)
async def test_a_name_that_could_pass_for_another_is_refused(store: Store, name: str) -> None:
    await store.people.create_account("admin")
    await store.people.create_account("ann")
    code = await refused(store.people.create_account(name))
    assert code in (Code.BAD_REQUEST, Code.NAME_TAKEN)
    same = name.casefold() in ("admin", "ann", "system") and name.isascii()
    assert (code == Code.NAME_TAKEN) == same
    assert [user.id for user in await store.people.find("")] == ["admin", "ann"]


async def test_of_a_hundred_who_want_one_name_at_once_one_gets_it(store: Store) -> None:
    spellings = ["ada", "Ada", "ADA", "aDa"]
    wanted = [store.people.create_account(spellings[n % 4]) for n in range(100)]
    answers = await asyncio.gather(*wanted, return_exceptions=True)
    made = [answer for answer in answers if isinstance(answer, User)]
    codes = {answer.code for answer in answers if isinstance(answer, Reject)}
    assert len(made) == 1
    assert codes == {Code.NAME_TAKEN}
    assert len(answers) == 100


async def test_nobody_becomes_the_account_of_who_came_by_another_system(store: Store) -> None:
    await furnish(store, Identity(user="carl", name="Carl"))
    assert await refused(store.people.create_account("carl")) == Code.NAME_TAKEN


async def test_what_somebody_says_of_themselves_is_cleaned_and_kept(
    opened: Callable[[], Opened],
) -> None:
    async with opened() as store:
        await store.people.create_account("ada")
        changed = await store.people.change("ada", display_name="Áda", about=" a \u202eb\x07 ")
        assert (changed.display_name, changed.about) == ("Áda", "a b")
        assert await store.people.change("ada") == changed
    async with opened() as store:
        assert await store.user("ada") == changed


@pytest.mark.parametrize(
    "name",
    ["", " ", "\n", "a\u202eb", "a\u200bb", "x" * 65, "x" * 10_000, "e" + "\u0301" * 9,
     "\u3164", "\ue000"],
    ids=ascii,
)  # fmt: skip
async def test_a_display_name_hides_nothing(store: Store, name: str) -> None:
    await store.people.create_account("ada")
    assert await refused(store.people.change("ada", display_name=name)) == Code.BAD_REQUEST
    assert await refused(store.people.create_account("eve", display_name=name))
    assert (await store.user("ada")).display_name == "ada"


async def test_nobody_is_shown_under_another_account_s_name(store: Store) -> None:
    await store.people.create_account("admin")
    await store.people.create_account("eve")
    for name in ("admin", "Admin", "ADMIN", "system", "System"):
        assert await refused(store.people.change("eve", display_name=name)) == (Code.NAME_TAKEN)
    assert (await store.people.change("eve", display_name="Eve")).display_name == "Eve"


async def test_a_line_about_oneself_has_a_limit(store: Store) -> None:
    await store.people.create_account("ada")
    assert (await store.people.change("ada", about="x" * 280)).about == "x" * 280
    for much in ("x" * 281, "x" * 100_000):
        assert await refused(store.people.change("ada", about=much)) == Code.TOO_LONG


async def test_a_role_is_changed_where_it_is_ours_to_say(store: Store) -> None:
    await store.people.create_account("ada")
    await furnish(store, BOB)
    assert (await store.people.change("ada", role=Role.ADMIN)).role == Role.ADMIN
    assert await refused(store.people.change("bob", role=Role.ADMIN)) == Code.CONFLICT
    for nobody in ("nobody", "system"):
        assert await refused(store.people.change(nobody, active=False)) == Code.NO_SUCH_USER


async def test_people_are_found_by_the_beginning_of_any_word(store: Store) -> None:
    for name, shown in [("ada", "Ada Lovelace"), ("bob", "Lovis B."), ("carl", "ÅNGSTRÖM Carl")]:
        await store.people.create_account(name, display_name=shown)

    async def found(query: str) -> list[str]:
        return [user.id for user in await store.people.find(query)]

    assert await found("") == ["ada", "bob", "carl"]
    assert await found("lov") == ["ada", "bob"]
    assert await found("LOVE") == ["ada"]
    assert await found("ca") == ["carl"]
    assert await found("ångström") == await found("A\u030angstro\u0308") == ["carl"]
    assert await found("ada l") == ["ada"]
    assert (
        await found("ovelace")
        == await found("%")
        == await found("_")
        == await found("' OR 1")
        == []
    )


async def test_people_come_in_pages_without_those_who_are_gone(store: Store) -> None:
    for n in range(7):
        await store.people.create_account(f"user{n}")
    await store.people.change("user3", active=False)
    first = await store.people.find("user", limit=4)
    assert [user.id for user in first] == ["user0", "user1", "user2", "user4"]
    rest = await store.people.find("user", after="user4", limit=4)
    assert [user.id for user in rest] == ["user5", "user6"]


async def test_who_shares_a_room_is_known(store: Store) -> None:
    await furnish(store, BOB)
    await store.create_room("alone", EVE)
    assert await store.people.share_a_room(ANN.user, BOB.user)
    assert not await store.people.share_a_room(ANN.user, EVE.user)
    assert not await store.people.share_a_room(ANN.user, "nobody")


# ── tokens ─────────────────────────────────────────────────────────────────────────────


async def token(store: Store, user: str, digest: str, **more) -> str:
    return (await store.create_token(user, digest.encode().ljust(32), **more)).id


async def test_what_lets_nobody_in_any_more_is_not_listed(store: Store) -> None:
    await store.people.create_account("ada")
    await store.people.create_account("bob")
    mine = [await token(store, "ada", f"{n}") for n in range(3)]
    await token(store, "ada", "old", expires_at=1)
    other = await token(store, "bob", "bob's")
    await store.people.revoke("ada", [mine[1]])
    assert {one.id for one in await store.people.tokens("ada")} == {mine[0], mine[2]}
    assert {one.id for one in await store.people.tokens()} == {mine[0], mine[2], other}


async def test_revoking_reaches_what_was_named_and_nobody_else_s(store: Store) -> None:
    await store.people.create_account("ada")
    await store.people.create_account("bob")
    one, two, three = [await token(store, "ada", f"{n}") for n in range(3)]
    other = await token(store, "bob", "bob's")
    assert await store.people.revoke("ada", [one, other, "nothing"]) == [one]
    assert await store.people.revoke("ada", [one]) == []
    assert await store.people.revoke("ada", []) == []
    assert await store.people.revoke("ada", but=three) == [two]
    assert {one.id for one in await store.people.tokens()} == {three, other}
    assert await store.people.revoke("ada") == [three]
    found = await store.token(b"0".ljust(32))
    assert found is not None
    assert found.revoked_at is not None


async def test_a_revocation_survives_a_restart(opened: Callable[[], Opened]) -> None:
    async with opened() as store:
        await store.people.create_account("ada")
        ids = [await token(store, "ada", f"{n}") for n in range(2)]
        await store.people.revoke("ada", [ids[1]])
    async with opened() as store:
        assert [one.id for one in await store.people.tokens("ada")] == [ids[0]]
