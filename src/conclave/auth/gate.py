"""Who asks over HTTP: a page by its cookie, or a program by its token."""

from collections.abc import Awaitable, Callable

from conclave.auth.csrf import Csrf
from conclave.auth.sessions import Sessions
from conclave.auth.tickets import Tickets
from conclave.model import Caller, Identity, Place, TokenInfo
from conclave.ports import Accounts


class Gate:
    """
    Says who a caller is, and judges what a page sends beside its cookie.

    *identify* is the question that sockets ask of a token, tickets apart: those are theirs.
    """

    def __init__(
        self,
        identify: Callable[[str], Awaitable[Identity]],
        accounts: Accounts,
        sessions: Sessions,
        csrf: Csrf,
        tickets: Tickets,
    ) -> None:
        self._identify = identify
        self._accounts = accounts
        self._sessions = sessions
        self._csrf = csrf
        self._tickets = tickets

    async def by_cookie(self, secret: str, place: Place) -> Caller:
        """Return whose session *secret* is; raises `auth_failed`."""
        identity, session = await self._sessions.find(secret, place)
        return Caller(identity=identity, place=place, session=session)

    async def by_token(self, token: str, place: Place) -> Caller:
        """Return whose *token* is; raises `auth_failed`."""
        identity = await self._identify(token)
        if identity.session is not None:
            self._accounts.note_use(identity.session, place)
        return Caller(identity=identity, place=place)

    def csrf_of(self, session: TokenInfo) -> str:
        """Return what the page of *session* must send beside its cookie."""
        return self._csrf.token(session.id)

    def csrf_is_good(self, caller: Caller, given: str) -> bool:
        """Return whether a page has sent its own; programs need none."""
        return caller.session is None or self._csrf.good(caller.session.id, given)

    def ticket(self, caller: Caller) -> str:
        """Return the token of one socket of the caller."""
        return self._tickets.give(caller.identity, caller.place.address)
