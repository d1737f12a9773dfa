"""The `ports.Moderation` of one SQLite file: each method is one job of its store."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeVar

from sqlalchemy import Connection

from conclave.model import (
    Act,
    Deed,
    Entry,
    Identity,
    Outcome,
    Person,
    Report,
    RoomLink,
    RoomRole,
    Sanction,
    SanctionKind,
)
from conclave.storage import deleting, direct, ignores, moderation, reports, roomlinks
from conclave.storage.lines import now_ms
from conclave.storage.log import Log
from conclave.storage.sqlstore import SqlStore

T = TypeVar("T")
_Job = Callable[[Connection, Log], T]


class SqlModeration:
    """Governs the rooms of *store*, by *clock* in milliseconds since 1970."""

    def __init__(self, store: SqlStore, clock: Callable[[], int] = now_ms) -> None:
        self._store = store
        self._clock = clock

    # ── people in rooms ────────────────────────────────────────────────────────────────

    async def check(self, act: Act, room: str, who: Identity) -> None:
        def query(connection: Connection) -> None:
            moderation.check(connection, room, who, act, self._clock())

        await self._store.read(query)

    async def invite(
        self, room: str, by: Identity, user: str, *, client_id: str | None = None
    ) -> Deed:
        asked = (room, by, user, self._clock(), client_id)
        return await self._write(lambda c, log: moderation.invite(c, log, *asked))

    async def kick(
        self, room: str, by: Identity, user: str, *, client_id: str | None = None
    ) -> Deed:
        asked = (room, by, user, self._clock(), client_id)
        return await self._write(lambda c, log: moderation.kick(c, log, *asked))

    async def ban(
        self,
        room: str,
        by: Identity,
        user: str,
        *,
        until: int | None = None,
        reason: str = "",
        client_id: str | None = None,
    ) -> Deed:
        asked = (room, by, user, self._clock(), client_id, until, reason)
        return await self._write(lambda c, log: moderation.ban(c, log, *asked))

    async def mute(
        self, room: str, by: Identity, user: str, *, until: int | None = None, reason: str = ""
    ) -> Deed:
        asked = (room, by, user, self._clock(), until, reason)
        return await self._write(lambda c, log: moderation.mute(c, log, *asked))

    async def lift(self, room: str, by: Identity, user: str, kind: SanctionKind) -> Deed:
        asked = (room, by, user, self._clock(), kind)
        return await self._write(lambda c, log: moderation.lift(c, log, *asked))

    async def set_role(
        self,
        room: str,
        by: Identity,
        user: str,
        role: RoomRole,
        *,
        client_id: str | None = None,
    ) -> Deed:
        asked = (room, by, user, self._clock(), client_id, role)
        return await self._write(lambda c, log: moderation.set_role(c, log, *asked))

    async def delete_room(
        self, room: str, by: Identity, *, client_id: str | None = None
    ) -> list[str] | None:
        asked = (room, by, client_id, self._clock())
        with self._store.names.changing():
            return await self._write(lambda c, log: deleting.delete_room(c, log, *asked))

    async def sanctions(
        self, room: str, by: Identity, *, after: tuple[str, str] = ("", ""), limit: int = 100
    ) -> list[Sanction]:
        asked = (room, by, self._clock(), after, limit)
        return await self._store.read(lambda c: moderation.sanctions(c, *asked))

    # ── reports ────────────────────────────────────────────────────────────────────────

    async def report(self, room: str, by: Identity, seq: int, reason: str) -> bool:
        asked = (room, by, seq, reason, self._clock())
        return await self._write(lambda c, log: reports.report(c, log, *asked))

    async def keepers(self, room: str) -> list[str]:
        return await self._store.read(lambda c: reports.keepers(c, room))

    async def reports(
        self, room: str, by: Identity, *, closed: bool = False, after: str = "", limit: int = 50
    ) -> list[Report]:
        asked = (room, by, self._clock(), closed, after, limit)
        return await self._store.read(lambda c: reports.reports_of(c, *asked))

    async def all_reports(
        self, *, closed: bool = False, after: str = "", limit: int = 50
    ) -> list[Report]:
        return await self._store.read(lambda c: reports.all_reports(c, closed, after, limit))

    async def close_report(self, id: str, by: Identity, outcome: Outcome) -> tuple[str, bool]:  # noqa: A002
        asked = (id, by, outcome, self._clock())
        return await self._write(lambda c, log: reports.close_report(c, log, *asked))

    # ── links ──────────────────────────────────────────────────────────────────────────

    async def make_link(
        self,
        room: str,
        by: Identity,
        digest: bytes,
        *,
        name: str = "",
        uses: int | None = None,
        expires_at: int | None = None,
    ) -> RoomLink:
        asked = (room, by, digest, self._clock(), name, uses, expires_at)
        return await self._write(lambda c, log: roomlinks.make_link(c, log, *asked))

    async def links(self, room: str, by: Identity) -> list[RoomLink]:
        asked = (room, by, self._clock())
        return await self._store.read(lambda c: roomlinks.links_of(c, *asked))

    async def revoke_link(self, room: str, by: Identity, link: str) -> bool:
        asked = (room, by, link, self._clock())
        return await self._write(lambda c, log: roomlinks.revoke_link(c, log, *asked))

    async def accept_link(self, who: Identity, digest: bytes) -> tuple[str, list[Entry]]:
        asked = (who, digest, self._clock())
        return await self._write(lambda c, log: roomlinks.accept_link(c, log, *asked))

    # ── direct rooms ───────────────────────────────────────────────────────────────────

    async def open_direct(self, by: Identity, users: Sequence[str]) -> tuple[str, list[Entry]]:
        asked = (by, users, self._clock())
        return await self._write(lambda c, log: direct.open_direct(c, log, *asked))

    async def ignore(self, who: Identity, user: str) -> bool:
        asked = (who, user, self._clock())
        return await self._write(lambda c, log: ignores.ignore(c, log, *asked))

    async def unignore(self, who: Identity, user: str) -> bool:
        return await self._write(partial(ignores.unignore, who=who, user=user))

    async def ignored(self, user: str) -> list[Person]:
        return await self._store.read(lambda c: ignores.ignored(c, user))

    async def _write(self, job: _Job[T]) -> T:
        return await self._store.write(job)
