"""The life of a client's connection: who it is, whether the other side lives, coming back."""

import pytest

from conclave.client.effects import Fetch, Hang, Open, Send
from conclave.client.pulse import Pulse
from conclave.client.session import AUTH_WITHIN, OPEN_WITHIN, TOKEN_WITHIN, Session, State
from conclave.client.telling import Decoder
from conclave.protocol.codec import encode

ME = {"id": "user1", "name": "john", "role": "user"}
DECODER = Decoder()


class Driven:
    """A session, told what happens at a time; `effects` is what it wanted done."""

    def __init__(self) -> None:
        self.session = Session(lambda: 0.5, lambda: 1_000)
        self.effects: list = []

    @property
    def generation(self) -> int:
        return self.session.generation

    def at(self, now: float, verb: str, *args) -> list:
        getattr(self.session, verb)(*args, now)
        self.effects = self.session.take()
        return self.effects

    def hear(self, now: float, type_: str, data: object, id_: str | None = None) -> list:
        frame = DECODER.decode(encode(type_, data, id_).text)
        assert frame is not None
        self.session.heard(self.generation, now)
        return self.at(now, "received", self.generation, frame)

    def ready(self, now: float) -> "Driven":
        self.at(now, "start")
        self.at(now, "token", self.generation, "secret")
        self.at(now, "opened", self.generation)
        self.hear(now, "auth:response", {"success": True, "user": ME})
        assert self.session.state is State.READY
        return self


@pytest.fixture
def driven() -> Driven:
    return Driven()


def sent(effects: list) -> list[str]:
    return [effect.text.decode() for effect in effects if isinstance(effect, Send)]


def test_a_token_is_fetched_then_a_socket_opened_then_the_token_sent(driven):
    assert driven.at(0.0, "start") == [Fetch(1)]
    assert driven.at(1.0, "token", 1, "secret") == [Open(1)]
    assert sent(driven.at(2.0, "opened", 1)) == ['{"type":"auth","data":{"token":"secret"}}']
    driven.hear(3.0, "auth:response", {"success": True, "user": ME})
    assert driven.session.me.name == "john"


@pytest.mark.parametrize(
    ("steps", "within"),
    [([], TOKEN_WITHIN), (["token"], OPEN_WITHIN), (["token", "opened"], AUTH_WITHIN)],
)
def test_what_never_comes_is_given_up(driven, steps, within):
    driven.at(0.0, "start")
    if "token" in steps:
        driven.at(0.0, "token", 1, "secret")
    if "opened" in steps:
        driven.at(0.0, "opened", 1)
    assert driven.session.due == within
    assert driven.at(within - 0.1, "tick") == []
    driven.at(within, "tick")
    assert driven.session.state is State.WAITING
    driven.at(within + 1.0, "tick")
    assert driven.effects == [Fetch(driven.generation)]


def test_what_an_older_socket_says_is_not_heard(driven):
    driven.ready(0.0)
    old = driven.generation
    driven.at(1.0, "closed", old, 1006, "")
    driven.at(2.0, "tick")
    driven.at(2.0, "token", driven.generation, "secret")
    driven.at(2.0, "opened", old)
    driven.at(2.0, "closed", old, 4502, "Banned")
    assert driven.session.state is State.CONNECTING


def test_a_quiet_server_is_asked_and_a_silent_one_given_up(driven):
    driven.ready(0.0)
    driven.hear(0.0, "hello", HELLO)
    assert driven.session.due == 10.0
    assert "heartbeat" in sent(driven.at(10.0, "tick"))[0]
    driven.hear(11.0, "heartbeat", {"timestamp": 1_000, "server_time": 1})
    assert "heartbeat" in sent(driven.at(20.0, "tick"))[0]
    driven.at(11.0 + 10.0 + 4.0 - 0.1, "tick")
    assert driven.session.state is State.READY
    driven.at(11.0 + 10.0 + 4.0, "tick")
    assert driven.session.state is State.WAITING
    assert driven.session.last == (1006, "the server fell silent")
    assert driven.effects == [Hang(1000)]


HELLO = {
    "version": 1,
    "server_time": 0,
    "heartbeat": {"interval_ms": 10_000, "timeout_ms": 4_000},
    "auth_timeout_ms": 10_000,
    "limits": {
        "message_bytes": 65_536,
        "text_chars": 4_000,
        "page": 100,
        "rooms_per_connection": 128,
        "messages_per_second": 10.0,
        "burst": 30,
        "attachment_bytes": 0,
        "attachment_kinds": [],
    },
}


def test_who_slept_asks_once_more_before_giving_up(driven):
    driven.ready(0.0)
    assert "heartbeat" in sent(driven.at(3_600.0, "tick"))[0]
    assert driven.session.state is State.READY
    driven.at(3_609.9, "tick")
    assert driven.session.state is State.READY
    driven.at(3_610.1, "tick")
    assert driven.session.state is State.WAITING


def test_a_token_that_expires_is_replaced_in_place(driven):
    driven.ready(0.0)
    (fetch,) = driven.hear(5.0, "auth:expiring", {"expires_at": 9})
    assert fetch == Fetch(driven.generation)
    (text,) = sent(driven.at(6.0, "token", driven.generation, "fresh"))
    assert text == '{"type":"auth:refresh","data":{"token":"fresh"}}'
    assert driven.session.state is State.READY
    # One that nobody asked for goes nowhere.
    assert driven.at(7.0, "token", driven.generation, "another") == []
    # The same one again would move no end.
    driven.hear(8.0, "auth:expiring", {"expires_at": 9})
    assert driven.at(8.0, "token", driven.generation, "fresh") == []


