"""Deleted rooms, direct ones, links, reports and ignored people: what the store keeps of them."""

import asyncio

import pytest
from tests.conformance.people import ANN, BOB, EVE, furnish, said, say
from tests.conformance.test_store_moderation import KIM, ROOT, known, refused

from conclave.model import Outcome, Role, RoomKind, RoomRole
from conclave.ports import Moderation, Store
from conclave.protocol.errors import Reject
from conclave.storage.deleting import Deletions
from conclave.storage.membership import hand_over


async def test_a_deleted_room_is_gone_at_once_and_its_name_free_when_it_is_erased(
    store: Store, moderation: Moderation
) -> None:
    await furnish(store, BOB)
    await say(store, *(f"canary{n}" for n in range(50)), by=BOB)
    await refused("forbidden", moderation.delete_room("hall", BOB))
    assert await moderation.delete_room("hall", ANN, client_id="d") == ["ann", "bob"]
    assert await moderation.delete_room("hall", ANN, client_id="d") is None
    for who in ("ann", "bob"):
        await refused("no_such_room", store.history("hall", reader=who))
        assert await store.rooms_of(who) == []
        assert await store.room_for("hall", who) is None
    assert await store.public_rooms("eve") == []
    await refused("no_such_room", store.append(said("x")))
    await refused("room_exists", store.create_room("Hall", EVE))
    await Deletions(store).run()  # type: ignore[arg-type]
    await store.create_room("hall", EVE)
    assert (await store.after("hall", 0)).last_seq == 1
    # An old request deletes no new room.
    await refused("not_in_room", moderation.delete_room("hall", ANN, client_id="d"))
    await Deletions(store).run()  # type: ignore[arg-type]
    assert await store.member("hall", "eve") is RoomRole.OWNER


async def test_there_is_one_direct_room_for_each_set_of_people(
    store: Store, moderation: Moderation
) -> None:
    await known(store, BOB, EVE)
    made = await asyncio.gather(
        *(moderation.open_direct(by, [other]) for by, other in ((ANN, "bob"), (BOB, "ann")) * 10)
    )
    assert len({room for room, _ in made}) == 1
    assert sum(bool(entries) for _, entries in made) == 1
    room = made[0][0]
    three, _ = await moderation.open_direct(ANN, ["bob", "eve", "bob"])
    assert three != room
    assert (await moderation.open_direct(EVE, ["ann", "bob"]))[0] == three
    alone, _ = await moderation.open_direct(ANN, [])
    for user, title in (("ann", "Bob"), ("bob", "Ann")):
        info = await store.room_for(room, user)
        assert info is not None
        assert (info.kind, info.title, info.may[:1]) == (RoomKind.DIRECT, title, ("write",))
        assert len(info.partners) == 1
    assert len({room, three, alone}) == 3


async def test_nobody_else_comes_into_a_direct_room_and_nobody_governs_it(
    store: Store, moderation: Moderation
) -> None:
    await known(store, BOB, EVE)
    room, _ = await moderation.open_direct(ANN, ["bob"])
    for name in (room, "direct-nowhere"):
        for doing in (
            store.ensure_member(name, EVE),
            store.history(name, reader="eve"),
            store.list_members(name, reader="eve"),
            store.append(said("x", EVE, name)),
            moderation.invite(name, EVE, "kim"),
            moderation.kick(name, ROOT, "ann"),
            moderation.delete_room(name, ROOT),
        ):
            await refused("no_such_room", doing)
    for doing in (
        moderation.invite(room, ANN, "eve"),
        moderation.kick(room, ANN, "bob"),
        moderation.ban(room, ANN, "bob"),
        moderation.set_role(room, ANN, "ann", RoomRole.OWNER),
        moderation.make_link(room, ANN, b"y" * 32),
        store.quit_room(room, ANN),
    ):
        await refused("forbidden", doing)


async def test_who_is_ignored_writes_to_nobody_directly(
    store: Store, moderation: Moderation
) -> None:
    await known(store, BOB, EVE)
    room, _ = await moderation.open_direct(ANN, ["bob"])
    mine = await store.append(said("hi", ANN, room))
    assert await moderation.ignore(BOB, "ann")
    assert not await moderation.ignore(BOB, "ann")
    assert [one.id for one in await moderation.ignored("bob")] == ["ann"]
    await refused("forbidden", store.append(said("hi", ANN, room)))
    await refused("forbidden", moderation.open_direct(ANN, ["bob", "eve"]))
    # What one wrote one may take back.
    await store.append(said("", ANN, room, type="message:deleted", extra={"target": mine.seq}))
    # The one who ignores may still write.
    await store.append(said("go away", BOB, room))
    assert await moderation.unignore(BOB, "ann")
    await store.append(said("hi", ANN, room))
    await refused("forbidden", moderation.ignore(BOB, "bob"))
    await refused("no_such_user", moderation.ignore(BOB, "nobody"))


async def test_a_guest_finds_nobody_by_ignoring(store: Store, moderation: Moderation) -> None:
    guest = type(ANN)(user="gus", name="Gus", role=Role.GUEST)
    await furnish(store, guest)
    await known(store, BOB)
    assert await moderation.ignore(guest, "ann"), "they share a room"
    for stranger in ("bob", "nobody"):
        await refused("no_such_user", moderation.ignore(guest, stranger))
    assert [one.id for one in await moderation.ignored("gus")] == ["ann"]


