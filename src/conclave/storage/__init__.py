"""
The truth: rooms, their logs, members, users and tokens, in one SQLite file.

`SqliteStore.open` is the way in. Nothing here tells anybody anything: that is relay's.
"""

from conclave.storage.errors import CannotOpen, StorageDamaged
from conclave.storage.sqlite import SqliteStore

__all__ = ["CannotOpen", "SqliteStore", "StorageDamaged"]
