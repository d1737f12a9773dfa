"""A server that says anything at all: the client survives it, and hands on no hole (K4)."""

import json
import os
import random
from collections import defaultdict
from itertools import count

import pytest
from tests.unit.protocol.corpus import CORPUS

from conclave.client.conversation import Conversation
from conclave.client.effects import Fetch, Hang, Open, Send
from conclave.client.errors import ClientError
from conclave.client.news import Ended, Entry, Lapse, Settled
from conclave.client.session import State
from conclave.protocol.errors import Reject
from conclave.protocol.events import History, Stored
from conclave.protocol.requests import Say

FIRST = int(os.environ.get("SEED", random.randrange(1_000_000)))
COUNTS = [pytest.param(100, id="100"), pytest.param(1_000, id="1000", marks=pytest.mark.slow)]
STEPS = 120
TEXTS = [text for text, _ in CORPUS.values()]
ODD = [None, True, -1, 0, 1, 2**53, 1.5, 1e308, "", "general", "\x1b[2J", [], {}, [{}], {"a": 1}]


class Victim:
    """A client that reads one room and writes to it; whatever it sends is answered by dice."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        ids = count(1)
        self.talk = Conversation(
            random=self.dice.random, wall=lambda: 0, make_id=lambda: f"c-{next(ids)}"
        )
        self.now = 0.0
        self.asked: list[dict] = []
        self.told: dict[str, list] = defaultdict(list)
        self.most_sent = 0
        self.talk.start(0.0)
        self.talk.follow("general", 0, 0.0)
        self.carry()

    def carry(self) -> None:
        sent = 0
        while effects := self.talk.take():
            for effect in effects:
                match effect:
                    case Fetch(generation):
                        self.talk.token(generation, "token", self.now)
                    case Open(generation):
                        self.asked.clear()
                        self.talk.opened(generation, self.now)
                        self.hear("auth:response", {"success": True, "user": WHO})
                    case Send(text):
                        sent += 1
                        self.asked.append(json.loads(text))
                    case Hang():
                        self.asked.clear()
        self.most_sent = max(self.most_sent, sent)
        for news in self.talk.news():
            self.note(news)

    def note(self, news) -> None:
        match news:
            case Entry(room, line):
                self.told[room].append(line.seq)
                self.talk.taken(room, self.now)
            case Lapse(room, reset):
                self.told[room].append(reset)
                self.talk.taken(room, self.now)
            case Ended(room):
                # Whoever is not wanted tries again.
                self.talk.follow(room, None, self.now)
            case Settled(_, result):
                assert isinstance(result, Stored | History | Reject | ClientError), result

    def hear(self, type_: str, data: object, id_: object = None) -> None:
        frame = {"type": type_, "data": data} | ({} if id_ is None else {"id": id_})
        self.talk.received(self.talk.session.generation, json.dumps(frame).encode(), self.now)

    def step(self) -> None:
        choice = self.dice.random()
        if choice < 0.1:
            self.talk.write(self.talk.new_id(), "general", Say("hi", "general"), self.now)
        elif choice < 0.15:
            self.talk.ask(self.talk.new_id(), Say("?", "general"), History, "general", self.now)
        elif choice < 0.25:
            self.now = max(self.now, min(self.now + 5, self.talk.due))
            self.talk.tick(self.now)
        elif self.talk.session.state is State.WAITING:
            self.now = self.talk.due
            self.talk.tick(self.now)
        elif choice < 0.35:
            text = self.dice.choice(TEXTS)
            self.talk.received(self.talk.session.generation, text, self.now)
        else:
            self.hear(*self.lie())
        self.carry()

    @property
    def known(self) -> int:
        """Up to where the client knows the room; lies are best close to the truth."""
        position = self.talk.places.position("general")
        return 0 if position is None or self.dice.random() < 0.2 else position.seq

    def lie(self) -> tuple[str, object, object]:
        """An answer to something, perhaps, with some of it wrong."""
        asked = self.dice.choice(self.asked[-2:]) if self.asked else {"type": ""}
        id_ = self.dice.choice([asked.get("id"), asked.get("id"), None, "c-1", "nobody's"])
        type_ = self.dice.choice(list(TRUTHS))
        if asked["type"].startswith("join") and self.dice.random() < 0.6:
            type_, id_ = "history", asked["id"]
        data = dict(TRUTHS[type_](self.dice, self.known))
        if self.dice.random() < 0.3:
            data[self.dice.choice(list(data))] = self.dice.choice(ODD)
        return type_, self.dice.choice(ODD) if self.dice.random() < 0.05 else data, id_


WHO = {"id": "u", "name": "u", "role": "user"}


def _line(dice: random.Random, known: int) -> dict:
    seq = known + dice.choice([1, 1, 1, 0, -1, 2, 5])
    return {
        "type": "message",
        "room": dice.choice(["general", "general", "elsewhere"]),
        "seq": seq,
        "id": f"m-{seq}",
        "user": "u",
        "user_id": "u",
        "timestamp": seq,
        "text": "x",
    }


def _page(dice: random.Random, known: int) -> dict:
    first = max(0, known + dice.choice([0, 0, 0, 1, -1]))
    upto = first + dice.randrange(6)
    numbers = range(first + 1, upto + 1)
    lines = [{**_line(dice, known), "room": "general", "seq": seq} for seq in numbers]
    if dice.random() < 0.2:
        dice.shuffle(lines)
    return {
        "room": "general",
        "messages": lines,
        "epoch": "f" if dice.random() < 0.05 else "e",
        "first_seq": 1,
        "last_seq": upto,
        "upto": upto,
        "more": dice.random() < 0.5,
        "reset": dice.random() < 0.1,
    }


TRUTHS = {
    "chat": _line,
    "entry": _line,
    "history": _page,
    "ack": lambda dice, _: {"room": "general", "seq": 1, "message_id": "m", "timestamp": 1},
    "error": lambda dice, _: {
        "message": "no",
        "code": dice.choice(["busy", "rate_limited", "internal", "not_in_room", "what"]),
        "retryable": dice.random() < 0.5,
        "retry_after_ms": dice.randrange(10**9),
    },
    "hello": lambda dice, _: {
        "version": 1,
        "server_time": 0,
        "heartbeat": {"interval_ms": dice.choice([0, -5, 1, 10**15]), "timeout_ms": 0},
        "auth_timeout_ms": 1,
        "limits": {},
    },
    "auth:response": lambda dice, _: {"success": True, "user": WHO},
    "auth:expiring": lambda dice, _: {"expires_at": 0},
    "reconnect": lambda dice, _: {"after_ms": dice.choice([-1, 0, 1e300])},
    "room:gone": lambda dice, _: {"room": "elsewhere", "reason": "x"},
    "rooms": lambda dice, _: {"rooms": []},
    "__proto__": lambda dice, _: {"constructor": {}},
}


def _run(seed: int) -> Victim:
    victim = Victim(seed)
    for _ in range(STEPS):
        victim.step()
    next_ = 1
    for one in victim.told["general"]:
        if isinstance(one, int):
            assert one == next_, f"told {one} instead of {next_}"
            next_ += 1
        else:
            next_ = one.upto + 1
    # A page may be asked for, what waits may be sent: never more and more at once.
    assert victim.most_sent < 60
    return victim


@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.timeout(300)
def test_whatever_a_server_says_the_client_lives_and_hands_on_no_hole(count):
    told = 0
    for seed in range(FIRST, FIRST + count):
        try:
            told += len(_run(seed).told["general"])
        except Exception as error:
            raise AssertionError(f"SEED={seed}: {type(error).__name__}: {error}") from error
    assert told > count
    print(f"{count} servers from SEED={FIRST}, {told} entries and resets")


@pytest.mark.parametrize("text", TEXTS, ids=CORPUS)
def test_what_is_no_event_changes_nothing(text):
    victim = Victim(1)
    before = len(victim.asked)
    victim.talk.received(victim.talk.session.generation, text, 0.0)
    victim.carry()
    assert victim.talk.session.state is State.READY
    assert len(victim.asked) == before
    assert victim.told == {}
