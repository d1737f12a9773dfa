"""What one sees of a database of PostgreSQL without changing it."""

from typing import NamedTuple

from sqlalchemy.exc import DBAPIError

from conclave.storage.driver import raw
from conclave.storage.postgres.connecting import named, reading_engine, why
from conclave.storage.postgres.schema import revision


class Seen(NamedTuple):
    """A database; its *name* has no password."""

    name: str
    version: str = ""
    # None: there are no tables.
    schema: str | None = None
    # Why it cannot be looked at; empty: it can.
    fault: str = ""


def look(url: str) -> Seen:
    name = named(url)
    try:
        with reading_engine(url).connect() as connection, connection.begin():
            query = "SELECT current_setting('server_version')"
            (version,) = raw(connection).execute(query).fetchone()
            return Seen(name, version.partition(" ")[0], revision(connection))
    except DBAPIError as error:
        return Seen(name, fault=why(error, url))
