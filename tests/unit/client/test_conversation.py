"""What a client's rules say where the server says no, too much, or nothing."""

import json
from itertools import count
from typing import Any

import pytest

from conclave.client.conversation import Conversation
from conclave.client.effects import Send
from conclave.client.errors import Lost, OutboxFull
from conclave.client.news import Settled
from conclave.client.outbox import MOST_REQUESTS
from conclave.protocol.errors import Code, Reject
from conclave.protocol.events import Stored
from conclave.protocol.requests import Say

LIMITS = {
    "message_bytes": 65_536,
    "text_chars": 4_000,
    "page": 100,
    "rooms_per_connection": 100,
    "messages_per_second": 5,
    "burst": 20,
}
ACK = {"room": "general", "seq": 6, "message_id": "x", "timestamp": 1}
PAGE = {
    "room": "general",
    "messages": [],
    "epoch": "e",
    "first_seq": 1,
    "last_seq": 5,
    "upto": 5,
    "more": False,
    "reset": False,
}


class Talk:
    """A conversation, and a server that says what a test wants said."""

    def __init__(self) -> None:
        ids = count(1)
        self.rules = Conversation(
            random=lambda: 0.5, wall=lambda: 0, make_id=lambda: f"c-{next(ids)}"
        )
        self.rules.start(0.0)
        self.connect(0.0)

    def connect(self, now: float) -> None:
        generation = self.rules.session.generation
        self.rules.token(generation, "token", now)
        self.rules.opened(generation, now)
        user = {"id": "u", "name": "u", "role": "user"}
        self.tell("auth:response", {"success": True, "user": user}, now=now)

    def tell(self, type_: str, data: Any, id_: str | None = None, now: float = 0.0) -> None:
        text = json.dumps({"type": type_, "data": data, **({"id": id_} if id_ else {})})
        self.rules.received(self.rules.session.generation, text.encode(), now)

    def refuse(self, id_: str, code: Code, now: float, **more: Any) -> None:
        no = {"message": code.value, "code": code.value, "retryable": False, **more}
        self.tell("error", no, id_, now)

    def sent(self, type_: str) -> list[str]:
        """Return the ids of what was sent of *type_* since it was asked last."""
        frames = [json.loads(one.text) for one in self.rules.take() if isinstance(one, Send)]
        return [frame["id"] for frame in frames if frame["type"] == type_]

    def settled(self) -> list[tuple[str, Any]]:
        return [(one.id, one.result) for one in self.rules.news() if isinstance(one, Settled)]

    def join(self, now: float = 0.0) -> None:
        self.tell("history", PAGE, self.sent("join:room")[0], now)

    def break_off(self, now: float) -> float:
        """Break the connection, and come back; return when that is."""
        self.rules.closed(self.rules.session.generation, 1006, "", now)
        back = self.rules.due
        self.rules.tick(back)
        self.connect(back)
        return back


@pytest.fixture
def talk() -> Talk:
    made = Talk()
    made.rules.write("m-1", "general", Say("pay 100", "general"), 0.0)
    return made


# ── what is too large ──────────────────────────────────────────────────────────────────


def test_a_request_too_large_for_the_server_is_refused_where_it_is_written(talk):
    for refused in (
        lambda: talk.rules.write("m-2", "general", Say("x" * 65_530, "general"), 0.0),
        lambda: talk.rules.reserve("m-2", Say("x" * 65_530, "general")),
        lambda: talk.rules.ask("m-2", Say("x" * 65_530, "general"), Stored, None, 0.0),
    ):
        with pytest.raises(Reject) as no:
            refused()
        assert no.value.code == Code.TOO_LONG
    assert len(talk.rules.outbox) == 1


