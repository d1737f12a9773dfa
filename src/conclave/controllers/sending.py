"""The one way into a log, for all requests that write there."""

from collections.abc import Callable

from conclave.controllers.node import Node
from conclave.model import Draft, Receipt
from conclave.protocol.errors import Code, Reject


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
