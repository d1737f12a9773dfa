"""
Second factors of people: one-time passwords, passkeys, and codes for when both are lost.

Whoever has one comes in by password only together with it. Setting one up and taking it
away asks for a fresh proof of the owner, which `confirming` judges.
"""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Final

import structlog
from msgspec import UNSET
from msgspec.structs import replace

from conclave.auth import recovery, totp
from conclave.auth.qr import drawn
from conclave.auth.sealing import CannotUnseal, Seal
from conclave.core.address import network_of
from conclave.core.text import clean_line
from conclave.core.throttle import Throttle
from conclave.model import Action, Caller, Details, Note, Passkey, Place, Role, details
from conclave.ports import Accounts, Audit, Clock
from conclave.protocol.account import SecondFactor, TotpBegun
from conclave.protocol.errors import Code, Reject

if TYPE_CHECKING:
    from conclave.auth.passkeys import Passkeys

log = structlog.get_logger("conclave.auth")

MOST_PASSKEYS: Final = 20
_MOST_NAME: Final = 64
_WRONG: Final = "The code is wrong, or was used before"


class SecondFactors:
    """
    Checks factors, sets them up and takes them away.

    *must_have*: whether a role must keep one. *server*: under which name apps list it.
    *passkeys* is asked with each use: their library is not loaded where nobody has one.
    """

    def __init__(
        self,
        accounts: Accounts,
        audit: Audit,
        clock: Clock,
        seal: Seal,
        passkeys: "Callable[[], Awaitable[Passkeys]]",
        throttle: Throttle,
        *,
        server: str,
        must_have: Callable[[Role], bool],
    ) -> None:
        self._accounts = accounts
        self._audit = audit
        self._clock = clock
        self._seal = seal
        self._passkeys = passkeys
        self._throttle = throttle
        self._server = server
        self._must_have = must_have

    # ── coming in ──

    async def methods(self, user: str) -> list[str]:
        """Return which factors *user* may answer with; none: the password is enough."""
        have = await self._accounts.factors(user)
        if not have.any:
            return []
        named = {"totp": have.totp, "passkey": have.passkeys, "recovery": have.recovery_codes}
        return [name for name, there in named.items() if there]

    async def check(
        self, user: str, request: SecondFactor, place: Place, device: str | None
    ) -> str:
        """
        Return by what *user* has answered; raises `auth_failed` and `rate_limited`.

        *device*: the name of a known one, from which its owner may try while all others wait.
        """
        given = [
            name for name in ("totp", "recovery", "passkey") if getattr(request, name) is not UNSET
        ]
        if len(given) != 1:
            raise Reject(Code.BAD_REQUEST, "Give one of totp, recovery and passkey")
        tried = self._throttle.begin(
            user, network_of(place.address), device, self._clock.monotonic()
        )
        if not await self._answers(user, given[0], request, place):
            raise Reject(Code.AUTH_FAILED, _WRONG)
        self._throttle.succeeded(tried)
        return f"password and {given[0]}"

    async def _answers(self, user: str, how: str, request: SecondFactor, place: Place) -> bool:
        if how == "passkey":
            assert request.passkey is not UNSET
            return await self.check_passkey(request.passkey) == user
        if how == "totp":
            assert request.totp is not UNSET
            return await self._check_totp(user, request.totp)
        assert request.recovery is not UNSET
        digest = recovery.digest(user, request.recovery)
        if digest is None or not await self._accounts.use_recovery(user, digest):
            return False
        self._note(Action.RECOVERY_USED, user, place)
        return True

    async def _check_totp(self, user: str, code: str, *, confirming: bool = False) -> bool:
        kept = await self._accounts.totp(user)
        if kept is None or kept.confirmed is confirming:
            return False
        try:
            secret = self._seal.unseal(user, kept.sealed)
        except CannotUnseal:
            # The secret of the server is another: recovery codes are for that.
            log.error("totp_sealed_by_another_secret", user=user)
            return False
        step = totp.step_of(secret.decode(), code, self._clock.wall(), kept.last_step)
        # Sealed anew each time: so a changed secret of the server takes it over.
        return step is not None and await self._accounts.use_totp(
            user, step, self._seal.seal(user, secret)
        )

    async def check_passkey(self, answer: dict[str, Any]) -> str:
        """Return whose passkey has answered; raises `auth_failed`."""
        passkeys = await self._passkeys()
        kept = await self._accounts.passkey(passkeys.credential_of(answer))
        count = await passkeys.sign_in(answer, kept)
        if kept is None or not await self._accounts.use_passkey(kept.id, count):
            raise Reject(Code.AUTH_FAILED)
        return kept.user

    async def ask_passkey(self, user: str | None = None) -> dict[str, Any]:
        """Return what a browser is to ask an authenticator: one of *user*, or any."""
        have = [] if user is None else await self._accounts.passkeys_of(user)
        return await (await self._passkeys()).ask_sign_in(one.id for one in have)

    # ── one-time passwords ──

    async def begin_totp(self, caller: Caller) -> TotpBegun:
        """Return a new secret for the caller's app; it counts once a code has confirmed it."""
        user, secret = caller.identity.user, totp.new_secret()
        await self._accounts.begin_totp(user, self._seal.seal(user, secret.encode()))
        link = totp.link(secret, user, self._server)
        drawing = drawn(link)
        return TotpBegun(secret, link, drawing.size, drawing.path)

    async def confirm_totp(self, caller: Caller, code: str) -> list[str]:
        """Take the secret into use; return recovery codes if this is the first factor."""
        user, first = caller.identity.user, await self._is_first(caller)
        tried = self._throttle.begin(
            user, network_of(caller.place.address), None, self._clock.monotonic()
        )
        if not await self._check_totp(user, code, confirming=True):
            raise Reject(Code.CONFLICT, "This is not the code that the app shows now")
        self._throttle.succeeded(tried)
        self._note(Action.FACTOR_ADDED, user, caller.place, how="totp")
        return await self.renew_recovery(caller) if first else []

    async def remove_totp(self, caller: Caller) -> None:
        """Take it away; raises `not_found`, and `forbidden` if a factor must be kept."""
        have = await self._accounts.factors(caller.identity.user)
        self._check_may_go(caller, others=have.passkeys)
        if not await self._accounts.remove_totp(caller.identity.user):
            raise Reject(Code.NOT_FOUND)
        await self._removed(caller, "totp")

    # ── recovery codes ──

    async def renew_recovery(self, caller: Caller) -> list[str]:
        """Return new codes, to be shown once; the earlier ones are worth nothing now."""
        user = caller.identity.user
        if not (await self._accounts.factors(user)).any:
            raise Reject(Code.FORBIDDEN, "Codes are for who has a second factor: set one up first")
        codes = recovery.new_codes()
        kept = [digest for code in codes if (digest := recovery.digest(user, code)) is not None]
        await self._accounts.set_recovery(user, kept)
        self._note(Action.RECOVERY_MADE, user, caller.place)
        return list(codes)

    # ── passkeys ──

    async def ask_registration(self, caller: Caller) -> dict[str, Any]:
        """Return what a browser is to call `navigator.credentials.create` with."""
        user = caller.identity.user
        have = await self._accounts.passkeys_of(user)
        ask = (await self._passkeys()).ask_registration
        return await ask(user, caller.identity.name, (one.id for one in have))

    async def add_passkey(
        self, caller: Caller, name: str, answer: dict[str, Any]
    ) -> tuple[Passkey, list[str]]:
        """Keep a new passkey; return it, and recovery codes if this is the first factor."""
        user, first = caller.identity.user, await self._is_first(caller)
        called = clean_line(name)[:_MOST_NAME] or "Passkey"
        passkeys = await self._passkeys()
        try:
            made = await passkeys.register(user, answer)
        except Reject as no:
            # Not `auth_failed`: the caller is who they are.
            raise Reject(Code.CONFLICT, "The passkey could not be made") from no
        kept = await self._accounts.add_passkey(replace(made, name=called), most=MOST_PASSKEYS)
        self._note(Action.FACTOR_ADDED, user, caller.place, how="passkey", name=called)
        return kept, await self.renew_recovery(caller) if first else []

    async def passkeys_of(self, caller: Caller) -> list[Passkey]:
        return await self._accounts.passkeys_of(caller.identity.user)

    async def remove_passkey(self, caller: Caller, id_: bytes) -> None:
        """Forget one; raises `not_found`, and `forbidden` if a factor must be kept."""
        have = await self._accounts.factors(caller.identity.user)
        self._check_may_go(caller, others=have.totp + have.passkeys - 1)
        if not await self._accounts.remove_passkey(caller.identity.user, id_):
            raise Reject(Code.NOT_FOUND)
        await self._removed(caller, "passkey")

    # ── all ──

    async def _is_first(self, caller: Caller) -> bool:
        return not (await self._accounts.factors(caller.identity.user)).any

    def _check_may_go(self, caller: Caller, *, others: int) -> None:
        if others <= 0 and self._must_have(caller.identity.role):
            raise Reject(Code.FORBIDDEN, "Your role needs a second factor: set up another first")

    async def _removed(self, caller: Caller, how: str) -> None:
        user = caller.identity.user
        self._note(Action.FACTOR_REMOVED, user, caller.place, how=how)
        if not (await self._accounts.factors(user)).any:
            await self._accounts.set_recovery(user, ())

    def _note(self, action: Action, user: str, place: Place, **said: str) -> None:
        given: Details = {**said}  # type: ignore[typeddict-item]  # words of `Details` alone
        self._audit.note(
            Note(
                action=action,
                actor=user,
                target=user,
                address=place.address,
                details=details(given),
            )
        )
