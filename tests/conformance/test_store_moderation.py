"""What is done to people in rooms is judged where it is done, and nothing undoes it from beside."""

import asyncio
import random

import pytest
from tests.conformance.people import ANN, BOB, EVE, furnish, said, say

from conclave.model import Act, Draft, Identity, Position, Role, RoomKind, RoomRole, SanctionKind
from conclave.ports import Moderation, Store
from conclave.protocol.errors import Reject

KIM = Identity(user="kim", name="Kim")
ROOT = Identity(user="root", name="Root", role=Role.ADMIN)
LATER = 2**52


async def refused(code: str, doing) -> None:
    with pytest.raises(Reject) as no:
        await doing
    assert no.value.code == code


async def known(store: Store, *people: Identity) -> None:
    """Let there be *people*, who are in no room that matters."""
    await store.create_room("lobby", ANN)
    for who in people:
        await store.ensure_member("lobby", who)


async def test_who_is_kicked_is_a_member_no_more_and_may_come_back(
    store: Store, moderation: Moderation
) -> None:
    await furnish(store, BOB)
    deed = await moderation.kick("hall", ANN, "bob")
    assert [(e.type, e.user, e.extra["member"]) for e in deed.entries] == [
        ("member:removed", "ann", "bob")
    ]
    await refused("not_in_room", store.append(said("still here", BOB)))
    await refused("not_in_room", store.history("hall", reader="bob"))
    assert await store.ensure_member("hall", BOB)
    await store.append(said("back", BOB))


async def test_who_is_banned_stays_out_by_any_way_until_it_is_taken_back(
    store: Store, moderation: Moderation
) -> None:
    await furnish(store, BOB)
    await moderation.make_link("hall", ANN, b"x" * 32)
    deed = await moderation.ban("hall", ANN, "bob", reason="spam")
    assert len(deed.entries) == 1
    await refused("banned", store.ensure_member("hall", BOB))
    await refused("banned", store.append(said("x", BOB)))
    await refused("banned", store.history("hall", reader="bob"))
    await refused("banned", moderation.accept_link(BOB, b"x" * 32))
    await refused("forbidden", moderation.invite("hall", ANN, "bob"))
    (sanction,) = await moderation.sanctions("hall", ANN)
    assert (sanction.user, sanction.kind, sanction.by, sanction.reason) == (
        "bob", SanctionKind.BAN, "ann", "spam",
    )  # fmt: skip
    assert (await moderation.lift("hall", ANN, "bob", SanctionKind.BAN)).done
    assert not (await moderation.lift("hall", ANN, "bob", SanctionKind.BAN)).done
    assert await store.ensure_member("hall", BOB)


async def test_a_ban_is_another_request_than_a_kick_of_the_same_id(
    store: Store, moderation: Moderation
) -> None:
    await furnish(store, BOB)
    assert (await moderation.kick("hall", ANN, "bob", client_id="one")).done
    assert await store.ensure_member("hall", BOB)
    await refused("id_reused", moderation.ban("hall", ANN, "bob", client_id="one"))
    assert (await moderation.ban("hall", ANN, "bob", client_id="two", reason="spam")).done
    await refused("banned", store.ensure_member("hall", BOB))
    assert not (await moderation.ban("hall", ANN, "bob", client_id="two", reason="spam")).done
    await refused("id_reused", moderation.ban("hall", ANN, "bob", client_id="two", reason="more"))
    await refused("id_reused", moderation.kick("hall", ANN, "bob", client_id="two"))


async def test_who_was_never_there_is_banned_by_name(store: Store, moderation: Moderation) -> None:
    await furnish(store)
    await known(store, EVE)
    deed = await moderation.ban("hall", ANN, "eve")
    assert (deed.user, deed.done, deed.entries) == ("eve", True, ())
    await refused("banned", store.ensure_member("hall", EVE))
    await refused("no_such_user", moderation.ban("hall", ANN, "nobody"))
    assert not (await moderation.ban("hall", ANN, "eve")).done


