"""Rooms, who belongs to them, and who may not."""

from sqlalchemy import Column, ForeignKey, Index, Table, Text

from conclave.storage.tables.columns import Whole, metadata

rooms = Table(
    "rooms",
    metadata,
    Column("id", Whole, primary_key=True),
    # As it was given at creation; `folded` finds it in any case.
    Column("name", Text, nullable=False, unique=True),
    Column("folded", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("topic", Text, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("created_at", Whole, nullable=False),
    Column("archived_at", Whole),
    # The log holds first_seq … last_seq; last_count of all ever written were messages.
    Column("first_seq", Whole, nullable=False),
    Column("last_seq", Whole, nullable=False),
    Column("last_count", Whole, nullable=False),
    # Of the last entry: times in a room never go back, whatever the clock does.
    Column("last_time", Whole, nullable=False),
    # How many messages there were before first_seq.
    Column("purged_count", Whole, nullable=False, server_default="0"),
    # What the room keeps; null: as the server does, 0: everything.
    Column("keep_days", Whole),
    Column("keep_count", Whole),
    # Seconds between two messages of one member; 0: none.
    Column("slow_mode", Whole, nullable=False, server_default="0"),
    # `all`, or `joined`: members read what was said since they joined.
    Column("history", Text, nullable=False, server_default="all"),
    # Of a direct room: who is in it, so that there is one for these people.
    Column("direct_key", Text),
    # Its log is being erased; nobody sees it any more.
    Column("deleted_at", Whole),
    Index("rooms_direct", "direct_key", unique=True),
)

members = Table(
    "members",
    metadata,
    Column("room", Whole, ForeignKey("rooms.id"), primary_key=True),
    Column("user", Text, ForeignKey("users.id"), primary_key=True),
    Column("role", Text, nullable=False),
    Column("joined_at", Whole, nullable=False),
    Column("read_seq", Whole, nullable=False),
    # Of the entry that made the member; 0: before this was kept.
    Column("joined_seq", Whole, nullable=False, server_default="0"),
    # Of the last message, where the room is in slow mode.
    Column("said_at", Whole, nullable=False, server_default="0"),
    # Of what the member wants to be notified; null: as rooms of this kind are by default.
    Column("notify", Text),
    # Whether the member keeps it at the top of their rooms.
    Column("favourite", Whole, nullable=False, server_default="0"),
    Index("members_by_user", "user"),
    sqlite_with_rowid=False,
)

# Who may not, whatever their role: `ban` or `mute`. They outlive a membership, else leaving
# would end them.
sanctions = Table(
    "sanctions",
    metadata,
    Column("room", Whole, ForeignKey("rooms.id"), primary_key=True),
    Column("user", Text, ForeignKey("users.id"), primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("by", Text, nullable=False),
    Column("at", Whole, nullable=False),
    # null: for ever.
    Column("until", Whole),
    Column("reason", Text, nullable=False),
    sqlite_with_rowid=False,
)

reports = Table(
    "reports",
    metadata,
    Column("id", Text, primary_key=True),
    Column("room", Whole, ForeignKey("rooms.id"), nullable=False),
    Column("seq", Whole, nullable=False),
    # Who reported.
    Column("user", Text, ForeignKey("users.id"), nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", Whole, nullable=False),
    Column("closed_by", Text),
    Column("closed_at", Whole),
    Column("outcome", Text),
    Index("reports_by_message", "room", "seq", "user", unique=True),
)
