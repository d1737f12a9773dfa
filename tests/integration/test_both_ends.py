"""What is known of both ends of a socket though nobody asks the system, on both event loops."""

import asyncio
import socket
from collections.abc import Callable
from typing import Any

import pytest
import uvloop
from tests.support.raw import Raw

from conclave.ports import Transport
from conclave.server.link import Link
from conclave.server.listener import Listener
from conclave.server.terms import Terms
from conclave.testing.echo import Echo, EchoDoor

LOOPS = pytest.mark.parametrize("make", [asyncio.new_event_loop, uvloop.new_event_loop])
Make = Callable[[], asyncio.AbstractEventLoop]


class Shown(Echo):
    links: list[Link]

    def __init__(self, links: list[Link]) -> None:
        self.links = links

    def opened(self, transport: Transport) -> None:
        super().opened(transport)
        assert isinstance(transport, Link)
        self.links.append(transport)


class Door(EchoDoor):
    def __init__(self) -> None:
        self.links: list[Link] = []

    def receiver(self, address: str, subprotocol: str | None) -> Shown:
        return Shown(self.links)


@LOOPS
def test_small_frames_leave_at_once(make: Make) -> None:
    """Without `TCP_NODELAY` each would wait for the answer to the one before."""

    async def say_so() -> int:
        door = Door()
        listener = Listener(None, door, Terms())
        await listener.start()
        client = await asyncio.to_thread(Raw.opened, listener.port)
        while not door.links:
            await asyncio.sleep(0.005)
        ours = door.links[0]._socket.get_extra_info("socket")
        option: int = ours.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        client.socket.close()
        await listener.stop(within=1.0)
        return option

    with asyncio.Runner(loop_factory=make) as runner:
        assert runner.run(say_so())


@LOOPS
def test_an_application_is_told_both_ends_of_each_request(make: Make) -> None:
    seen: list[dict[str, Any]] = []

    async def app(scope: dict[str, Any], _receive: Any, send: Any) -> None:
        seen.append(scope)
        headers = [(b"content-length", b"0")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b""})

    def ask(port: int) -> tuple[Any, Any]:
        with Raw(port) as client:
            for _ in range(2):
                client.send(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
                assert client.read_head()[0] == 200
            return client.socket.getsockname(), client.socket.getpeername()

    async def ask_twice() -> tuple[Any, Any]:
        listener = Listener(app, EchoDoor(), Terms())
        await listener.start()
        ends = await asyncio.to_thread(ask, listener.port)
        await listener.stop(within=1.0)
        return ends

    with asyncio.Runner(loop_factory=make) as runner:
        ends = runner.run(ask_twice())
    assert [(scope["client"], scope["server"]) for scope in seen] == [ends, ends]
