"""Single rules of a room; that they hold together is shown by `tests/schedules/test_room.py`."""

from tests.unit.core.people import Somebody

from conclave.core.room import MAX_EARLY, MAX_HELD, Room, Told
from conclave.protocol.codec import Packet


def told(seq: int, author: str = "ada", removes: str | None = None) -> Told:
    return Told(seq, author, Packet(b"%d" % seq), Packet(b"%d own" % seq), removes)


def attached(room: Room, user: str, known: int | None = None) -> Somebody:
    member = Somebody(user)
    room.finish_join(room.begin_join(member), room.head if known is None else known)
    return member


def test_the_author_is_told_its_own_form_on_every_connection() -> None:
    room = Room("hall", 0)
    ada, phone, bob = (attached(room, user) for user in ("ada", "ada", "bob"))
    room.offer(told(1))
    assert (ada.got, phone.got, bob.got) == (["1 own"], ["1 own"], ["1"])


def test_what_was_held_is_told_in_the_author_s_form_too() -> None:
    room, ada = Room("hall", 0), Somebody("ada")
    ticket = room.begin_join(ada)
    room.offer(told(1))
    room.finish_join(ticket, 0)
    assert ada.got == ["1 own"]


def test_an_entry_too_far_ahead_is_not_kept() -> None:
    room = Room("hall", 10)
    assert room.offer(told(10 + MAX_EARLY))
    assert not room.offer(told(11 + MAX_EARLY))
    assert not room.offer(told(10**15))
    assert room.early == [10 + MAX_EARLY]


def test_what_nobody_stored_is_forgotten() -> None:
    room = Room("hall", 0)
    room.offer(told(3))
    waiting = room.early
    room.offer(told(5))
    # The store was asked when 3 waited, and ended at 2: 5 may have been stored since.
    room.forget(waiting, last_seq=2)
    assert room.early == [5]
    assert room.behind


def test_a_read_that_stalls_fills_no_memory() -> None:
    room, slow, quick = Room("hall", 0), Somebody("ada"), Somebody("bob")
    ticket = room.begin_join(slow)
    room.finish_join(room.begin_join(quick), 0)
    for seq in range(1, MAX_HELD + 2):
        room.offer(told(seq))
    assert (slow.lost, quick.lost) == (1, 0)
    assert not room.stands(ticket)
    assert len(quick.got) == MAX_HELD + 1


def test_who_is_removed_is_told_so_and_nothing_after() -> None:
    room = Room("hall", 0)
    bob, phone, ada = (attached(room, user) for user in ("bob", "bob", "ada"))
    room.offer(told(1, removes="bob"))
    room.offer(told(2))
    assert (bob.got, phone.got, ada.got) == (["1"], ["1"], ["1 own", "2 own"])
    assert room.removed == [bob, phone]


def test_a_removal_during_the_read_voids_the_join() -> None:
    room, bob = Room("hall", 0), Somebody("bob")
    ticket = room.begin_join(bob)
    room.offer(told(1, removes="bob"))
    assert not room.stands(ticket)
    assert room.empty


def test_old_news_of_a_removal_does_not_touch_who_is_back() -> None:
    """Removed at 1, added at 2 and joined here, before this node heard of either."""
    room = Room("hall", 0)
    back = attached(room, "bob", known=2)
    room.offer(told(1, removes="bob"))
    room.offer(told(2))
    room.offer(told(3))
    assert room.removed == []
    assert back.got == ["3"]


def test_who_is_back_is_removed_by_what_it_does_not_know_yet() -> None:
    room = Room("hall", 0)
    bob = attached(room, "bob", known=2)
    for seq in (1, 2):
        room.offer(told(seq, removes="bob"))
    assert room.removed == []
    room.offer(told(3, removes="bob"))
    assert room.removed == [bob]


def test_going_on_after_a_purge_loses_those_who_are_owed_something() -> None:
    room = Room("hall", 2)
    live, ahead, far = attached(room, "ada"), attached(room, "bob", 5), attached(room, "cyd", 9)
    reading = Somebody("dan")
    room.begin_join(reading)
    room.restart(7)
    assert [m.lost for m in (live, ahead, reading, far)] == [1, 1, 1, 0]
    for seq in range(8, 11):
        room.offer(told(seq))
    assert far.got == ["10"]


def test_what_came_early_is_told_once_a_purge_makes_it_next() -> None:
    room = Room("hall", 2)
    far = attached(room, "cyd", 7)
    for seq in (8, 9, 11):
        room.offer(told(seq))
    room.restart(7)
    assert (room.head, far.got, room.early) == (9, ["8", "9"], [11])


def test_nothing_of_a_room_that_is_replaced_is_left() -> None:
    room = Room("hall", 9)
    live, ahead, reading = attached(room, "ada"), attached(room, "bob", 12), Somebody("dan")
    ticket = room.begin_join(reading)
    room.offer(told(11, author="eve"))
    room.replace(2)
    assert [m.lost for m in (live, ahead, reading)] == [1, 1, 1]
    assert (room.head, room.behind, room.empty, room.stands(ticket)) == (2, False, True, False)
    new = attached(room, "cyd")
    room.offer(told(3, author="eve"))
    assert (new.got, live.got, ahead.got, reading.got) == (["3"], [], [], [])


