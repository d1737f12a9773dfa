"""Of what people are notified in which room: it is theirs, and stands with their membership."""

from tests.conformance.people import ANN, BOB, EVE, furnish, said
from tests.conformance.test_store_moderation import KIM, known, refused

from conclave.model import SYSTEM, Entry, Identity, Notify, RoomKind
from conclave.ports import Attention, Moderation, Store


async def policy(store: Store, room: str, user: str) -> Notify:
    info = await store.room_for(room, user)
    assert info is not None
    listed = {one.room: one for one in await store.rooms_of(user)}
    each = await store.room_for_each(room, [user])
    assert listed[room].notify == each[user].notify == info.notify
    return info.notify


async def test_rooms_notify_of_mentions_and_direct_ones_of_all_until_one_says_otherwise(
    store: Store, attention: Attention, moderation: Moderation
) -> None:
    await furnish(store, BOB)
    direct, _ = await moderation.open_direct(ANN, ["bob"])
    assert await policy(store, "hall", "bob") is Notify.MENTIONS
    assert await policy(store, direct, "bob") is Notify.ALL
    for room, usual in (("hall", Notify.MENTIONS), (direct, Notify.ALL)):
        assert not await attention.set_notify(room, BOB, usual)
        for notify in (Notify.NONE, *Notify, Notify.NONE):
            was = await policy(store, room, "bob")
            assert await attention.set_notify(room, BOB, notify) is (was is not notify)
            assert await policy(store, room, "bob") is notify
            assert not await attention.set_notify(room, BOB, notify)
        assert await policy(store, room, "ann") is usual


async def test_only_members_are_notified_and_it_ends_with_the_membership(
    store: Store, attention: Attention
) -> None:
    await furnish(store, BOB)
    await known(store, EVE)
    await store.create_room("cellar", ANN, kind=RoomKind.PRIVATE)
    await refused("not_in_room", attention.set_notify("hall", EVE, Notify.ALL))
    await refused("no_such_room", attention.set_notify("cellar", BOB, Notify.ALL))
    await refused("no_such_room", attention.set_notify("nowhere", BOB, Notify.ALL))
    assert await attention.set_notify("hall", BOB, Notify.NONE)
    await store.quit_room("hall", BOB)
    await refused("not_in_room", attention.set_notify("hall", BOB, Notify.ALL))
    await store.ensure_member("hall", BOB)
    assert await policy(store, "hall", "bob") is Notify.MENTIONS


async def test_an_archived_room_can_be_silenced_and_so_can_one_in_which_one_is_muted(
    store: Store, attention: Attention, moderation: Moderation
) -> None:
    await furnish(store, BOB)
    await moderation.mute("hall", ANN, "bob")
    await store.append(said("", ANN, type="room:updated", extra={"archived": True}))
    assert await attention.set_notify("hall", BOB, Notify.NONE)
    assert await policy(store, "hall", "bob") is Notify.NONE


async def called(
    store: Store, attention: Attention, *entries: Entry
) -> list[list[tuple[str, bool]]]:
    """Return who is notified of each, and whether it names them."""
    found = await attention.audience(entries)
    return [sorted((one.user, one.mention) for one in each) for each in found]


async def write(store: Store, text: str, by: Identity = ANN, room: str = "hall", **extra) -> Entry:
    entry = (await store.append(said(text, by, room, extra=extra))).entry
    assert entry is not None
    return entry


async def test_those_are_notified_who_want_all_and_those_who_are_named(
    store: Store, attention: Attention, moderation: Moderation
) -> None:
    await furnish(store, BOB, EVE, KIM)
    direct, _ = await moderation.open_direct(ANN, ["bob"])
    await attention.set_notify("hall", EVE, Notify.ALL)
    await attention.set_notify("hall", KIM, Notify.NONE)
    entries = [
        await write(store, "to all"),
        await write(store, "to you", mentions=["bob", "kim", "eve", "ann", "nobody"]),
        await write(store, "mine", EVE),
        await write(store, "to one", room=direct),
        await write(store, "to oneself", BOB, mentions=["bob"]),
    ]
    assert await called(store, attention, *entries) == [
        [("eve", False)],
        [("bob", True), ("eve", True)],
        [],
        [("bob", False)],
        [("eve", False)],
    ]
    await attention.set_notify(direct, BOB, Notify.MENTIONS)
    named = await write(store, "@bob", room=direct, mentions=["bob"])
    assert await called(store, attention, entries[3], named) == [[], [("bob", True)]]


async def test_nobody_is_notified_of_the_ignored_the_deleted_and_the_system(
    store: Store, attention: Attention, moderation: Moderation
) -> None:
    await furnish(store, BOB, EVE)
    await known(store, KIM)
    for who in (BOB, EVE):
        await attention.set_notify("hall", who, Notify.ALL)
    entry = await write(store, "hi", mentions=["bob"])
    assert await called(store, attention, entry) == [[("bob", True), ("eve", False)]]
    await moderation.ignore(BOB, "ann")
    assert await called(store, attention, entry) == [[("eve", False)]]
    await store.people.change("eve", active=False)
    assert await called(store, attention, entry) == [[]]
    await moderation.unignore(BOB, "ann")
    assert await called(store, attention, entry) == [[("bob", True)]]
    await store.append(said("", ANN, type="message:deleted", extra={"target": entry.seq}))
    assert await called(store, attention, entry) == [[]]
    told = await write(store, "by the system", SYSTEM)
    other = await write(store, "one more", mentions=["bob"])
    assert await called(store, attention, told, other) == [[], [("bob", True)]]
    await store.quit_room("hall", BOB)
    assert await called(store, attention, other) == [[]]
    await moderation.delete_room("hall", ANN)
    assert await called(store, attention, other) == [[]]


async def test_a_favourite_is_of_one_member_and_ends_with_the_membership(
    store: Store, attention: Attention
) -> None:
    await furnish(store, BOB)
    await known(store, EVE)

    async def dear(user: str) -> bool:
        info = await store.room_for("hall", user)
        assert info is not None
        return info.favourite

    assert await attention.set_favourite("hall", BOB, True)
    assert not await attention.set_favourite("hall", BOB, True)
    assert (await dear("bob"), await dear("ann")) == (True, False)
    await refused("not_in_room", attention.set_favourite("hall", EVE, True))
    await refused("no_such_room", attention.set_favourite("nowhere", BOB, True))
    await store.quit_room("hall", BOB)
    await store.ensure_member("hall", BOB)
    assert not await dear("bob")


async def test_members_learn_when_something_was_last_stored(store: Store) -> None:
    await furnish(store, BOB)
    await known(store, EVE)
    entry = await store.append(said("hello", ANN))
    info, outside = await store.room_for("hall", "bob"), await store.room_for("hall", "eve")
    assert info is not None
    assert outside is not None
    assert (info.last_time, outside.last_time) == (entry.timestamp, 0)
