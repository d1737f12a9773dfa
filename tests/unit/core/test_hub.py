"""How many connections there may be, and which are whose: counted from the sets themselves."""

from typing import Any

import pytest
from tests.unit.core.people import Somebody, who

from conclave.core.hub import Caps, Hub


def hub_with(count: int, caps: Caps, user: str = "", address: str = "127.0.0.1") -> Any:
    hub: Any = Hub(caps)
    for _ in range(count):
        come(hub, user, address)
    return hub


def come(hub: Any, user: str = "", address: str = "127.0.0.1") -> Somebody:
    connection = Somebody("", address)
    hub.add(connection)
    if user:
        identify(hub, connection, user)
    return connection


def identify(hub: Any, connection: Somebody, user: str) -> Somebody | None:
    connection.identity, connection.user = who(user), user
    oldest: Somebody | None = hub.identify(connection, user)
    return oldest


def test_the_hub_is_full_at_its_cap_and_not_before() -> None:
    assert not hub_with(2, Caps(total=3)).full()
    hub = hub_with(3, Caps(total=3))
    assert hub.full()
    hub.remove(next(iter(hub.connections)))
    assert not hub.full()


def test_strangers_of_one_address_are_bounded_more_narrowly() -> None:
    caps = Caps(per_address=3, unauthenticated_per_address=2)
    hub = hub_with(2, caps)
    assert hub.crowded("127.0.0.1")
    assert not hub.crowded("127.0.0.2")
    identify(hub, next(iter(hub.connections)), "ada")
    assert not hub.crowded("127.0.0.1")
    come(hub, "bob")
    assert hub.crowded("127.0.0.1"), "three in all"


def test_a_cap_of_zero_is_none() -> None:
    caps = Caps(total=0, per_address=0, unauthenticated_per_address=0, per_user=0)
    hub = hub_with(100, caps, user="ada")
    assert not hub.full()
    assert not hub.crowded("127.0.0.1")
    assert identify(hub, come(hub), "ada") is None


def test_the_oldest_connection_of_a_user_goes_for_the_newest() -> None:
    hub: Any = Hub(Caps(per_user=2))
    first, second = come(hub, "ada"), come(hub, "ada")
    third = come(hub)
    assert identify(hub, third, "ada") is first
    assert hub.of("ada") == [second, third]


def test_many_that_come_at_once_each_take_the_place_of_another() -> None:
    """One that is told to go may take its time; it is counted no more."""
    hub: Any = Hub(Caps(per_user=2))
    first, second = come(hub, "ada"), come(hub, "ada")
    gone = [identify(hub, come(hub), "ada") for _ in range(3)]
    assert gone[:2] == [first, second]
    assert len(set(gone)) == 3
    assert len(hub.of("ada")) == 2


def test_one_that_went_for_another_ends_like_any() -> None:
    hub: Any = Hub(Caps(per_user=1))
    first, second = come(hub, "ada"), come(hub, "ada")
    hub.remove(first)
    assert hub.of("ada") == [second]
    hub.remove(second)
    assert hub.of("ada") == []


def test_removing_twice_is_harmless() -> None:
    hub: Any = Hub(Caps())
    connection = come(hub, "ada")
    hub.watch(connection, ["hall"])
    hub.remove(connection)
    hub.remove(connection)
    assert len(hub) == 0
    assert hub.watchers("hall") == []


def test_who_watches_a_room_hears_of_it_unless_it_is_in() -> None:
    hub: Any = Hub(Caps())
    ada, bob = come(hub, "ada"), come(hub, "bob")
    hub.watch(ada, ["hall", "yard"])
    hub.watch(bob, ["hall"])
    bob.rooms |= {"hall"}
    assert hub.watchers("hall") == [ada]
    hub.unwatch(ada, "hall")
    assert (hub.watchers("hall"), hub.watchers("yard")) == ([], [ada])


