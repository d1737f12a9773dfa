"""
Bring a database of PostgreSQL to the schema of this version, or refuse it in one line.

It is the same chain of migrations as SQLite's, in one transaction and under a lock, so that
of several nodes that start at once one migrates and the others wait for it. Before it come
some functions that SQLite has and PostgreSQL has not, after it the table of the index.
"""

from typing import Any, Final, NamedTuple

import structlog
from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql.base import PGTypeCompiler
from sqlalchemy.exc import DBAPIError

from conclave.storage.driver import raw
from conclave.storage.errors import CannotOpen
from conclave.storage.postgres import blobs, passes, places
from conclave.storage.postgres.connecting import IDLE_MS, migrating_engine, named, why
from conclave.storage.schema import MIGRATIONS, newest_revision
from conclave.storage.tables import meta

_log = structlog.get_logger("conclave.storage")

# Any number, the same on all nodes, and not that of `lanes`.
_LOCK: Final = 0x0C0DE_5CE3
_OLDEST: Final = 140_000
_FUNCTIONS: Final = (
    # Of two numbers; those of a column stay what they are.
    """
    CREATE OR REPLACE FUNCTION max(bigint, bigint) RETURNS bigint
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS 'SELECT greatest($1, $2)'
    """,
    """
    CREATE OR REPLACE FUNCTION min(bigint, bigint) RETURNS bigint
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS 'SELECT least($1, $2)'
    """,
    """
    CREATE OR REPLACE FUNCTION instr(text, text) RETURNS bigint
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS 'SELECT strpos($1, $2)::bigint'
    """,
    # Of a whole number or a truth; anything else is null. PostgreSQL reads no U+0000.
    r"""
    CREATE OR REPLACE FUNCTION json_extract(document text, path text) RETURNS bigint
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
        SELECT CASE WHEN found ~ '^-?[0-9]{1,18}$' THEN found::bigint
            WHEN found = 'true' THEN 1 WHEN found = 'false' THEN 0 END
        FROM (SELECT (replace(document, '\u0000', '\u0001')::json -> substr(path, 3))::text)
        AS value (found)
    $$
    """,
    """
    CREATE OR REPLACE FUNCTION json_each(list text) RETURNS TABLE (value text)
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS
    'SELECT json_array_elements_text(list::json)'
    """,
    """
    CREATE OR REPLACE FUNCTION json_remove(document text, VARIADIC paths text[]) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS
    'SELECT (document::jsonb - ARRAY(SELECT substr(path, 3) FROM unnest(paths) AS path))::text'
    """,
    """
    CREATE OR REPLACE FUNCTION texts_as_json(text[]) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS 'SELECT array_to_json($1)::text'
    """,
    """
    CREATE OR REPLACE AGGREGATE json_group_array(text)
    (SFUNC = array_append, STYPE = text[], INITCOND = '{}', FINALFUNC = texts_as_json)
    """,
    # Words and their places. Of those too far behind all have the last place there is.
    r"""
    CREATE OR REPLACE FUNCTION search_vector(line text) RETURNS tsvector
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
        SELECT string_agg(
            '''' || replace(replace(word, '\', '\\'), '''', '''''') || ''':'
            || least(place, 16383), ' ')::tsvector
        FROM unnest(string_to_array(line, ' ')) WITH ORDINALITY AS words (word, place)
    $$
    """,
)
_INDEX: Final = (
    """
    CREATE TABLE IF NOT EXISTS search_index (
        doc bigint PRIMARY KEY,
        words tsvector NOT NULL
    )
    """,
    # Written at once: what waits in a list of its own is read by each search.
    """
    CREATE INDEX IF NOT EXISTS search_index_words ON search_index USING gin (words)
    WITH (fastupdate = off)
    """,
)


class _Types(PGTypeCompiler):
    """Texts compare and sort by their bytes, as in SQLite, whatever the database does else."""

    def visit_TEXT(self, type_: Any, **more: Any) -> str:  # noqa: N802 - SQLAlchemy's name
        return f'{super().visit_TEXT(type_, **more)} COLLATE "C"'


