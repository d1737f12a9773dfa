"""
A server with the worst of all bugs, planted: it acknowledges before it stores.

For `conclave serve --app tests.support.hasty:APP`, to see that it is found.
"""

from tests.support.people import APP

from conclave.model import Receipt
from conclave.relay.relay import Relay

__all__ = ["APP"]

_send = Relay._send


async def _send_hastily(self, draft, receipt=None):
    if receipt is not None:
        receipt(Receipt(room=draft.room, seq=1, id="early", timestamp=0))
    return await _send(self, draft, None)


Relay._send = _send_hastily
