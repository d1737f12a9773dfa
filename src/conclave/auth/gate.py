"""Who asks over HTTP: a page by its cookie, or a program by its token."""

from collections.abc import Awaitable, Callable

from conclave.auth.csrf import Csrf
from conclave.auth.sessions import Sessions
from conclave.auth.tickets import Tickets
from conclave.model import STRANGER, Action, Caller, Identity, Note, Place, TokenInfo, details
from conclave.ports import Accounts, Audit
from conclave.protocol.errors import Reject


class Gate:
    """
    Says who a caller is, and judges what a page sends beside its cookie.

    *identify* is the question that sockets ask of a token, tickets apart: those are theirs.
    """

    def __init__(
        self,
        identify: Callable[[str], Awaitable[Identity]],
        accounts: Accounts,
        audit: Audit,
        sessions: Sessions,
        csrf: Csrf,
        tickets: Tickets,
    ) -> None:
        self._identify = identify
        self._accounts = accounts
        self._audit = audit
        self._sessions = sessions
        self._csrf = csrf
        self._tickets = tickets

    async def by_cookie(self, secret: str, place: Place) -> Caller:
        """Return whose session *secret* is; raises `auth_failed`."""
        identity, session = await self._sessions.find(secret, place)
        return Caller(identity=identity, place=place, session=session)

    async def by_token(self, token: str, place: Place) -> Caller:
        """Return whose *token* is; raises `auth_failed`."""
        try:
            identity = await self._identify(token)
        except Reject as no:
            if not no.retryable:
                self._note_failed(place, no.code)
            raise
        if identity.session is not None:
            self._accounts.note_use(identity.session, place)
        return Caller(identity=identity, place=place)

    def _note_failed(self, place: Place, why: str) -> None:
        said = details({"how": "token", "why": why})
        self._audit.note(
            Note(action=Action.SESSION_FAILED, actor=STRANGER, address=place.address, details=said)
        )

    def csrf_of(self, session: TokenInfo) -> str:
        """Return what the page of *session* must send beside its cookie."""
        return self._csrf.token(session.id)

    def csrf_is_good(self, caller: Caller, given: str) -> bool:
        """Return whether a page has sent its own; programs need none."""
        return caller.session is None or self._csrf.good(caller.session.id, given)

    async def ticket(self, caller: Caller) -> str:
        """Return the token of one socket of the caller."""
        return await self._tickets.give(caller.identity, caller.place.address)