async def test_a_ban_and_a_mute_end_with_their_time(store: Store, moderation: Moderation) -> None:
    await furnish(store, BOB)
    soon = moderation._clock() + 60_000  # type: ignore[attr-defined]
    await moderation.mute("hall", ANN, "bob", until=soon)
    await refused("muted", store.append(said("x", BOB)))
    await refused("muted", moderation.check(Act.TYPE, "hall", BOB))
    for part in (moderation, store._log):  # type: ignore[attr-defined]
        part._clock = lambda: soon + 1
    await store.append(said("x", BOB))
    assert await moderation.sanctions("hall", ANN) == []
    await refused("conflict", moderation.ban("hall", ANN, "bob", until=soon))


async def test_the_muted_read_delete_their_own_and_write_nothing(
    store: Store, moderation: Moderation
) -> None:
    await furnish(store, BOB)
    (mine,) = await say(store, "mine", by=BOB)
    await moderation.mute("hall", ANN, "bob")
    info = await store.room_for("hall", "bob")
    assert info is not None
    assert (info.muted, info.muted_until) == (True, None)
    assert "write" not in info.may

    def change(type_: str, **extra) -> Draft:
        return said("", BOB, type=type_, extra={"target": mine.seq, **extra})

    for draft in (
        said("x", BOB),
        change("message:edited"),
        change("reaction:added", emoji="👍"),
        change("message:pinned"),
    ):
        await refused("muted", store.append(draft))
    await store.append(change("message:deleted"))
    assert (await store.history("hall", reader="bob")).entries
    # Leaving ends it no more than a new membership does.
    await store.quit_room("hall", BOB)
    await store.ensure_member("hall", BOB)
    await refused("muted", store.append(said("x", BOB)))
    await moderation.lift("hall", ANN, "bob", SanctionKind.MUTE)
    await store.append(said("x", BOB))


async def test_nobody_acts_upon_who_is_not_below_and_strangers_learn_nothing(
    store: Store, moderation: Moderation
) -> None:
    await furnish(store, BOB, EVE)
    await known(store, KIM)
    await store.create_room("cellar", ANN, kind=RoomKind.PRIVATE)
    await moderation.set_role("hall", ANN, "bob", RoomRole.MODERATOR)
    for doing in (moderation.kick, moderation.ban, moderation.mute):
        await refused("forbidden", doing("hall", BOB, "ann"))
        await refused("forbidden", doing("hall", BOB, "bob"))
        await refused("forbidden", doing("hall", EVE, "bob"))
        await refused("forbidden", doing("hall", EVE, "nobody"))
        await refused("not_in_room", doing("hall", KIM, "eve"))
        for room in ("cellar", "nowhere"):
            for whom in ("ann", "nobody"):
                await refused("no_such_room", doing(room, EVE, whom))
    await moderation.kick("hall", BOB, "eve")
    await refused("no_such_user", moderation.kick("hall", BOB, "eve"))
    await moderation.kick("hall", ROOT, "bob")


async def test_a_member_invites_to_a_public_room_and_a_moderator_to_a_private_one(
    store: Store, moderation: Moderation
) -> None:
    await furnish(store, BOB)
    await known(store, EVE, KIM)
    deed = await moderation.invite("hall", BOB, "eve")
    assert [(e.type, e.user, e.extra) for e in deed.entries] == [
        ("member:added", "bob", {"member": "eve", "member_name": "Eve", "role": "member"})
    ]
    assert not (await moderation.invite("hall", BOB, "eve")).done
    await store.create_room("cellar", ANN, kind=RoomKind.PRIVATE)
    await moderation.invite("cellar", ANN, "bob")
    await refused("forbidden", moderation.invite("cellar", BOB, "eve"))
    await moderation.ignore(KIM, "ann")
    await refused("forbidden", moderation.invite("cellar", ANN, "kim"))
    assert (await store.history("cellar", reader="bob")).first_seq == 1


