"""What people attach to messages, and bytes that are nobody's any more."""

from sqlalchemy import Column, ForeignKey, Index, LargeBinary, Table, Text

from conclave.storage.tables.columns import Whole, metadata

attachments = Table(
    "attachments",
    metadata,
    Column("id", Text, primary_key=True),
    Column("room", Whole, ForeignKey("rooms.id"), nullable=False),
    # Who sent it here; need not be in `users`.
    Column("user", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("size", Whole, nullable=False),
    # SHA-256 of its bytes, which lie in a file of that name.
    Column("digest", LargeBinary, nullable=False),
    Column("width", Whole),
    Column("height", Whole),
    Column("thumb_digest", LargeBinary),
    Column("thumb_size", Whole, nullable=False),
    # The message it stands in; null: it is not sent yet.
    Column("seq", Whole),
    Column("created_at", Whole, nullable=False),
    Index("attachments_by_message", "room", "seq"),
    Index("attachments_by_user", "user"),
    Index("attachments_by_digest", "digest"),
    Index("attachments_by_thumb", "thumb_digest"),
)

# Digests that an attachment had which is gone; the files go soon after, if no other has them.
loose_blobs = Table(
    "loose_blobs",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    sqlite_with_rowid=False,
)
