"""
What the routes need from outside, as protocols: they judge nothing themselves.

Every refusal is a `Reject`. Who does this in earnest is in `conclave.auth`, and chosen by
`conclave.app`.
"""

from dataclasses import dataclass
from typing import Any, Protocol

from conclave.model import Caller, Factors, Link, Linked, Passkey, Place, TokenInfo, User
from conclave.protocol.account import (
    AcceptLink,
    BroughtBack,
    ChangePassword,
    FactorWanted,
    NewToken,
    SecondFactor,
    SignIn,
    TotpBegun,
)


class Session(Protocol):
    @property
    def secret(self) -> str: ...

    @property
    def info(self) -> TokenInfo: ...


class Entered(Protocol):
    """Somebody is in."""

    @property
    def user(self) -> User: ...

    @property
    def session(self) -> Session: ...

    @property
    def device(self) -> str: ...

    @property
    def must(self) -> list[str]: ...


class Gate(Protocol):
    """Who asks."""

    async def by_cookie(self, secret: str, place: Place) -> Caller: ...

    async def by_token(self, token: str, place: Place) -> Caller: ...

    def csrf_of(self, session: TokenInfo) -> str: ...

    def csrf_is_good(self, caller: Caller, given: str) -> bool: ...

    async def ticket(self, caller: Caller) -> str: ...


class SigningIn(Protocol):
    async def with_password(
        self, request: SignIn, place: Place, device: str
    ) -> Entered | FactorWanted: ...

    async def with_factor(self, request: SecondFactor, place: Place, device: str) -> Entered: ...

    async def with_passkey(self, answer: dict[str, Any], place: Place) -> Entered: ...


class Sessions(Protocol):
    async def listed(self, user: str) -> list[TokenInfo]: ...

    async def end(self, user: str, id: str, place: Place, *, own: bool) -> None: ...  # noqa: A002

    async def end_others(self, user: str, but: str | None, place: Place) -> int: ...


class OwnAccount(Protocol):
    async def has_password(self, caller: Caller) -> bool: ...

    async def factors(self, caller: Caller) -> Factors: ...

    async def must(self, caller: Caller) -> list[str]: ...

    async def change_password(self, caller: Caller, request: ChangePassword) -> int: ...

    async def make_token(self, caller: Caller, request: NewToken) -> tuple[str, TokenInfo]: ...

    async def tokens(self, caller: Caller) -> list[TokenInfo]: ...

    async def revoke_token(self, caller: Caller, id_: str) -> None: ...

    async def revoke_tokens(self, caller: Caller) -> int: ...


class Confirming(Protocol):
    async def confirm(self, caller: Caller, password: str) -> None: ...

    async def require(self, caller: Caller) -> None: ...


class Taken(Protocol):
    """A file that somebody is sent; `read` in a thread."""

    size: int

    def read(self, most: int) -> bytes: ...

    def close(self) -> None: ...


class OwnData(Protocol):
    async def take(self, caller: Caller, password: str) -> Taken: ...


class SecondFactors(Protocol):
    async def ask_passkey(self, user: str | None = None) -> dict[str, Any]: ...

    async def begin_totp(self, caller: Caller) -> TotpBegun: ...

    async def confirm_totp(self, caller: Caller, code: str) -> list[str]: ...

    async def remove_totp(self, caller: Caller) -> None: ...

    async def renew_recovery(self, caller: Caller) -> list[str]: ...

    async def ask_registration(self, caller: Caller) -> dict[str, Any]: ...

    async def add_passkey(
        self, caller: Caller, name: str, answer: dict[str, Any]
    ) -> tuple[Passkey, list[str]]: ...

    async def passkeys_of(self, caller: Caller) -> list[Passkey]: ...

    async def remove_passkey(self, caller: Caller, id_: bytes) -> None: ...


class Links(Protocol):
    async def look(self, secret: str) -> Link: ...

    async def accept(self, request: AcceptLink, place: Place) -> Entered | None: ...


class Guests(Protocol):
    async def enter(self, display_name: str, place: Place) -> Entered: ...


class Begins(Protocol):
    """Where a browser goes, and the cookie that it takes along."""

    @property
    def url(self) -> str: ...

    @property
    def cookie(self) -> str: ...


class ByProvider(Protocol):
    async def begin(self, provider: str, origin: str, caller: Caller | None = None) -> Begins: ...

    async def finish(
        self, provider: str, cookie: str, brought: BroughtBack, place: Place
    ) -> Entered | FactorWanted: ...

    async def link(
        self, provider: str, cookie: str, brought: BroughtBack, caller: Caller
    ) -> None: ...

    async def linked(self, caller: Caller) -> list[tuple[str, str, Linked | None]]: ...

    async def unlink(self, provider: str, caller: Caller) -> None: ...

    async def end_address(self, session: TokenInfo, origin: str) -> str: ...

    async def logged_out(self, provider: str, token: str, place: Place) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """All of them, for the routes."""

    gate: Gate
    signing_in: SigningIn
    sessions: Sessions
    own: OwnAccount
    confirming: Confirming
    data: OwnData
    factors: SecondFactors
    links: Links
    guests: Guests
    by_provider: ByProvider
