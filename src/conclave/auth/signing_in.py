"""
Coming in at the door of the page: by password, with a second factor, or by passkey.

Nobody learns here who exists: an unknown name, a wrong password and a deactivated account
get one answer, after the same work. How a session is kept is the business of `sessions`.
"""

from typing import Any, Final, NamedTuple

from conclave.auth.devices import Devices
from conclave.auth.factors import SecondFactors
from conclave.auth.passwords import BUSY_MS, Passwords
from conclave.auth.pending import Pending, Proven
from conclave.auth.sessions import Opened, Sessions
from conclave.core.address import network_of
from conclave.core.text import fold
from conclave.core.throttle import Throttle, Try
from conclave.model import STRANGER, Action, Note, Place, User, Via, cut_account, details
from conclave.ports import Accounts, Audit, Clock, Store
from conclave.ports.passes import Passes
from conclave.protocol.account import FactorWanted, SecondFactor, SignIn
from conclave.protocol.errors import Code, Reject

WRONG: Final = "The name or the password is wrong"
_PASSWORD: Final = "password"  # noqa: S105 - a word, no secret


class Entered(NamedTuple):
    """Somebody is in; *device*: the cookie by which this browser is known from now on."""

    user: User
    session: Opened
    device: str
    must: list[str]


class SigningIn:
    """Judges who wants to come in; every refusal is a `Reject`."""

    def __init__(
        self,
        store: Store,
        accounts: Accounts,
        audit: Audit,
        clock: Clock,
        passwords: Passwords,
        factors: SecondFactors,
        sessions: Sessions,
        devices: Devices,
        throttle: Throttle,
        passes: Passes,
    ) -> None:
        self._store = store
        self._accounts = accounts
        self._audit = audit
        self._clock = clock
        self._passwords = passwords
        self._factors = factors
        self._sessions = sessions
        self._devices = devices
        self._throttle = throttle
        self._pending = Pending(passes)

    async def with_password(
        self, request: SignIn, place: Place, device: str
    ) -> Entered | FactorWanted:
        """
        Judge a name and a password; *device* is the cookie of a known device, or empty.

        Raises `auth_failed`, `rate_limited` and `busy`.
        """
        account = fold(request.name)
        tried = self._begin(account, place, device)
        user = await self._accounts.find_account(request.name)
        # Asked for nobody as well: what takes time must not depend on who exists.
        kept = await self._accounts.password_of("" if user is None else user.id)
        try:
            verdict = await self._passwords.verify(request.password, kept)
        except Reject:
            self._throttle.call_off(tried)
            raise
        if user is None or not user.active or not verdict.good:
            self._failed(user, request.name, place, _PASSWORD)
            raise Reject(Code.AUTH_FAILED, WRONG)
        self._throttle.succeeded(tried)
        assert kept is not None
        if verdict.renewed is not None:
            if not await self._accounts.renew_password(user.id, kept, verdict.renewed):
                # Another sign-in was faster, or the password is another by now.
                raise Reject(Code.BUSY, retry_after_ms=BUSY_MS)
            kept = verdict.renewed
        return await self._next(user, Proven(user.id, kept), place, _PASSWORD)

    def _begin(self, account: str, place: Place, device: str) -> Try:
        known = self._devices.known(account, device)
        now = self._clock.monotonic()
        return self._throttle.begin(account, network_of(place.address), known, now)

    async def vouched(self, user: User, via: Via, place: Place, how: str) -> Entered | FactorWanted:
        """
        Let in whom a provider vouches for; a second factor that is kept here is asked for here.

        Raises `auth_failed` for who is deactivated.
        """
        if not user.active:
            self._failed(user, user.name, place, how)
            raise Reject(Code.AUTH_FAILED, WRONG)
        return await self._next(user, Proven(user.id, None, via), place, how)

    async def _next(
        self, user: User, proven: Proven, place: Place, how: str
    ) -> Entered | FactorWanted:
        methods = await self._factors.methods(user.id)
        if not methods:
            kept, via = proven.password, proven.via
            return await self.enter(user, place, how, password=kept, via=via)
        asked = await self._factors.ask_passkey(user.id) if "passkey" in methods else None
        return FactorWanted(await self._pending.begin(proven, place), methods, asked)

    async def with_factor(self, request: SecondFactor, place: Place, device: str = "") -> Entered:
        """Judge what was asked for after a good password; raises `auth_failed`."""
        proven = await self._pending.try_one(request.pending, place)
        user = await self._store.user(proven.user)
        if user is None or not user.active:
            raise Reject(Code.AUTH_FAILED, WRONG)
        try:
            known = self._devices.known(fold(user.name), device)
            how = await self._factors.check(user.id, request, place, known)
        except Reject as no:
            if no.code == Code.AUTH_FAILED:
                self._failed(user, user.name, place, "second factor")
            raise
        await self._pending.end(request.pending)
        kept, via = proven.password, proven.via
        return await self.enter(user, place, how, password=kept, via=via)

    async def with_passkey(self, answer: dict[str, Any], place: Place) -> Entered:
        """Judge what an authenticator answered; the user is verified by it."""
        try:
            owner = await self._factors.check_passkey(answer)
            user = await self._store.user(owner)
            if user is None or not user.active:
                raise Reject(Code.AUTH_FAILED)
        except Reject as no:
            if no.code == Code.AUTH_FAILED:
                self._failed(None, "", place, "passkey")
            raise
        return await self.enter(user, place, "passkey")

    async def enter(
        self,
        user: User,
        place: Place,
        how: str,
        days: int | None = None,
        password: str | None = None,
        via: Via | None = None,
    ) -> Entered:
        """Open a session for *user*, who has proved to be so by *how*; see `Sessions.open`."""
        session = await self._sessions.open(user, place, how, days, password, via)
        must = ["second_factor"] if await self._sessions.lacks_factor(user) else []
        return Entered(user, session, self._devices.cookie(fold(user.name)), must)

    def _failed(self, user: User | None, name: str, place: Place, how: str) -> None:
        said = details({"how": how} if user else {"how": how, "account": cut_account(name)})
        self._audit.note(
            Note(
                action=Action.SESSION_FAILED,
                actor=STRANGER,
                target=None if user is None else user.id,
                address=place.address,
                details=said,
            )
        )
