"""Browsers that want to be pushed to while their page is closed."""

import asyncio
import base64

from conclave.controllers.dispatch import Controller, on
from conclave.controllers.telling import who
from conclave.core.ratelimit import Cost
from conclave.core.turns import Turn
from conclave.model import Act, Subscription
from conclave.ports import Connection
from conclave.protocol.errors import Code, Reject
from conclave.protocol.pushing import GetPush, Push, SubscribePush, UnsubscribePush


class Pushing(Controller):
    @on(GetPush, turn=Turn.READ, costs=Cost.READ, act=Act.PUSH)
    async def key(self, _connection: Connection, _event: GetPush) -> Push:
        return Push(await self.node.pushes.key())

    @on(SubscribePush, costs=Cost.ROOM, act=Act.PUSH)
    async def subscribe(self, connection: Connection, event: SubscribePush) -> None:
        self.node.pushes.check(event.endpoint)
        wanted = Subscription(
            id="",
            user=connection.user,
            endpoint=event.endpoint,
            p256dh=await asyncio.to_thread(_point, event.p256dh),
            auth=_decoded(event.auth),
            with_text=event.with_text,
        )
        await self.node.attention.subscribe(who(connection), wanted)
        self.node.pushes.subscribed(connection.user)

    @on(UnsubscribePush, act=Act.PUSH)
    async def unsubscribe(self, connection: Connection, event: UnsubscribePush) -> None:
        await self.node.attention.unsubscribe(connection.user, event.endpoint)


def _point(text: str) -> bytes:
    """Return the point that *text* is; one that is not on the curve encrypts for nobody."""
    # A large library; most servers are never asked to push.
    from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey

    encoded = _decoded(text)
    try:
        EllipticCurvePublicKey.from_encoded_point(SECP256R1(), encoded)
    except ValueError:
        raise Reject(Code.BAD_REQUEST, "p256dh is no point of P-256") from None
    return encoded


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
