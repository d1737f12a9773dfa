"""
Places in rooms that all nodes of a database share: of however many who want the last, one has it.

A place names its node, and counts while that has said within `LEASE_S` that it is there, by the
database's clock. All that asks for a place of a room waits for who asked before.
"""

import asyncio
import secrets
from collections.abc import Collection, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from conclave.ports.places import Place
from conclave.protocol.errors import Reject
from conclave.storage.postgres.adapting import escaped
from conclave.storage.postgres.brief import Brief
from conclave.storage.postgres.ways import Way

if TYPE_CHECKING:
    import psycopg

# As long as other nodes take one that is silent for alive: see `engine.peers`.
LEASE_S: Final = 15.0
# Of a node that is gone, what is left is removed when it may well not come back.
_FORGOTTEN_S: Final = 60.0
TABLES: Final = (
    'CREATE TABLE place_nodes (node text COLLATE "C" PRIMARY KEY, until timestamptz NOT NULL)',
    """
    CREATE TABLE places (
        room text COLLATE "C" NOT NULL,
        person text COLLATE "C" NOT NULL,
        node text COLLATE "C" NOT NULL,
        PRIMARY KEY (room, person, node)
    )
    """,
    "CREATE INDEX places_of_node ON places (node)",
    # Each statement in it sees what was committed before it began, and the lock waits for that:
    # its first half is any number, the same on all nodes, its other half says which room.
    """
    CREATE FUNCTION exchange_places(
        me text, most bigint,
        rooms text[], people text[], from_rooms text[], from_people text[]
    )
    RETURNS SETOF bigint LANGUAGE plpgsql AS $$
    BEGIN
        -- Nobody is told that it is on the disk: a crash loses places of the last moment.
        PERFORM set_config('synchronous_commit', 'off', true);
        PERFORM pg_advisory_xact_lock(789987, one) FROM (
            SELECT DISTINCT hashtext(room) AS one FROM unnest(rooms) AS room ORDER BY 1
        ) AS locks;
        DELETE FROM places USING unnest(from_rooms, from_people) AS gone (room, person)
            WHERE places.room = gone.room AND places.person = gone.person AND places.node = me;
        IF NOT EXISTS (
            SELECT FROM place_nodes WHERE node = me AND until > clock_timestamp()
        ) THEN
            RETURN NEXT 0;
            RETURN;
        END IF;
        RETURN QUERY
        WITH taken AS (
            SELECT DISTINCT places.room, places.person FROM places
            JOIN place_nodes USING (node)
            WHERE places.room = ANY (rooms) AND until > clock_timestamp()
        ),
        numbers AS (SELECT taken.room, count(*) AS of_it FROM taken GROUP BY taken.room),
        judged AS (
            SELECT wanted.room, wanted.person, wanted.at,
                taken.person IS NOT NULL OR coalesce(numbers.of_it, 0) + row_number() OVER (
                    PARTITION BY wanted.room, taken.person IS NULL ORDER BY wanted.at
                ) <= most AS fits
            FROM unnest(rooms, people) WITH ORDINALITY AS wanted (room, person, at)
            LEFT JOIN taken USING (room, person) LEFT JOIN numbers USING (room)
        ),
        put AS (
            INSERT INTO places (room, person, node)
            SELECT judged.room, judged.person, me FROM judged WHERE fits
            ON CONFLICT DO NOTHING
        )
        SELECT judged.at FROM judged WHERE fits;
    END $$
    """,
)
_EXCHANGE: Final = "SELECT exchange_places(%s, %s, %s, %s, %s, %s)"
_KEEP: Final = """
    UPDATE place_nodes SET until = statement_timestamp() + make_interval(secs => %s)
    WHERE node = %s AND until > statement_timestamp()
"""
# Who removes it at the same moment leaves it to the other.
_FORGET: Final = """
    WITH gone AS (
        DELETE FROM place_nodes WHERE node IN (
            SELECT node FROM place_nodes
            WHERE until < statement_timestamp() - make_interval(secs => %s)
            FOR UPDATE SKIP LOCKED
        ) RETURNING node
    )
    DELETE FROM places USING gone WHERE places.node = gone.node
"""
_COME: Final = """
    INSERT INTO place_nodes VALUES (%s, statement_timestamp() + make_interval(secs => %s))
    ON CONFLICT (node) DO UPDATE SET until = excluded.until
"""
_PUT: Final = """
    INSERT INTO places (room, person, node)
    SELECT room, person, %s FROM unnest(%s::text[], %s::text[]) AS held (room, person)
"""
_DROP: Final = "DELETE FROM places WHERE node = %s"
_GO: Final = "DELETE FROM place_nodes WHERE node = %s"


class PostgresPlaces:
    """A `ports.places.Places` in the database *url*, of one node."""

    def __init__(self, url: str, way: Way | None = None) -> None:
        self._brief = Brief(url, way)
        self._node = secrets.token_hex(8)
        # It may be another one in tests.
        self.lease_s = LEASE_S

    async def exchange(
        self, take: Sequence[Place], give: Sequence[Place], most: int
    ) -> set[Place] | None:
        values = (self._node, most, *_columns(take), *_columns(give))

        def work(cursor: "psycopg.Cursor[Any]") -> list[int]:
            return [at for (at,) in cursor.execute(_EXCHANGE, values)]

        found = await asyncio.to_thread(self._brief.do, work)
        return None if 0 in found else {take[at - 1] for at in found}

    async def keep(self) -> bool:
        def work(cursor: "psycopg.Cursor[Any]") -> bool:
            cursor.execute(_FORGET, (_FORGOTTEN_S,))
            return cursor.execute(_KEEP, (self.lease_s, self._node)).rowcount == 1

        return await asyncio.to_thread(self._brief.do, work)

    async def begin(self, held: Collection[Place]) -> None:
        def work(cursor: "psycopg.Cursor[Any]") -> None:
            cursor.execute(_COME, (self._node, self.lease_s))
            cursor.execute(_DROP, (self._node,))
            cursor.execute(_PUT, (self._node, *_columns(held)))

        await asyncio.to_thread(self._brief.do, work)

    def close(self) -> None:
        """Give all back, if the database can be reached."""
        with suppress(Reject):
            self._brief.do(self._leave)
        self._brief.close()

    def _leave(self, cursor: "psycopg.Cursor[Any]") -> None:
        cursor.execute(_DROP, (self._node,))
        cursor.execute(_GO, (self._node,))


def _columns(places: Collection[Place]) -> tuple[list[str], list[str]]:
    return [escaped(room) for room, _ in places], [escaped(person) for _, person in places]
