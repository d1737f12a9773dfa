"""The logs of rooms, and what they make of messages."""

from sqlalchemy import Column, ForeignKey, Index, LargeBinary, Table, Text, text

from conclave.storage.tables.columns import Whole, metadata

meta = Table(
    "meta",
    metadata,
    Column("key", Text, primary_key=True),
    Column("value", Text, nullable=False),
)

entries = Table(
    "entries",
    metadata,
    Column("room", Whole, ForeignKey("rooms.id"), primary_key=True),
    Column("seq", Whole, primary_key=True),
    # A ULID.
    Column("id", Text, nullable=False),
    Column("type", Text, nullable=False),
    # The author's id, which need not be in `users`, and display name at the time.
    Column("user", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("timestamp", Whole, nullable=False),
    Column("text", Text, nullable=False),
    # A JSON object, or null for an empty one.
    Column("extra", Text),
    # How many messages there are up to here: unread = count(head) - count(read mark).
    Column("count", Whole, nullable=False),
    Column("client_id", Text),
    Column("checksum", Whole, nullable=False),
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
    Column("room", Whole, ForeignKey("rooms.id"), primary_key=True),
    Column("seq", Whole, primary_key=True),
    # The entry whose text the message has now.
    Column("edited_seq", Whole),
    Column("deleted_seq", Whole),
    Column("pinned_seq", Whole),
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
    Column("room", Whole, ForeignKey("rooms.id"), primary_key=True),
    Column("seq", Whole, primary_key=True),
    Column("emoji", Text, primary_key=True),
    Column("user", Text, primary_key=True),
    # The entry that added it.
    Column("added_seq", Whole, nullable=False),
    sqlite_with_rowid=False,
)

# Messages that name a user: to count those after a read mark.
mentions = Table(
    "mentions",
    metadata,
    Column("user", Text, primary_key=True),
    Column("room", Whole, ForeignKey("rooms.id"), primary_key=True),
    Column("seq", Whole, primary_key=True),
    # For who erases a message, and does not know whom it named.
    Index("mentions_by_message", "room", "seq"),
    sqlite_with_rowid=False,
)

# What a request made, so that it is the same when it comes again: also after the entry is
# purged, so these rows stay at least 90 days.
requests = Table(
    "requests",
    metadata,
    Column("room", Whole, ForeignKey("rooms.id"), primary_key=True),
    Column("user", Text, primary_key=True),
    Column("client_id", Text, primary_key=True),
    # Of the request's content.
    Column("digest", LargeBinary, nullable=False),
    Column("seq", Whole, nullable=False),
    Column("message_id", Text, nullable=False),
    Column("timestamp", Whole, nullable=False),
    sqlite_with_rowid=False,
)
