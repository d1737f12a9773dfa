"""
A room, the store behind it and the people in it, stepped in any order a seed says.

The store is a list that everybody agrees on; news of it reaches the room lost, doubled and
reordered. Each listener checks every single thing it is told, the moment it is told. What
the relay does around a room (reads, repairs, closes) is done here in the same pieces, so
that anything may happen between them.
"""

import random
from collections.abc import Callable

from tests.schedules.room_log import PAGE, USERS, Log, Page

from conclave.core.room import MAX_EARLY, Room, Ticket, Told
from conclave.protocol.codec import Packet


class Listener:
    """One connection. Knows what it must be told next, and when it must be told nothing."""

    def __init__(self, user: str, log: Log, position: int | None) -> None:
        self.user = user
        self.log = log
        # Up to where it knows everything; None: it never knew anything.
        self.position = position
        # Whether it is owed what comes.
        self.hears = False
        self.lost = False
        # Its join: the ticket, what it asked for, the page once it has been read.
        self.ticket: Ticket | None = None
        self.since: int | None = None
        self.page: Page | None = None

    def offer(self, packet: Packet) -> None:
        seq, _, own = packet.text.decode().partition(" ")
        told = self.log.told[int(seq) - 1]
        assert self.hears, f"told {seq} while it must be told nothing"
        assert int(seq) == (self.position or 0) + 1, f"told {seq} after {self.position}"
        assert bool(own) == (told.author == self.user), "the author's form goes to the author"
        assert self.user in self.log.before[told.seq - 1], f"told {seq} and was no member"
        self.position = told.seq
        if told.removes == self.user:
            self.hears = False

    @property
    def ear(self) -> "Listener":
        return self

    def lose(self) -> None:
        if self.ticket is None:
            assert self.hears, "lost, and was owed nothing"
            assert (self.position or 0) < self.log.first - 1, "lost, and was owed nothing"
        self.hears, self.lost = False, True

    def greet(self, page: Page) -> None:
        if not page.reset:
            assert page.since == (self.position or 0), "a page that does not follow"
        self.position = page.upto
        self.hears = not page.more


