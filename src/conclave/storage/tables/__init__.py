"""
The tables as they are now, for SQLAlchemy Core.

They are made by the migrations, never from here; a test compares the two. What later
entry types have besides a text lives in `entries.extra`.
"""

from conclave.storage.tables.attachments import attachments, loose_blobs
from conclave.storage.tables.columns import metadata
from conclave.storage.tables.hooks import (
    command_hooks,
    dead_letters,
    hook_places,
    incoming_hooks,
    outgoing_hooks,
)
from conclave.storage.tables.log import entries, mentions, meta, reactions, requests, revised
from conclave.storage.tables.office import audit, links
from conclave.storage.tables.people import (
    identities,
    ignores,
    passkeys,
    passwords,
    recovery_codes,
    subscriptions,
    tokens,
    totp,
    users,
)
from conclave.storage.tables.rooms import members, reports, rooms, sanctions
from conclave.storage.tables.search import search_docs, search_rooms

__all__ = [
    "attachments",
    "audit",
    "command_hooks",
    "dead_letters",
    "entries",
    "hook_places",
    "identities",
    "ignores",
    "incoming_hooks",
    "links",
    "loose_blobs",
    "members",
    "mentions",
    "meta",
    "metadata",
    "outgoing_hooks",
    "passkeys",
    "passwords",
    "reactions",
    "recovery_codes",
    "reports",
    "requests",
    "revised",
    "rooms",
    "sanctions",
    "search_docs",
    "search_rooms",
    "subscriptions",
    "tokens",
    "totp",
    "users",
]
