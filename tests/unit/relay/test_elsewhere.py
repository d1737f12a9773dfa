"""What other nodes say of people is told here: who is where, and how they are and are called."""

from tests.schedules.hand_time import run
from tests.schedules.relay_world import HALL
from tests.unit.relay.parts import come, node

from conclave.core.elsewhere import Elsewhere
from conclave.core.presence import MAX_NOTICED
from conclave.model import Role, Status
from conclave.model.seen import Seen
from conclave.protocol.codec import encode
from conclave.relay import Moods

EVE = Seen("eve", "EVE")


def test_who_is_elsewhere_is_known_until_the_last_room_is_left() -> None:
    there = Elsewhere()
    there.came("n1", "hall", Seen("bob", "BOB"))
    for by, room in (("n1", "hall"), ("n2", "hall"), ("n1", "court")):
        there.came(by, room, EVE)
    for by, room in (("n1", "hall"), ("n2", "hall"), ("n2", "hall")):
        there.went(by, room, "eve")
        assert there.anywhere("eve")
    there.went("n1", "court", "eve")
    assert not there.anywhere("eve")


def test_who_is_called_otherwise_by_another_node_is_looked_at_once() -> None:
    async def main() -> None:
        at, renamed = node(), []
        await come(at, "bob")
        at.attendance.roll.on_renamed = renamed.append
        assert at.attendance.elsewhere("eve") == []
        for seen in (EVE, EVE, Seen("eve", "Eva"), Seen("eve", "Eva", Role.ADMIN)):
            at.relay.came("n1", HALL, seen)
        assert renamed == ["eve", "eve"]
        assert at.attendance.elsewhere("eve") == [HALL]

    run(main())


def test_the_last_word_on_oneself_counts_on_all_nodes_in_whatever_order_it_is_heard() -> None:
    async def main() -> None:
        a, b, news = node(), node(), []
        moods = {}
        for at in (a, b):
            moods[at] = Moods(at.attendance, at.hub, at.statuses, at.clock)
            at.relay.on_said = moods[at].said
        a.attendance.roll.on_come = lambda room, seen: news.append((room, seen))
        kept: list[str] = []
        a.attendance.roll.on_go = lambda _room, user: kept.append(user)
        assert moods[a].say("ada", Status.INVISIBLE)
        assert not moods[a].say("ada", Status.INVISIBLE)
        assert moods[a].say("ada", Status.DND)
        assert [room for room, _ in news] == ["", ""]
        # The newer one first: the older is nothing then, nor is what is repeated.
        for room, seen in (*reversed(news), *news):
            b.relay.came("a", room, seen)
        assert b.statuses.said("ada") is Status.DND
        # Whoever said the last word keeps it.
        said: list[Seen] = []
        b.attendance.roll.on_come = lambda _room, seen: said.append(seen)
        assert moods[b].say("ada", Status.ONLINE)
        a.relay.came("b", "", said[-1])
        assert (a.statuses.said("ada"), kept) == (Status.ONLINE, ["ada"])
        # Two at once: one of them on both.
        one, other = (
            Seen("ada", "", status=Status.AWAY, said=9),
            Seen("ada", "", status=Status.DND, said=9),
        )
        for at, words in ((a, (one, other)), (b, (other, one))):
            for seen in words:
                at.relay.came("n", "", seen)
        assert a.statuses.said("ada") is b.statuses.said("ada") is Status.DND
        # Heard once more, with nothing new in it but that it was said again.
        a.relay.came("n", "", Seen("ada", "", status=Status.DND, said=10))
        assert a.statuses.said("ada") is Status.DND

    run(main())


def test_a_word_whose_node_goes_is_kept_by_those_who_know_it_and_told_to_who_comes() -> None:
    """As when all workers are started anew, one after the other: who is invisible stays so."""

    async def main() -> None:
        at, kept = node(), []
        moods = Moods(at.attendance, at.hub, at.statuses, at.clock)
        at.relay.on_said, at.relay.on_unkept = moods.said, moods.unkept
        at.attendance.roll.on_come = lambda room, seen: kept.append((room, seen))
        old, last = (
            Seen("ada", "", status=status, said=said)
            for said, status in enumerate((Status.DND, Status.INVISIBLE), 1)
        )
        at.relay.came("a", "", old)
        at.relay.came("b", "", last)
        at.relay.went("a", "", old)
        assert kept == [], "that one has heard the newer word"
        at.relay.went("b", "", last)
        assert kept == [("", last)]
        # Of who is in a room nothing is kept.
        at.relay.came("b", HALL, EVE)
        at.relay.went("b", HALL, EVE)
        assert kept == [("", last)]

    run(main())


