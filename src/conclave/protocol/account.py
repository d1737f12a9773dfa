"""
What goes over HTTP about coming in and one's own account: the bodies of requests and answers.

As on the socket, times are integer milliseconds since 1970 and unknown fields are ignored.
What is secret stands in bodies only, never in a URL.
"""

from enum import StrEnum
from typing import Annotated, Any, Final

from msgspec import UNSET, Meta, Struct, UnsetType

from conclave.model import Role, Scope
from conclave.protocol.events import Me
from conclave.protocol.fields import says

# Bounds of what is read at all; what fits in is judged later.
Name = Annotated[str, Meta(max_length=64)]
# Its own bound is in bytes: see `docs/signing-in.md`.
Password = Annotated[str, Meta(max_length=1_024)]
Secret = Annotated[str, Meta(max_length=128)]
Label = Annotated[str, Meta(max_length=256)]
# What rules of their own judge once it is read.
_USER: Final = "[A-Za-z0-9][A-Za-z0-9._-]{1,31}"
NewUserName = Annotated[Name, says(pattern=f"^{_USER}$", minLength=2, maxLength=32)]
DisplayName = Annotated[Label, says(minLength=1, maxLength=64, format="conclave-display-name")]
MaybeName = Annotated[Label, says(maxLength=64, format="conclave-label")]
TokenName = Annotated[Label, says(minLength=1, format="conclave-title")]
NewPassword = Annotated[Password, says(minLength=10, format="conclave-password")]
# What a browser's authenticator answers; the body is bounded as a whole.
Answer = dict[str, Any]

# ── coming in ──────────────────────────────────────────────────────────────────────────


class Shut(StrEnum):
    """Why nobody is let in to a socket now."""

    FULL = "full"
    CROWDED = "crowded"  # too many of this network
    STOPPING = "stopping"


class DoorInfo(Struct):
    """Whether sockets are let in; `places`: how many there are, where they are all taken."""

    open: bool
    why: Shut | None = None
    places: int | None = None
    retry_after_ms: int | None = None


class SignIn(Struct):
    name: Name
    password: Password


class SecondFactor(Struct):
    """Exactly one of the three answers `pending`."""

    pending: Secret
    totp: Secret | UnsetType = UNSET
    recovery: Secret | UnsetType = UNSET
    passkey: Answer | UnsetType = UNSET


class PasskeyAnswer(Struct):
    passkey: Answer


class PasskeyQuestion(Struct):
    """What `navigator.credentials` is to be called with."""

    options: dict[str, Any]


class SignedIn(Struct):
    """The session itself is in an HttpOnly cookie; `csrf` is for the header `X-CSRF-Token`."""

    user: Me
    csrf: str
    expires_at: int
    # What must be done before all else: `second_factor`.
    must: list[str]


class GoThere(Struct):
    """Where the browser is to go: to a provider, which sends it back, or to sign out there."""

    url: str


# What a provider's address of return has in it; longer is nothing that one has sent.
_Returned = Annotated[str, Meta(max_length=4_096)]


class BroughtBack(Struct):
    """What stood in the address that a provider sent a browser back to."""

    state: _Returned
    code: _Returned = ""
    # RFC 9207: who has sent it.
    iss: _Returned | None = None
    error: _Returned = ""


class ProviderInfo(Struct):
    """A provider; `linked_at`: since when one may enter by it, None if one may not."""

    id: str
    name: str
    linked_at: int | None


class Providers(Struct):
    providers: list[ProviderInfo]


class FactorWanted(Struct):
    """The password was right: say one more thing, within five minutes."""

    pending: str
    # `totp`, `passkey`, `recovery`: those the user has.
    methods: list[str]
    # For `passkey`; null without.
    passkey: dict[str, Any] | None


class Ticket(Struct):
    """The token of one socket, for 30 seconds."""

    ticket: str


class EnterAsGuest(Struct):
    display_name: DisplayName


# ── one's account ──────────────────────────────────────────────────────────────────────


class FactorsInfo(Struct):
    totp: bool
    passkeys: int
    recovery_codes: int


class Account(Struct):
    user: Me
    # Of the session, or of the token.
    expires_at: int | None
    scopes: list[Scope] | None
    # null for programs, which need none.
    csrf: str | None
    # False for who is vouched for by another system.
    has_password: bool
    factors: FactorsInfo
    must: list[str]


class Device(Struct):
    id: str
    created_at: int
    last_used_at: int | None
    expires_at: int | None
    address: str | None
    agent: str | None
    current: bool


class Devices(Struct):
    sessions: list[Device]


class ChangePassword(Struct):
    password: Password
    new: NewPassword


class Confirm(Struct):
    """One's password, unless one has just signed in."""

    password: Password = ""


class Revoked(Struct):
    revoked: int


# ── tokens for programs ────────────────────────────────────────────────────────────────


# To change what one comes in with a token needs to be good for all.
_SCOPES: Final = [str(one) for one in Scope if one is not Scope.ACCOUNT]
TokenScopes = Annotated[list[Scope], Meta(min_length=1), says(items={"enum": _SCOPES})]


class NewToken(Struct):
    name: TokenName
    # null: all that one may.
    scopes: TokenScopes | None = None
    # null: for ever.
    days: Annotated[int, Meta(ge=1, le=36_500)] | None = None
    password: Password = ""


class TokenDetails(Struct):
    id: str
    name: str
    scopes: list[Scope] | None
    created_at: int
    last_used_at: int | None
    expires_at: int | None


class TokenMade(Struct):
    """`token` is shown this once."""

    token: str
    details: TokenDetails


class Tokens(Struct):
    tokens: list[TokenDetails]


# ── second factors ─────────────────────────────────────────────────────────────────────


class TotpBegun(Struct):
    """The secret for an app, as text, as link, and as a drawing: one SVG path in a square."""

    secret: str
    link: str
    size: int
    path: str


class TotpCode(Struct):
    code: Secret


class RecoveryCodes(Struct):
    """Shown this once; empty where the earlier ones go on."""

    codes: list[str]


class NewPasskey(Struct):
    name: MaybeName
    passkey: Answer


class PasskeyDetails(Struct):
    # In base64url.
    id: str
    name: str
    created_at: int
    last_used_at: int | None


class Passkeys(Struct):
    passkeys: list[PasskeyDetails]


class PasskeyMade(Struct):
    details: PasskeyDetails
    # If this is one's first second factor.
    codes: list[str]


# ── links ──────────────────────────────────────────────────────────────────────────────


class LookAtLink(Struct):
    token: Secret


class LinkInfo(Struct):
    """What a link is for: `setup`, `invite` or `reset`."""

    kind: str
    expires_at: int | None
    # Of the account that it makes.
    role: Role | None
    # Whose password it resets.
    user: str | None
    room: str | None


class AcceptLink(Struct):
    token: Secret
    password: NewPassword
    # Not for a reset, which knows whose it is.
    name: Annotated[Name, says(pattern=f"^({_USER})?$", maxLength=32)] = ""
    display_name: MaybeName = ""
