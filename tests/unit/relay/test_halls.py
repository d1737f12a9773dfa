"""What a room is told of each kind of entry, and what is left of one that is deleted."""

import asyncio
import json
from typing import Any

import pytest
from structlog.testing import capture_logs
from tests.schedules.hand_time import run
from tests.schedules.relay_world import EPOCH, HALL
from tests.unit.relay.parts import Guest, come, join, node

from conclave.core.room import Told
from conclave.model import Entry, RoomHistory
from conclave.protocol.errors import Reject
from conclave.relay.told import told


def of(type_: str, text: str = "", client_id: str | None = None, **extra: Any) -> Told:
    return told(
        Entry(
            room=HALL,
            seq=7,
            id="m7",
            type=type_,
            name="Ada",
            user="ada",
            timestamp=1,
            text=text,
            extra=extra,
            client_id=client_id,
        )
    )


def test_only_its_author_is_told_the_id_of_the_request() -> None:
    new = of("message", "hi", client_id="c-1")
    assert json.loads(new.own.text)["data"]["client_id"] == "c-1"
    assert "client_id" not in json.loads(new.packet.text)["data"]
    without = of("message", "hi")
    assert without.own is without.packet, "encoded once"


def test_who_is_removed_and_whether_the_past_is_hidden_goes_along() -> None:
    assert of("member:removed", member="bob").removes == "bob"
    assert of("member:added", member="bob").removes is None
    assert of("room:updated", history=str(RoomHistory.JOINED)).hides is True
    assert of("room:updated", history=str(RoomHistory.ALL)).hides is False
    assert of("room:updated", title="Hall").hides is None


def test_of_an_edit_there_is_a_form_for_who_must_not_read_what_it_is_about() -> None:
    edit = of("message:edited", "secret", target=3)
    assert edit.about == 3
    assert edit.blank is not None
    assert b"secret" in edit.packet.text
    assert b"secret" not in edit.blank.text


def test_a_room_that_is_deleted_lets_all_out_and_what_was_read_for_it_ends() -> None:
    async def main() -> None:
        at = node()
        ada, bob = await come(at, "ada", "bob")
        at.attendance.leave(bob, HALL, broken=True)
        at.store.write("bob", "message")
        at.relay.hear(at.store.write("bob", "message"))
        old = at.halls.get(HALL)
        assert old.repairing is not None
        await asyncio.sleep(0)
        await at.attendance.shut(HALL)
        assert (ada.rooms, at.halls.get(HALL), at.attendance.count(HALL)) == (set(), None, 0)
        await asyncio.sleep(60)
        at.attendance.tick()
        assert ada.got == [], "nobody hears of the others, or of what was on its way"
        assert old.repairing is None
        # Another one of its name begins anew.
        assert await join(at, ada)
        assert at.halls.get(HALL) is not old

    run(main())


def test_a_room_that_nobody_opened_is_deleted_like_any() -> None:
    async def main() -> None:
        at = node()
        await at.attendance.shut("nowhere")
        hall = at.halls.enter(HALL)
        await at.attendance.shut(HALL)
        assert (hall.room, len(at.halls)) == (None, 0)

    run(main())


def test_what_is_hinted_at_a_room_that_is_closed_is_no_reason_to_read() -> None:
    async def main() -> None:
        at = node()
        at.relay.hinted(EPOCH, "nowhere", 5)
        at.relay.hear(at.store.write("bob", "message"))
        assert (len(at.halls), at.attendance.head(HALL)) == (0, None)
        ada = Guest("ada")
        assert await join(at, ada)
        assert at.attendance.head(HALL) == 1
        assert (at.attendance.count(HALL), at.attendance.present(HALL)) == (1, [ada])
        assert (at.attendance.count("nowhere"), at.attendance.present("nowhere")) == (0, [])

    run(main())


def test_a_removal_that_is_told_here_takes_its_member_out_at_once() -> None:
    async def main() -> None:
        at = node()
        ada, bob = await come(at, "ada", "bob")
        at.relay.tell([at.store.write("bob", "member:removed", member="ada")])
        assert (ada.got, ada.rooms) == (["entry 1"], set())
        assert bob.got == ["entry 1", "ADA has left the room"]

    run(main())


