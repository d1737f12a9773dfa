"""Webhooks, and how far the addresses of the outgoing ones have been told."""

from sqlalchemy import Column, ForeignKey, Index, LargeBinary, Table, Text

from conclave.storage.tables.columns import Whole, metadata

incoming_hooks = Table(
    "incoming_hooks",
    metadata,
    Column("id", Text, primary_key=True),
    Column("room", Whole, ForeignKey("rooms.id"), nullable=False),
    # The bot it speaks as: it has no other use.
    Column("user", Text, ForeignKey("users.id"), nullable=False),
    # SHA-256 of the secret in its address.
    Column("digest", LargeBinary, nullable=False, unique=True),
    Column("created_by", Text, nullable=False),
    Column("created_at", Whole, nullable=False),
    Column("last_used_at", Whole),
    Column("uses", Whole, nullable=False, server_default="0"),
    Index("incoming_hooks_by_room", "room"),
)

# Their secrets are not here: they follow from the id and a key beside the database.
outgoing_hooks = Table(
    "outgoing_hooks",
    metadata,
    Column("id", Text, primary_key=True),
    # null: all public rooms.
    Column("room", Whole, ForeignKey("rooms.id")),
    Column("name", Text, nullable=False),
    Column("url", Text, nullable=False),
    # A JSON list of types of entries.
    Column("kinds", Text, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("created_at", Whole, nullable=False),
    Column("disabled_at", Whole),
    Column("disabled_why", Text),
    # Since when nothing was taken; null: the last one was.
    Column("failing_since", Whole),
    Column("last", Text),
    # How often the next entry was tried, and when it is due again.
    Column("tries", Whole, nullable=False, server_default="0"),
    Column("due", Whole, nullable=False, server_default="0"),
    Column("delivered", Whole, nullable=False, server_default="0"),
    Index("outgoing_hooks_by_room", "room"),
)

# Slash commands that an address answers. Their secrets are as those of outgoing ones.
command_hooks = Table(
    "command_hooks",
    metadata,
    Column("id", Text, primary_key=True),
    Column("room", Whole, ForeignKey("rooms.id"), nullable=False),
    # The bot it answers as: it has no other use.
    Column("user", Text, ForeignKey("users.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("about", Text, nullable=False),
    Column("hint", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("created_at", Whole, nullable=False),
    Index("command_hooks_by_name", "room", "name", unique=True),
)

# The queue of each is the log itself: this is how far it has come in each room. A public room
# without a row was made later, and is told from its beginning.
hook_places = Table(
    "hook_places",
    metadata,
    Column("hook", Text, ForeignKey("outgoing_hooks.id", ondelete="CASCADE"), primary_key=True),
    Column("room", Whole, ForeignKey("rooms.id"), primary_key=True),
    Column("seq", Whole, nullable=False),
    sqlite_with_rowid=False,
)

# Entries that were given up. What they say is in the log.
dead_letters = Table(
    "dead_letters",
    metadata,
    Column("id", Text, primary_key=True),
    Column("hook", Text, ForeignKey("outgoing_hooks.id", ondelete="CASCADE"), nullable=False),
    Column("room", Whole, ForeignKey("rooms.id"), nullable=False),
    Column("seq", Whole, nullable=False),
    Column("at", Whole, nullable=False),
    Column("tries", Whole, nullable=False),
    Column("why", Text, nullable=False),
    Index("dead_letters_by_hook", "hook", "id"),
)
