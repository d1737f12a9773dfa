"""
What it costs to tell one message to a thousand idle connections, beside a bare `send` each.

The server's side runs here on one core: the real listener, links and outboxes, no rooms. A
reader in another process on the other core takes everything with `epoll`. Both ways are
measured in turns in the same run, each time once all was read, so that every receiver is
idle when the next one comes. Prints one JSON line: CPU in µs per member, and the ratio.
"""

import argparse
import asyncio
import json
import os
import select
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable

import uvloop

from conclave.ports import Transport
from conclave.protocol.codec import Packet
from conclave.protocol.frames import frame_text
from conclave.server.listener import Listener
from conclave.server.outbox import Outbox
from conclave.server.round import Round
from conclave.server.terms import Refusal, Terms

TEXT = json.dumps(
    {"type": "chat", "data": {"room": "general", "seq": 8, "text": "x" * 120}}
).encode()
FRAMED = frame_text(TEXT)
UPGRADE = (
    b"GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)


class Crowd:
    """A door; everybody behind it has an outbox and says nothing."""

    def __init__(self) -> None:
        self.boxes: list[Outbox] = []
        self.round = Round(asyncio.get_running_loop())
        self.listener = Listener(None, self, Terms())

    def admit(self, _address: str) -> Refusal | None:
        return None

    def receiver(self, _address: str, _subprotocol: str | None) -> "Person":
        return Person(self)

    def tell(self) -> None:
        packet = Packet(TEXT)
        for box in self.boxes:
            box.offer(packet)


class Person:
    def __init__(self, crowd: Crowd) -> None:
        self._crowd = crowd

    def opened(self, transport: Transport) -> None:
        crowd = self._crowd
        crowd.boxes.append(Outbox(transport, crowd.round, crowd.listener.pulse, lambda: None))

    def received(self, text: bytes) -> None: ...

    def heard(self) -> None: ...

    def writable(self) -> None: ...

    def closed(self, code: int, reason: str) -> None: ...


class Reader:
    """The process that reads; `expect` waits until it has read so many bytes more."""

    def __init__(self, port: int, connections: int, *, upgrade: bool) -> None:
        command = [sys.executable, __file__, "--read", str(port), "--connections", str(connections)]
        if upgrade:
            command.append("--upgrade")
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def wait(self) -> None:
        assert self._process.stdout is not None
        self._process.stdout.readline()

    def expect(self, size: int) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(b"%d\n" % size)
        self._process.stdin.flush()
        self.wait()

    def stop(self) -> None:
        self._process.kill()
        self._process.communicate()


async def measure(connections: int, rounds: int) -> dict[str, float]:
    os.sched_setaffinity(0, {0})
    crowd = Crowd()
    await crowd.listener.start()
    people = Reader(crowd.listener.port, connections, upgrade=True)
    await asyncio.to_thread(people.wait)
    bare_port = socket.create_server(("127.0.0.1", 0), backlog=4_096)
    bare = Reader(bare_port.getsockname()[1], connections, upgrade=False)
    sockets = [bare_port.accept()[0] for _ in range(connections)]
    for one in sockets:
        one.setblocking(False)
        one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    await asyncio.to_thread(bare.wait)

    def send_bare() -> None:
        for one in sockets:
            one.send(FRAMED)

    costs: dict[str, list[float]] = {"bare": [], "conclave": []}
    for _ in range(rounds):
        for name, tell, reader in (("bare", send_bare, bare), ("conclave", crowd.tell, people)):
            costs[name].append(await one_round(tell) / connections * 1e6)
            await asyncio.to_thread(reader.expect, connections * len(FRAMED))
    people.stop()
    bare.stop()
    found = {name: round(statistics.median(values), 2) for name, values in costs.items()}
    return {**found, "ratio": round(found["conclave"] / found["bare"], 2)}


async def one_round(tell: Callable[[], None]) -> float:
    await asyncio.sleep(0.01)
    began = time.thread_time()
    tell()
    # The outboxes deliver at the end of the tick.
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    return time.thread_time() - began


def read(port: int, connections: int, *, upgrade: bool) -> None:
    """Be the reader: connect, read everything, answer each number on stdin with a line."""
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    poll = select.epoll()
    sockets: dict[int, socket.socket] = {}
    for _ in range(connections):
        one = socket.create_connection(("127.0.0.1", port))
        if upgrade:
            one.sendall(UPGRADE)
            answer = b""
            while b"\r\n\r\n" not in answer:
                answer += one.recv(4_096)
        one.setblocking(False)
        sockets[one.fileno()] = one
        poll.register(one, select.EPOLLIN)
    poll.register(0, select.EPOLLIN)
    print("connected", flush=True)
    total = expected = 0
    while True:
        for fd, _ in poll.poll():
            if fd:
                total += len(sockets[fd].recv(65_536))
            elif line := os.read(0, 100):
                expected = int(line)
            else:
                return
        if expected and total >= expected:
            total -= expected
            expected = 0
            print("read", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--connections", type=int, default=1_000)
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--read", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--upgrade", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.read:
        read(options.read, options.connections, upgrade=options.upgrade)
    else:
        print(json.dumps(uvloop.run(measure(options.connections, options.rounds))))


if __name__ == "__main__":
    main()
