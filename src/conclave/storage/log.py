"""
Append to the logs of rooms: who may, which number, and whether it was there before.

All of it runs in the writer's thread, inside its transaction. A row costs a few microseconds.
"""

from collections.abc import Callable, Sequence
from itertools import groupby
from typing import Any, NamedTuple

from sqlalchemy import Connection, Dialect

from conclave.model import Draft, Entry, Receipt
from conclave.protocol.errors import Code, Reject
from conclave.protocol.state import DELETED, MESSAGE
from conclave.storage import attached, changes
from conclave.storage.audit import record_deletion
from conclave.storage.authors import Authors
from conclave.storage.driver import raw
from conclave.storage.lines import Pending, pend, to_row, ulids
from conclave.storage.log_sql import Rows, Statements
from conclave.storage.rights import find_where
from conclave.storage.shapes import CHANGES


class Log:
    """Appends to logs, in the writer's thread; `clock` gives milliseconds since 1970."""

    def __init__(self, dialect: Dialect, clock: Callable[[], int]) -> None:
        self._sql = Statements(dialect)
        self._clock = clock

    def now(self) -> int:
        """Return the time by its clock, in milliseconds since 1970."""
        return self._clock()

    def append(
        self, connection: Connection, pending: Sequence[Pending], *, trusted: bool = False
    ) -> list[Receipt | Reject]:
        """
        Number and store *pending*, each room's in this order; return an answer for each.

        *trusted*: nobody asks what their authors may.

        What was stored before is looked up before the author's rights: the same request
        has the same answer, also after a kick.
        """
        by_room: dict[str, list[int]] = {}
        for at, item in enumerate(pending):
            by_room.setdefault(item.draft.room, []).append(at)
        answers: list[Receipt | Reject | None] = [None] * len(pending)
        rows = Rows([], [], [], [])
        cursor = raw(connection).cursor()
        for name, places in by_room.items():
            run = [pending[at] for at in places]
            answered = self._room_run(cursor, name, run, rows, trusted)
            for at, answer in zip(places, answered, strict=True):
                answers[at] = answer
        self._insert(cursor, rows)
        return [answer for answer in answers if answer is not None]

    def write(self, connection: Connection, draft: Draft) -> Entry:
        """Store one entry that comes with a change of the room; its author's right is known."""
        (answer,) = self.append(connection, [pend(draft)], trusted=True)
        if isinstance(answer, Reject):
            raise answer
        # Only a repeated request has none, and this has no request id.
        assert answer.entry is not None
        return answer.entry

    def _room_run(
        self, cursor: Any, name: str, run: list[Pending], rows: Rows, trusted: bool
    ) -> list[Receipt | Reject]:
        where = find_where(cursor.execute, name)
        if where is None:
            return [Reject(Code.NO_SUCH_ROOM)] * len(run)
        authors = Authors(cursor.execute, where, self._clock(), trusted)
        answers: list[Receipt | Reject] = []
        for changing, some in groupby(run, key=lambda item: item.draft.type in CHANGES):
            part = list(some)
            if changing:
                # They look at what came before them, so that must stand in the tables.
                self._insert(cursor, rows)
                answers += [self._change(cursor, authors, item, rows) for item in part]
            else:
                answers += self._append_run(cursor, authors, part, rows)
        return answers

    def _insert(self, cursor: Any, rows: Rows) -> None:
        for statement, values in zip(self._sql.inserts, rows, strict=True):
            if values:
                cursor.executemany(statement, values)
                values.clear()

    def _append_run(
        self, cursor: Any, authors: Authors, run: list[Pending], rows: Rows
    ) -> list[Receipt | Reject]:
        first: dict[tuple[str, str], _Fresh] = {}
        plan = [self._step(cursor, authors, item, first) for item in run]
        fresh = [step for step in plan if isinstance(step, _Fresh)]
        if fresh:
            self._number(cursor, authors, fresh, rows)
            authors.note_said(cursor)
        return [_answer(step) for step in plan]

    def _change(self, cursor: Any, authors: Authors, item: Pending, rows: Rows) -> Receipt | Reject:
        """Store one entry that changes what is there, and change it."""
        room, draft = authors.where.id, item.draft
        step = self._step(cursor, authors, item, {})
        if not isinstance(step, _Fresh):
            return _answer(step)
        try:
            already = changes.check(
                cursor, room, draft, authors.may_with(draft), authors.first(draft)
            )
        except Reject as no:
            return no
        if already is not None:
            return self._already(cursor, room, item, already)
        self._number(cursor, authors, [step], rows)
        self._insert(cursor, rows)
        assert step.entry is not None  # it has just been numbered
        changes.write(cursor, room, step.entry)
        if draft.type == DELETED:
            record_deletion(cursor.execute, room, draft, step.entry.timestamp)
        return _answer(step)

    def _already(self, cursor: Any, room: int, item: Pending, seq: int) -> Receipt:
        """Return what is acknowledged where nothing is to be changed: the entry that did it."""
        made, timestamp = cursor.execute(self._sql.stamp, (room, seq)).fetchone()
        draft = item.draft
        if item.digest is not None:
            key = (room, draft.user, draft.client_id)
            cursor.execute(self._sql.made, (*key, item.digest, seq, made, timestamp))
        return Receipt(room=draft.room, seq=seq, id=made, timestamp=timestamp)

    def _step(
        self,
        cursor: Any,
        authors: Authors,
        item: Pending,
        first: "dict[tuple[str, str], _Fresh]",
    ) -> "_Step":
        room, user, client_id = authors.where.id, item.draft.user, item.draft.client_id
        if client_id is not None:
            if (twin := first.get((user, client_id))) is not None:
                return _Again(item, twin) if twin.item.digest == item.digest else _id_reused()
            if self._looks(item) and (made := self._made(cursor, room, item)) is not None:
                return made
        if (no := authors.refuse(item.draft)) is not None:
            # Who may no more learns all the same what was stored before they were put out.
            return no if self._looks(item) else self._made(cursor, room, item) or no
        if item.extra is not None and item.draft.type == MESSAGE:
            no = changes.refers(cursor, room, item.draft, authors.first(item.draft))
            no = no or attached.claim(cursor, room, item.draft)
            if no is not None:
                return no
        fresh = _Fresh(item)
        if client_id is not None:
            first[user, client_id] = fresh
        authors.said(item.draft)
        return fresh

    def _looks(self, item: Pending) -> bool:  # noqa: ARG002 - an heir asks it
        """Return whether it is looked up at first if *item* was stored before."""
        return True

    def _made(self, cursor: Any, room: int, item: Pending) -> Receipt | Reject | None:
        """Return what the same request got before, if it is not new."""
        key = (room, item.draft.user, item.draft.client_id)
        made = cursor.execute(self._sql.request, key).fetchone()
        return None if made is None else made_before(item, *made)

    def _number(self, cursor: Any, authors: Authors, fresh: "list[_Fresh]", rows: Rows) -> None:
        room, now, n = authors.where.id, authors.now, len(fresh)
        messages = sum(step.item.draft.type == MESSAGE for step in fresh)
        cursor.execute(self._sql.number, (n, messages, now, now, room))
        ((last_seq, last_count, timestamp),) = cursor.fetchall()
        seq, count = last_seq - n, last_count - messages
        for step, made in zip(fresh, ulids(timestamp, n), strict=True):
            item, seq = step.item, seq + 1
            count += item.draft.type == MESSAGE
            step.entry = entry = _entry(item.draft, seq, made, timestamp)
            rows.add(to_row(room, entry, count, item.extra))
            if entry.extra and entry.type == MESSAGE:
                named = entry.extra.get("mentions", ())
                rows.mentions.extend((user, room, seq) for user in named)
                attached.settle(cursor, seq, entry.extra)
            if item.digest is not None:
                key = (room, entry.user, entry.client_id)
                rows.requests.append((*key, item.digest, seq, entry.id, timestamp))


