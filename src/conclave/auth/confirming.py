"""
Whether the owner is there: asked before what would let somebody in for good.

A stolen cookie, or a screen left open, must not be enough to add a passkey or to make a
token. Who has just signed in has shown it; all others say their password once more.
"""

from typing import Final

from conclave.auth.passwords import Passwords
from conclave.core.address import network_of
from conclave.core.throttle import Throttle
from conclave.model import Caller
from conclave.ports import Accounts, Clock
from conclave.protocol.errors import Code, Reject

FRESH_MS: Final = 600_000


class Confirming:
    """Asks for a proof; every refusal is a `Reject`."""

    def __init__(
        self, accounts: Accounts, clock: Clock, passwords: Passwords, throttle: Throttle
    ) -> None:
        self._accounts = accounts
        self._clock = clock
        self._passwords = passwords
        self._throttle = throttle

    async def confirm(self, caller: Caller, password: str) -> None:
        """Return if the owner is there; raises `password_required`, with words if it was wrong."""
        if self._has_just_signed_in(caller):
            return
        if not password:
            raise Reject(Code.PASSWORD_REQUIRED)
        await self.check_password(caller, password)

    def _has_just_signed_in(self, caller: Caller) -> bool:
        session = caller.session
        return session is not None and self._clock.wall() - session.created_at < FRESH_MS

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
            raise Reject(Code.PASSWORD_REQUIRED, "This is not your password")
        self._throttle.succeeded(tried)
