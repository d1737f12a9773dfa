"""
Whether the owner is there: asked before what would let somebody in for good.

A stolen cookie, or a screen left open, must not be enough to add a passkey, to make a token
or another admin. Who has just signed in, or said their password, has shown it; all others
say it once more.
"""

from typing import Final

from conclave.auth.passwords import Passwords
from conclave.core.address import network_of
from conclave.core.throttle import Throttle
from conclave.model import Action, Caller, Note, Scope, details
from conclave.ports import Accounts, Audit, Clock
from conclave.protocol.errors import Code, Reject

FRESH_MS: Final = 600_000
# Sessions and tokens whose owner was there a moment ago; then the oldest are asked again.
_MOST_REMEMBERED: Final = 10_000


class Confirming:
    """
    Asks for a proof; every refusal is a `Reject`.

    *open_house*: the office is nobody's secret here, as in a demo, whose tokens all know.
    """

    def __init__(
        self,
        accounts: Accounts,
        audit: Audit,
        clock: Clock,
        passwords: Passwords,
        throttle: Throttle,
        *,
        open_house: bool = False,
    ) -> None:
        self._accounts = accounts
        self._audit = audit
        self._clock = clock
        self._passwords = passwords
        self._throttle = throttle
        self._open_house = open_house
        # Of a session or token: whose it is, and when they said the password, the longest ago
        # first.
        self._said: dict[str, tuple[str, float]] = {}

    async def confirm(self, caller: Caller, password: str) -> None:
        """Return if the owner is there; raises `password_required`, with words if it was wrong."""
        if self._is_fresh(caller):
            return
        if not password:
            raise Reject(Code.PASSWORD_REQUIRED)
        await self.check_password(caller, password)

    def require(self, caller: Caller) -> None:
        """
        Return if the owner was there a moment ago; else raise `password_required`.

        A token that was made for the office needs no more: its owner was asked then.
        """
        if not (self._open_house or self._is_for_office(caller) or self._is_fresh(caller)):
            raise Reject(Code.PASSWORD_REQUIRED)

    def _is_for_office(self, caller: Caller) -> bool:
        identity = caller.identity
        # One of another system has no session: what it is good for was not asked here.
        kept_here = caller.session is None and identity.session is not None
        return kept_here and Scope.ADMIN in (identity.scopes or ())

    def _is_fresh(self, caller: Caller) -> bool:
        session = caller.session
        if session is not None and self._clock.wall() - session.created_at < FRESH_MS:
            return True
        user, said = self._said.get(caller.identity.session or "", ("", 0.0))
        fresh = (self._clock.monotonic() - said) * 1000 < FRESH_MS
        return fresh and user == caller.identity.user

    async def check_password(self, caller: Caller, password: str) -> None:
        """Raise `password_required` unless *password* is the caller's, `rate_limited`, `busy`."""
        user = caller.identity.user
        tried = self._throttle.begin(
            user, network_of(caller.place.address), None, self._clock.monotonic()
        )
        kept = await self._accounts.password_of(user)
        try:
            verdict = await self._passwords.verify(password, kept)
        except Reject:
            self._throttle.call_off(tried)
            raise
        if not verdict.good:
            self._note_failed(caller)
            raise Reject(Code.PASSWORD_REQUIRED, "This is not your password")
        self._throttle.succeeded(tried)
        self._remember(caller)

    def forget(self, user: str) -> None:
        """Believe what *user* said no more: the password is another now, tokens go on."""
        for came_by in [one for one, (whose, _) in self._said.items() if whose == user]:
            del self._said[came_by]

    def _remember(self, caller: Caller) -> None:
        came_by = caller.identity.session
        if came_by is None:
            return
        self._said.pop(came_by, None)
        self._said[came_by] = (caller.identity.user, self._clock.monotonic())
        if len(self._said) > _MOST_REMEMBERED:
            del self._said[next(iter(self._said))]

    def _note_failed(self, caller: Caller) -> None:
        user, said = caller.identity.user, details({"how": "confirmation"})
        address = caller.place.address
        self._audit.note(
            Note(
                action=Action.SESSION_FAILED,
                actor=user,
                target=user,
                address=address,
                details=said,
            )
        )
