"""
Connections to PostgreSQL: how long they wait for what, and what a transaction sees.

Nothing here waits for ever: not for a server that does not answer, not for a lock, not for
a statement, not for a network that has swallowed the connection.
"""

from collections.abc import Callable
from time import monotonic
from typing import Any, Final, TypeVar
from urllib.parse import unquote, urlsplit, urlunsplit

import psycopg
from sqlalchemy import Engine, NullPool, create_engine

from conclave.storage.errors import reason
from conclave.storage.postgres.adapting import adapters
from conclave.storage.postgres.patience import PatientConnection
from conclave.storage.postgres.speaking import Spoken
from conclave.storage.postgres.ways import Way

SCHEMES: Final = ("postgresql", "postgres")
# Seconds.
CONNECT_WITHIN: Final = 3
# Milliseconds. Who sends is told within five seconds, and waits for what is before them, too.
_LOCK_MS: Final = 2_000
_STATEMENT_MS: Final = 15_000
SEARCH_MS: Final = 1_500
IDLE_MS: Final = 30_000
# What a connection has asked so often the server plans no more; so many of that it keeps.
_PLANNED_AFTER: Final = 4
_PLANS: Final = 300
# A node that is swallowed in the middle of a transaction has a room for so long.
_WRITER_IDLE_MS: Final = 5_000
# Acknowledged is what a crash does not undo. `local` and more wait for the server's own disk.
_LASTING: Final = """
    SELECT set_config('synchronous_commit', 'on', false)
    WHERE current_setting('synchronous_commit') = 'off'
"""
# A connection that a network swallowed is found by itself.
_NETWORK: Final[dict[str, Any]] = {
    "connect_timeout": CONNECT_WITHIN,
    # One that waits to take over would be read by and never written to for as long as the
    # connection lasts, whoever has taken over meanwhile. Of several hosts, the one that writes.
    "target_session_attrs": "read-write",
    "tcp_user_timeout": 5_000,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
}

P = TypeVar("P", bound=PatientConnection)

_adapters = adapters()


class _Connection(PatientConnection):
    """A connection, and how the storage speaks to it: see `driver.raw`."""

    spoken: Spoken


def writing_engine(url: str, *, way: Way | None = None) -> Engine:
    """
    Return an engine whose transactions see what is committed, wait for rows, and last.

    *way*: that of all who connect to the same server.
    """

    def lasting(connection: "psycopg.Connection[Any]") -> None:
        connection.execute(_LASTING)
        connection.commit()
        _as_committed(connection)

    return _engine(url, writes=True, idle_ms=_WRITER_IDLE_MS, set_up=lasting, way=way)


def reading_engine(
    url: str,
    *,
    statement_ms: int = _STATEMENT_MS,
    silent_ms: int = 0,
    way: Way | None = None,
) -> Engine:
    """
    Return an engine that cannot write and whose transactions see one moment.

    The server ends a connection that asks nothing for *silent_ms*; 0: none.
    """

    def at_one_moment(connection: "psycopg.Connection[Any]") -> None:
        # Also of what is no transaction of several statements.
        connection.execute("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY")
        connection.commit()
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True

    limits = {"statement_ms": statement_ms, "silent_ms": silent_ms}
    return _engine(url, writes=False, **limits, set_up=at_one_moment, way=way)


def plain(url: str, way: Way) -> "psycopg.Connection[Any]":
    """Return a connection that writes, for what needs no storage: bytes as they are."""
    options = _options(_STATEMENT_MS, _LOCK_MS)
    made = _come(way, lambda: PatientConnection.connect(url, options=options, **_NETWORK))
    _as_committed(made)
    return made


def _come(way: Way, attempt: Callable[[], P]) -> P:
    made = way.through(attempt, CONNECT_WITHIN)
    made.way, made.heard = way, monotonic()
    return made


def _as_committed(connection: "psycopg.Connection[Any]") -> None:
    """Let each statement see what is committed by then, whatever the database's default is."""
    connection.isolation_level = psycopg.IsolationLevel.READ_COMMITTED


def migrating_engine(url: str) -> Engine:
    """Return an engine for changing the schema: that may take as long as it takes."""
    return _engine(url, writes=True, statement_ms=0, lock_ms=0)


def named(url: str) -> str:
    """Return *url* as it may be logged and told: without its password."""
    parts = urlsplit(url)
    place = parts.netloc.rpartition("@")
    user = place[0].partition(":")[0]
    shown = f"{user}@{place[2]}" if user else place[2]
    return urlunsplit((parts.scheme, shown, parts.path, "", ""))


def why(error: BaseException, url: str) -> str:
    """Return in one line what the server or its library says, without the password of *url*."""
    said = "; ".join(" ".join(line.split()) for line in reason(error).strip().splitlines())
    password = urlsplit(url).netloc.rpartition("@")[0].partition(":")[2]
    for secret in {password, unquote(password)} - {""}:
        said = said.replace(secret, "…")
    return said


def _options(statement_ms: int, lock_ms: int, idle_ms: int = IDLE_MS, silent_ms: int = 0) -> str:
    limits = {
        "statement_timeout": statement_ms,
        "lock_timeout": lock_ms,
        "idle_in_transaction_session_timeout": idle_ms,
        "idle_session_timeout": silent_ms,
    }
    return " ".join(f"-c {name}={value}" for name, value in limits.items())


def _engine(
    url: str,
    *,
    writes: bool,
    statement_ms: int = _STATEMENT_MS,
    lock_ms: int = _LOCK_MS,
    idle_ms: int = IDLE_MS,
    silent_ms: int = 0,
    set_up: Callable[["psycopg.Connection[Any]"], None] | None = None,
    way: Way | None = None,
) -> Engine:
    shared = way or Way()
    options = _options(statement_ms, lock_ms, idle_ms, silent_ms)

    def attempt() -> _Connection:
        return _Connection.connect(
            url,
            context=_adapters,
            prepare_threshold=_PLANNED_AFTER,
            client_encoding="utf8",
            options=options,
            **_NETWORK,
        )

    def connect() -> "psycopg.Connection[Any]":
        made = _come(shared, attempt)
        made.prepared_max = _PLANS
        made.spoken = Spoken(made, writes=writes)
        if set_up is not None:
            set_up(made)
        return made

    return create_engine(
        "postgresql+psycopg://",
        creator=connect,
        # Every thread opens the one connection it keeps.
        poolclass=NullPool,
        use_native_hstore=False,
    )
