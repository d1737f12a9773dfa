"""What is given out, and what was done: links and the audit log."""

from sqlalchemy import Column, ForeignKey, Index, LargeBinary, Table, Text

from conclave.storage.tables.columns import Whole, metadata

# What lets somebody do one thing once, or a few times: `setup`, `reset`, `invite`, `room`.
links = Table(
    "links",
    metadata,
    Column("id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("digest", LargeBinary, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("created_at", Whole, nullable=False),
    Column("expires_at", Whole),
    # null: as often as anybody likes.
    Column("uses_left", Whole),
    Column("uses", Whole, nullable=False),
    # Of the account that it makes.
    Column("role", Text),
    # Whose password it resets.
    Column("user", Text, ForeignKey("users.id")),
    # Where it leads.
    Column("room", Whole, ForeignKey("rooms.id")),
    Column("revoked_at", Whole),
)

# Who did what to whom, from where. No secret and no word of a chat stands here.
audit = Table(
    "audit",
    metadata,
    Column("id", Whole, primary_key=True),
    Column("at", Whole, nullable=False),
    # A user's id, or `@operator` for who has the data directory: see `conclave.model.audit`.
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    # A user's id.
    Column("target", Text),
    Column("room", Text),
    Column("address", Text),
    # A JSON object.
    Column("details", Text),
    Index("audit_by_actor", "actor", "id"),
    Index("audit_by_target", "target", "id"),
)