@pytest.mark.parametrize("late", ["identify", "watch", "unwatch"])
def test_a_handler_that_runs_on_after_the_end_leaves_nothing_behind(late: str) -> None:
    hub: Any = Hub(Caps())
    connection = come(hub)
    hub.remove(connection)
    if late == "identify":
        assert identify(hub, connection, "ada") is None
    else:
        getattr(hub, late)(connection, *([["hall"]] if late == "watch" else ["hall"]))
    kept = [
        getattr(hub, name) for name in vars(hub) if name not in ("_caps", "_parted", "on_missed")
    ]
    assert not any(kept), kept


def test_an_ipv6_host_is_one_peer_however_many_addresses_it_chooses() -> None:
    hub = hub_with(1, Caps(unauthenticated_per_address=2), address="2001:db8::1")
    other = come(hub, address="2001:db8::ffff:2")
    assert hub.crowded("2001:db8:0:0:1::3")
    assert not hub.crowded("2001:db8:0:1::1")
    hub.remove(other)
    assert not hub.crowded("2001:db8::1")


def test_an_ipv4_peer_is_the_same_on_a_socket_for_both() -> None:
    hub = hub_with(2, Caps(unauthenticated_per_address=2), address="::ffff:192.0.2.7")
    assert hub.crowded("192.0.2.7")
    assert not hub.crowded("192.0.2.8")


def test_what_is_no_address_is_a_peer_of_its_own() -> None:
    """As whoever comes over a Unix socket."""
    hub = hub_with(2, Caps(unauthenticated_per_address=2), address="unix:")
    assert hub.crowded("unix:")
    assert not hub.crowded("")
    assert not hub.crowded("127.0.0.1")


def test_it_says_how_many_of_whom_there_are_and_have_gone() -> None:
    hub: Any = Hub(Caps(total=7))
    ada, phone, _ = come(hub, "ada"), come(hub, "ada"), come(hub, "bob")
    come(hub)
    assert (len(hub), hub.users, hub.parted, hub.places) == (4, 2, 0, 7)
    hub.remove(phone)
    assert (len(hub), hub.users, hub.parted) == (3, 2, 1)
    hub.remove(ada)
    hub.remove(ada)
    assert (len(hub), hub.users, hub.parted) == (2, 1, 2)


def test_other_caps_count_for_who_comes_from_then_on() -> None:
    hub = hub_with(2, Caps(total=3))
    hub.renew(Caps(total=2))
    assert hub.full()
    assert len(hub) == 2, "nobody goes for it"
    assert hub.places == 2


def test_a_user_is_awake_at_the_connections_where_somebody_is() -> None:
    hub: Any = Hub(Caps())
    laptop, phone = come(hub, "ada"), come(hub, "ada")
    assert hub.awake_at("ada") == {laptop, phone}
    hub.set_idle(laptop, True)
    assert hub.awake_at("ada") == {phone}
    hub.set_idle(phone, True)
    assert not hub.awake("ada")
    hub.set_idle(laptop, False)
    assert hub.awake_at("ada") == {laptop}
    hub.remove(laptop)
    assert (hub.awake("ada"), hub.awake_at("ada")) == (False, frozenset())
    # Its word comes late: nothing is left of it.
    hub.set_idle(laptop, True)
    assert hub._idle == {phone}


def test_who_is_expected_has_missed_what_others_of_their_user_were_looked_for() -> None:
    hub = hub_with(1, Caps(), "ada")
    hub.of("ada")
    with hub.expect() as ada, hub.expect() as bob:
        hub.of("ada")
        assert ada.missed("ada"), "what comes behind the look-up is told to those who are found"
        assert not bob.missed("bob"), "that was somebody else"
        with hub.expect() as later:
            assert not later.missed("ada"), "that is in the store already"
    hub.of("eve")
    assert not ada.missed("eve"), "nobody is expected any more"


def test_who_is_expected_has_missed_that_everybody_was_asked_after() -> None:
    hub = hub_with(2, Caps(), "ada")
    with hub.expect() as bob:
        assert [one.user for one in hub.identities()] == ["ada", "ada"]
        assert bob.missed("bob")
