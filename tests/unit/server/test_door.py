"""Who is let in by count alone: the caps, what each refusal says, and what is counted of it."""

from types import SimpleNamespace
from typing import Any

from tests.unit.core.people import Somebody

from conclave.core.hub import Caps, Hub
from conclave.model.meters import Meters
from conclave.protocol.account import DoorInfo, Shut
from conclave.server.door import RETRY_AFTER_S, FrontDoor

HERE, THERE = "192.0.2.1", "192.0.2.2"


def door(caps: Caps, **more: Any) -> Any:
    shell: Any = SimpleNamespace(hub=Hub(caps), meters=Meters())
    return FrontDoor(shell, **more)


def come(at: Any, address: str) -> None:
    connection: Any = Somebody("", address)
    at._shell.hub.add(connection)


def refused(at: Any, address: str) -> tuple[int, int] | None:
    """Return the status of the refusal and how many were counted; None: whoever comes is in."""
    refusal = at.admit(address)
    if refusal is None:
        return None
    assert refusal.headers == (("retry-after", str(RETRY_AFTER_S)),)
    return refusal.status, sum(times for _, times in at._shell.meters.limits.items())


def test_an_address_that_has_its_places_is_refused_and_others_come_in() -> None:
    at = door(Caps(per_address=1))
    assert refused(at, HERE) is None
    come(at, HERE)
    assert refused(at, HERE) == (429, 1)
    assert refused(at, HERE) == (429, 2)
    assert refused(at, THERE) is None
    told = DoorInfo(open=False, why=Shut.CROWDED, retry_after_ms=RETRY_AFTER_S * 1000)
    assert at.info(HERE) == told
    assert at.info(THERE) == DoorInfo(open=True)


def test_a_full_house_lets_nobody_in_and_says_how_many_places_there_are() -> None:
    at = door(Caps(total=1))
    come(at, HERE)
    assert refused(at, THERE) == (503, 1)
    assert (at.info(THERE).why, at.info(THERE).places) == (Shut.FULL, 1)


def test_a_door_that_is_shut_is_no_limit_that_was_reached() -> None:
    at = door(Caps())
    assert at.is_open
    at.shut()
    assert not at.is_open
    assert refused(at, HERE) == (503, 0)
    assert at.info(HERE).why is Shut.STOPPING


def test_who_is_let_in_gets_a_connection_with_its_address() -> None:
    made: list[tuple[Any, str]] = []
    at = door(Caps(), make=lambda shell, address: made.append((shell, address)))
    at.receiver(HERE, None)
    assert made == [(at._shell, HERE)]
