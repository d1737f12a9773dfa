"""Who is no member reads nothing: asked at the moment of the page, not before it."""

import pytest
from msgspec.structs import replace
from tests.conformance.people import ANN, EVE, furnish, said

from conclave.model import Position, RoomKind
from conclave.ports import Store
from conclave.protocol.errors import Reject


async def test_a_page_for_a_reader_is_refused_to_who_is_no_member(store: Store) -> None:
    await furnish(store)
    with pytest.raises(Reject, match="not_in_room"):
        await store.history("hall", reader=EVE.user)
    with pytest.raises(Reject, match="not_in_room"):
        await store.entries("hall", Position(store.epoch, 0), reader=EVE.user)
    with pytest.raises(Reject, match="no_such_room"):
        await store.history("nowhere", reader=ANN.user)


async def test_a_private_room_is_to_strangers_like_one_that_is_not_there(store: Store) -> None:
    await store.create_room("cellar", ANN, kind=RoomKind.PRIVATE)
    for room in ("cellar", "nowhere"):
        with pytest.raises(Reject, match="no_such_room"):
            await store.history(room, reader=EVE.user)
        with pytest.raises(Reject, match="no_such_room"):
            await store.list_members(room, reader=EVE.user)
        with pytest.raises(Reject, match="no_such_room"):
            await store.append(said("psst", EVE, room))


async def test_a_member_reads_what_anybody_in_the_server_would(store: Store) -> None:
    await furnish(store)
    await store.ensure_member("hall", EVE)
    since = Position(store.epoch, 0)
    for mine, all_ in (
        (await store.history("hall", reader=EVE.user), await store.history("hall")),
        (
            await store.entries("hall", since, reader=EVE.user),
            await store.entries("hall", since),
        ),
    ):
        # But for the number from which it is theirs.
        assert mine.joined_seq == 2
        assert replace(mine, joined_seq=0) == all_
