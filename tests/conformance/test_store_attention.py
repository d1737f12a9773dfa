"""Of what people are notified in which room: it is theirs, and stands with their membership."""

from tests.conformance.people import ANN, BOB, EVE, furnish, said
from tests.conformance.test_store_moderation import known, refused

from conclave.model import Notify, RoomKind
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
