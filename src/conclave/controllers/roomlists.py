"""Rooms as answers name them: as many as fit, and those that could not be joined."""

from itertools import accumulate
from typing import Final

import msgspec
from msgspec import UNSET

from conclave.model import RoomInfo
from conclave.protocol.errors import Reject
from conclave.protocol.events import NotJoined
from conclave.protocol.events import Rooms as RoomList

MOST_LISTED: Final = 500


def page_of(rooms: list[RoomInfo], most_bytes: int) -> RoomList:
    """Return as many of *rooms* as fit: a list longer than a queue would close its reader."""
    ends = accumulate(len(msgspec.json.encode(room)) + 1 for room in rooms)
    fitting = [room for room, end in zip(rooms, ends, strict=True) if end <= most_bytes]
    return RoomList(fitting[:MOST_LISTED], more=len(fitting[:MOST_LISTED]) < len(rooms))


def not_joined(room: str, no: Reject) -> NotJoined:
    after = UNSET if no.retry_after_ms is None else no.retry_after_ms
    return NotJoined(room, no.code, no.message, no.retryable, after)
