"""Who is in a room: users, not connections; and no race gets past the cap."""

from math import inf
from typing import Any

import pytest
from tests.unit.core.people import Somebody, who

from conclave.core.presence import COMINGS_AT_ONCE, MAX_LISTED, Presence
from conclave.model import Identity
from conclave.protocol.errors import Reject


def come(presence: Any, user: str, now: float = 0.0) -> tuple[Somebody, bool]:
    connection = Somebody(user)
    presence.reserve(who(user))
    return connection, presence.enter(connection, who(user), now)


def room(*users: str, capacity: int = 0) -> Any:
    presence = Presence(capacity)
    for user in users:
        come(presence, user)
    return presence


def test_a_user_comes_with_its_first_connection_and_goes_with_its_last() -> None:
    presence = room()
    first, came = come(presence, "ada")
    assert came
    second, came = come(presence, "ada")
    assert not came
    assert presence.count == 1
    assert presence.leave(first, "ada") is False
    assert presence.leave(second, "ada") is True
    assert (presence.count, presence.empty) == (0, True)


def test_one_that_is_not_in_cannot_leave() -> None:
    presence = room("ada")
    assert presence.leave(Somebody("ada"), "ada") is False
    assert presence.leave(Somebody("eve"), "eve") is False
    assert presence.count == 1


def test_leaving_twice_is_leaving_once() -> None:
    presence = room()
    connection, _ = come(presence, "ada")
    assert presence.leave(connection, "ada") is True
    assert presence.leave(connection, "ada") is False
    assert presence.count == 0


def test_a_place_is_held_from_the_moment_a_join_begins() -> None:
    presence = room(capacity=2)
    presence.reserve(who("ada"))
    presence.reserve(who("bob"))
    with pytest.raises(Reject, match="room_full"):
        presence.reserve(who("cyd"))
    assert presence.count == 0, "nobody has come yet"
    presence.release("ada")
    presence.reserve(who("cyd"))


def test_the_cap_counts_users_and_not_their_connections() -> None:
    presence = room("ada", "ada", "ada", capacity=1)
    presence.reserve(who("ada"))
    with pytest.raises(Reject, match="room_full"):
        presence.reserve(who("bob"))


def test_two_joins_of_one_user_at_once_come_once_and_hold_one_place() -> None:
    presence = room(capacity=1)
    first, second = Somebody("ada"), Somebody("ada")
    presence.reserve(who("ada"))
    presence.reserve(who("ada"))
    came = [presence.enter(one, who("ada"), 0.0) for one in (first, second)]
    assert came == [True, False]
    assert presence.count == 1
    assert not presence.leave(first, "ada")
    assert presence.leave(second, "ada")
    assert presence.empty


def test_a_place_given_back_leaves_nothing() -> None:
    presence = room()
    presence.reserve(who("ada"))
    assert not presence.empty
    presence.release("ada")
    assert presence.empty


def test_a_join_given_up_takes_nobody_out_who_is_in() -> None:
    presence = room("ada")
    presence.reserve(who("ada"))
    presence.release("ada")
    assert presence.count == 1


def test_joining_again_changes_no_count() -> None:
    presence = room()
    connection, _ = come(presence, "ada")
    presence.reserve(who("ada"))
    assert presence.enter(connection, who("ada"), 0.0) is False
    assert presence.leave(connection, "ada") is True
    assert presence.empty


def test_the_last_one_leaving_while_another_joins_goes_and_comes_again() -> None:
    presence = room()
    first, _ = come(presence, "ada")
    second = Somebody("ada")
    presence.reserve(who("ada"))
    assert presence.leave(first, "ada") is True
    assert presence.count == 0
    assert presence.enter(second, who("ada"), 0.0) is True
    assert presence.count == 1


def test_a_broken_connection_stays_until_its_grace_has_passed() -> None:
    presence = room()
    connection, _ = come(presence, "ada")
    assert presence.leave(connection, "ada", goes_at=5.0) is False
    assert (presence.count, presence.due) == (1, 5.0)
    assert presence.tick(4.9) == []
    assert [gone.user for gone in presence.tick(5.0)] == ["ada"]
    assert (presence.count, presence.due, presence.empty) == (0, inf, True)


def test_who_comes_back_within_the_grace_was_never_away() -> None:
    presence = room()
    connection, _ = come(presence, "ada")
    presence.leave(connection, "ada", goes_at=5.0)
    assert come(presence, "ada")[1] is False
    assert presence.tick(100.0) == []
    assert presence.count == 1


def test_a_grace_that_ends_during_a_join_is_told_as_going_and_coming() -> None:
    presence = room()
    connection, _ = come(presence, "ada")
    presence.leave(connection, "ada", goes_at=5.0)
    presence.reserve(who("ada"))
    assert [gone.user for gone in presence.tick(6.0)] == ["ada"]
    assert presence.enter(Somebody("ada"), who("ada"), 6.0) is True


def test_who_is_in_its_grace_still_holds_its_place() -> None:
    presence = room(capacity=1)
    connection, _ = come(presence, "ada")
    presence.leave(connection, "ada", goes_at=5.0)
    with pytest.raises(Reject, match="room_full"):
        presence.reserve(who("bob"))
    presence.tick(5.0)
    presence.reserve(who("bob"))


