"""Rooms of a client: joined, resumed by position, and each entry handed on once, whatever comes."""

from typing import Any

import pytest

from conclave.client.news import Ended, Entry, Lapse
from conclave.client.places import Places
from conclave.model import Position
from conclave.protocol.errors import Code, Reject
from conclave.protocol.events import History, Joined, Line, NotJoined
from conclave.protocol.requests import JoinRoom, JoinRooms


def line(seq: int, room: str = "hall") -> Line:
    return Line(type="message", text=f"{seq}", room=room, user="Bob", timestamp=1, seq=seq)


def page(*numbers: int, room: str = "hall", epoch: str = "e1", **more: Any) -> History:
    upto = numbers[-1] if numbers else 0
    said = {"first_seq": 1, "last_seq": upto, "upto": upto, "more": False, "reset": False, **more}
    return History(room, [line(seq, room) for seq in numbers], epoch, **said)


class World:
    """`asked`: the joins that were sent, by their ids."""

    def __init__(self) -> None:
        self.asked: dict[str, Any] = {}
        self.places = Places(self._ask, lambda: 0.5)

    def _ask(self, event: Any) -> str:
        self.asked[f"j{len(self.asked) + 1}"] = event
        return f"j{len(self.asked)}"

    def flush(self, now: float = 0.0) -> str:
        """Join what is due; return the id of the last request."""
        self.places.flush(now)
        return list(self.asked)[-1]

    def answer(self, id_: str, history: History | None = None, *no: NotJoined, now: float = 0.0):
        joined = None if history is not None else Joined(list(no))
        self.places.answered(id_, history, joined, now)
        return self.told()

    def told(self) -> list[Any]:
        return [one.line.seq if isinstance(one, Entry) else type(one) for one in self.places.take()]

    def since(self, id_: str) -> Any:
        return self.asked[id_].since


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def reading(world: World) -> World:
    """Somebody who reads the hall up to 3."""
    world.places.follow("hall", 0)
    assert world.answer(world.flush(), page(1, 2, 3)) == []
    assert world.answer(world.flush(), page(1, 2, 3)) == [1, 2, 3]
    return world


def test_a_number_is_begun_after_in_the_epoch_that_the_first_join_tells(world):
    world.places.follow("hall", 2)
    first = world.flush()
    assert world.since(first) is None
    assert world.answer(first, page(1, 2, 3)) == []
    second = world.flush()
    assert world.since(second) == Position("e1", 2)
    assert world.answer(second, page(3)) == [3]
    assert world.places.attached("hall")


def test_after_a_break_it_goes_on_behind_what_was_handed_on(reading):
    reading.places.lose()
    again = reading.flush()
    assert reading.since(again) == Position("e1", 3)
    assert reading.answer(again, page(4, 5)) == [4, 5]


def test_what_is_told_live_is_handed_on_once_and_never_over_a_hole(reading):
    for seq in (3, 4, 4, 2):
        reading.places.hear(line(seq))
    assert reading.told() == [4]
    notice = Line(type="user:joined", text="x", room="hall", user="system", timestamp=1)
    reading.places.hear(notice)
    reading.places.hear(line(1, "elsewhere"))
    reading.places.hear(line(6))
    assert reading.told() == []
    assert not reading.places.attached("hall"), "it asks for what is between"
    assert reading.since(reading.flush()) == Position("e1", 4)


@pytest.mark.parametrize(
    "wrong",
    [page(5, 6), page(4, 6), page(4, epoch="e2"), page(upto=3, more=True), page(4, upto=9)],
    ids=["too far", "a hole", "another log", "no step", "an end elsewhere"],
)
def test_a_page_that_does_not_follow_is_not_handed_on_and_asked_for_again(reading, wrong):
    reading.places.lose()
    assert reading.answer(reading.flush(), wrong) == []
    assert reading.places.position("hall") == Position("e1", 3)
    assert 0 < reading.places.due < 10
    assert reading.answer(reading.flush(10.0), page(4), now=10.0) == [4]


