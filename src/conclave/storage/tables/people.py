"""Who there is, and what lets them in."""

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, Table, Text

from conclave.storage.tables.columns import Whole, metadata

users = Table(
    "users",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    # The name after case folding, if it was claimed here; null for people whom another
    # authenticator vouches for: their names need not be unique.
    Column("canonical", Text, unique=True),
    Column("display_name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("active", Integer, nullable=False),
    Column("created_at", Whole, nullable=False),
    # A line about themselves.
    Column("about", Text, nullable=False, server_default=""),
)

tokens = Table(
    "tokens",
    metadata,
    Column("id", Text, primary_key=True),
    Column("user", Text, ForeignKey("users.id"), nullable=False),
    # SHA-256 of the token, which itself is nowhere.
    Column("digest", LargeBinary, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("created_at", Whole, nullable=False),
    Column("expires_at", Whole),
    Column("revoked_at", Whole),
    Column("last_used_at", Whole),
    # `token`: made on purpose, for a program; `session`: made by signing in.
    Column("kind", Text, nullable=False, server_default="token"),
    # What it is good for, a JSON list of scopes; null: all that its user may.
    Column("scopes", Text),
    # Where it is good, a JSON list of names of rooms; null: wherever its user is.
    Column("rooms", Text),
    # From where and by what a session was last used: for the list of devices.
    Column("address", Text),
    Column("agent", Text),
    # The provider of OpenID Connect that a session was opened by, and its session there.
    Column("issuer", Text),
    Column("sid", Text),
    Index("tokens_by_user", "user"),
)

# Apart from `users`, so that nobody who reads people reads hashes.
passwords = Table(
    "passwords",
    metadata,
    Column("user", Text, ForeignKey("users.id"), primary_key=True),
    # Argon2id, with its parameters.
    Column("hash", Text, nullable=False),
    Column("changed_at", Whole, nullable=False),
)

passkeys = Table(
    "passkeys",
    metadata,
    # The credential's, as its authenticator chose it.
    Column("id", LargeBinary, primary_key=True),
    Column("user", Text, ForeignKey("users.id"), nullable=False),
    # COSE.
    Column("public_key", LargeBinary, nullable=False),
    Column("sign_count", Whole, nullable=False),
    Column("name", Text, nullable=False),
    Column("created_at", Whole, nullable=False),
    Column("last_used_at", Whole),
    Index("passkeys_by_user", "user"),
)

totp = Table(
    "totp",
    metadata,
    Column("user", Text, ForeignKey("users.id"), primary_key=True),
    # Encrypted under a key that is not in the database.
    Column("secret", LargeBinary, nullable=False),
    # null: begun, and not yet proven to be in somebody's app.
    Column("confirmed_at", Whole),
    # Of the last code that was taken: none is good twice (RFC 6238 5.2).
    Column("last_step", Whole, nullable=False),
)

recovery_codes = Table(
    "recovery_codes",
    metadata,
    Column("user", Text, ForeignKey("users.id"), primary_key=True),
    Column("digest", LargeBinary, primary_key=True),
    Column("used_at", Whole),
    sqlite_with_rowid=False,
)

# Whom providers of OpenID Connect vouch for.
identities = Table(
    "identities",
    metadata,
    Column("issuer", Text, primary_key=True),
    # Theirs there; it is never given to anybody else, as names and e-mail addresses are.
    Column("subject", Text, primary_key=True),
    Column("user", Text, ForeignKey("users.id"), nullable=False),
    # The account was made for them, rather than linked by its owner.
    Column("made", Integer, nullable=False),
    Column("created_at", Whole, nullable=False),
    Column("last_used_at", Whole),
    Index("identities_by_user", "user"),
    sqlite_with_rowid=False,
)

ignores = Table(
    "ignores",
    metadata,
    Column("user", Text, ForeignKey("users.id"), primary_key=True),
    Column("ignored", Text, ForeignKey("users.id"), primary_key=True),
    sqlite_with_rowid=False,
)

# Where the push service of a browser takes what its person is to be notified of.
subscriptions = Table(
    "subscriptions",
    metadata,
    Column("id", Text, primary_key=True),
    Column("user", Text, ForeignKey("users.id"), nullable=False),
    # The token that the browser was in with: it ends with that. null: of another system.
    Column("session", Text),
    # An address that only this browser and its service know: who has it may push to it.
    Column("endpoint", Text, nullable=False, unique=True),
    # For whom to encrypt: the browser's public key, and what it shares with this server.
    Column("p256dh", LargeBinary, nullable=False),
    Column("auth", LargeBinary, nullable=False),
    # Whether what was written is in it, or only where and by whom.
    Column("with_text", Integer, nullable=False),
    Column("created_at", Whole, nullable=False),
    Index("subscriptions_by_user", "user"),
)
