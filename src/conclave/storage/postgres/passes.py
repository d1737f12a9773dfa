"""
Passes that all nodes of a database take, whichever of them gave one.

They end by the database's clock: those of nodes may differ by minutes.
"""

import asyncio
from typing import TYPE_CHECKING, Any, Final

from conclave.storage.postgres.brief import Brief
from conclave.storage.postgres.ways import Way

if TYPE_CHECKING:
    import psycopg

TABLES: Final = (
    """
    CREATE TABLE passes (
        key bytea PRIMARY KEY,
        kind text NOT NULL,
        value bytea NOT NULL,
        uses integer NOT NULL,
        ends timestamptz NOT NULL
    )
    """,
    "CREATE INDEX passes_of_kind ON passes (kind, ends)",
    "CREATE INDEX passes_ended ON passes (ends)",
)
# Of the statement: a clock that moves within it could use no index.
_FORGET_ENDED: Final = "DELETE FROM passes WHERE ends <= statement_timestamp()"
_PUT: Final = """
    INSERT INTO passes VALUES (
        %(key)b, %(kind)s, %(value)b, %(uses)s,
        statement_timestamp() + make_interval(secs => %(seconds)s)
    )
    ON CONFLICT (key) DO UPDATE
        SET kind = excluded.kind, value = excluded.value, uses = excluded.uses, ends = excluded.ends
"""
_BOUND: Final = """
    DELETE FROM passes WHERE key IN (
        SELECT key FROM passes WHERE kind = %(kind)s ORDER BY ends DESC OFFSET %(most)s
    )
"""
_USE: Final = """
    UPDATE passes SET uses = uses - 1
    WHERE key = %b AND uses > 0 AND ends > statement_timestamp() RETURNING value
"""
_DROP: Final = "DELETE FROM passes WHERE key = %b"


class PostgresPasses:
    """A `ports.passes.Passes` in the database *url*."""

    def __init__(self, url: str, way: Way | None = None) -> None:
        self._brief = Brief(url, way)

    async def put(
        self, key: bytes, value: bytes, seconds: float, *, group: str, most: int, uses: int = 1
    ) -> None:
        row = {"key": key, "kind": group, "value": value, "uses": uses, "seconds": seconds}

        def work(cursor: "psycopg.Cursor[Any]") -> None:
            cursor.execute(_FORGET_ENDED)
            cursor.execute(_PUT, row)
            cursor.execute(_BOUND, {"kind": group, "most": most})

        await asyncio.to_thread(self._brief.do, work)

    async def use(self, key: bytes) -> bytes | None:
        def work(cursor: "psycopg.Cursor[Any]") -> bytes | None:
            found = cursor.execute(_USE, (key,)).fetchone()
            return None if found is None else bytes(found[0])

        return await asyncio.to_thread(self._brief.do, work)

    async def drop(self, key: bytes) -> None:
        await asyncio.to_thread(self._brief.do, lambda cursor: cursor.execute(_DROP, (key,)))

    def close(self) -> None:
        """Close the connections that nobody uses."""
        self._brief.close()
