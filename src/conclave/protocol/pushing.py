"""What a browser asks for about being pushed to, and the answer."""

from typing import Annotated, Final

from msgspec import Meta

from conclave.protocol.event import Event

# An https address of a push service: those that exist have some 200 characters.
Endpoint = Annotated[str, Meta(min_length=1, max_length=1_024)]
# Base64url without padding: a point of P-256, uncompressed, and 16 bytes (RFC 8291).
PublicKey = Annotated[str, Meta(pattern=r"\A[A-Za-z0-9_-]{87}\Z")]
AuthSecret = Annotated[str, Meta(pattern=r"\A[A-Za-z0-9_-]{22}\Z")]


class GetPush(Event, type="push:get"):
    """Asks for the key to subscribe with."""


class SubscribePush(Event, type="push:subscribe"):
    endpoint: Endpoint
    p256dh: PublicKey
    auth: AuthSecret
    # Whether what was written shall be in it.
    with_text: bool = False


class UnsubscribePush(Event, type="push:unsubscribe"):
    endpoint: Endpoint


class Push(Event, type="push"):
    """The answer to `push:get`."""

    # Of this server (RFC 8292), base64url; "" where it pushes nothing.
    key: str


PUSHING: Final[tuple[type[Event], ...]] = (GetPush, SubscribePush, UnsubscribePush)
