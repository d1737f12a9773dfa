"""
Tickets: what a page whose session is an HttpOnly cookie says to its socket.

Each is good once, for 30 seconds, at the address it was given to. They live in the memory
of this node, as digests only. Whether the session behind one still stands is asked again
when it is used. Where there are several nodes a page's socket may be another's: then tickets
have letters, and each is good once on each node.
"""

import re
import secrets
from collections import defaultdict
from collections.abc import Awaitable, Callable
from typing import Final, NamedTuple

from conclave.auth.letters import Letters
from conclave.auth.tokens import digest
from conclave.core.address import network_of
from conclave.model import Identity
from conclave.protocol.errors import Code, Reject

PREFIX: Final = "cvk_"
GOOD_FOR_S: Final = 30.0
# Of one user at once: a page needs one for each connect.
MOST_OF_USER: Final = 20
_RANDOM_BYTES: Final = 32
_TICKET: Final = re.compile(PREFIX + r"[A-Za-z0-9_-]{43}(?:\.[A-Za-z0-9_-]{1,2000}){0,2}")

# Returns who somebody is now; None: not any more.
Still = Callable[[Identity], Awaitable[Identity | None]]


class _Ticket(NamedTuple):
    identity: Identity
    # An IPv6 host may change its own within it between two requests.
    network: str
    ends: float


class Tickets:
    """Gives tickets out and takes them; *now* is a clock that never jumps."""

    def __init__(
        self, still: Still, now: Callable[[], float], letters: Letters | None = None
    ) -> None:
        self._still = still
        self._now = now
        self._letters = letters
        # With letters: what was used here, until it would have ended by itself.
        self._used: dict[bytes, float] = {}
        self._given: dict[bytes, _Ticket] = {}
        # Of each user, the oldest first.
        self._of: defaultdict[str, dict[bytes, None]] = defaultdict(dict)

    def __len__(self) -> int:
        return len(self._given)

    def give(self, identity: Identity, address: str) -> str:
        """Return a new ticket for *identity*; it is not to be had again."""
        self._forget_ended()
        ticket, network = PREFIX + secrets.token_urlsafe(_RANDOM_BYTES), network_of(address)
        if self._letters is not None:
            ticket = self._letters.write(ticket, identity, network, GOOD_FOR_S)
        key = digest(ticket)
        self._given[key] = _Ticket(identity, network, self._now() + GOOD_FOR_S)
        own = self._of[identity.user]
        own[key] = None
        if len(own) > MOST_OF_USER:
            self._take(next(iter(own)))
        return ticket

    async def redeem(self, ticket: str, address: str) -> Identity | None:
        """
        Return whose *ticket* is, once; None if it is no ticket at all.

        Raises `auth_failed` for one that is not good, or not here: it is used up all the same.
        """
        if not ticket.startswith(PREFIX):
            return None
        # Found by its digest: how long that takes tells nothing of the ticket.
        found = self._found(ticket) if _TICKET.fullmatch(ticket) else None
        elsewhere = found is None or found.network != network_of(address)
        if found is None or elsewhere or self._now() >= found.ends:
            raise Reject(Code.AUTH_FAILED)
        identity = await self._still(found.identity)
        if identity is None:
            raise Reject(Code.AUTH_FAILED)
        return identity

    def _found(self, ticket: str) -> _Ticket | None:
        key = digest(ticket)
        return self._take(key) or self._of_another_node(key, ticket)

    def _of_another_node(self, key: bytes, ticket: str) -> _Ticket | None:
        self._forget_ended()
        read = None if self._letters is None or key in self._used else self._letters.read(ticket)
        # A clock that is far ahead would make it good for long.
        if read is None or not 0 < read.left <= 2 * GOOD_FOR_S:
            return None
        found = _Ticket(read.identity, read.network, self._now() + read.left)
        self._used[key] = self._now() + 2 * GOOD_FOR_S
        return found

    def forget(self, user: str) -> None:
        """Make all tickets of *user* worthless."""
        for key in list(self._of.get(user, ())):
            self._take(key)

    def _take(self, key: bytes) -> _Ticket | None:
        found = self._given.pop(key, None)
        if found is not None:
            if self._letters is not None:
                self._used[key] = self._now() + 2 * GOOD_FOR_S
            own = self._of[found.identity.user]
            own.pop(key, None)
            if not own:
                del self._of[found.identity.user]
        return found

    def _forget_ended(self) -> None:
        # All live equally long: the oldest ends first.
        now = self._now()
        while self._used and self._used[next(iter(self._used))] <= now:
            del self._used[next(iter(self._used))]
        while self._given:
            oldest = next(iter(self._given))
            if now < self._given[oldest].ends:
                break
            self._take(oldest)