def test_what_is_another_thing_by_another_node_is_handed_on() -> None:
    async def main() -> None:
        at, told = node(), []
        at.relay.on_renewed = lambda user, room: told.append((user, room))
        at.relay.renewed("eve", HALL)
        at.relay.whispered(HALL, "eve", encode("note", {}), alone=True)
        at.relay.on_whisper = lambda user, room, _packet: told.append((user, room))
        at.relay.whispered(HALL, "bob", encode("note", {}), alone=True)
        assert told == [("eve", HALL), ("bob", HALL)]

    run(main())


def test_who_is_here_and_elsewhere_comes_once_and_goes_with_the_last() -> None:
    async def main() -> None:
        at, said = node(), []
        (bob,) = await come(at, "bob")
        at.attendance.roll.on_go = lambda room, user: said.append((room, user))
        at.relay.came("n1", HALL, EVE)
        assert bob.got == ["EVE has joined the room"]
        (eve,) = await come(at, "eve")
        # Seen here already: neither node's word is news.
        for away in (Seen("eve", "EVE", status=Status.AWAY), EVE):
            at.relay.came("n1", HALL, away)
        at.attendance.leave(eve, HALL)
        assert (bob.got, said) == (["EVE has joined the room"], [(HALL, "eve")])
        at.relay.went("n1", HALL, EVE)
        at.relay.went("n1", HALL, EVE)
        at.relay.went("n1", "no room of ours", EVE)
        assert bob.got[1:] == ["EVE has left the room"]

    run(main())


def test_how_somebody_elsewhere_is_comes_after_their_coming_and_when_it_changes() -> None:
    async def main() -> None:
        at = node()
        (bob,) = await come(at, "bob")
        away = Seen("eve", "EVE", status=Status.AWAY)
        for seen in (away, away, EVE):
            at.relay.came("n1", HALL, seen)
        assert bob.got == ["EVE has joined the room", "presence:changed", "presence:changed"]
        at.relay.came("n1", "no room of ours", EVE)
        await come(at, "ada")
        assert at.attendance.count(HALL) == 3

    run(main())


def test_a_whisper_is_heard_by_all_in_the_room_but_one_and_doubts_and_spendings_go_on() -> None:
    async def main() -> None:
        at, told = node(), []
        bob, ada = await come(at, "bob", "ada")
        at.relay.on_doubted = told.append
        at.relay.on_spent = lambda *spent: told.append(spent)
        at.relay.whispered(HALL, "bob", encode("note", {}), alone=False)
        at.relay.whispered(HALL, "", encode("note", {}), alone=False)
        at.relay.whispered("no room of ours", "", encode("note", {}), alone=False)
        assert (len(bob.got), len(ada.got)) == (1, 2)
        at.relay.doubted("eve")
        at.relay.spent(1, "eve", 2)
        assert told == ["eve", (1, "eve", 2)]

    run(main())


def test_other_nodes_are_told_how_people_look_here_and_that_a_room_is_no_more() -> None:
    async def main() -> None:
        at, said = node(), []
        await come(at, "bob")
        roll = at.attendance.roll
        roll.on_come = lambda room, seen: said.append((room, seen.user, seen.name))
        roll.on_go = lambda room, user: said.append((room, user, "goes"))
        hall = at.halls.get(HALL)
        roll.look(hall, "bob", Status.AWAY)
        roll.look(hall, "nobody", Status.AWAY)
        await at.attendance.shut(HALL)
        assert said == [(HALL, "bob", "BOB"), (HALL, "bob", "goes")]

    run(main())


def test_after_a_long_sleep_other_nodes_are_told_of_those_who_give_a_sign_of_life() -> None:
    async def main() -> None:
        at, said = node(), []
        ann, bob, eve = await come(at, "ann", "bob", "eve")
        at.attendance.roll.on_come = lambda room, seen: said.append((room, seen.user))
        at.relay.stood_still()
        at.attendance.tick()
        assert ([one.asked for one in (ann, bob, eve)], said) == ([1, 1, 1], [])
        ann.lives = True
        for _ in range(2):
            at.attendance.tick()
        assert said == [(HALL, "ann")]
        # Who is gone is not told again …
        at.attendance.leave(bob, HALL)
        at.attendance.tick()
        eve.lives = True
        for _ in range(2):
            at.attendance.tick()
        assert said == [(HALL, "ann"), (HALL, "eve")]
        # … and neither is who was in a room that is.
        at.relay.stood_still()
        at.attendance.roll.shut(at.halls.get(HALL))
        ann.lives = eve.lives = True
        at.attendance.tick()
        assert len(said) == 2

    run(main())


def test_how_somebody_elsewhere_is_is_told_in_no_large_room() -> None:
    async def main() -> None:
        at = node()
        first, *_ = await come(at, *[f"user{n}" for n in range(MAX_NOTICED)])
        at.relay.came("n1", HALL, EVE)
        at.relay.came("n1", HALL, Seen("eve", "EVE", status=Status.AWAY))
        assert "presence:changed" not in first.got

    run(main())