async def test_a_link_lets_in_as_many_as_it_is_for(store: Store, moderation: Moderation) -> None:
    await store.create_room("cellar", ANN, kind=RoomKind.PRIVATE)
    people = [type(ANN)(user=f"u{n}", name=f"U{n}") for n in range(40)]
    link = await moderation.make_link("cellar", ANN, b"z" * 32, name="for all", uses=7)
    answers = await asyncio.gather(
        *(moderation.accept_link(who, b"z" * 32) for who in people), return_exceptions=True
    )
    let_in = [one for one in answers if not isinstance(one, BaseException)]
    assert len(let_in) == 7
    assert {one.code for one in answers if isinstance(one, Reject)} == {"not_found"}
    assert len(await store.members("cellar")) == 8
    assert await moderation.links("cellar", ANN) == []
    print(f"D8: {len(people)} at once by a link for 7: {len(let_in)} came in")
    assert (link.uses_left, link.uses) == (7, 0)


async def test_a_link_is_no_better_than_who_made_it(store: Store, moderation: Moderation) -> None:
    await furnish(store, BOB)
    await known(store, EVE)
    await refused("forbidden", moderation.make_link("hall", BOB, b"b" * 32))
    await moderation.set_role("hall", ANN, "bob", RoomRole.MODERATOR)
    await moderation.make_link("hall", BOB, b"b" * 32)
    await moderation.set_role("hall", ANN, "bob", RoomRole.MEMBER)
    await refused("not_found", moderation.accept_link(EVE, b"b" * 32))
    await moderation.set_role("hall", ANN, "bob", RoomRole.MODERATOR)
    (link,) = await moderation.links("hall", ANN)
    assert await moderation.revoke_link("hall", ANN, link.id)
    assert not await moderation.revoke_link("hall", ANN, link.id)
    await refused("not_found", moderation.accept_link(EVE, b"b" * 32))
    await refused("not_found", moderation.accept_link(EVE, b"unknown" * 4))
    await moderation.make_link("hall", ANN, b"n" * 32, uses=1)
    assert await moderation.accept_link(BOB, b"n" * 32) == ("hall", [])
    assert (await moderation.accept_link(EVE, b"n" * 32))[1]


async def test_a_report_is_seen_by_who_looks_after_the_room_and_closed_once(
    store: Store, moderation: Moderation
) -> None:
    await furnish(store, BOB, EVE)
    (bad,) = await say(store, "bad words", by=EVE)
    assert await moderation.report("hall", BOB, bad.seq, "rude")
    assert not await moderation.report("hall", BOB, bad.seq, "again")
    await refused("no_such_message", moderation.report("hall", BOB, 999, ""))
    await refused("not_in_room", moderation.report("hall", KIM, bad.seq, ""))
    await refused("forbidden", moderation.reports("hall", BOB))
    assert await moderation.keepers("hall") == ["ann"]
    (report,) = await moderation.reports("hall", ANN)
    assert (report.author, report.text, report.user, report.reason) == (
        "eve", "bad words", "bob", "rude",
    )  # fmt: skip
    assert await moderation.all_reports() == [report]
    info = await store.room_for("hall", "ann")
    assert info is not None
    assert info.reports == 1
    for who, id_ in ((BOB, report.id), (ANN, "nothing"), (KIM, report.id)):
        await refused("not_found", moderation.close_report(id_, who, Outcome.RESOLVED))
    assert await moderation.close_report(report.id, ANN, Outcome.RESOLVED) == ("hall", True)
    assert await moderation.close_report(report.id, ROOT, Outcome.DISMISSED) == ("hall", False)
    assert await moderation.reports("hall", ANN) == []
    (closed,) = await moderation.reports("hall", ROOT, closed=True)
    assert (closed.closed_by, closed.outcome) == ("ann", Outcome.RESOLVED)


async def test_what_is_deleted_is_shown_by_no_report(store: Store, moderation: Moderation) -> None:
    await furnish(store, BOB)
    (bad,) = await say(store, "bad words", by=BOB)
    await moderation.report("hall", BOB, bad.seq, "")
    await store.append(said("", BOB, type="message:deleted", extra={"target": bad.seq}))
    (report,) = await moderation.reports("hall", ANN)
    assert report.text == ""


async def test_a_list_of_rooms_goes_on_where_the_page_before_ended(store: Store) -> None:
    names = [f"Room {n:03}" for n in range(25)]
    for name in names:
        await store.create_room(name, ANN)
    found, after = [], ""
    while page := await store.rooms_of("ann", after=after, limit=10):
        found += [room.room for room in page]
        after = page[-1].room
    assert found == names
    assert await store.names_of("ann") == names
    assert [r.room for r in await store.public_rooms("eve", after="room 022", limit=9)] == names[
        23:
    ]


@pytest.mark.parametrize("kind", [RoomKind.PUBLIC, RoomKind.PRIVATE])
async def test_who_is_deactivated_hands_over(store: Store, kind: RoomKind) -> None:
    await store.create_room("hall", ANN, kind=kind)
    if kind is RoomKind.PUBLIC:
        await store.ensure_member("hall", BOB)
    entries = await store.write(  # type: ignore[attr-defined]
        lambda connection, log: hand_over(connection, log, ROOT, "ann")
    )
    heirs = [(e.type, e.extra["member"], e.extra["role"]) for e in entries]
    assert heirs == ([("member:role", "bob", "owner")] if kind is RoomKind.PUBLIC else [])
