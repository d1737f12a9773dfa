"""The one way into a log, for all requests that write there."""

from collections.abc import Callable
from typing import Any

from conclave.controllers.node import Node
from conclave.model import Draft, Identity, Receipt
from conclave.protocol.errors import Code, Reject
from conclave.protocol.state import UPDATED


async def send(
    node: Node, draft: Draft, stored: Callable[[Receipt], None], *, may: bool
) -> Receipt:
    """
    Store *draft* and tell the room; call *stored* with its receipt before anybody is told.

    Return it. Who may not any more is told again what was stored before, and else `not_in_room`.
    """
    if may:
        return await node.relay.send(draft, stored)
    before = await node.store.stored(draft) if draft.client_id else None
    if before is None:
        raise Reject(Code.NOT_IN_ROOM)
    stored(before)
    return before


def draft_of(by: Identity, room: str, type_: str, **more: Any) -> Draft:
    """Return an entry that *by* writes; *more* are other fields of `Draft`."""
    return Draft(room=room, user=by.user, name=by.name, role=by.role, type=type_, **more)


def update_of(by: Identity, room: str, extra: dict[str, Any], client_id: str | None) -> Draft:
    """Return the entry by which *by* makes of *room* what *extra* says."""
    return draft_of(by, room, UPDATED, extra=extra, client_id=client_id)
