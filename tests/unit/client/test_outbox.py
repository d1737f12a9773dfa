"""One request of a room at a time, under one id, until it is stored or refused."""

import pytest

from conclave.client.errors import OutboxFull
from conclave.client.outbox import MOST_BYTES, MOST_REQUESTS, Outbox
from conclave.protocol.errors import Code, Reject
from conclave.protocol.requests import Say


@pytest.fixture
def outbox() -> Outbox:
    made = Outbox(lambda: 0.5)
    for id_, room in [("g-1", "general"), ("g-2", "general"), ("r-1", "random")]:
        made.add(id_, room, Say(id_, room))
    return made


def due(outbox: Outbox, now: float, *rooms: str) -> list[str]:
    return [item.id for item in outbox.next(lambda room: room in rooms, now)]


def test_the_first_of_each_room_that_takes_requests_goes(outbox):
    assert due(outbox, 0.0, "general") == ["g-1"]
    assert due(outbox, 0.0, "general", "random") == ["r-1"]
    outbox.settle("g-1")
    assert due(outbox, 0.0, "general", "random") == ["g-2"]
    assert outbox.rooms == ["general", "random"]


def test_what_was_under_way_goes_again_first_under_its_id(outbox):
    assert due(outbox, 0.0, "general") == ["g-1"]
    outbox.lose()
    assert due(outbox, 1.0, "general") == ["g-1"]


def test_an_answer_that_never_comes_is_asked_for_again(outbox):
    assert due(outbox, 0.0, "general") == ["g-1"]
    outbox.expire(29.9)
    assert due(outbox, 29.9, "general") == []
    assert outbox.due(lambda room: room == "general") == 30.0
    outbox.expire(30.0)
    assert due(outbox, 30.0, "general") == ["g-1"]


@pytest.mark.parametrize("code", [Code.RATE_LIMITED, Code.BUSY, Code.UNAVAILABLE])
def test_patience_is_waited_for_without_end_and_in_order(outbox, code):
    now = 0.0
    for _ in range(20):
        assert due(outbox, now, "general") == ["g-1"]
        assert not outbox.refused("g-1", Reject(code, retry_after_ms=40_000), now)
        assert due(outbox, now + 39.9, "general") == []
        now = outbox.due(lambda room: room == "general")
        assert now >= 40.0


def test_what_only_breaks_is_given_up_after_some_times(outbox):
    refusals = 0
    for now in range(0, 1_000, 40):
        if "g-1" not in outbox:
            break
        assert due(outbox, float(now), "general") == ["g-1"]
        refusals += 1
        outbox.refused("g-1", Reject(Code.INTERNAL), float(now))
    assert refusals == 8
    assert due(outbox, 1_000.0, "general") == ["g-2"]


def test_a_refusal_for_good_lets_the_next_one_go(outbox):
    assert due(outbox, 0.0, "general") == ["g-1"]
    assert outbox.refused("g-1", Reject(Code.TOO_LONG), 0.0)
    assert due(outbox, 0.0, "general") == ["g-2"]


def test_only_what_was_never_sent_is_taken_back(outbox):
    assert due(outbox, 0.0, "general") == ["g-1"]
    outbox.lose()
    assert not outbox.withdraw("g-1")
    assert outbox.withdraw("g-2")
    outbox.add("kept", "den", Say("of an earlier process", "den"), sent=True)
    assert not outbox.withdraw("kept")
    assert len(outbox) == 3


def test_a_room_that_lets_nobody_in_is_given_up_whole(outbox):
    assert outbox.give_up("general") == ["g-1", "g-2"]
    assert outbox.give_up("general") == []
    assert outbox.rooms == ["random"]


def test_there_is_room_for_so_many_and_so_much_and_the_rest_is_refused_where_it_is_written():
    outbox = Outbox(lambda: 0.5)
    for n in range(MOST_REQUESTS - 1):
        outbox.add(f"id-{n}", "general", Say("x", "general"))
    outbox.reserve("held", Say("x", "general"))
    with pytest.raises(OutboxFull, match="1000 messages wait"):
        outbox.reserve("one more", Say("x", "general"))
    outbox.add("held", "general", Say("x", "general"))
    # What an earlier process took is not refused.
    outbox.add("before", "general", Say("x", "general"), sent=True)
    assert len(outbox) == MOST_REQUESTS + 1
    large = Outbox(lambda: 0.5)
    for n in range(2):
        large.add(f"id-{n}", "general", Say("x" * (MOST_BYTES // 2 - 200), "general"))
    with pytest.raises(OutboxFull, match="bytes wait"):
        large.add("one more", "general", Say("x" * 1_000, "general"))
    large.release("one more")
    large.settle("id-0")
    large.add("one more", "general", Say("x" * 1_000, "general"))


def test_an_answer_to_what_is_not_here_any_more_is_no_matter(outbox):
    assert outbox.settle("g-1")
    assert not outbox.settle("g-1")
    assert not outbox.withdraw("g-1")
