"""What lets people in, as far as anybody may know of it: no secret stands here in the clear."""

from enum import StrEnum
from typing import Required, TypedDict

from msgspec import Struct

from conclave.model.log import Entry
from conclave.model.people import Identity, Role, TokenInfo, User


class Place(Struct, frozen=True, kw_only=True):
    """Where a request comes from: for the list of devices, for limits and the audit log."""

    address: str
    # What the program says of itself; it may lie.
    agent: str = ""


class Claimed(Struct, frozen=True, kw_only=True):
    """Whom a provider of OpenID Connect vouches for: *subject* is theirs there, for ever."""

    issuer: str
    subject: str


class Via(Struct, frozen=True, kw_only=True):
    """By which provider somebody came in, and in which session of theirs there, if it says."""

    issuer: str
    sid: str | None = None


class Linked(Struct, frozen=True, kw_only=True):
    """The account *user* may be entered by who is *claimed*."""

    claimed: Claimed
    user: str
    # The account was made for them: it has no other owner.
    made: bool
    created_at: int
    last_used_at: int | None = None


class Caller(Struct, frozen=True, kw_only=True):
    """Who asks over HTTP, from where, and by which session if it was a page."""

    identity: Identity
    place: Place
    # None: a program with a token.
    session: TokenInfo | None = None


class Passkey(Struct, frozen=True, kw_only=True):
    """A passkey of *user*; the private half is in an authenticator."""

    # The credential's, as its authenticator chose it.
    id: bytes
    user: str
    # COSE.
    public_key: bytes
    sign_count: int
    name: str = ""
    created_at: int = 0
    last_used_at: int | None = None


class Totp(Struct, frozen=True, kw_only=True):
    """The one-time passwords of a user; *sealed* is their secret, encrypted."""

    sealed: bytes
    # An app has shown that it knows the secret.
    confirmed: bool
    # Of the last code that was taken.
    last_step: int


class Factors(Struct, frozen=True, kw_only=True):
    """Which second factors a user has."""

    totp: bool = False
    passkeys: int = 0
    recovery_codes: int = 0

    @property
    def any(self) -> bool:
        """Whether a password alone does not let the user in; codes for emergencies are none."""
        return self.totp or self.passkeys > 0


class LinkKind(StrEnum):
    """What a link lets somebody do."""

    # Make the first admin of a server.
    SETUP = "setup"
    # Give an account a new password.
    RESET = "reset"
    # Make an account.
    INVITE = "invite"
    # Become a member of a room.
    ROOM = "room"


class LinkTerms(TypedDict, total=False):
    """What a new link is to be; see `Link`."""

    created_by: Required[str]
    name: str
    expires_at: int | None
    # 1 unless said otherwise; None: as often as anybody likes.
    uses: int | None
    role: Role | None
    user: str | None
    # Of an invitation: where the new account is a member at once.
    room: str | None


class Link(Struct, frozen=True, kw_only=True):
    """What the store knows of a link: never its secret, only a SHA-256 of that."""

    id: str
    kind: LinkKind
    created_by: str
    created_at: int
    name: str = ""
    expires_at: int | None = None
    # None: as often as anybody likes.
    uses_left: int | None = None
    uses: int = 0
    # Of the account that it makes.
    role: Role | None = None
    # Whose password it resets.
    user: str | None = None
    # Where it leads.
    room: str | None = None
    revoked_at: int | None = None

    def good(self, now: int) -> bool:
        """Return whether it may be used at *now*."""
        ended = self.expires_at is not None and self.expires_at <= now
        return self.revoked_at is None and not ended and self.uses_left != 0


class AcceptedAccount(Struct, frozen=True, kw_only=True):
    """The account that a link has made, and what was written to the log of a room for it."""

    user: User
    link: Link
    entries: tuple[Entry, ...] = ()