def test_a_server_that_is_busy_is_come_back_to_and_a_bad_token_is_the_end(driven):
    driven.at(0.0, "start")
    driven.at(0.0, "token", 1, "secret")
    driven.at(0.0, "opened", 1)
    busy = {"message": "", "code": "busy", "retryable": True, "retry_after_ms": 9_000}
    driven.hear(1.0, "error", busy)
    assert driven.session.state is State.WAITING
    assert driven.session.due == 10.0
    driven.at(10.0, "tick")
    driven.at(10.0, "token", driven.generation, "secret")
    driven.at(10.0, "opened", driven.generation)
    driven.hear(11.0, "auth:response", {"success": False, "code": "auth_failed"})
    assert driven.session.state is State.STOPPED
    assert str(driven.session.end) == "auth_failed (1008)"


def test_those_that_push_each_other_out_wait_longer_each_time(driven):
    driven.ready(0.0)
    waits = []
    now = 0.0
    for _ in range(4):
        now += 60.0
        driven.at(now, "closed", driven.generation, 4007, "Too many connections")
        waits.append(driven.session.due - now)
        now = driven.session.due
        driven.at(now, "tick")
        driven.at(now, "token", driven.generation, "secret")
        driven.at(now, "opened", driven.generation)
        driven.hear(now, "auth:response", {"success": True, "user": ME})
    assert waits == [0.25, 0.5, 1.0, 2.0]


def test_stopping_is_for_good(driven):
    driven.ready(0.0)
    driven.session.stop()
    assert driven.session.take() == [Hang(1000)]
    driven.session.stop()
    assert driven.session.take() == []
    assert driven.session.due == float("inf")


def test_what_an_older_socket_still_says_is_not_heard(driven):
    driven.ready(0.0)
    old = driven.generation
    driven.at(10.0, "closed", old, 1006, "")
    frame = DECODER.decode(
        encode("error", {"message": "x", "code": "busy", "retryable": True}).text
    )
    for verb, *said in (("token", old, "t"), ("no_token", old, "why"), ("opened", old)):
        assert driven.at(11.0, verb, *said) == []
    driven.session.heard(old, 11.0)
    assert not driven.session.received(old, frame, 11.0)
    assert driven.session.state is State.WAITING


def test_a_token_that_is_not_to_be_had_is_asked_for_again_later_and_ends_no_connection(driven):
    driven.at(0.0, "start")
    driven.at(1.0, "no_token", driven.generation, "the callback failed")
    assert (driven.session.state, driven.session.last) == (
        State.WAITING,
        (1006, "the callback failed"),
    )
    driven.ready(100.0)
    driven.hear(101.0, "auth:expiring", {"expires_at": 5})
    assert driven.effects == [Fetch(driven.generation)]
    driven.at(102.0, "no_token", driven.generation, "the callback failed")
    assert driven.session.ready
    # One that comes unasked is not sent.
    assert driven.at(103.0, "token", driven.generation, "another") == []


def test_an_answer_to_auth_that_says_nobody_or_comes_late_is_believed_of_nobody(driven):
    driven.at(0.0, "start")
    driven.at(0.0, "token", driven.generation, "secret")
    driven.at(0.0, "opened", driven.generation)
    driven.hear(0.0, "auth:response", {"success": True})
    assert driven.session.state is State.WAITING
    driven.ready(100.0)
    driven.hear(101.0, "auth:response", {"success": False, "code": "auth_failed"})
    assert driven.session.ready


def test_another_user_s_token_sends_nothing_of_the_first_one_s(driven):
    driven.ready(0.0)
    driven.at(10.0, "closed", driven.generation, 1006, "")
    driven.at(100.0, "tick")
    driven.at(100.0, "token", driven.generation, "secret")
    driven.at(100.0, "opened", driven.generation)
    driven.hear(100.0, "auth:response", {"success": True, "user": {**ME, "id": "user2"}})
    assert driven.session.state is State.STOPPED
    assert driven.session.end is not None
    assert driven.session.end.code == 4503


def test_who_makes_no_sense_is_left_and_come_back_to(driven):
    driven.at(0.0, "distrust", "nobody is connected")
    assert driven.session.state is State.IDLE
    driven.ready(1.0)
    assert driven.at(2.0, "distrust", "nonsense") == [Hang(1000)]
    assert (driven.session.state, driven.session.last) == (State.WAITING, (1006, "nonsense"))


def test_a_tick_before_its_time_and_one_for_which_nothing_is_due_do_nothing(driven):
    driven.ready(0.0)
    assert driven.at(1.0, "tick") == []
    assert sent(driven.at(30.0, "tick"))
    driven.session.heard(driven.generation, 31.0)
    assert driven.at(32.0, "tick") == []


def test_terms_before_anything_began_and_too_short_ones_are_taken_within_reason():
    pulse = Pulse()
    pulse.agree(0.0, 0.0)
    assert (pulse.interval, pulse.timeout, pulse.due) == (0.25, 0.25, float("inf"))


def test_a_close_that_is_for_good_is_the_end(driven):
    driven.ready(0.0)
    driven.at(10.0, "closed", driven.generation, 4501, "You are banned")
    assert driven.session.state is State.STOPPED
    assert (driven.session.end.code, driven.session.end.reason) == (4501, "You are banned")
    assert driven.at(1_000.0, "tick") == []


def test_a_server_that_says_when_to_come_back_is_come_back_to_then(driven):
    driven.ready(0.0)
    driven.hear(10.0, "reconnect", {"after_ms": 20_000})
    driven.at(12.0, "closed", driven.generation, 1001, "going away")
    assert 32.0 <= driven.session.due <= 45.0