def test_what_an_earlier_process_kept_too_large_does_not_stop_what_is_behind_it(talk):
    hello = {
        "version": 2,
        "server_time": 0,
        "auth_timeout_ms": 5_000,
        "heartbeat": {"interval_ms": 30_000, "timeout_ms": 10_000},
        "limits": {**LIMITS, "message_bytes": 300},
    }
    talk.tell("hello", hello)
    assert talk.rules.session.hello is not None
    talk.rules.outbox.settle("m-1")
    talk.rules.write("large", "general", Say("x" * 300, "general"), 0.0, sent=True)
    talk.rules.write("good", "general", Say("hi", "general"), 0.0, sent=True)
    talk.join()
    talk.rules.tick(talk.rules.due)
    assert [(id_, no.code) for id_, no in talk.settled()] == [("large", Code.TOO_LONG)]
    assert talk.sent("chat") == ["good"]


def test_a_place_is_held_while_the_disk_writes(talk):
    for n in range(MOST_REQUESTS - 1):
        talk.rules.reserve(f"r-{n}", Say("x", "general"))
    with pytest.raises(OutboxFull):
        talk.rules.reserve("one more", Say("x", "general"))
    talk.rules.outbox.release("r-0")
    talk.rules.reserve("one more", Say("x", "general"))


def test_what_was_taken_once_is_never_too_much(talk):
    for n in range(MOST_REQUESTS + 100):
        talk.rules.write(f"k-{n}", "general", Say("x", "general"), 0.0, sent=True)
    assert len(talk.rules.outbox) == MOST_REQUESTS + 101


# ── what may be stored ─────────────────────────────────────────────────────────────────


def test_what_was_sent_before_a_room_was_closed_to_one_is_asked_for_and_not_refused(talk):
    talk.join()
    assert talk.sent("chat") == ["m-1"]
    talk.rules.write("m-2", "general", Say("never sent", "general"), 0.5)
    back = talk.break_off(1.0)
    talk.refuse(talk.sent("join:room")[0], Code.BANNED, back)
    assert [(id_, no.code) for id_, no in talk.settled()] == [("m-2", Code.BANNED)]
    assert talk.sent("chat") == ["m-1"]
    talk.tell("ack", ACK, "m-1", back)
    assert talk.settled() == [("m-1", Stored("general", 6, "x", 1))]


def test_what_was_sent_and_is_not_stored_is_refused_for_the_reason_of_the_room(talk):
    talk.join()
    assert talk.sent("chat") == ["m-1"]
    back = talk.break_off(1.0)
    talk.refuse(talk.sent("join:room")[0], Code.BANNED, back)
    assert talk.settled() == []
    talk.refuse("m-1", Code.NOT_IN_ROOM, back)
    assert [(id_, no.code) for id_, no in talk.settled()] == [("m-1", Code.BANNED)]


def test_an_ack_that_comes_after_the_room_is_gone_counts(talk):
    talk.join()
    talk.tell("room:gone", {"room": "general", "reason": "quit"}, now=0.2)
    talk.tell("ack", ACK, "m-1", 0.3)
    assert talk.settled() == [("m-1", Stored("general", 6, "x", 1))]


# ── what is never answered ─────────────────────────────────────────────────────────────


def test_a_join_that_is_not_answered_is_made_again(talk):
    first = talk.sent("join:room")
    talk.tell("heartbeat", {"timestamp": 0}, now=25.0)
    talk.rules.tick(30.0)
    talk.rules.tick(31.0)
    second = talk.sent("join:room")
    assert len(first) == len(second) == 1
    talk.tell("history", PAGE, second[0], 31.0)
    assert talk.sent("chat") == ["m-1"]


def test_a_question_that_is_not_answered_is_lost(talk):
    talk.rules.ask("q-1", Say("?", "general"), Stored, None, 0.0)
    talk.tell("heartbeat", {"timestamp": 0}, now=25.0)
    talk.rules.tick(29.0)
    assert talk.settled() == []
    talk.rules.tick(30.0)
    assert [(id_, type(why)) for id_, why in talk.settled()] == [("q-1", Lost)]


def test_a_time_that_no_clock_has_breaks_nothing(talk):
    talk.join()
    talk.refuse("m-1", Code.RATE_LIMITED, 0.0, retryable=True, retry_after_ms=10**400)
    assert 0.0 < talk.rules.outbox.due(lambda _: True) <= 700.0
