"""The `ports.Hooks` of one SQLite file: each method is one query or job of its store."""

from collections.abc import Callable, Iterable

from sqlalchemy import Connection

from conclave.model import (
    Action,
    By,
    CommandHook,
    DeadLetter,
    Delivery,
    Entry,
    HookBacklog,
    HookKind,
    HookTurn,
    IncomingHook,
    OutgoingHook,
    Poster,
)
from conclave.protocol.errors import Code, Reject
from conclave.storage import hooks_commands, hooks_incoming, hooks_outgoing, hooks_queue
from conclave.storage.audit import record
from conclave.storage.lines import now_ms
from conclave.storage.log import Log
from conclave.storage.sqlstore import SqlStore


class SqlHooks:
    """Webhooks in *store*, by *clock* in milliseconds since 1970."""

    def __init__(self, store: SqlStore, clock: Callable[[], int] = now_ms) -> None:
        self._store = store
        self._clock = clock

    # ── incoming ───────────────────────────────────────────────────────────────────────

    async def make_incoming(
        self, room: str, name: str, digest: bytes, by: By
    ) -> tuple[IncomingHook, list[Entry]]:
        asked = (room, name, digest, by, self._clock())
        return await self._store.write(lambda c, log: hooks_incoming.make_incoming(c, log, *asked))

    async def incoming(self, room: str | None, by: By) -> list[IncomingHook]:
        asked = (room, by, self._clock())
        return await self._store.read(lambda c: hooks_incoming.incoming_of(c, *asked))

    async def revoke_incoming(
        self,
        id: str,  # noqa: A002 - a webhook's id
        by: By,
    ) -> tuple[IncomingHook, list[Entry]]:
        asked = (id, by, self._clock())
        return await self._store.write(
            lambda c, log: hooks_incoming.revoke_incoming(c, log, *asked)
        )

    async def poster(self, digest: bytes) -> Poster | None:
        return await self._store.read(lambda c: hooks_incoming.find_poster(c, digest))

    async def note_use(self, id: str) -> None:  # noqa: A002 - a webhook's id
        now = self._clock()
        await self._store.write(lambda c, _: hooks_incoming.note_use(c, id, now))

    # ── outgoing ───────────────────────────────────────────────────────────────────────

    async def make_outgoing(
        self, room: str | None, name: str, url: str, kinds: Iterable[HookKind], by: By
    ) -> OutgoingHook:
        asked = (room, name, url, tuple(kinds), by, self._clock())
        return await self._store.write(lambda c, log: hooks_outgoing.make_outgoing(c, log, *asked))

    async def outgoing(self, room: str | None, by: By) -> list[OutgoingHook]:
        asked = (room, by, self._clock())
        return await self._store.read(lambda c: hooks_outgoing.outgoing_of(c, *asked))

    async def enable(self, id: str, enabled: bool, by: By) -> OutgoingHook:  # noqa: A002
        asked = (id, enabled, by, self._clock())
        return await self._store.write(lambda c, log: hooks_outgoing.enable(c, log, *asked))

    async def revoke_outgoing(self, id: str, by: By) -> None:  # noqa: A002 - a webhook's id
        asked = (id, by, self._clock())
        await self._store.write(lambda c, log: hooks_outgoing.revoke_outgoing(c, log, *asked))

    async def dead_letters(
        self,
        id: str,  # noqa: A002 - a webhook's id
        by: By,
        *,
        after: str = "",
        limit: int = 50,
    ) -> list[DeadLetter]:
        asked = (id, by, self._clock(), after, limit)
        return await self._store.read(lambda c: hooks_outgoing.dead_letters(c, *asked))

    async def dead_letter(self, hook: str, letter: str, by: By) -> Delivery:
        now = self._clock()
        await self._store.read(lambda c: hooks_outgoing.find_for(c, hook, by, now))
        found = await self._store.read(lambda c: hooks_queue.find_dead(c, hook, letter, now))
        if found is None:
            raise Reject(Code.NOT_FOUND)
        return found

    # ── commands ───────────────────────────────────────────────────────────────────────

    async def make_command(
        self, room: str, command: tuple[str, str, str], bot: str, url: str, by: By
    ) -> tuple[CommandHook, list[Entry]]:
        asked = (room, command, bot, url, by, self._clock())
        return await self._store.write(lambda c, log: hooks_commands.make_command(c, log, *asked))

    async def commands(self, room: str | None, by: By) -> list[CommandHook]:
        asked = (room, by, self._clock())
        return await self._store.read(lambda c: hooks_commands.commands_of(c, *asked))

    async def revoke_command(self, id: str, by: By) -> tuple[CommandHook, list[Entry]]:  # noqa: A002
        asked = (id, by, self._clock())
        return await self._store.write(lambda c, log: hooks_commands.revoke_command(c, log, *asked))

    async def all_commands(self) -> list[CommandHook]:
        return await self._store.read(hooks_commands.all_commands)

    async def is_good_command(self, id: str) -> bool:  # noqa: A002
        now = self._clock()
        return await self._store.read(lambda c: hooks_commands.is_good(c, id, now))

    # ── the queue ──────────────────────────────────────────────────────────────────────

    async def all_outgoing(self) -> list[OutgoingHook]:
        return await self._store.read(hooks_outgoing.all_outgoing)

    async def next_of(self, hook: OutgoingHook) -> HookTurn:
        now = self._clock()
        return await self._store.read(lambda c: hooks_queue.next_of(c, hook, now))

    async def backlog(self, hooks: Iterable[OutgoingHook]) -> HookBacklog:
        counted = tuple(hooks)
        return await self._store.read(lambda c: hooks_queue.backlog(c, counted))

    async def skip(self, hook: str, passed: Iterable[tuple[int, int]]) -> None:
        rooms = tuple(passed)
        await self._store.write(lambda c, log: hooks_queue.skip(c, log, hook, rooms))

    async def taken(self, done: Delivery, last: str) -> None:
        await self._store.write(lambda c, log: hooks_queue.taken(c, log, done, last))

    async def failed(self, done: Delivery, last: str, tries: int, due: int) -> None:
        asked = (done, last, tries, due, self._clock())
        await self._store.write(lambda c, log: hooks_queue.failed(c, log, *asked))

    async def give_up(self, done: Delivery, last: str, tries: int, due: int) -> bool:
        asked = (done, last, tries, due, self._clock())
        return await self._store.write(lambda c, log: hooks_queue.give_up(c, log, *asked))

    async def turn_off(self, hook: OutgoingHook, why: str) -> None:
        asked = (hook, why, self._clock())
        await self._store.write(lambda c, log: hooks_queue.turn_off(c, log, *asked))

    async def forget_dead(self, letter: str, hook: OutgoingHook, by: By) -> None:
        note = by.note(Action.HOOK_RESENT, room=hook.room, name=hook.name, id=hook.id)
        now = self._clock()

        def job(connection: Connection, log: Log) -> None:
            hooks_queue.forget_dead(connection, log, letter)
            record(connection, note, now=now)

        await self._store.write(job)

    async def drop_dead(self, hook: str, letter: str, by: By) -> None:
        asked = (hook, letter, by, self._clock())
        await self._store.write(lambda c, log: hooks_outgoing.drop_dead(c, log, *asked))

    async def outgoing_for(self, id: str, by: By) -> OutgoingHook:  # noqa: A002
        asked = (id, by, self._clock())
        return await self._store.read(lambda c: hooks_outgoing.find_for(c, *asked))

    async def tried_again(self, letter: str, why: str) -> None:
        await self._store.write(lambda c, log: hooks_queue.tried_again(c, log, letter, why))
