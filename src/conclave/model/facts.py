"""How a running server is doing, for those who look after it."""

from msgspec import Struct


class Counts(Struct, frozen=True, kw_only=True):
    """How many there are in the database."""

    # Active, whatever their role.
    users: int
    admins: int
    rooms: int
    # That are kept, of all rooms.
    messages: int
    open_reports: int


class ServerFacts(Counts, frozen=True, kw_only=True):
    version: str
    sqlite: str
    schema: str
    pid: int
    uptime_s: int
    # Why it takes nobody; empty: it does.
    problems: list[str]
    connections: int
    people_online: int
    database_bytes: int
    # What the disk of the data directory has left.
    free_bytes: int
    # Files and sockets this process may have open.
    max_files: int
    # The bounds among the settings, by their names.
    limits: dict[str, int | float]
