"""
Whether the owner is there: asked before what would let somebody in for good.

A stolen cookie, or a screen left open, must not be enough to add a passkey, to make a token
or another admin. Who has just signed in, or said their password, has shown it; all others
say it once more.
"""

from typing import Final

from conclave.auth.passwords import Passwords
from conclave.auth.tokens import digest
from conclave.core.address import network_of
from conclave.core.throttle import Throttle
from conclave.model import Action, Caller, Note, Scope, details
from conclave.ports import Accounts, Audit, Clock
from conclave.ports.passes import Passes
from conclave.protocol.errors import Code, Reject

FRESH_MS: Final = 600_000
# Sessions and tokens of one user; then the oldest is asked again.
_MOST_OF_USER: Final = 100
# Nobody does more within that time.
_MOST_USES: Final = 100_000


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
        passes: Passes,
        *,
        open_house: bool = False,
    ) -> None:
        self._accounts = accounts
        self._audit = audit
        self._clock = clock
        self._passwords = passwords
        self._throttle = throttle
        self._passes = passes
        self._open_house = open_house

    async def confirm(self, caller: Caller, password: str) -> None:
        """Return if the owner is there; raises `password_required`, with words if it was wrong."""
        if await self._is_fresh(caller):
            return
        if not password:
            raise Reject(Code.PASSWORD_REQUIRED)
        await self.check_password(caller, password)

    async def require(self, caller: Caller) -> None:
        """
        Return if the owner was there a moment ago; else raise `password_required`.

        A token that was made for the office needs no more: its owner was asked then.
        """
        free = self._open_house or self._is_for_office(caller)
        if not free and not await self._is_fresh(caller):
            raise Reject(Code.PASSWORD_REQUIRED)

    def _is_for_office(self, caller: Caller) -> bool:
        identity = caller.identity
        # One of another system has no session: what it is good for was not asked here.
        kept_here = caller.session is None and identity.session is not None
        return kept_here and Scope.ADMIN in (identity.scopes or ())

    async def _is_fresh(self, caller: Caller) -> bool:
        session = caller.session
        if session is not None and self._clock.wall() - session.created_at < FRESH_MS:
            return True
        if caller.identity.session is None:
            return False
        kept = await self._accounts.password_of(caller.identity.user)
        return await self._passes.use(_key(caller, kept)) is not None

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
        await self._remember(caller, kept)

    async def _remember(self, caller: Caller, kept: str | None) -> None:
        if caller.identity.session is not None:
            group = f"said {caller.identity.user}"
            await self._passes.put(
                _key(caller, kept),
                b"",
                FRESH_MS / 1000,
                group=group,
                most=_MOST_OF_USER,
                uses=_MOST_USES,
            )

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


def _key(caller: Caller, kept: str | None) -> bytes:
    # Of what they came by, and of the password: with another one nothing is remembered.
    return digest(f"said {caller.identity.session} {caller.identity.user} {kept}")
