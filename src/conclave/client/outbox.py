"""
What was written and is not yet known to be stored, as rules.

Each request keeps the id it was first sent with: sent again after a broken connection, the
server finds the first one and nothing is doubled. One request of a room is under way at a
time, so that a refusal in the middle cannot change their order. Bounded in number and
size: what does not fit is refused where it is written, before any disk, not lost later.
"""

from collections.abc import Callable, Iterator
from math import inf
from typing import Final

from msgspec import Struct

from conclave.client.backoff import Random, seconds, wait_at_least
from conclave.client.errors import OutboxFull
from conclave.protocol.codec import encode_event
from conclave.protocol.errors import Code, Reject
from conclave.protocol.event import Event

MOST_REQUESTS: Final = 1_000
MOST_BYTES: Final = 8 * 1024 * 1024
# An answer that takes longer on a connection that lives was lost inside the server: the same
# id finds out.
_ANSWER_WITHIN: Final = 30.0
# Full jitter may mean at once, which is too soon for a server that just said no.
_SHORTEST_WAIT: Final = 0.1
# Refusals one after the other that say only that something broke.
_MOST_FAILURES: Final = 8

# Waited for, however long it takes: nothing is wrong with the request.
_FOR_NOW: Final = frozenset({Code.RATE_LIMITED, Code.BUSY, Code.UNAVAILABLE})


class Item(Struct):
    """One request that writes to the log of a room."""

    id: str
    room: str
    event: Event
    size: int
    tries: int = 0
    not_before: float = 0.0
    # Set while it is under way.
    sent_at: float | None = None
    # Whether it was ever sent: the server may know it.
    was_sent: bool = False
    # Why its room lets nobody in: it is only sent to find out whether it is stored.
    outside: Reject | None = None


class Outbox:
    """The requests of one user to one server, in the order they were written for each room."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._rooms: dict[str, dict[str, Item]] = {}
        self._items: dict[str, Item] = {}
        self._bytes = 0
        # What has a place already and is on its way to a disk: sizes by id.
        self._reserved: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._items)

    def __contains__(self, id_: str) -> bool:
        return id_ in self._items

    @property
    def rooms(self) -> list[str]:
        """The rooms that something waits for."""
        return list(self._rooms)

    def reserve(self, id_: str, event: Event) -> None:
        """Hold a place for a request until `add` or `release`; raises `OutboxFull`."""
        size = size_of(event, id_)
        if len(self._items) + len(self._reserved) >= MOST_REQUESTS:
            raise OutboxFull(f"{MOST_REQUESTS} messages wait to be sent already")
        if self._bytes + size > MOST_BYTES:
            raise OutboxFull(f"more than {MOST_BYTES} bytes wait to be sent")
        self._hold(id_, size)

    def release(self, id_: str) -> None:
        """Give up a place that was reserved; none is no error."""
        self._bytes -= self._reserved.pop(id_, 0)

    def _hold(self, id_: str, size: int) -> None:
        self._reserved[id_] = size
        self._bytes += size

    def add(self, id_: str, room: str, event: Event, *, sent: bool = False) -> Item:
        """
        Take a request.

        *sent*: it was taken by a process before this one, which may have sent it. So it is
        not refused. Others raise `OutboxFull`, unless a place was reserved.
        """
        if sent:
            self._hold(id_, size_of(event, id_))
        elif id_ not in self._reserved:
            self.reserve(id_, event)
        item = Item(id_, room, event, self._reserved.pop(id_), was_sent=sent)
        self._items[id_] = item
        self._rooms.setdefault(room, {})[id_] = item
        return item

    def next(self, takes: Callable[[str], bool], now: float) -> list[Item]:
        """
        Return what to send now: the first of each room that *takes* requests.

        The caller must send them.
        """
        due = [
            item
            for item in self._heads()
            if item.sent_at is None and item.not_before <= now and _may_go(item, takes)
        ]
        for item in due:
            item.sent_at = now
            item.was_sent = True
        return due

    def due(self, takes: Callable[[str], bool]) -> float:
        """Return when `next` or `expire` has something to do without any other event."""
        due = inf
        for item in self._heads():
            if item.sent_at is not None:
                due = min(due, item.sent_at + _ANSWER_WITHIN)
            elif _may_go(item, takes):
                due = min(due, item.not_before)
        return due

    def expire(self, now: float) -> None:
        for item in self._heads():
            if item.sent_at is not None and now >= item.sent_at + _ANSWER_WITHIN:
                item.sent_at = None

    def settle(self, id_: str) -> bool:
        """Forget a request that was answered for good; return whether it was here."""
        item = self._items.pop(id_, None)
        if item is None:
            return False
        self._bytes -= item.size
        room = self._rooms[item.room]
        del room[id_]
        if not room:
            del self._rooms[item.room]
        return True

    def item(self, id_: str) -> Item:
        return self._items[id_]

    def refused(self, id_: str, reject: Reject, now: float, *, again: bool = False) -> bool:
        """
        Take a refusal; return whether it is the last word, and so settled.

        With *again* it is tried some times more, whatever the code says.
        """
        item = self._items[id_]
        item.tries += 1
        hopeful = (again or reject.retryable) and item.tries < _MOST_FAILURES
        if reject.code not in _FOR_NOW and not hopeful:
            return self.settle(id_)
        item.sent_at = None
        advice = seconds(reject.retry_after_ms)
        item.not_before = now + _SHORTEST_WAIT + wait_at_least(advice, item.tries, self._random)
        return False

    def withdraw(self, id_: str) -> bool:
        """Take back a request that was never sent; return whether it was."""
        item = self._items.get(id_)
        return item is not None and not item.was_sent and self.settle(id_)

    def lose(self) -> None:
        """The connection ended: what was under way must be sent again, under the same ids."""
        for item in self._heads():
            item.sent_at = None
            item.not_before = 0.0

    def shut_out(self, room: str, why: Reject) -> list[str]:
        """
        *room* lets nobody in: forget what was never sent there; return the ids.

        What was sent may be stored: it is sent on, to be told which.
        """
        unsent = [id_ for id_, item in self._rooms.get(room, {}).items() if not item.was_sent]
        for id_ in unsent:
            self.settle(id_)
        for item in self._rooms.get(room, {}).values():
            item.outside = why
        return unsent

    def give_up(self, room: str) -> list[str]:
        """Forget all of *room*; return the ids."""
        ids = list(self._rooms.get(room, ()))
        for id_ in ids:
            self.settle(id_)
        return ids

    def _heads(self) -> Iterator[Item]:
        return iter([next(iter(items.values())) for items in self._rooms.values()])


def size_of(event: Event, id_: str) -> int:
    """Return how many bytes a request has on the wire."""
    return len(encode_event(event, id_).text)


def _may_go(item: Item, takes: Callable[[str], bool]) -> bool:
    return item.outside is not None or takes(item.room)
