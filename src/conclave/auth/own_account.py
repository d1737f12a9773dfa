"""What people do with their own account: what there is of it, a new password, tokens."""

from typing import Final

from conclave.auth.confirming import Confirming
from conclave.auth.passwords import Passwords
from conclave.auth.sessions import Gone, Sessions
from conclave.auth.tokens import digest, life_ms, new_token
from conclave.auth.weak import check_new
from conclave.core.text import clean_line
from conclave.model import (
    Action,
    Caller,
    Factors,
    Note,
    Scope,
    TokenInfo,
    TokenKind,
    User,
    details,
)
from conclave.ports import Accounts, Audit, Clock, Store
from conclave.protocol.account import ChangePassword, NewToken
from conclave.protocol.errors import Code, Reject

MOST_TOKENS: Final = 100
_MOST_NAME: Final = 64


class OwnAccount:
    """Every refusal is a `Reject`."""

    def __init__(
        self,
        store: Store,
        accounts: Accounts,
        audit: Audit,
        clock: Clock,
        passwords: Passwords,
        confirming: Confirming,
        sessions: Sessions,
        gone: Gone,
    ) -> None:
        self._store = store
        self._accounts = accounts
        self._audit = audit
        self._clock = clock
        self._passwords = passwords
        self._confirming = confirming
        self._sessions = sessions
        self._gone = gone

    # ── what there is ──

    async def has_password(self, caller: Caller) -> bool:
        return await self._accounts.password_of(caller.identity.user) is not None

    async def factors(self, caller: Caller) -> Factors:
        return await self._accounts.factors(caller.identity.user)

    async def must(self, caller: Caller) -> list[str]:
        """Return what the caller must do before all else."""
        user = await self._store.user(caller.identity.user)
        lacks = user is not None and user.account and await self._sessions.lacks_factor(user)
        return ["second_factor"] if lacks else []

    # ── a new password ──

    async def change_password(self, caller: Caller, request: ChangePassword) -> int:
        """Set it and end all other sessions; return how many there were."""
        await self._confirming.check_password(caller, request.password)
        user = await self._user(caller)
        check_new(request.new, (user.name, user.display_name))
        kept = await self._passwords.hash(request.new)
        revoked = await self._accounts.set_password(
            user.id, kept, keep=None if caller.session is None else caller.session.id
        )
        self._gone(user.id, revoked)
        self._note(Action.PASSWORD_CHANGED, caller)
        return len(revoked)

    async def _user(self, caller: Caller) -> User:
        user = await self._store.user(caller.identity.user)
        if user is None or not user.account:
            raise Reject(Code.FORBIDDEN, "Your account is kept by another system")
        return user

    # ── tokens for programs ──

    async def make_token(self, caller: Caller, request: NewToken) -> tuple[str, TokenInfo]:
        """Return a new token, to be shown once, and what is kept of it."""
        await self._confirming.confirm(caller, request.password)
        if await self.must(caller):
            # A token without scopes would be worth more than the session that makes it.
            raise Reject(Code.FORBIDDEN, "Your role needs a second factor: set one up first")
        scopes = None if request.scopes is None else frozenset(request.scopes)
        if scopes is not None and (not scopes or Scope.ACCOUNT in scopes):
            raise Reject(Code.BAD_REQUEST, "Choose of read, write, moderate and admin")
        name = clean_line(request.name)[:_MOST_NAME]
        if not name:
            raise Reject(Code.BAD_REQUEST, "Give the token a name, such as laptop")
        ends = None if request.days is None else self._clock.wall() + life_ms(request.days)
        token = new_token()
        made = await self._accounts.add_token(
            caller.identity.user,
            digest(token),
            name=name,
            scopes=scopes,
            expires_at=ends,
            most=MOST_TOKENS,
        )
        self._note(Action.TOKEN_CREATED, caller, name)
        return token, made

    async def tokens(self, caller: Caller) -> list[TokenInfo]:
        return await self._accounts.tokens_of(caller.identity.user, TokenKind.TOKEN)

    async def revoke_token(self, caller: Caller, id_: str) -> None:
        """Revoke one; raises `not_found`."""
        user = caller.identity.user
        if not await self._accounts.revoke_token(user, TokenKind.TOKEN, id_):
            raise Reject(Code.NOT_FOUND)
        self._gone(user, [id_])
        self._note(Action.TOKEN_REVOKED, caller)

    async def revoke_tokens(self, caller: Caller) -> int:
        """Revoke all; return how many there were."""
        user = caller.identity.user
        revoked = await self._accounts.revoke_tokens(user, TokenKind.TOKEN)
        self._gone(user, revoked)
        if revoked:
            self._note(Action.TOKEN_REVOKED, caller, times=len(revoked))
        return len(revoked)

    def _note(self, action: Action, caller: Caller, name: str = "", times: int = 0) -> None:
        said = details({"name": name} if name else {"times": times} if times else {})
        user, address = caller.identity.user, caller.place.address
        self._audit.note(
            Note(action=action, actor=user, target=user, address=address, details=said)
        )