def test_after_three_pages_without_sense_what_is_known_is_given_up_and_that_is_said(reading):
    reading.places.lose()
    for n in range(3):
        assert reading.answer(reading.flush(n * 100.0), page(9, 10), now=n * 100.0) == []
    id_ = reading.flush(1_000.0)
    assert reading.since(id_) is None
    assert reading.answer(id_, page(9, 10)) == [Lapse]
    assert reading.places.position("hall") == Position("e1", 10)


def test_a_position_knows_the_id_of_its_entry_where_the_page_tells_it(world):
    world.places.want("hall")
    world.answer(world.flush(), page(1, 2, upto_id="m2"))
    assert world.places.position("hall") == Position("e1", 2, "m2")


def test_a_room_that_was_refused_is_tried_again_only_when_somebody_wants_it(world):
    world.places.want("hall")
    world.places.refused(world.flush(), Reject(Code.NOT_IN_ROOM), 0.0)
    assert world.told() == [Ended]
    world.places.lose()
    assert world.places.due == float("inf")
    assert not world.places.thrown_out("hall")
    world.places.want("hall")
    assert world.answer(world.flush(), page(1)) == []
    assert world.places.attached("hall")


def test_a_refusal_for_now_is_waited_for_as_long_as_it_says(world):
    world.places.want("hall")
    world.places.refused(world.flush(), Reject(Code.BUSY, retry_after_ms=40_000), 0.0)
    assert world.told() == []
    assert 40 <= world.places.due <= 60


def test_several_that_are_known_are_joined_together_and_each_has_its_own_answer(world):
    rooms = ["a", "b", "c", "d"]
    for room in rooms:
        world.places.follow(room, Position("e1", 1))
    id_ = world.flush()
    assert isinstance(world.asked[id_], JoinRooms)
    assert [one.room for one in world.asked[id_].rooms] == rooms
    world.places.page(page(2, room="a"), 0.0)
    assert world.told() == [2]
    banned = NotJoined("b", Code.BANNED, "You are banned", retryable=False)
    busy = NotJoined("c", Code.BUSY, "Busy", retryable=True, retry_after_ms=90_000)
    # Of d nothing is said: it is asked for again.
    assert world.answer(id_, None, banned, busy) == [Ended]
    assert world.places.due < 10
    again = world.flush(10.0)
    assert isinstance(world.asked[again], JoinRoom)
    assert world.asked[again].room == "d"
    assert [world.places.attached(room) for room in rooms] == [True, False, False, False]


def test_a_page_of_a_room_that_was_not_asked_for_together_is_nothing_new(reading):
    reading.places.page(page(4), 0.0)
    assert reading.told() == []


def test_a_join_that_is_never_answered_is_tried_again(world):
    for room in ("hall", "attic"):
        world.places.want(room)
    world.places.flush(0.0)
    world.places.leave("attic")
    assert world.places.due == 30.0
    world.places.expire(29.0)
    assert list(world.asked) == ["j1", "j2"]
    world.places.expire(30.0)
    world.flush(60.0)
    assert [one.room for one in world.asked.values()] == ["hall", "attic", "hall"]


def test_what_answers_an_older_wish_is_nothing_to_the_newer_one(world):
    world.places.want("hall")
    old = world.flush()
    assert world.places.joins(old)
    assert world.places.leave("hall"), "the server may have let us in"
    world.places.want("hall")
    new = world.flush()
    assert world.answer(old, page(1)) == []
    assert not world.places.attached("hall")
    world.places.leave("hall")
    world.places.refused(new, Reject(Code.BANNED), 0.0)
    assert world.told() == []
    assert not world.places.leave("hall")


def test_a_room_that_is_called_otherwise_is_another_room(world):
    world.places.want("HALL")
    assert world.answer(world.flush(), page(1)) == [Ended]