class Ready(NamedTuple):
    """A database of the newest schema."""

    epoch: str
    # Of PostgreSQL, such as 15.18.
    version: str
    # Whether there is nobody in it, and no room.
    is_new: bool


def prepare(url: str) -> Ready:
    """Make sure that *url* is a database of the newest schema. Raises `CannotOpen`."""
    engine = migrating_engine(url)
    engine.dialect.type_compiler_instance = _Types(engine.dialect)
    try:
        with engine.connect() as connection, connection.begin():
            raw(connection).execute("SELECT pg_advisory_xact_lock(?)", (_LOCK,))
            version = _refuse_old(connection, url)
            _refuse_pooled(connection, url)
            _upgrade_if_older(connection, url)
            _make_own(connection)
            return Ready(_epoch(connection, url), version, _is_new(connection))
    except DBAPIError as error:
        raise CannotOpen(f"cannot use the database {named(url)}: {why(error, url)}") from None


def _refuse_old(connection: Connection, url: str) -> str:
    """Return the version of PostgreSQL, which is new enough."""
    execute = raw(connection).execute
    (version,) = execute("SELECT current_setting('server_version_num')").fetchone()
    (encoding,) = execute("SELECT current_setting('server_encoding')").fetchone()
    if int(version) < _OLDEST:
        raise CannotOpen(f"{named(url)} is PostgreSQL {version}: it must be 14 or newer")
    if encoding != "UTF8":
        raise CannotOpen(f"{named(url)} has the encoding {encoding}: make one in UTF8")
    return f"{int(version) // 10_000}.{int(version) % 10_000}"


def _refuse_pooled(connection: Connection, url: str) -> None:
    """
    Refuse what stands in between and lets go of what a connection is told when it is made.

    Behind such a one nothing has a limit, and a lock is anybody's who gets the same connection.
    """
    query = "SELECT setting FROM pg_settings WHERE name = 'idle_in_transaction_session_timeout'"
    if raw(connection).execute(query).fetchone()[0] != str(IDLE_MS):
        raise CannotOpen(
            f"{named(url)} is not PostgreSQL itself: what stands in between ignores the limits of a"
            " connection; name the server, and no pooler"
        )


def _upgrade_if_older(connection: Connection, url: str) -> None:
    current, newest = revision(connection), newest_revision()
    if current == newest:
        return
    from conclave.storage.upgrading import Chain

    chain = Chain((MIGRATIONS,))
    if current is not None and current not in chain.revisions:
        raise CannotOpen(
            f"the database {named(url)} has the schema {current}, newer than this version knows "
            f"({newest}): use the newer Conclave"
        )
    if current is not None:
        _log.info("schema_upgrade", was=current, becomes=newest)
    execute = raw(connection).execute
    for statement in _FUNCTIONS:
        execute(statement)
    chain.run_in(connection)
    for statement in _INDEX:
        execute(statement)


def _make_own(connection: Connection) -> None:
    """Make the tables that no file of SQLite has."""
    execute = raw(connection).execute
    own = ("blob_pieces", blobs.TABLES), ("passes", passes.TABLES), ("places", places.TABLES)
    for name, tables in own:
        if execute("SELECT to_regclass(?)", (name,)).fetchone()[0] is None:
            for statement in tables:
                execute(statement)


def revision(connection: Connection) -> str | None:
    """Return the schema that a database has; None if it has no tables."""
    execute = raw(connection).execute
    if execute("SELECT to_regclass('alembic_version')").fetchone()[0] is None:
        return None
    return str(execute("SELECT version_num FROM alembic_version").fetchone()[0])


def _is_new(connection: Connection) -> bool:
    query = "SELECT EXISTS (SELECT 1 FROM users) OR EXISTS (SELECT 1 FROM rooms)"
    return not raw(connection).execute(query).fetchone()[0]


def _epoch(connection: Connection, url: str) -> str:
    epoch = connection.execute(select(meta.c.value).where(meta.c.key == "epoch")).scalar()
    if epoch is None:
        raise CannotOpen(f"the database {named(url)} has no epoch: restore a backup")
    return str(epoch)