def test_each_grace_ends_at_its_own_time() -> None:
    presence = room()
    for n, user in enumerate(("ada", "bob", "cyd")):
        presence.leave(come(presence, user)[0], user, goes_at=10.0 - n)
    gone = []
    while presence.due < inf:
        gone += [identity.user for identity in presence.tick(presence.due)]
    assert gone == ["cyd", "bob", "ada"]


def test_the_list_is_capped_and_the_count_is_exact() -> None:
    presence = room(*[f"user{n}" for n in range(MAX_LISTED + 20)])
    assert presence.count == MAX_LISTED + 20
    assert len(presence.listed()) == MAX_LISTED


def test_who_is_shown_is_who_has_come_and_not_who_is_hidden() -> None:
    presence = room("ada", "bob")
    presence.hide("bob")
    presence.reserve(who("cyd"))
    assert [one.user for one in presence.all()] == ["ada"]
    assert presence.shown("ada") is not None
    assert [presence.shown(user) for user in ("bob", "cyd", "eve")] == [None, None, None]


def test_who_has_only_reserved_is_not_listed() -> None:
    presence = room("ada")
    presence.reserve(who("bob"))
    assert [identity.user for identity in presence.listed()] == ["ada"]
    assert [connection.user for connection in presence.connections()] == ["ada"]


def flaps(presence: Any, user: str, times: int, now: float) -> list[float]:
    """Come and go at *now*; return for how long the user was to stay after each time."""
    stays = []
    for _ in range(times):
        connection, _ = come(presence, user, now)
        stays.append(presence.stays(user, now))
        presence.leave(connection, user)
    return stays


def test_who_comes_and_goes_all_the_time_stays_longer_each_time() -> None:
    presence = room("bob")
    stays = flaps(presence, "ada", COMINGS_AT_ONCE, 0.0)
    assert stays == [0.0] * (COMINGS_AT_ONCE - 1) + [3.0]
    assert presence.stays("ada", 1.0) == pytest.approx(2.0)
    assert presence.stays("ada", 3.0) == 0
    assert presence.stays("bob", 0.0) == 0, "each for itself"


@pytest.mark.parametrize("every", [0.001, 0.1, 1.0, 1.7])
def test_whoever_flaps_for_ten_seconds_is_told_of_once_a_second(every: float) -> None:
    """F10, from any moment on, also after a rest: ten notices in any ten seconds."""
    presence, told, here, goes_at = room("bob"), [], None, 0.0
    for n in range(int(40 / every)):
        now = n * every
        told += [now] * len(presence.tick(now))
        if here is None:
            here, came = come(presence, "ada", now)
            told += [now] * came
        else:
            goes_at = now + presence.stays("ada", now)
            told += [now] * presence.leave(here, "ada", goes_at if goes_at > now else -inf)
            here = None
    most = max(sum(at <= one < at + 10 for one in told) for at in told)
    print({"F10": {"every": every, "told": len(told), "seconds": 40, "most in 10 s": most}})
    assert len(told) >= 10
    assert most <= 10


def test_coming_with_another_connection_is_no_coming() -> None:
    presence = room("ada")
    for _ in range(100):
        connection, came = come(presence, "ada")
        assert not came
        presence.leave(connection, "ada")
    assert presence.stays("ada", 0.0) == 0


def test_comings_of_long_ago_are_forgotten() -> None:
    presence = room("bob")
    for n in range(1_000):
        flaps(presence, f"user{n}", 1, n * 10.0)
    assert len(presence._comings) < 30


def test_who_is_hidden_does_not_come_and_does_not_count() -> None:
    presence = room("bob")
    connection = Somebody("ada")
    presence.reserve(who("ada"))
    assert presence.enter(connection, who("ada"), 0.0, hidden=True) is False
    assert (presence.count, [one.user for one in presence.listed()]) == (1, ["bob"])
    assert presence.holds(connection, "ada")
    assert connection in presence.connections(), "it hears all the same"
    # Neither a grace nor a tick tells of it.
    assert presence.leave(connection, "ada", 5.0) is False
    assert presence.due == float("inf")
    assert not presence.holds(connection, "ada")
    assert presence.count == 1


def test_who_is_hidden_goes_for_the_others_and_comes_again_once() -> None:
    presence = room("ada", "bob")
    assert presence.hide("ada") == who("ada")
    assert presence.hide("ada") is None
    assert presence.count == 1
    assert presence.show("ada", 0.0) == who("ada")
    assert presence.show("ada", 0.0) is None
    assert presence.count == 2
    assert presence.hide("nobody") is None
    assert presence.show("nobody", 0.0) is None


def test_who_waits_for_the_end_of_a_grace_and_hides_is_forgotten() -> None:
    presence = Presence(1)
    connection, _ = come(presence, "ada")
    presence.leave(connection, "ada", 5.0)
    assert presence.hide("ada") == who("ada")
    assert presence.empty
    assert presence.tick(6.0) == []
    # Its place is another's.
    come(presence, "bob")
    assert presence.count == 1


def test_a_name_changes_where_somebody_is_listed() -> None:
    presence = room("ada")
    named = Identity(user="ada", name="Countess")
    presence.rename(named)
    presence.rename(Identity(user="nobody", name="x"))
    assert presence.listed() == [named]


def test_a_user_lives_who_has_a_connection_that_owes_nothing() -> None:
    presence = room()
    first, _ = come(presence, "ada")
    second, _ = come(presence, "ada")
    first.lives = False
    assert presence.lives("ada")
    second.lives = False
    assert not presence.lives("ada")
    assert not presence.lives("nobody")
