"""What every store promises of rooms, members, users and tokens."""

import asyncio
import hashlib

import pytest
from tests.conformance.people import ANN, BOB, EVE, furnish, said, say

from conclave.model import SYSTEM, Identity, Role, RoomKind, RoomRole, User
from conclave.ports import Store
from conclave.protocol.errors import Code, Reject


async def test_the_creator_owns_the_room_and_the_log_says_so(store: Store) -> None:
    (entry,) = await store.create_room("hall", ANN, title="The hall", topic="Echoes")
    assert (entry.seq, entry.type, entry.user, entry.text) == (1, "member:added", "ann", "")
    assert entry.extra == {"member": "ann", "member_name": "Ann", "role": "owner"}
    assert await store.member("hall", "ann") is RoomRole.OWNER
    room = await store.room_for("hall", "ann")
    assert room is not None
    assert (room.room, room.title, room.topic, room.kind) == (
        "hall", "The hall", "Echoes", RoomKind.PUBLIC,
)  # fmt: skip
    assert (room.role, room.members, room.last_seq) == (RoomRole.OWNER, 1, 1)


async def test_a_room_without_a_title_is_called_by_its_name(store: Store) -> None:
    await store.create_room("hall", ANN)
    room = await store.room_for("hall", "ann")
    assert room is not None
    assert (room.title, room.topic) == ("hall", "")


async def test_the_system_creates_rooms_without_being_in_them(store: Store) -> None:
    assert await store.create_room("hall", SYSTEM) == []
    assert await store.members("hall") == []
    assert await store.ensure_member("hall", SYSTEM) == []
    assert await store.heads(["hall"]) == {"hall": 0}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Hall", "hall"),
        ("hall", "HALL"),
        ("straße", "STRASSE"),
        ("caf\u00e9", "cafe\u0301"),  # composed and not
        ("ς", "Σ"),
    ],
)
async def test_a_room_is_one_in_any_case_and_keeps_the_name_it_got(
    store: Store, first: str, second: str
) -> None:
    await store.create_room(first, ANN)
    with pytest.raises(Reject) as refused:
        await store.create_room(second, BOB)
    assert refused.value.code == Code.ROOM_EXISTS
    assert await store.find_room(second) == (first, RoomKind.PUBLIC)
    assert await store.members(first) == ["ann"]


async def test_of_parallel_creations_one_wins(store: Store) -> None:
    made = await asyncio.gather(
        *(store.create_room("hall", who) for who in (ANN, BOB, EVE)), return_exceptions=True
    )
    refused = [answer for answer in made if isinstance(answer, Reject)]
    assert [answer.code for answer in refused] == [Code.ROOM_EXISTS] * 2
    assert len(await store.members("hall")) == 1


async def test_what_is_not_there_is_none(store: Store) -> None:
    await store.create_room("hall", ANN)
    assert await store.find_room("nowhere") is None
    assert await store.member("nowhere", "ann") is None
    assert await store.member("hall", "eve") is None
    assert await store.room_for("nowhere", "ann") is None
    assert await store.members("nowhere") == []
    assert await store.room_for_each("nowhere", ["ann"]) == {}
    assert await store.rooms_of("eve") == []
    assert await store.user("nobody") is None
    assert await store.token(b"x" * 32) is None


async def test_joining_is_written_once(store: Store) -> None:
    await furnish(store)
    calls = (store.ensure_member("hall", BOB) for _ in range(20))
    written = [entry for entries in await asyncio.gather(*calls) for entry in entries]
    assert [(entry.seq, entry.extra["member"]) for entry in written] == [(2, "bob")]
    assert written[0].extra["role"] == "member"
    assert await store.members("hall") == ["ann", "bob"]
    assert await store.member("hall", "bob") is RoomRole.MEMBER
    assert await store.ensure_member("hall", BOB) == []