def test_an_earlier_join_of_the_same_member_stands_no_more() -> None:
    room, ada = Room("hall", 0), Somebody("ada")
    first, second = room.begin_join(ada), room.begin_join(ada)
    assert not room.stands(first)
    room.give_up(first)
    assert room.stands(second), "giving up the first leaves the second alone"
    room.leave(ada)
    assert not room.stands(second)


def test_everybody_is_told_the_common_form_when_the_author_has_none_of_its_own() -> None:
    room = Room("hall", 0)
    ada, bob = attached(room, "ada"), attached(room, "bob")
    same = Packet(b"1")
    room.offer(Told(1, "ada", same, same))
    assert (room.name, ada.got, bob.got) == ("hall", ["1"], ["1"])


def test_news_is_taken_once_and_what_is_kept_is_told_in_its_turn() -> None:
    room = Room("hall", 5)
    ada = attached(room, "bob")
    assert room.offer(told(5)), "old news is no reason to ask the store"
    assert room.offer(told(7))
    assert room.offer(told(7))
    assert (ada.got, room.early, room.behind) == ([], [7], True)
    assert room.offer(told(6))
    assert (ada.got, room.early, room.behind, room.head) == (["6", "7"], [], False, 7)
    assert room.offer(told(8))
    assert ada.got == ["6", "7", "8"]


def test_what_the_store_gave_as_its_last_is_not_forgotten() -> None:
    room = Room("hall", 0)
    room.offer(told(3))
    room.forget([3, 4], last_seq=3)
    assert room.early == [3]
    room.forget([3, 4], last_seq=2)
    assert room.early == []


def test_as_much_is_held_as_may_be() -> None:
    room, slow = Room("hall", 0), Somebody("ada")
    ticket = room.begin_join(slow)
    for seq in range(1, MAX_HELD + 1):
        room.offer(told(seq, author="bob"))
    assert room.stands(ticket)
    room.finish_join(ticket, 1)
    assert slow.got == [str(seq) for seq in range(2, MAX_HELD + 1)]


def test_who_joins_again_is_told_nothing_until_its_new_history_is_read() -> None:
    room = Room("hall", 0)
    live, ahead = attached(room, "ada"), attached(room, "bob", known=2)
    tickets = [room.begin_join(member) for member in (live, ahead)]
    for seq in range(1, 4):
        room.offer(told(seq, author="cyd"))
    assert (live.got, ahead.got) == ([], [])
    for ticket in tickets:
        room.finish_join(ticket, 3)
    room.offer(told(4, author="cyd"))
    assert (live.got, ahead.got) == (["4"], ["4"])


def test_who_has_left_is_told_nothing_however_it_was_in_the_room() -> None:
    room = Room("hall", 0)
    live, ahead, reading = attached(room, "ada"), attached(room, "bob", known=2), Somebody("cyd")
    room.begin_join(reading)
    assert not room.holds(Somebody("eve"))
    for member in (live, ahead, reading):
        assert room.holds(member)
        room.leave(member)
        assert not room.holds(member)
    assert room.empty
    for seq in range(1, 4):
        room.offer(told(seq, author="dan"))
    assert (live.got, ahead.got, reading.got) == ([], [], [])


def test_after_a_purge_nobody_is_told_who_was_lost_by_it() -> None:
    room = Room("hall", 2)
    live = attached(room, "ada")
    room.offer(told(9, author="bob"))
    room.restart(9)
    assert (live.lost, room.early, room.empty) == (1, [], True)
    room.offer(told(10, author="bob"))
    assert live.got == []


def edit(seq: int, about: int, hides: bool | None = None) -> Told:
    packet = Packet(b"%d" % seq)
    return Told(seq, "eve", packet, packet, None, about, Packet(b"%d blank" % seq), hides)


def test_an_older_page_does_not_say_what_the_room_hides_now() -> None:
    room, ada, bob = Room("hall", 4), Somebody("ada"), Somebody("bob")
    late = room.begin_join(bob)
    room.finish_join(room.begin_join(ada), 4, joined=3)
    packet = Packet(b"5")
    room.offer(Told(5, "eve", packet, packet, hides=True))
    room.offer(edit(6, about=2))
    # Its page was read before the room said so, and is finished after it.
    room.finish_join(late, 4, joined=3, hides=False)
    room.offer(edit(7, about=2))
    assert ada.got == ["5", "6 blank", "7 blank"]
    assert bob.got == ada.got


def test_a_page_says_what_a_room_hides_that_opens() -> None:
    room, ada = Room("hall", 4), Somebody("ada")
    room.finish_join(room.begin_join(ada), 4, joined=3, hides=True)
    for seq, about in ((5, 2), (6, 3)):
        room.offer(edit(seq, about))
    assert ada.got == ["5 blank", "6"]


def test_a_room_that_is_no_more_has_nobody_in_it_and_nobody_on_the_way() -> None:
    room = Room("hall", 3)
    ada, bob, eve = attached(room, "ada"), Somebody("bob"), attached(room, "eve", known=5)
    ticket = room.begin_join(bob)
    room.dismiss()
    assert room.empty
    assert not room.stands(ticket)
    for seq in (4, 5, 6):
        room.offer(told(seq))
    assert (ada.got, bob.got, eve.got) == ([], [], [])
