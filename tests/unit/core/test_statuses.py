"""How people are, as they said last on any device."""

import pytest

from conclave.core.statuses import Statuses
from conclave.model import Status


def test_who_says_nothing_is_online_and_each_change_is_one() -> None:
    statuses = Statuses()
    assert statuses.of("ada") is Status.ONLINE
    assert not statuses.set("ada", Status.ONLINE)
    assert statuses.set("ada", Status.DND)
    assert not statuses.set("ada", Status.DND)
    assert statuses.of("ada") is Status.DND
    assert statuses.of("bob") is Status.ONLINE
    assert statuses.set("ada", Status.ONLINE)
    assert not statuses._said, "what is usual is not kept"


@pytest.mark.parametrize(
    ("status", "here", "shown"),
    [
        (Status.ONLINE, True, "online"),
        (Status.AWAY, True, "away"),
        (Status.DND, True, "dnd"),
        (Status.INVISIBLE, True, "offline"),
        (Status.ONLINE, False, "offline"),
        (Status.DND, False, "offline"),
        (Status.INVISIBLE, False, "offline"),
    ],
)
def test_others_see_who_is_here_and_wants_to_be_seen(status, here, shown) -> None:
    statuses = Statuses()
    statuses.set("ada", status)
    assert statuses.shown("ada", lambda user: here and user == "ada") == shown
    assert statuses.hidden("ada") == (status is Status.INVISIBLE)


def test_who_is_at_no_device_is_away_and_what_they_said_stays() -> None:
    statuses = Statuses()
    assert statuses.doze("ada", True)
    assert not statuses.doze("ada", True)
    assert (statuses.of("ada"), statuses.said("ada")) == (Status.AWAY, Status.ONLINE)
    assert statuses.shown("ada", lambda _: True) == "away"
    for said in (Status.DND, Status.INVISIBLE, Status.AWAY):
        assert statuses.set("ada", said)
        assert statuses.of("ada") is said
        assert not statuses.doze("ada", False), "it is what they said"
        assert not statuses.doze("ada", True)
    assert statuses.set("ada", Status.ONLINE)
    assert statuses.of("ada") is Status.AWAY
    assert statuses.doze("ada", False)
    assert statuses.of("ada") is Status.ONLINE
    assert not statuses._dozing, "who is there is not kept"