def test_a_reader_goes_on_where_it_was_or_begins_where_it_is_told(reading):
    reading.places.follow("hall", None)
    assert reading.places.position("hall") == Position("e1", 3)
    reading.places.follow("hall", Position("e1", 1))
    again = reading.flush()
    assert reading.since(again) == Position("e1", 1)
    # Told to begin elsewhere while that is under way: this page is not what it wants.
    reading.places.follow("hall", 2)
    assert reading.answer(again, page(2, 3)) == []
    assert reading.answer(reading.flush(10.0), page(1, 2, 3), now=10.0) == []
    assert reading.answer(reading.flush(10.0), page(3), now=10.0) == [3]


def test_what_is_taken_or_gone_of_a_room_that_was_left_is_no_matter(reading):
    assert reading.places.leave("hall")
    reading.places.taken("hall")
    reading.places.gone("hall", "deleted")
    assert reading.told() == []
    assert not reading.places.thrown_out("hall")
    assert reading.places.position("hall") is None


def test_who_was_thrown_out_joins_again_and_who_is_on_the_way_waits_for_its_answer(reading):
    assert reading.places.thrown_out("hall")
    id_ = reading.flush()
    assert reading.places.thrown_out("hall")
    assert reading.answer(id_, page(4)) == [4]
    reading.places.gone("hall", "kicked")
    assert reading.told() == [Ended]


def test_a_reader_who_does_not_keep_up_is_handed_nothing_more_and_then_reads_on(
    reading, monkeypatch
):
    monkeypatch.setattr("conclave.client.places.MOST_UNTAKEN", 4)
    for seq in (4, 5, 6):
        reading.places.hear(line(seq))
    assert reading.told() == [4]
    assert reading.places.attached("hall"), "it may write meanwhile"
    reading.places.taken("hall")
    assert reading.places.attached("hall")
    reading.places.taken("hall")
    again = reading.flush()
    assert reading.since(again) == Position("e1", 4)
    assert reading.answer(again, page(5, 6)) == [5, 6]


def test_a_full_reader_joins_without_reading_on(reading, monkeypatch):
    monkeypatch.setattr("conclave.client.places.MOST_UNTAKEN", 4)
    reading.places.lose()
    assert reading.answer(reading.flush(), page(4, last_seq=9, more=True)) == [4]
    to_write = reading.flush()
    assert reading.since(to_write) is None
    assert reading.answer(to_write, page(8, 9)) == []
    assert reading.places.attached("hall")
    assert reading.places.position("hall") == Position("e1", 4)
    # While one joins anew it is found out by that.
    reading.places.thrown_out("hall")
    on_its_way = reading.flush()
    for _ in range(4):
        reading.places.taken("hall")
    assert reading.answer(on_its_way, page(8, 9)) == []
    again = reading.flush()
    assert reading.since(again) == Position("e1", 4)
    assert reading.answer(again, page(5, 6, last_seq=9, more=True)) == [5, 6]
    assert reading.since(reading.flush()) == Position("e1", 6)


def test_a_log_that_is_another_or_was_cut_is_begun_anew_and_that_is_said(reading):
    for n, cut in enumerate((page(8, 9, reset=True), page(1, epoch="e2", reset=True)), 1):
        reading.places.lose()
        assert reading.answer(reading.flush(), cut) == [Lapse]
        assert reading.places.position("hall") == Position(f"e{n}", cut.upto)


def test_who_only_writes_is_handed_nothing_and_asks_for_nothing_that_was_missed(world):
    world.places.want("hall")
    assert world.answer(world.flush(), page(1, 2)) == []
    world.places.hear(line(3))
    assert world.told() == []
    assert world.places.position("hall") == Position("e1", 3)
    world.places.lose()
    assert world.since(world.flush()) is None


def test_a_page_is_of_the_join_that_asked_for_its_room(world):
    for room in ("a", "b"):
        world.places.follow(room, Position("e1", 1))
    world.flush()
    world.places.follow("c", Position("e1", 1))
    world.flush()
    world.places.page(page(2, room="c"), 0.0)
    assert world.told() == [], "c was asked for alone, and is answered by its id"
    world.places.page(page(2, room="b"), 0.0)
    assert world.told() == [2]