class HopefulLog(Log):
    """
    As `Log`, but it takes what was said for new, as nearly all is: no look for each message.

    Where it is not, the key of `requests` refuses it, and so this raises: undo all of it, and let
    the *careful* one do it.
    """

    def __init__(self, careful: Log) -> None:
        # It writes the same log: by the same statements, which are compiled once, and clock.
        self._sql, self._clock = careful._sql, careful.now

    def _looks(self, item: Pending) -> bool:
        return item.extra is not None or item.draft.type != MESSAGE


class _Fresh:
    """A draft that gets a number."""

    __slots__ = ("entry", "item")

    def __init__(self, item: Pending) -> None:
        self.item = item
        self.entry: Entry | None = None


class _Again(NamedTuple):
    """The request of `first`, which is in the same run."""

    item: Pending
    first: _Fresh


_Step = _Fresh | _Again | Receipt | Reject


def _answer(step: _Step) -> Receipt | Reject:
    if isinstance(step, (Receipt, Reject)):
        return step
    fresh, new = (step.first, False) if isinstance(step, _Again) else (step, True)
    entry = fresh.entry
    assert entry is not None
    return Receipt(
        room=entry.room,
        seq=entry.seq,
        id=entry.id,
        timestamp=entry.timestamp,
        entry=entry if new else None,
    )


def made_before(
    item: Pending, digest: bytes, seq: int, message_id: str, timestamp: int
) -> Receipt | Reject:
    """Return what a request gets that has a row in `requests`; an empty digest is any."""
    if digest and digest != item.digest:
        return _id_reused()
    return Receipt(room=item.draft.room, seq=seq, id=message_id, timestamp=timestamp)


def _id_reused() -> Reject:
    return Reject(Code.ID_REUSED)


def _entry(draft: Draft, seq: int, made: str, timestamp: int) -> Entry:
    return Entry(
        room=draft.room,
        seq=seq,
        id=made,
        type=draft.type,
        name=draft.name,
        user=draft.user,
        timestamp=timestamp,
        text=draft.text,
        extra=draft.extra,
        client_id=draft.client_id,
    )