async def test_one_does_not_know_of_private_rooms_and_cannot_join_them(store: Store) -> None:
    await store.create_room("cellar", ANN, kind=RoomKind.PRIVATE)
    for room in ("cellar", "nowhere"):
        with pytest.raises(Reject) as refused:
            await store.ensure_member(room, EVE)
        assert refused.value.code == Code.NO_SUCH_ROOM
    assert [room.room for room in await store.public_rooms("ann")] == []
    assert await store.public_names() == []
    assert [room.room for room in await store.rooms_of("ann")] == ["cellar"]
    assert await store.find_room("cellar") == ("cellar", RoomKind.PRIVATE)


async def test_unread_is_the_messages_after_the_mark(store: Store) -> None:
    await furnish(store, BOB)
    await say(store, "one", "two")
    await store.ensure_member("hall", EVE)
    await say(store, "three")

    async def unread(user: str) -> tuple[int, int]:
        room = await store.room_for("hall", user)
        assert room is not None
        return room.read_seq, room.unread

    assert await unread("bob") == (2, 3)
    assert await unread("eve") == (5, 1)
    store.mark_read("hall", "bob", 4)
    assert await unread("bob") == (4, 1)
    store.mark_read("hall", "bob", 3)  # never back
    assert await unread("bob") == (4, 1)
    store.mark_read("hall", "bob", 2**53)  # never beyond the end
    assert await unread("bob") == (6, 0)
    store.mark_read("hall", "stranger", 3)
    store.mark_read("nowhere", "bob", 3)
    assert [(room.room, room.unread) for room in await store.rooms_of("bob")] == [("hall", 0)]


async def test_lists_show_each_user_their_own_view(store: Store) -> None:
    await furnish(store, BOB, room="b")
    await furnish(store, room="A")
    await say(store, "x", room="b")
    assert [room.room for room in await store.public_rooms("bob")] == ["A", "b"]
    assert await store.public_names() == ["A", "b"]
    assert await store.public_names(limit=1) == ["A"]
    assert [(room.role, room.unread) for room in await store.public_rooms("bob")] == [
        (None, 0),
        (RoomRole.MEMBER, 1),
    ]
    assert [room.room for room in await store.rooms_of("bob")] == ["b"]


async def test_room_for_each_says_what_room_for_says(store: Store) -> None:
    await furnish(store, BOB)
    await say(store, "one")
    store.mark_read("hall", "bob", 3)
    users = ["ann", "bob", "eve", "stranger"]
    together = await store.room_for_each("hall", users)
    assert together == {user: await store.room_for("hall", user) for user in users}
    assert await store.room_for_each("hall", []) == {}


async def test_a_user_is_who_came_first_under_the_id(store: Store) -> None:
    ann = User(id="ann", name="ann", display_name="Ann", role=Role.ADMIN)
    assert await store.put_user(ann) == ann
    assert await store.put_user(User(id="ann", name="x", display_name="X")) == ann
    assert await store.user("ann") == ann


@pytest.mark.parametrize("name", ["ANN", "system", "System"])
async def test_a_name_belongs_to_one_user(store: Store, name: str) -> None:
    await store.put_user(User(id="ann", name="ann", display_name="Ann"))
    with pytest.raises(Reject) as refused:
        await store.put_user(User(id="other", name=name, display_name="Ann"))
    assert refused.value.code == Code.NAME_TAKEN
    assert await store.user("other") is None


async def test_of_parallel_claims_of_a_name_one_wins(store: Store) -> None:
    users = [
        User(id=f"u{n}", name="Ann" if n % 2 else "ann", display_name="Ann") for n in range(20)
    ]
    answers = await asyncio.gather(*map(store.put_user, users), return_exceptions=True)
    assert sum(isinstance(answer, User) for answer in answers) == 1


async def test_people_whom_others_vouch_for_may_share_a_name(store: Store) -> None:
    await furnish(store, Identity(user="x", name="Ann"), Identity(user="y", name="Ann"))
    assert await store.members("hall") == ["ann", "x", "y"]
    assert await store.user("x") == User(id="x", name="Ann", display_name="Ann", account=False)


