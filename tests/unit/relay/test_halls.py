"""What a room is told of each kind of entry, and what is left of one that is deleted."""

import asyncio
import json
from typing import Any

from tests.schedules.hand_time import run
from tests.schedules.relay_world import EPOCH, HALL
from tests.unit.relay.parts import Guest, come, join, node

from conclave.core.room import Told
from conclave.model import Entry, RoomHistory
from conclave.relay.halls import told


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