@pytest.mark.parametrize("verb", ["invite", "kick", "ban", "set_role"])
async def test_a_request_that_comes_again_does_nothing_again(
    store: Store, moderation: Moderation, verb: str
) -> None:
    await furnish(store, BOB)
    await known(store, EVE)
    whom, more = ("eve", ()) if verb == "invite" else ("bob", ())
    if verb == "set_role":
        more = (RoomRole.MODERATOR,)
    doing = getattr(moderation, verb)
    assert (await doing("hall", ANN, whom, *more, client_id="once")).done
    if verb == "invite":
        await moderation.kick("hall", ANN, "eve")
    elif verb == "ban":
        await moderation.lift("hall", ANN, "bob", SanctionKind.BAN)
        await store.ensure_member("hall", BOB)
    elif verb == "kick":
        await store.ensure_member("hall", BOB)
    else:
        await moderation.set_role("hall", ANN, "bob", RoomRole.MEMBER)
    before = await store.members("hall")
    assert not (await doing("hall", ANN, whom, *more, client_id="once")).done
    assert await store.members("hall") == before
    await refused("id_reused", doing("hall", ANN, "ann", *more, client_id="once"))


async def test_a_room_keeps_an_owner_whatever_owners_do_to_each_other(
    store: Store, moderation: Moderation
) -> None:
    """D10: two demote each other, quit, kick and ban in random orders; never is there none."""
    rounds, seed = 120, random.randrange(2**32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    people = {who.user: who for who in (ANN, BOB, EVE)}
    refusals = 0
    for n in range(rounds):
        room = f"room {n}"
        await furnish(store, BOB, EVE, room=room)
        await moderation.set_role(room, ANN, "bob", RoomRole.OWNER)

        def something(room: str = room) -> object:
            by, whom = chance.choice([ANN, BOB]), chance.choice(["ann", "bob", "eve"])
            return chance.choice(
                [
                    lambda: moderation.set_role(room, by, whom, RoomRole.MEMBER),
                    lambda: moderation.set_role(room, by, whom, RoomRole.MODERATOR),
                    lambda: moderation.kick(room, by, whom),
                    lambda: moderation.ban(room, by, whom),
                    lambda: store.quit_room(room, by),
                    lambda: store.ensure_member(room, people[whom]),
                ]
            )()

        done = await asyncio.gather(*(something() for _ in range(4)), return_exceptions=True)
        assert all(not isinstance(one, BaseException) or isinstance(one, Reject) for one in done)
        refusals += sum(isinstance(one, Reject) for one in done)
        members = await store.list_members(room)
        if members:
            assert "owner" in {one.role for one in members}
    print(f"D10: {rounds * 4} acts at once, {refusals} refused, an owner in every room")
    assert refusals


async def test_the_last_owner_cannot_become_less_and_hands_over_when_going(
    store: Store, moderation: Moderation
) -> None:
    await furnish(store, BOB, EVE)
    await refused("forbidden", moderation.set_role("hall", ANN, "ann", RoomRole.MEMBER))
    await moderation.set_role("hall", ANN, "eve", RoomRole.MODERATOR)
    deed = await moderation.kick("hall", ROOT, "ann")
    assert [(e.type, e.extra["member"]) for e in deed.entries] == [
        ("member:role", "eve"),
        ("member:removed", "ann"),
    ]
    for who in (EVE, BOB):
        await store.quit_room("hall", who)
    # A room that had lost its members belongs to who comes next.
    await store.ensure_member("hall", BOB)
    assert await store.member("hall", "bob") is RoomRole.OWNER


async def test_an_archived_room_is_read_and_opened_again(
    store: Store, moderation: Moderation
) -> None:
    await furnish(store, BOB)
    await known(store, EVE)
    await say(store, "before")

    def archive(archived: bool, by: Identity = ANN) -> Draft:
        return Draft(
            room="hall",
            user=by.user,
            name=by.name,
            role=by.role,
            type="room:updated",
            extra={"archived": archived},
        )

    await refused("forbidden", store.append(archive(True, BOB)))
    await store.append(archive(True))
    await refused("archived", store.append(said("x")))
    await refused("archived", store.ensure_member("hall", EVE))
    await refused("archived", moderation.invite("hall", ANN, "eve"))
    info = await store.room_for("hall", "bob")
    assert info is not None
    assert info.archived
    assert not {"write", "react", "invite"} & set(info.may)
    assert [e.text for e in (await store.history("hall", reader="bob")).entries] == ["before"]
    await store.append(archive(False, ROOT))
    await store.append(said("x"))


async def test_what_was_said_before_one_joined_is_read_by_no_way(
    store: Store, moderation: Moderation
) -> None:
    """D5: pages, entries, resumes, threads, pins, search, answers, counts, reports."""
    await furnish(store)
    secrets = [r.seq for r in await say(store, *(f"canary{n} secret" for n in range(20)))]
    await store.append(said("", type="message:pinned", extra={"target": secrets[0]}))
    await store.append(said("reply", extra={"thread": secrets[0]}))
    setting = said("", type="room:updated", extra={"history": "joined"})
    await store.append(setting)
    await store.ensure_member("hall", BOB)
    first = (await store.after("hall", 0)).last_seq
    (seen,) = await say(store, "seen")
    await store.append(said("seen too", extra={"reply_to": secrets[1], "thread": secrets[0]}))
    await store.append(said("canary edited", type="message:edited", extra={"target": secrets[2]}))
    epoch = store.epoch
    pages = [await store.history("hall", reader="bob")]
    for seq in (*secrets[::7], 0, 1, first, seen.seq, 2**52):
        for name in ("before", "after", "around"):
            pages.append(await store.history("hall", reader="bob", **{name: seq}))
        pages.append(await store.history("hall", reader="bob", thread=seq))
        pages.append(await store.entries("hall", Position(epoch, seq), reader="bob"))
    pages.append(await store.history("hall", reader="bob", pinned=True))
    for page in pages:
        assert page.first_seq == first
        assert all(entry.seq >= first for entry in page.entries)
        assert not any("canary" in entry.text for entry in page.entries)
    assert (await store.entries("hall", Position(epoch, first - 2), reader="bob")).reset
    assert not (await store.entries("hall", Position(epoch, first - 1), reader="bob")).reset
    for draft in (
        said("x", BOB, extra={"reply_to": secrets[0]}),
        said("x", BOB, extra={"thread": secrets[0]}),
        said("", BOB, type="reaction:added", extra={"target": secrets[0], "emoji": "👍"}),
        said("", BOB, type="message:pinned", extra={"target": secrets[0]}),
        said("", BOB, type="message:deleted", extra={"target": secrets[0]}),
    ):
        await refused("no_such_message", store.append(draft))
    await refused("no_such_message", moderation.report("hall", BOB, secrets[0], "x"))
    # What is reported to who looks after the room they delete, unseen.
    await moderation.set_role("hall", ANN, "bob", RoomRole.MODERATOR)
    await refused(
        "no_such_message",
        store.append(said("x", BOB, type="message:edited", extra={"target": secrets[3]})),
    )
    await store.append(said("", BOB, type="message:deleted", extra={"target": secrets[3]}))
    info = await store.room_for("hall", "bob")
    assert info is not None
    assert info.unread == 2
    assert len((await store.history("hall", reader="ann")).entries) == 23
    print(f"D5: {len(secrets)} canaries, {len(pages)} pages, none seen")


async def test_a_former_member_reads_from_the_last_joining_on(store: Store) -> None:
    await furnish(store, BOB)
    await store.append(said("", type="room:updated", extra={"history": "joined"}))
    await say(store, "while there")
    await store.quit_room("hall", BOB)
    await say(store, "while away")
    await store.ensure_member("hall", BOB)
    await say(store, "back")
    page = await store.history("hall", reader="bob")
    assert [entry.text for entry in page.entries] == ["back"]


async def test_a_slow_room_makes_members_wait(store: Store, moderation: Moderation) -> None:
    await furnish(store, BOB)
    await moderation.set_role("hall", ANN, "bob", RoomRole.MEMBER)
    await store.append(said("", type="room:updated", extra={"slow_mode": 60}))
    await store.append(said("one", BOB))
    with pytest.raises(Reject) as no:
        await store.append(said("two", BOB))
    assert no.value.code == "rate_limited"
    assert no.value.retry_after_ms is not None
    assert 0 < no.value.retry_after_ms <= 60_000
    await say(store, "owners", "do not wait")
    await store.quit_room("hall", BOB)
    await store.ensure_member("hall", BOB)
    await refused("rate_limited", store.append(said("out and in", BOB)))
    await store.ensure_member("hall", EVE)
    await store.append(said("who is new does not wait", EVE))
