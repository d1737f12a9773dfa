"""
A server with the worst of all bugs, planted: it acknowledges before it stores.

For `conclave serve --app tests.support.hasty:APP`, to see that it is found.
"""

from tests.support.people import APP

from conclave.model import Receipt
from conclave.relay.relay import Relay

__all__ = ["APP"]

_send, _begin = Relay._send, Relay.begin


def _early(draft):
    return Receipt(room=draft.room, seq=1, id="early", timestamp=0)


async def _send_hastily(self, draft, receipt=None):
    if receipt is not None:
        receipt(_early(draft))
    return await _send(self, draft, None)


def _begin_hastily(self, draft, receipt, about, done):
    receipt(about, _early(draft))
    _begin(self, draft, lambda _about, _receipt: None, about, done)


Relay._send, Relay.begin = _send_hastily, _begin_hastily
