"""What a page is told of the door that did not let its socket in."""

import pytest
from tests.support.page import Page

from conclave.client.wire import Refused
from conclave.core.hub import Caps, Hub
from conclave.protocol.account import DoorInfo, Shut
from conclave.server.door import FrontDoor
from conclave.testing import serve


async def told(server):
    return (await Page(server).ask("GET", "/door")).json


async def test_a_full_server_says_how_many_places_it_has_and_when_to_come_again():
    async with serve(max_connections=1) as server:
        assert (await told(server))["open"] is True
        async with server.client():
            with pytest.raises(Refused) as refused:
                async with server.client():
                    pass
            assert refused.value.status == 503
            assert await told(server) == {
                "open": False,
                "why": "full",
                "places": 1,
                "retry_after_ms": 20_000,
            }


async def test_a_network_that_has_its_places_is_told_so_and_others_come_in():
    async with serve(max_connections_per_address=1) as server, server.client():
        assert (await told(server))["why"] == "crowded"
        assert (await told(server))["places"] is None
        elsewhere = Page(server, address="127.0.0.7")
        assert (await elsewhere.ask("GET", "/door")).json["open"] is True


async def test_a_page_of_another_origin_is_told_nothing():
    async with serve() as server:
        answer = await Page(server).ask("GET", "/door", origin="https://evil.example")
        assert answer.status == 403


def test_who_comes_while_the_server_stops_is_told_that_it_stops():
    class Shell:
        hub = Hub(Caps(total=1))

    door = FrontDoor(Shell())  # type: ignore[arg-type]  # nobody is let in
    assert door.info("192.0.2.1") == DoorInfo(open=True)
    door.shut()
    assert door.info("192.0.2.1").why is Shut.STOPPING
    refusal = door.admit("192.0.2.1")
    assert refusal is not None
    assert refusal.status == 503