def test_a_member_who_knows_more_than_this_node_has_it_read_what_is_missing() -> None:
    async def main() -> None:
        at = node()
        (ada,) = await come(at, "ada")
        for _ in range(3):
            at.store.write("eve", "message")
        bob = Guest("bob")
        assert await join(at, bob)
        await asyncio.sleep(1)
        assert ada.got == ["BOB has joined the room", "entry 1", "entry 2", "entry 3"]
        assert bob.got[0] == "history to 3"
        assert not any(said.startswith("entry") for said in bob.got), "it has them already"

    run(main())


def test_what_is_known_to_be_stored_ends_the_wait_for_what_may_come_by_itself() -> None:
    async def main() -> None:
        at = node()
        (ada,) = await come(at, "ada")
        at.relay.hear([at.store.write("eve", "message") for _ in range(2)][1])
        await asyncio.sleep(0)
        assert ada.got == []
        at.relay.hinted(EPOCH, HALL, 2)
        for _ in range(20):
            await asyncio.sleep(0)
        assert ada.got == ["entry 1", "entry 2"]

    run(main())


def test_a_repair_that_breaks_is_logged_and_the_next_one_comes() -> None:
    async def main() -> None:
        at = node()
        (ada,) = await come(at, "ada")
        after = at.store.after

        async def breaks(*_: Any) -> Any:
            raise RuntimeError("a bug")

        at.store.after = breaks
        at.store.write("eve", "message")
        with capture_logs() as logs:
            at.relay.hinted(EPOCH, HALL, 1)
            await asyncio.sleep(1)
        assert [line["event"] for line in logs] == ["repair_failed"]
        at.store.after = after
        at.relay.hinted(EPOCH, HALL, 1)
        await asyncio.sleep(1)
        assert ada.got == ["entry 1"]

    run(main())


def test_who_is_owed_what_was_purged_is_lost_and_resumes() -> None:
    async def main() -> None:
        at = node()
        (ada,) = await come(at, "ada")
        for _ in range(5):
            at.store.write("eve", "message")
        at.store.first = 4
        await at.halls.sweep()
        assert ada.lost == 1
        assert at.attendance.head(HALL) == 5

    run(main())


def test_who_is_in_a_room_whose_name_another_one_has_now_is_lost_and_resumes() -> None:
    """Deleted and made anew by another node, whose words were lost."""

    async def main() -> None:
        at = node()
        (ada,) = await come(at, "ada")
        for _ in range(3):
            at.relay.hear(at.store.write("eve", "message"))
        at.store.rows.clear()
        at.relay.hear(at.store.write("bob", "message"))
        with capture_logs() as logs:
            await at.halls.sweep()
        assert [line["event"] for line in logs] == ["room_replaced"]
        assert (ada.lost, at.attendance.head(HALL)) == (1, 1)
        bob = Guest("bob")
        assert await join(at, bob)
        at.relay.hear(at.store.write("eve", "message"))
        assert bob.got[-1] == "entry 2", "of the former room there were three"
        assert ada.got == ["entry 1", "entry 2", "entry 3", "BOB has joined the room"]

    run(main())


def test_a_room_that_cannot_be_read_keeps_no_other_from_being_closed() -> None:
    async def main() -> None:
        at = node()
        (ada,) = await come(at, "ada")
        at.halls.enter("idle")
        at.store.write("eve", "message")

        async def refuses(*_: Any) -> Any:
            raise Reject("unavailable")

        at.store.after, after = refuses, at.store.after
        with capture_logs() as logs:
            await at.halls.sweep()
        assert [line["event"] for line in logs] == ["repair_refused"]
        assert [hall.name for hall in at.halls.all()] == [HALL]
        at.store.after = after
        await at.halls.sweep()
        assert ada.got == ["entry 1"]

    run(main())


def test_an_opening_that_is_cut_off_by_the_end_is_no_error() -> None:
    async def main() -> None:
        at = node()
        never = asyncio.Event()

        async def hangs(_rooms: Any) -> Any:
            await never.wait()

        at.store.heads = hangs
        joining = asyncio.create_task(join(at, Guest("ada")))
        await asyncio.sleep(0.1)
        await at.halls.close()
        with pytest.raises(asyncio.CancelledError):
            await joining

    run(main())
