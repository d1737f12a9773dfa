"""The lines of an export that say what people come in with, and what all lines have in common."""

from msgspec import Struct


class Line(Struct, frozen=True, kw_only=True, tag_field="line", forbid_unknown_fields=True):
    """One line; `line` says which."""


class TokenLine(Line, frozen=True, kw_only=True, tag="token"):
    id: str
    user: str
    # SHA-256, in hexadecimal; None in the export of one user.
    digest: str | None
    name: str
    created_at: int
    expires_at: int | None
    revoked_at: int | None
    last_used_at: int | None
    kind: str = "token"
    # A JSON list.
    scopes: str | None = None
    # A JSON list of names: where it is good.
    rooms: str | None = None
    address: str | None = None
    agent: str | None = None
    issuer: str | None = None
    sid: str | None = None


class IdentityLine(Line, frozen=True, kw_only=True, tag="identity"):
    """Whom a provider of OpenID Connect vouches for."""

    issuer: str
    subject: str
    user: str
    made: int
    created_at: int
    last_used_at: int | None


class PasswordLine(Line, frozen=True, kw_only=True, tag="password"):
    user: str
    # None in the export of one user.
    hash: str | None
    changed_at: int


class PasskeyLine(Line, frozen=True, kw_only=True, tag="passkey"):
    # In hexadecimal, as all bytes here.
    id: str
    user: str
    # None in the export of one user.
    public_key: str | None
    sign_count: int
    name: str
    created_at: int
    last_used_at: int | None


class TotpLine(Line, frozen=True, kw_only=True, tag="totp"):
    user: str
    # Sealed, by the secret of the server; None in the export of one user.
    secret: str | None
    confirmed_at: int | None
    last_step: int


class RecoveryLine(Line, frozen=True, kw_only=True, tag="recovery"):
    user: str
    # None in the export of one user.
    digest: str | None
    used_at: int | None
