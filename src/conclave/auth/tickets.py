"""
Tickets: what a page whose session is an HttpOnly cookie says to its socket.

Each is good once, for 30 seconds, at the address it was given to, on any node; kept is a
digest. Whether the session behind one still stands is asked again when it is used.
"""

import re
import secrets
from collections.abc import Awaitable, Callable
from typing import Final

from msgspec import Struct
from msgspec.json import Decoder, encode

from conclave.auth.tokens import digest
from conclave.core.address import network_of
from conclave.model import Identity
from conclave.ports.passes import Passes
from conclave.protocol.errors import Code, Reject

PREFIX: Final = "cvk_"
GOOD_FOR_S: Final = 30.0
# Of one user at once: a page needs one for each connect.
MOST_OF_USER: Final = 20
_RANDOM_BYTES: Final = 32
_TICKET: Final = re.compile(PREFIX + r"[A-Za-z0-9_-]{43}")

# Returns who somebody is now; None: not any more.
Still = Callable[[Identity], Awaitable[Identity | None]]


class _Ticket(Struct, frozen=True):
    identity: Identity
    # An IPv6 host may change its own within it between two requests.
    network: str


_decoder = Decoder(_Ticket)


class Tickets:
    """Gives tickets out and takes them."""

    def __init__(self, still: Still, passes: Passes) -> None:
        self._still = still
        self._passes = passes

    async def give(self, identity: Identity, address: str) -> str:
        """Return a new ticket for *identity*; it is not to be had again."""
        ticket = PREFIX + secrets.token_urlsafe(_RANDOM_BYTES)
        kept = encode(_Ticket(identity, network_of(address)))
        group = f"ticket {identity.user}"
        await self._passes.put(digest(ticket), kept, GOOD_FOR_S, group=group, most=MOST_OF_USER)
        return ticket

    async def redeem(self, ticket: str, address: str) -> Identity | None:
        """
        Return whose *ticket* is, once; None if it is no ticket at all.

        Raises `auth_failed` for one that is not good, or not here: it is used up all the same.
        """
        if not ticket.startswith(PREFIX):
            return None
        # Found by its digest: how long that takes tells nothing of the ticket.
        kept = await self._passes.use(digest(ticket)) if _TICKET.fullmatch(ticket) else None
        found = None if kept is None else _decoder.decode(kept)
        if found is None or found.network != network_of(address):
            raise Reject(Code.AUTH_FAILED)
        identity = await self._still(found.identity)
        if identity is None:
            raise Reject(Code.AUTH_FAILED)
        return identity
