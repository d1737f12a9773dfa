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


class PushCounts(Struct, kw_only=True):
    """
    What became of pushes since the start.

    One that is over is in one of the first three, unless it was read before it was sent.
    """

    # A push service took it.
    sent: int = 0
    # Its service refused it, or knows the browser no more, or it broke here.
    failed: int = 0
    # It was given up: too much waited, it was put off too often, or its browser is gone.
    dropped: int = 0
    # How often one was put off, as its service was in trouble or not to be reached.
    postponed: int = 0
    # Browsers that were forgotten, as their service knows them no more.
    gone: int = 0


class ServerFacts(Counts, frozen=True, kw_only=True):
    version: str
    # Its name and version.
    database: str
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
    pushes: PushCounts
    # The bounds among the settings, by their names.
    limits: dict[str, int | float]


class Open(Struct, frozen=True, kw_only=True):
    """One connection as it is now."""

    id: str
    # Empty until it has said who it is.
    user: str
    address: str
    since: int
    rooms: list[str]
    # Bytes that wait for it, here or in its socket.
    waiting_bytes: int
    # How often it was asked for a sign of life, and whether it owes the last one.
    pings: int
    owes_pong: bool


class Happened(Struct, frozen=True):
    """One line of a connection's timeline."""

    at: int
    what: str
    # A room, a user, or why.
    about: str = ""


class Timeline(Struct, frozen=True, kw_only=True):
    """What is known of one connection; *now* is empty when it has ended."""

    id: str
    now: Open | None
    lines: list[Happened]
