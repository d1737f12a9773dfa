"""What the search index has."""

from sqlalchemy import Column, ForeignKey, Index, Table

from conclave.storage.tables.columns import Whole, metadata

# What the search index has of a message. The index itself is the virtual table
# `search_index`, which this module does not know; its rows are these by `doc`.
search_docs = Table(
    "search_docs",
    metadata,
    # Its time, in 64ths of a millisecond, or the next one that was free: newest first.
    Column("doc", Whole, primary_key=True),
    Column("room", Whole, ForeignKey("rooms.id"), nullable=False),
    Column("seq", Whole, nullable=False),
    # The entry whose text the index has. To take words out one must know them.
    Column("text_seq", Whole, nullable=False),
    Column("traits", Whole, nullable=False),
    Index("search_docs_by_message", "room", "seq", unique=True),
)

# How far the index has followed each room's log.
search_rooms = Table(
    "search_rooms",
    metadata,
    Column("room", Whole, ForeignKey("rooms.id"), primary_key=True),
    Column("upto", Whole, nullable=False),
    Column("last_doc", Whole, nullable=False),
)
