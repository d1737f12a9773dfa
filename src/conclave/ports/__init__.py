"""
What the rules need from outside, as protocols of a handful of methods.

Adapters live in storage, engine, auth and server; only app, cli and testing choose them.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final, NamedTuple, Protocol

from conclave.model import Identity
from conclave.ports.accounts import Accounts
from conclave.ports.attachments import AttachmentRows
from conclave.ports.attention import Attention, Pushes
from conclave.ports.audit import Audit
from conclave.ports.blobs import Blobs
from conclave.ports.engine import Ears, Engine
from conclave.ports.hooks import Hooks
from conclave.ports.identities import Identities
from conclave.ports.moderation import Moderation
from conclave.ports.people import People
from conclave.ports.registry import Registry
from conclave.ports.store import Begins, Store
from conclave.protocol.codec import Packet
from conclave.protocol.event import Event

__all__ = [
    "WIRE",
    "Accounts",
    "AttachmentRows",
    "Attention",
    "Audit",
    "Authenticator",
    "Begins",
    "Blobs",
    "Clock",
    "ComingIn",
    "Connection",
    "Ears",
    "Engine",
    "Hooks",
    "Identities",
    "Introduce",
    "Member",
    "Moderation",
    "Outlet",
    "People",
    "Pushes",
    "Registry",
    "Store",
    "Tickets",
    "Transport",
    "Wire",
]

# Where a request's ASGI scope has, among its extensions, the `Wire` that it came by.
WIRE: Final = "conclave.wire"


class Clock(Protocol):
    """Two clocks: deadlines use the one that never jumps."""

    def monotonic(self) -> float:
        """Return seconds since some moment."""

    def wall(self) -> int:
        """Return milliseconds since 1970."""


class Member(Protocol):
    """One connection, as rooms see it. Hashable by identity."""

    @property
    def user(self) -> str:
        """The user id it speaks for; only asked of the authenticated."""

    def offer(self, packet: Packet) -> None:
        """Queue *packet*: never wait, never raise, never call back."""

    @property
    def ear(self) -> Any:
        """What is told in its place; what it is, is between its maker and `core.room.Tell`."""

    def lose(self) -> None:
        """The room cannot go on telling it everything: close with `state lost`."""


class Connection(Member, Protocol):
    """One peer, as handlers and hooks see it."""

    @property
    def id(self) -> str:
        """Names it in logs; nothing else rests on it."""

    @property
    def identity(self) -> Identity | None:
        """Who it speaks for; None until it has authenticated."""

    @property
    def address(self) -> str:
        """The peer's network address."""

    @property
    def since(self) -> int:
        """When it was opened, in milliseconds since 1970."""

    # The rooms it is attached to; only the relay changes it.
    rooms: frozenset[str]

    @property
    def data(self) -> dict[str, Any]:
        """Yours: kept with the connection, gone with it."""

    def tell(self, event: Event) -> None:
        """Send *event*; never waits."""

    def authenticated(self, identity: Identity) -> None:
        """Speak for *identity* from now on; raises `Disconnect` the second time."""

    def refreshed(self, identity: Identity) -> None:
        """Go on as *identity*, the same user; raises `Disconnect` for another."""

    def renamed(self, identity: Identity) -> None:
        """Go on as *identity*, which is the one before under another name."""

    @property
    def lives(self) -> bool:
        """Whether it owes no sign of life."""

    def ask_life(self) -> None:
        """Ask the peer for a sign of life; who gives none in time is disconnected."""

    def disconnect(self, code: int, reason: str = "", *, at_once: bool = False) -> None:
        """End it; what was told before still goes out, unless it shall be *at_once*."""


class Outlet(Protocol):
    """The socket of a transport, for who writes to thousands: a call each would be too dear."""

    @property
    def fd(self) -> int:
        """Where a frame may be written now; -1 while something waits there, or always."""

    def leave(self, data: bytes, /) -> int:
        """Take what could not be written; return `Transport.buffered`."""


class Transport(Protocol):
    """
    What one connection says to its peer, whatever carries the messages.

    The other direction are calls of `Connection`: `opened`, `received`, `heard`, `closed`.
    None of these methods waits or raises, also after the end.
    """

    @property
    def address(self) -> str:
        """The peer's address, for logs and limits."""

    @property
    def buffered(self) -> int:
        """Bytes that were taken but have not left this process."""

    @property
    def outlet(self) -> Outlet:
        """Where one may write past it, one whole packet at a time."""

    def send(self, packets: Sequence[Packet]) -> int:
        """
        Write *packets* as one text message each, gathered into one write.

        Returns `buffered`, so that who sends to thousands need not ask each.
        """

    def ping(self) -> None:
        """Ask for a sign of life; where the carrier has no pings, do nothing."""

    def pause_reading(self) -> None: ...

    def resume_reading(self) -> None: ...

    def close(self, code: int, reason: str, *, within: float | None = None) -> None:
        """
        Begin to close; the end is told by `Connection.closed`, soon, whatever the peer does.

        *within*: after so many seconds at the latest, also when it is being closed already.
        """


class Wire(Protocol):
    """A socket below HTTP, for who must know that what was written has left, or end it."""

    def get_write_buffer_size(self) -> int: ...

    def abort(self) -> None: ...


class Tickets(Protocol):
    """What a page says to its socket instead of its session, which no script may read."""

    async def redeem(self, ticket: str, address: str) -> Identity | None:
        """
        Return whose *ticket* is, once; None if it is no ticket at all.

        Raises `auth_failed` for one that is not good, or was given to another address.
        """


class Authenticator(Protocol):
    """Turns a token into an identity."""

    async def authenticate(self, token: str) -> Identity | None:
        """
        Return who *token* is, or None if it is not of this authenticator's kind.

        Raise `Reject("auth_failed")` for a token of this kind that is not valid: nobody
        else is asked then. Compare in constant time; never log the token.
        """


class ComingIn(NamedTuple):
    """Who comes in, and the names of the rooms that are theirs at the same moment."""

    identity: Identity
    rooms: list[str]


# What an `Authenticator` may have besides, as `introduce`: `authenticate` for who comes in by a
# socket, with their rooms from the look that finds the token. One without it is only dearer.
Introduce = Callable[[str], Awaitable[ComingIn | None]]