async def test_a_token_is_found_by_its_digest_alone(store: Store) -> None:
    ann = await store.put_user(User(id="ann", name="ann", display_name="Ann"))
    digest = hashlib.sha256(b"secret").digest()
    made = await store.create_token("ann", digest, name="laptop", expires_at=123)
    found = await store.token(digest)
    assert found == made
    assert (made.user, made.expires_at, made.revoked_at) == (ann, 123, None)
    assert await store.token(hashlib.sha256(b"other").digest()) is None
    with pytest.raises(Reject) as refused:
        await store.create_token("nobody", digest)
    assert refused.value.code == Code.NO_SUCH_USER


# Injections, and what databases and terminals choke on (E9 of the limits).
HOSTILE = (
    "'; DROP TABLE entries; --", '"; DROP TABLE rooms; --', "' OR '1'='1", "Robert'); --",
    "%", "_", "%%", "\\", "\\'", "$1", ":room", "?", "??", "{0}", "{}", "%s", "%(room)s",
    "*", "room:*", "[a-z]", "\r\nFLUSHALL\r\n", "a\nb", "\t", "a\x00b", "\x7f", "\x1b[2J",
    "NULL", "null", "None", "0", "-1", "1e999", "true", "  spaces  ", " ", "😀" * 50,
    "東京", "עברית", "\u202eevil", "e\u0301", "\ufeff", "\u2028", "\uffff", "\U0010ffff",
    "a" * 64, "<script>alert(1)</script>", "../../etc/passwd", "X'00'", "CAST(1 AS TEXT)",
    "SELECT * FROM tokens", "PRAGMA user_version", "ATTACH DATABASE '/tmp/x' AS x", "0x00",
)  # fmt: skip


async def test_hostile_texts_come_back_as_they_went_in(store: Store) -> None:
    await furnish(store)
    for text in HOSTILE:
        draft = said(text, client_id="c-" + text.encode().hex()[:60], extra={text: [text]})
        receipt = await store.append(draft)
        assert receipt.entry is not None
        page = await store.after("hall", receipt.seq - 1)
        assert page.entries == [receipt.entry]
        assert page.entries[0].text == text
        assert page.entries[0].extra == {text: [text]}
    assert len((await store.after("hall", 0)).entries) == len(HOSTILE) + 1


async def test_hostile_names_make_one_room_and_one_user_each(store: Store) -> None:
    for n, text in enumerate(HOSTILE):
        who = Identity(user=f"{n}{text}", name=text)
        await store.create_room(f"{n}{text}", who, title=text, topic=text)
        room = await store.room_for(f"{n}{text}", who.user)
        assert room is not None
        assert (room.room, room.title, room.topic) == (f"{n}{text}", text, text)
        assert await store.members(f"{n}{text}") == [who.user]
        user = await store.user(who.user)
        assert user is not None
        assert user.name == text
    assert len(await store.public_rooms("ann")) == len(HOSTILE)
    # A star is a name like any other.
    assert await store.heads(["*", "%", "_"]) == {}


async def test_hostile_request_ids_and_digests_find_only_themselves(store: Store) -> None:
    await furnish(store)
    for text in HOSTILE:
        assert (await store.append(said("x", client_id=text))).entry is not None
    for text in HOSTILE:
        assert (await store.append(said("x", client_id=text))).entry is None


async def test_the_way_into_a_room_is_found_with_what_one_is_there(store: Store) -> None:
    await furnish(store, BOB, room="Hall")
    await store.create_room("cellar", ANN, kind=RoomKind.PRIVATE)
    assert await store.way_in("hALL", "bob") == ("Hall", RoomKind.PUBLIC, RoomRole.MEMBER)
    assert await store.way_in("Hall", "eve") == ("Hall", RoomKind.PUBLIC, None)
    assert await store.way_in("cellar", "ann") == ("cellar", RoomKind.PRIVATE, RoomRole.OWNER)
    assert await store.way_in("cellar", "bob") == ("cellar", RoomKind.PRIVATE, None)
    assert await store.way_in("nowhere", "bob") is None
