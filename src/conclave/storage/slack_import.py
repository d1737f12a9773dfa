"""
Take over Slack's export: people, channels, messages with their threads, reactions and edits.

Each message keeps its time and is known by it, so that the same export, or a later one of the
same workspace, adds only what is not here yet. What a room here cannot say is left out and
counted. No server may run.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from itertools import chain, islice
from typing import Any, Final

from sqlalchemy import Connection

from conclave.core.mrkdwn import to_markdown
from conclave.core.slack import written
from conclave.core.slack_emoji import emoji_of
from conclave.core.text import clean_line, clean_name, clean_text
from conclave.model import Draft, Identity, Limits, Person, RoomKind, RoomRole
from conclave.protocol.errors import Reject
from conclave.protocol.state import EDITED, MESSAGE, REACTED, UPDATED
from conclave.storage import membership
from conclave.storage.backup import Progress, quiet
from conclave.storage.driver import raw
from conclave.storage.hooks_queue import untold
from conclave.storage.lines import pend
from conclave.storage.log import Log
from conclave.storage.people import fold
from conclave.storage.rights import find_where
from conclave.storage.rooms import insert_room
from conclave.storage.slack_archive import SlackArchive
from conclave.storage.slack_people import REMEMBER, SlackPeople
from conclave.storage.slack_taken import SlackClock, Taken
from conclave.storage.sqlstore import SqlStore

_AT_ONCE: Final = 200
_PREFIX: Final = "slack-"
# What Slack writes by itself: here the room's own lines say it.
_NOTICES: Final = frozenset(
    {
        "channel_join", "channel_leave", "channel_topic", "channel_purpose", "channel_name",
        "channel_archive", "channel_unarchive", "group_join", "group_leave", "group_topic",
        "group_purpose", "group_name", "pinned_item", "bot_add", "bot_remove", "tombstone",
        "reminder_add", "channel_convert_to_private",
    }
)  # fmt: skip


class SlackImport:
    """Writes an *archive* into *store*, which was opened with the time of *clock*."""

    def __init__(self, store: SqlStore, clock: SlackClock, archive: SlackArchive) -> None:
        self._store = store
        self._clock = clock
        self._archive = archive
        self._people = SlackPeople(archive.listed("users"))
        self._channels: dict[str, str] = {}
        self.taken = Taken()

    async def run(self, tell: Progress = quiet) -> Taken:
        """Import all of it; what was interrupted is finished by importing it again."""
        self._clock.at = _now()
        await self._store.write(lambda rows, _: self._people.load(rows, self._clock.at))
        wanted = [(one, RoomKind.PUBLIC) for one in self._archive.listed("channels")]
        wanted += [(one, RoomKind.PRIVATE) for one in self._archive.listed("groups")]
        self._channels = {str(one.get("id")): str(one.get("name")) for one, _ in wanted}
        for left in ("dms", "mpims"):
            if lost := len(self._archive.listed(left)):
                self.taken.left_out["direct conversations"] += lost
        for done, (one, kind) in enumerate(wanted):
            tell(done, len(wanted))
            await self._channel(one, kind)
        self.taken.people = self._people.made
        return self.taken

    async def _channel(self, one: dict[str, Any], kind: RoomKind) -> None:
        folder = str(one.get("name") or one.get("id") or "")
        try:
            room = clean_name(folder)
        except Reject:
            self.taken.left_out["channels whose name no room can have"] += 1
            return
        # In the order in which it was said: a day may hold answers to an earlier one.
        make = untold(room, lambda rows, log: self._room(rows, log, room, one, kind))
        if await self._store.write(make):
            known = await self._store.read(lambda rows: _known(rows, room))
            # Never all of a channel at once: it may be larger than the memory.
            days = (sorted(day, key=_ts) for day in self._archive.days(folder))
            messages = chain.from_iterable(days)
            while some := list(islice(messages, _AT_ONCE)):
                await self._store.write(untold(room, _bound(self._write, room, some, known)))
            if one.get("is_archived"):
                close = untold(room, lambda rows, log: self._close(rows, log, room, one))
                await self._store.write(close)

    def _room(
        self, rows: Connection, log: Log, room: str, one: dict[str, Any], kind: RoomKind
    ) -> bool:
        """Make the room, or find it if it is of an earlier import; False: it is another's."""
        execute = raw(rows).execute
        key = f"slack-room:{one.get('id')}"
        taken = execute("SELECT 1 FROM rooms WHERE folded = ?", (fold(room),)).fetchone()
        if taken is not None:
            mine = execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
            if mine is None or mine[0] != room:
                self.taken.left_out["channels with the name of a room that is here"] += 1
                return False
            return True
        self._clock.at = int(_number(one.get("created")) * 1_000) or _now()
        members = [self._member(rows, str(id_)) for id_ in _list(one.get("members"))]
        creator = self._member(rows, str(one.get("creator") or "unknown"))
        words = {"title": clean_line(room), "topic": self._topic(one), "kind": str(kind)}
        number = insert_room(rows, room, creator, self._clock.at, **words)
        execute(REMEMBER, (key, room))
        people = {who.user: who for who in (creator, *members)}
        for who in people.values():
            role = RoomRole.OWNER if who.user == creator.user else RoomRole.MEMBER
            draft = membership.added(room, who, Person(id=who.user, name=who.name), role)
            membership.add(rows, log, number, draft, self._clock.at)
        self.taken.rooms += 1
        return True

    def _close(self, rows: Connection, log: Log, room: str, one: dict[str, Any]) -> None:
        """Archive the room, unless it is already, after all that was said in it."""
        where = find_where(raw(rows).execute, room)
        if where is not None and not where.archived:
            by = self._member(rows, str(one.get("creator") or "unknown"))
            log.write(rows, _draft(room, by, UPDATED, "", {"archived": True}))

    def _member(self, rows: Connection, slack: str) -> Identity:
        return self._people.author(rows, {"user": slack}, self._clock.at)

    def _topic(self, one: dict[str, Any]) -> str:
        topic = one.get("topic")
        said = topic.get("value") if isinstance(topic, dict) else ""
        return clean_line(self._markdown(str(said or "")))[:250]

    def _write(
        self, rows: Connection, log: Log, room: str, some: list[dict[str, Any]], known: "_Known"
    ) -> None:
        if find_where(raw(rows).execute, room) is None:
            return
        for one in some:
            self._message(rows, log, room, one, known)

    def _message(
        self, rows: Connection, log: Log, room: str, one: dict[str, Any], known: "_Known"
    ) -> None:
        ts, text = str(one.get("ts") or ""), self._text(one)
        if one.get("subtype") in _NOTICES or not ts or _ts(one) <= 0:
            self.taken.left_out["notices"] += 1
            return
        if ts in known:
            self.taken.known += 1
            return
        if _list(one.get("files")):
            self.taken.left_out["files"] += len(_list(one["files"]))
        if text is None:
            self.taken.left_out["messages without a text"] += 1
            return
        self._clock.at = int(_ts(one) * 1_000)
        who = self._people.author(rows, one, self._clock.at)
        thread = known.get(str(one.get("thread_ts")))
        extra: dict[str, Any] = {} if thread is None else {"thread": thread}
        if one.get("bot_id"):
            extra["bot"] = True
        # What it was before an edit is not in the export, and an edit makes another text of it.
        before = f"{text}\n" if isinstance(one.get("edited"), dict) else text
        draft = _draft(room, who, MESSAGE, before, extra, f"{_PREFIX}{ts}")
        receipt = log.append(rows, [pend(draft)], trusted=True)[0]
        if isinstance(receipt, Reject):
            self.taken.left_out[f"messages that were refused: {receipt.code}"] += 1
            return
        known[ts] = receipt.seq
        self.taken.messages += 1
        self._changes(rows, log, room, one, receipt.seq, who, text)

    def _changes(
        self,
        rows: Connection,
        log: Log,
        room: str,
        one: dict[str, Any],
        seq: int,
        who: Identity,
        text: str,
    ) -> None:
        """Write down that it was edited, as far as that is known, and who reacted."""
        if isinstance(one.get("edited"), dict):
            draft = _draft(room, who, EDITED, text, {"target": seq})
            self.taken.edits += not isinstance(
                log.append(rows, [pend(draft)], trusted=True)[0], Reject
            )
        for reaction in _list(one.get("reactions")):
            if not isinstance(reaction, dict):
                continue
            emoji = emoji_of(str(reaction.get("name")))
            for slack in _list(reaction.get("users")):
                if emoji is None:
                    self.taken.left_out["reactions by emoji of their own"] += 1
                    continue
                by = self._member(rows, str(slack))
                draft = _draft(room, by, REACTED, "", {"target": seq, "emoji": emoji})
                done = log.append(rows, [pend(draft)], trusted=True)[0]
                self.taken.reactions += not isinstance(done, Reject)

    def _text(self, one: dict[str, Any]) -> str | None:
        """Return what a message says as Markdown, cut to what a message may have."""
        text = written(one, self._people.name_of, self._channels.get)
        names = [str(file.get("name")) for file in _list(one.get("files")) if "name" in file]
        text = "\n\n".join(filter(None, [text, *(f"📎 {clean_line(name)}" for name in names)]))
        limits = Limits()
        if len(text) > limits.text_chars:
            self.taken.left_out["ends of texts that are too long"] += 1
        try:
            # A letter may have four bytes, and a text of 4,000 then more than its bound.
            cut = text[: limits.text_chars].encode()[: limits.text_bytes].decode(errors="ignore")
            return clean_text(cut, limits)
        except Reject:
            return None

    def _markdown(self, text: str) -> str:
        return to_markdown(text, self._people.name_of, self._channels.get)


