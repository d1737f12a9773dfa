"""One client, as rules, one model of a server, one wire between them, and time to turn."""

import json
from collections import defaultdict
from collections.abc import Callable
from itertools import count
from random import Random
from typing import Any

from tests.schedules.client_server import Model

from conclave.client.conversation import Conversation
from conclave.client.effects import Fetch, Hang, Open, Send
from conclave.client.news import Ended, Entry, Lapse, Settled
from conclave.protocol.requests import Say

ROOMS = ["general", "random", "support"]
# The last one is written to, never read.
READ = ROOMS[:2]


class World:
    """`step` lets something happen; `settle` lets everything arrive; `check` says V1 to V4."""

    def __init__(self, seed: int, *, lapses: bool) -> None:
        self.dice = Random(seed)
        # Whether logs may be purged and restored.
        self.lapses = lapses
        self.now = 0.0
        ids = count(1)
        self.client = Conversation(
            random=self.dice.random, wall=lambda: 0, make_id=lambda: f"c-{next(ids)}"
        )
        self.server = Model(self.dice, ROOMS)
        for n in range(12 * len(ROOMS)):
            self.server.say(ROOMS[n % len(ROOMS)], f"before {n}")
        self.fetching: list[int] = []
        self.opening: list[int] = []
        # What the reader was handed: what it knew at the beginning or after a reset, then numbers.
        self.told: dict[str, list[Any]] = defaultdict(list)
        self.untaken: dict[str, int] = defaultdict(int)
        self.written: dict[str, list[str]] = defaultdict(list)
        self.settled: dict[str, Any] = {}
        self.breaks = 0
        self.client.start(self.now)
        for room in READ:
            self.client.follow(room, 0, self.now)
        self.carry()

    def step(self) -> None:
        choice = self.dice.random()
        if choice < 0.15:
            self.write()
        elif choice < 0.33:
            self.server.say(self.dice.choice(ROOMS), f"theirs {self.dice.random()}")
        elif choice < 0.53:
            self.repeat(self.server.serve)
        elif choice < 0.78:
            self.repeat(self.deliver)
        elif choice < 0.86:
            self.connect()
        elif choice < 0.91:
            self.take(self.dice.randrange(4))
        elif choice < 0.965:
            self.pass_time(self.dice.random() * 2)
        elif choice < 0.995:
            self.break_wire()
        elif self.lapses:
            self.dice.choice([self.server.purge, self.restore])(self.dice.choice(READ))
        self.carry()

    def repeat(self, what: Callable[[], None]) -> None:
        for _ in range(self.dice.randrange(1, 5)):
            what()
            self.carry()

    def write(self) -> None:
        room = self.dice.choice(ROOMS)
        text = f"mine {len(self.written[room]) + 1}"
        id_ = self.client.new_id()
        self.written[room].append(id_)
        self.client.write(id_, room, Say(text, room), self.now)

    def restore(self, room: str) -> None:
        self.server.restore(room)
        self.client.closed(self.client.session.generation, 1006, "", self.now)

    def connect(self) -> None:
        """A token callback answers, or a socket opens; or neither does."""
        good = self.dice.random() < 0.9
        if self.fetching:
            generation = self.fetching.pop(0)
            if good:
                self.client.token(generation, "token", self.now)
            else:
                self.client.no_token(generation, "no token", self.now)
        elif self.opening:
            generation = self.opening.pop(0)
            if good:
                self.server.open(generation)
                self.client.opened(generation, self.now)
            else:
                self.client.closed(generation, 1006, "refused", self.now)

    def deliver(self) -> None:
        if self.server.to_client and self.server.generation is not None:
            text = json.dumps(self.server.to_client.popleft()).encode()
            self.client.received(self.server.generation, text, self.now)

    def break_wire(self) -> None:
        generation = self.server.generation
        if generation is None:
            return
        self.breaks += 1
        self.server.lose()
        # Sometimes nobody says so, and only silence tells.
        if self.dice.random() < 0.8:
            self.client.closed(generation, 1006, "", self.now)

    def pass_time(self, seconds: float) -> None:
        until = self.now + seconds
        while (due := self.client.due) <= until:
            self.now = max(self.now, due)
            self.client.tick(self.now)
            self.carry()
        self.now = until

    def take(self, most: int) -> None:
        """The application takes what it was handed, as fast as it likes."""
        for room in READ:
            for _ in range(min(most, self.untaken[room])):
                self.untaken[room] -= 1
                self.client.taken(room, self.now)

    def carry(self) -> None:
        """Do what the client wants done."""
        while effects := self.client.take():
            for effect in effects:
                self._do(effect)
        for news in self.client.news():
            self._note(news)

    def _do(self, effect: Any) -> None:
        match effect:
            case Fetch(generation):
                self.fetching = [generation]
            case Open(generation):
                self.opening = [generation]
            case Send(text):
                if self.server.generation == self.client.session.generation:
                    self.server.arrive(text)
            case Hang():
                self.server.lose()

    def _note(self, news: Any) -> None:
        match news:
            case Entry(room, line):
                self.told[room].append(line)
                self.untaken[room] += 1
            case Lapse(room, reset):
                self.told[room].append(reset)
                self.untaken[room] += 1
            case Settled(id_, result):
                assert id_ not in self.settled, "settled twice"
                self.settled[id_] = result
            case Ended():
                raise AssertionError(f"thrown out: {news}")

    def settle(self) -> None:
        """Everything that is under way arrives, and a last line shows what was lost before."""
        self.server.reliable = True
        for room in ROOMS:
            self.server.say(room, "the end")
        for _ in range(6_000):
            self.connect()
            self.server.serve()
            self.deliver()
            self.take(100)
            self.pass_time(0.05)
            self.carry()
            if self._is_quiet():
                return
        raise AssertionError(f"it never got quiet: {self.client.session.state}")

    def _is_quiet(self) -> bool:
        heads = (self.server.rooms[room].last for room in READ)
        upto = (getattr(self.client.places.position(room), "seq", -1) for room in READ)
        under_way = self.server.to_client or self.server.to_server or len(self.client.outbox)
        return not under_way and list(heads) == list(upto)

    # ── what must hold ─────────────────────────────────────────────────────────────────

    def check(self) -> None:
        for room in READ:
            self._check_told(room)
        if not self.lapses:
            for room in ROOMS:
                self._check_written(room)
        for ids in self.written.values():
            assert all(id_ in self.settled for id_ in ids), "neither stored nor refused"

    def _check_told(self, room: str) -> None:
        """Each entry after the position once, in order, and what the log has; or a reset."""
        next_, since = 1, 0
        for at, one in enumerate(self.told[room]):
            if hasattr(one, "upto"):
                next_, since = one.upto + 1, at + 1
                continue
            assert one.seq == next_, f"{room}: told {one.seq} instead of {next_}"
            next_ += 1
        there = self.server.rooms[room]
        assert next_ == there.last + 1, f"{room}: told up to {next_ - 1} of {there.last}"
        at_seq = {line["seq"]: line["text"] for line in there.lines}
        for line in self.told[room][since:]:
            assert line.text == at_seq.get(line.seq, line.text), f"{room}: another text"

    def _check_written(self, room: str) -> None:
        lines = self.server.rooms[room].lines
        mine = [line["text"] for line in lines if line["user"] == "user1"]
        wanted = [f"mine {n + 1}" for n in range(len(self.written[room]))]
        assert mine == wanted, f"{room}: lost, doubled or out of order: {mine}"
        for id_ in self.written[room]:
            assert self.server.rooms[room].made[id_] == self.settled[id_].seq, "another number"
