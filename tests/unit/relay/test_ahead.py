"""What was read before the join is good only while the room tells what is behind it."""

import asyncio

import pytest
from tests.schedules.hand_time import run
from tests.schedules.relay_world import EPOCH, HALL
from tests.unit.relay.parts import Guest, come, node

from conclave.model import Limits, Position
from conclave.protocol.errors import Reject

KNOWN = {HALL: Position(EPOCH, 3)}


def test_a_page_of_a_room_lets_nobody_into_another_one_of_its_name() -> None:
    async def main() -> None:
        at, ada = node(), Guest("ada")
        await come(at, "bob")
        for _ in range(5):
            at.store.write("bob", "message")
        at.relay.hinted(EPOCH, HALL, 5)
        room = at.halls.get(HALL).room
        while room.head < 5:
            await asyncio.sleep(0)
        found = await at.attendance.look_ahead("ada", KNOWN, Limits().page_bytes)
        assert found[HALL].is_all(at.halls.get(HALL))
        # It was deleted and made anew by another node; ada is no member of this one.
        del at.store.rows[2:]
        at.store.away.add("ada")
        await at.halls.sweep()
        assert room.head == 2
        with pytest.raises(Reject, match="not_in_room"):
            await at.attendance.join(
                ada, ada.identity, HALL, KNOWN[HALL], ada.greet, ahead=found[HALL]
            )
        assert ada.got == []
        assert not room.holds(ada)

    run(main())
