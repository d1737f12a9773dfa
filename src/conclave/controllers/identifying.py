"""
Who somebody is: tickets are asked first, then authenticators in their order, then the store.

What an authenticator says of somebody is one thing, how this server knows them is another: who is
deactivated here is let in by nobody, and who has a name here goes by it.
"""

from dataclasses import dataclass

from msgspec.structs import replace

from conclave.core.names import is_pseudonym
from conclave.model import SYSTEM, Identity, User
from conclave.ports import Authenticator, ComingIn, Introduce, Store, Tickets
from conclave.protocol.errors import Code, Reject


@dataclass(frozen=True, slots=True, kw_only=True)
class Identifying:
    """The part of a `Node` that says whose a token is."""

    store: Store
    tickets: Tickets
    authenticators: tuple[Authenticator, ...]  # asked in this order

    async def identify(self, token: str, address: str | None = None) -> Identity:
        """
        Return who *token* is now: the one question that sockets and HTTP alike ask.

        Sockets say their *address*: then it may be a ticket that was given to it. Raises
        `auth_failed`, also for who is deactivated, whoever vouches for them.
        """
        if address is not None:
            holder = await self.tickets.redeem(token, address)
            if holder is not None:
                return await self._as_known(holder)
        for authenticator in self.authenticators:
            if (identity := await authenticator.authenticate(token)) is not None:
                # Of a token that the store keeps it was asked already.
                known = getattr(authenticator, "asks_the_store", False)
                return await self._as_known(identity, known=known)
        raise Reject(Code.AUTH_FAILED)

    async def _as_known(self, identity: Identity, *, known: bool = False) -> Identity:
        _refuse_nobody(identity)
        return _admitted(identity, None if known else await self.store.user(identity.user))

    async def come_in(self, token: str, address: str) -> ComingIn:
        """
        Return who *token* is now, as `identify` says to sockets, and the names of their rooms.

        That is what the store knew at one moment. What was changed since, those heard who could
        be found: see `core.expecting`.
        """
        holder = await self.tickets.redeem(token, address)
        if holder is not None:
            return await self._with_rooms(holder)
        for authenticator in self.authenticators:
            if (found := await self._introduced(authenticator, token)) is not None:
                return found
        raise Reject(Code.AUTH_FAILED)

    async def _introduced(self, authenticator: Authenticator, token: str) -> ComingIn | None:
        introduce: Introduce | None = getattr(authenticator, "introduce", None)
        if introduce is not None:
            found = await introduce(token)
            if found is not None:
                _refuse_nobody(found.identity)
            return found
        identity = await authenticator.authenticate(token)
        return None if identity is None else await self._with_rooms(identity)

    async def _with_rooms(self, identity: Identity) -> ComingIn:
        _refuse_nobody(identity)
        user, rooms = await self.store.coming_in(identity.user)
        return ComingIn(_admitted(identity, user), rooms)


def _refuse_nobody(identity: Identity) -> None:
    """Let nobody come in as the system, or as somebody who is no more."""
    if identity.user == SYSTEM.user or is_pseudonym(identity.user):
        raise Reject(Code.AUTH_FAILED)


def _admitted(identity: Identity, user: User | None) -> Identity:
    """Return *identity* as this server knows *user*; raises for who is deactivated."""
    if user is None:
        return identity
    if not user.active:
        raise Reject(Code.AUTH_FAILED)
    return known_as(identity, user)


def known_as(identity: Identity, user: User) -> Identity:
    """Return *identity* as this server knows *user*."""
    if user.account:
        return replace(identity, name=user.display_name, role=user.role)
    # What they called themselves here goes before what somebody else calls them.
    chosen = user.display_name != user.name
    return replace(identity, name=user.display_name) if chosen else identity
