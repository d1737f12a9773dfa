"""How a running server is doing, for those who look after it."""

from msgspec import Struct


class Counts(Struct, frozen=True, kw_only=True):
    """How many there are in the database."""

    # Active, with and without guests and bots.
    people: int
    admins: int
    rooms: int
    # Messages that are kept.
    messages: int
    open_reports: int


class ServerFacts(Struct, frozen=True, kw_only=True):
    version: str
    sqlite: str
    schema: str
    pid: int
    now: int
    started_at: int
    # Why it takes nobody; empty: it does.
    problems: list[str]
    connections: int
    users_online: int
    counts: Counts
    database_bytes: int
    # What the disk of the data directory has left.
    free_bytes: int
    # Files and sockets this process may have open.
    max_files: int
    # The bounds among the settings, by their names.
    limits: dict[str, int | float]