class World:
    """Steps a room: `run` does so in the order of *seed*, and asserts all the way."""

    def __init__(self, seed: int, make: type[Room] = Room) -> None:
        self.random = random.Random(seed)
        self.make = make
        self.log = Log()
        self.bus: list[Told] = []
        self.listeners: list[Listener] = []
        self.room: Room | None = None
        # What the store gave to an opening, and to a repair, that has not reached the room.
        self.heads: int | None = None
        self.missing: tuple[list[int], Page, int] | None = None

    def run(self) -> None:
        weights = {
            self.talk: 24,
            self.arrive: 30,
            self.begin: 14,
            self.read: 14,
            self.finish: 14,
            self.repair: 4,
            self.leave: 2,
            self.kick: 2,
            self.add: 3,
            self.forge: 1,
            self.purge: 1,
            self.close: 3,
        }
        steps: list[Callable[[], None]] = [*weights]
        for step in self.random.choices(steps, [*weights.values()], k=self.random.randint(30, 130)):
            step()
            self.check()
        self.settle()

    # ── the others ─────────────────────────────────────────────────────────────────────

    def talk(self) -> None:
        self.spread(self.log.commit(self.random.choice(USERS)))

    def spread(self, told: Told) -> None:
        """Our own node stored it and tells it at once, or another one did and hints it."""
        if self.random.random() < 0.3:
            self.hear(told)
        else:
            self.bus += [told] * self.random.choice([0, 1, 1, 1, 2])

    def arrive(self) -> None:
        if self.bus:
            self.hear(self.bus.pop(self.random.randrange(len(self.bus))))

    def hear(self, told: Told) -> None:
        if self.room is not None:
            assert self.room.offer(told), "no entry of these schedules is too far ahead"
            self.take_removed()

    def take_removed(self) -> None:
        assert self.room is not None
        removed, self.room.removed = self.room.removed, []
        for listener in removed:
            assert isinstance(listener, Listener)
            assert not listener.hears, "removed, and it has not heard why"

    def kick(self) -> None:
        if self.log.members:
            user = self.random.choice(sorted(self.log.members))
            self.spread(self.log.commit("ada", removes=user))

    def add(self) -> None:
        if away := [user for user in USERS if user not in self.log.members]:
            self.spread(self.log.commit("ada"))
            self.log.members.add(self.random.choice(away))

    def forge(self) -> None:
        if self.room is not None:
            seq = self.room.head + MAX_EARLY + 1 + self.random.choice([0, 9, 10**15])
            packet = Packet(b"%d" % seq)
            assert not self.room.offer(Told(seq, "eve", packet, packet)), "kept what is too far"

    def purge(self) -> None:
        self.log.first = self.random.randint(self.log.first, self.log.last + 1)

    # ── joining and leaving ────────────────────────────────────────────────────────────

    def begin(self) -> None:
        """Somebody joins: anew, again while attached, or again while an earlier join runs."""
        if self.room is None:
            self.open()
            return
        fresh = not self.listeners or self.random.random() < 0.4
        listener = self.newcomer() if fresh else self.random.choice(self.listeners)
        listener.since = self.wish(listener)
        listener.hears, listener.page = False, None
        listener.ticket = self.room.begin_join(listener)

    def newcomer(self) -> Listener:
        position = self.random.choice([None, self.random.randint(0, self.log.last)])
        listener = Listener(self.random.choice(USERS), self.log, position)
        self.listeners.append(listener)
        return listener

    def wish(self, listener: Listener) -> int | None:
        """Return from where on it asks: mostly from its position, sometimes nonsense."""
        what = self.random.random()
        if what < 0.1:
            return None
        if what < 0.15:
            return self.log.last + 1_000
        return listener.position

    def open(self) -> None:
        """Look where the log ends, then have a room: what is heard in between goes by."""
        if self.heads is None:
            self.heads = self.log.last
        else:
            self.room, self.heads = self.make("hall", self.heads), None

    def joining(self, read: bool) -> Listener | None:
        found = [x for x in self.listeners if x.ticket is not None and (x.page is None) is not read]
        return self.random.choice(found) if found else None

    def read(self) -> None:
        if (listener := self.joining(read=False)) is not None:
            listener.page = self.log.page(listener.user, listener.since)

    def finish(self) -> None:
        """Do what the relay does when the page has come."""
        if (listener := self.joining(read=True)) is None:
            return
        assert self.room is not None
        assert listener.ticket is not None
        assert listener.page is not None
        ticket, page = listener.ticket, listener.page
        listener.ticket = listener.page = None
        if not page.member or not self.room.stands(ticket):
            self.room.give_up(ticket)
            self.end(listener)
            return
        listener.greet(page)
        if page.more:
            self.room.give_up(ticket)
        else:
            self.room.finish_join(ticket, page.upto)

    def leave(self) -> None:
        if self.listeners:
            listener = self.random.choice(self.listeners)
            listener.hears = False
            if self.room is not None:
                self.room.leave(listener)
            self.end(listener)

    def end(self, listener: Listener) -> None:
        """It is gone; perhaps the same client comes again on another connection."""
        self.listeners.remove(listener)
        if self.random.random() < 0.7:
            self.listeners.append(Listener(listener.user, self.log, listener.position))

    def close(self) -> None:
        """Let the sweep meet a room that nobody is in, and nobody is about to come into."""
        if self.room is not None and self.room.empty and self.joining_nobody():
            assert not any(x.hears for x in self.listeners)
            self.room = self.missing = None

    def joining_nobody(self) -> bool:
        return all(x.ticket is None for x in self.listeners)

    # ── the store again ────────────────────────────────────────────────────────────────

    def repair(self) -> None:
        """Read what is missing; tell it at another time."""
        if self.room is None:
            return
        if self.missing is None:
            since = max(self.room.head, self.log.first - 1)
            upto = min(since + PAGE, self.log.last)
            page = Page(since, upto, self.log.last, upto < self.log.last, False, True)
            self.missing = (self.room.early, page, self.log.first)
            return
        (early, page, first), self.missing = self.missing, None
        if first > self.room.head + 1:
            self.room.restart(first - 1)
        for seq in range(page.since + 1, page.upto + 1):
            self.hear(self.log.told[seq - 1])
        if not page.more:
            self.room.forget(early, page.last)

    def check(self) -> None:
        for listener in [x for x in self.listeners if x.lost]:
            self.end(listener)
        for listener in self.listeners:
            if listener.hears:
                assert self.room is not None
                assert self.room.holds(listener), "owed what comes, and forgotten"

    def settle(self) -> None:
        """All joins end, one sweep comes; then nothing is missing and nothing waits."""
        while self.room is not None and not self.joining_nobody():
            self.read()
            self.finish()
            self.check()
        while self.room is not None and (self.room.behind or self.room.head < self.log.last):
            self.repair()
            self.check()
        for listener in self.listeners:
            assert not listener.hears or listener.position == self.log.last, "not told everything"
        if self.room is not None:
            assert not self.room.early
            for listener in self.listeners:
                assert self.room.holds(listener) == listener.hears
                self.room.leave(listener)
            assert self.room.empty, "somebody sits in the room whom nobody knows"