# Of a room: the times of the messages that are here, and their numbers.
_Known = dict[str, int]


def _known(rows: Connection, room: str) -> _Known:
    query = """
        SELECT substr(client_id, ?), seq, timestamp
        FROM entries JOIN rooms ON rooms.id = entries.room
        WHERE rooms.name = ? AND entries.type = 'message' AND substr(client_id, 1, ?) = ?
    """
    asked = (len(_PREFIX) + 1, room, len(_PREFIX), _PREFIX)
    found = raw(rows).execute(query, asked).fetchall()
    # People name their requests as they like: only what an import wrote has the time that it says.
    return {ts: seq for ts, seq, at in found if int(_number(ts) * 1_000) == at}


def _bound(
    write: Callable[..., None], room: str, some: list[dict[str, Any]], known: _Known
) -> Callable[[Connection, Log], None]:
    return lambda rows, log: write(rows, log, room, some, known)


def _draft(
    room: str,
    who: Identity,
    type_: str,
    text: str,
    extra: dict[str, Any],
    client_id: str | None = None,
) -> Draft:
    return Draft(
        room=room,
        user=who.user,
        name=who.name,
        role=who.role,
        type=type_,
        text=text,
        extra=extra,
        client_id=client_id,
    )


def _ts(message: dict[str, Any]) -> float:
    return _number(message.get("ts"))


def _number(value: Any) -> float:
    try:
        found = float(value or 0)
    except (TypeError, ValueError):
        return 0.0
    # What is no moment of any calendar is none.
    return found if 0 <= found < 2**33 else 0.0


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _now() -> int:
    return int(datetime.now(UTC).timestamp() * 1_000)
