"""
The tables as they are now, for SQLAlchemy Core.

They are made by the migrations, never from here; a test compares the two. What later
entry types have besides a text lives in `entries.extra`.
"""

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    text,
)

metadata = MetaData()

# SQLite's row ids want exactly INTEGER.
_Int = BigInteger().with_variant(Integer(), "sqlite")

meta = Table(
    "meta",
    metadata,
    Column("key", Text, primary_key=True),
    Column("value", Text, nullable=False),
)

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
    Column("created_at", _Int, nullable=False),
)

tokens = Table(
    "tokens",
    metadata,
    Column("id", Text, primary_key=True),
    Column("user", Text, ForeignKey("users.id"), nullable=False),
    # SHA-256 of the token, which itself is nowhere.
    Column("digest", LargeBinary, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("created_at", _Int, nullable=False),
    Column("expires_at", _Int),
    Column("revoked_at", _Int),
    Column("last_used_at", _Int),
)

rooms = Table(
    "rooms",
    metadata,
    Column("id", _Int, primary_key=True),
    # As it was given at creation; `folded` finds it in any case.
    Column("name", Text, nullable=False, unique=True),
    Column("folded", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("topic", Text, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("created_at", _Int, nullable=False),
    Column("archived_at", _Int),
    # The log holds first_seq … last_seq; last_count of all ever written were messages.
    Column("first_seq", _Int, nullable=False),
    Column("last_seq", _Int, nullable=False),
    Column("last_count", _Int, nullable=False),
    # Of the last entry: times in a room never go back, whatever the clock does.
    Column("last_time", _Int, nullable=False),
    # How many messages there were before first_seq.
    Column("purged_count", _Int, nullable=False, server_default="0"),
    # What the room keeps; null: as the server does, 0: everything.
    Column("keep_days", _Int),
    Column("keep_count", _Int),
)

members = Table(
    "members",
    metadata,
    Column("room", _Int, ForeignKey("rooms.id"), primary_key=True),
    Column("user", Text, ForeignKey("users.id"), primary_key=True),
    Column("role", Text, nullable=False),
    Column("joined_at", _Int, nullable=False),
    Column("read_seq", _Int, nullable=False),
    Index("members_by_user", "user"),
    sqlite_with_rowid=False,
)

entries = Table(
    "entries",
    metadata,
    Column("room", _Int, ForeignKey("rooms.id"), primary_key=True),
    Column("seq", _Int, primary_key=True),
    # A ULID.
    Column("id", Text, nullable=False),
    Column("type", Text, nullable=False),
    # The author's id, which need not be in `users`, and display name at the time.
    Column("user", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("timestamp", _Int, nullable=False),
    Column("text", Text, nullable=False),
    # A JSON object, or null for an empty one.
    Column("extra", Text),
    # How many messages there are up to here: unread = count(head) - count(read mark).
    Column("count", _Int, nullable=False),
    Column("client_id", Text),
    Column("checksum", _Int, nullable=False),
    # Else a page of messages would wade through all the reactions of a year.
    Index(
        "entries_messages",
        "room",
        "seq",
        sqlite_where=text("type = 'message'"),
        postgresql_where=text("type = 'message'"),
    ),
    Index(
        "entries_threads",
        "room",
        text("json_extract(extra, '$.thread')"),
        "seq",
        sqlite_where=text("type = 'message' AND extra IS NOT NULL"),
    ),
    # The earlier texts of a message, for who must erase them.
    Index(
        "entries_edits",
        "room",
        text("json_extract(extra, '$.target')"),
        "seq",
        sqlite_where=text("type = 'message:edited'"),
    ),
    sqlite_with_rowid=False,
)

# What later entries made of a message: the numbers of those that count now. Like the two
# tables below it says nothing that the log does not say: reading the log gives it again.
revised = Table(
    "revised",
    metadata,
    Column("room", _Int, ForeignKey("rooms.id"), primary_key=True),
    Column("seq", _Int, primary_key=True),
    # The entry whose text the message has now.
    Column("edited_seq", _Int),
    Column("deleted_seq", _Int),
    Column("pinned_seq", _Int),
    # Deleted messages are not unread.
    Index(
        "revised_deleted",
        "room",
        "seq",
        sqlite_where=text("deleted_seq IS NOT NULL"),
        postgresql_where=text("deleted_seq IS NOT NULL"),
    ),
    Index(
        "revised_pinned",
        "room",
        "seq",
        sqlite_where=text("pinned_seq IS NOT NULL"),
        postgresql_where=text("pinned_seq IS NOT NULL"),
    ),
    sqlite_with_rowid=False,
)

reactions = Table(
    "reactions",
    metadata,
    Column("room", _Int, ForeignKey("rooms.id"), primary_key=True),
    Column("seq", _Int, primary_key=True),
    Column("emoji", Text, primary_key=True),
    Column("user", Text, primary_key=True),
    # The entry that added it.
    Column("added_seq", _Int, nullable=False),
    sqlite_with_rowid=False,
)

# Messages that name a user: to count those after a read mark.
mentions = Table(
    "mentions",
    metadata,
    Column("user", Text, primary_key=True),
    Column("room", _Int, ForeignKey("rooms.id"), primary_key=True),
    Column("seq", _Int, primary_key=True),
    # For who erases a message, and does not know whom it named.
    Index("mentions_by_message", "room", "seq"),
    sqlite_with_rowid=False,
)

# What a request made, so that it is the same when it comes again: also after the entry is
# purged, so these rows stay at least 90 days.
requests = Table(
    "requests",
    metadata,
    Column("room", _Int, ForeignKey("rooms.id"), primary_key=True),
    Column("user", Text, primary_key=True),
    Column("client_id", Text, primary_key=True),
    # Of the request's content.
    Column("digest", LargeBinary, nullable=False),
    Column("seq", _Int, nullable=False),
    Column("message_id", Text, nullable=False),
    Column("timestamp", _Int, nullable=False),
    sqlite_with_rowid=False,
)

# What the search index has of a message. The index itself is the virtual table
# `search_index`, which this module does not know; its rows are these by `doc`.
search_docs = Table(
    "search_docs",
    metadata,
    # Its time, in 64ths of a millisecond, or the next one that was free: newest first.
    Column("doc", _Int, primary_key=True),
    Column("room", _Int, ForeignKey("rooms.id"), nullable=False),
    Column("seq", _Int, nullable=False),
    # The entry whose text the index has. To take words out one must know them.
    Column("text_seq", _Int, nullable=False),
    Column("traits", _Int, nullable=False),
    Index("search_docs_by_message", "room", "seq", unique=True),
)

# How far the index has followed each room's log.
search_rooms = Table(
    "search_rooms",
    metadata,
    Column("room", _Int, ForeignKey("rooms.id"), primary_key=True),
    Column("upto", _Int, nullable=False),
    Column("last_doc", _Int, nullable=False),
)
