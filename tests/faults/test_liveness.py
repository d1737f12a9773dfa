"""Peers that fall silent, and peers that never say goodbye (J1, J3, J4)."""

import asyncio
import signal
import subprocess
import sys
import time
from typing import ClassVar

import pytest
from tests.support.people import app
from tests.support.raw import CLOSE, PING, TEXT, Raw, frame

from conclave import Controller, on_disconnect, testing

COUNTS = [pytest.param(20, id="20"), pytest.param(200, id="200", marks=pytest.mark.slow)]
# Seconds that a machine may be late, by how many there are: the many are alone on it.
LATE = {20: 8.0, 200: 0.5}
OFF = {
    "max_connections_per_user": 0,
    "max_unauthenticated_per_address": 0,
    "connection_rate": 0,
    "rate": 0,
}
UNIT = 1.0


class Farewells(Controller):
    ends: ClassVar[list[tuple[str, int, str, float]]] = []

    @on_disconnect
    async def note(self, connection, code, reason):
        self.ends.append((connection.user, code, reason, time.monotonic()))


@pytest.fixture
def ends():
    Farewells.ends = []
    return Farewells.ends


def _enter(port: int, token: str) -> Raw:
    """Join as a client that afterwards neither reads nor writes: half-open, or stopped."""
    raw = Raw.opened(port)
    raw.send(frame(TEXT, b'{"type":"auth","data":{"token":"%s"}}' % token.encode()))
    raw.send(frame(TEXT, b'{"type":"join:room","data":{"room":"general"}}'))
    while b"user:joined" not in (answer := raw.read_frame()).payload:
        if answer.opcode not in (TEXT, PING):
            raw.socket.close()
            raise AssertionError(answer)
        if b'"presence"' in answer.payload and b'"count":2' in answer.payload:
            break
    return raw


@pytest.mark.parametrize("count", COUNTS)
async def test_who_falls_silent_is_given_up_and_missed_once(ends, count):
    settings = {"heartbeat_interval": UNIT, "heartbeat_timeout": UNIT, "presence_grace": 0.2}
    async with (
        testing.serve(app(Farewells), **settings, **OFF) as server,
        server.client("i-am-alive") as alive,
    ):
        await alive.ask("join:room", room="general")
        silent = await asyncio.gather(
            *(asyncio.to_thread(_enter, server.port, "i-am-silent") for _ in range(count))
        )
        began = time.monotonic()
        try:
            await alive.expect("chat", type="user:left", member="silent")
            assert len(ends) == count
            for user, code, reason, at in ends:
                assert (user, code, reason) == ("silent", 1001, "Connection timeout")
                assert at - began < 2 * UNIT + LATE[count]
            await asyncio.sleep(UNIT)
            assert len(alive.told("chat", type="user:left")) == 1
            # What the peer finds if it wakes up: it was asked, and then told why.
            reading = asyncio.create_task(asyncio.to_thread(silent[0].read_frames))
            async with asyncio.timeout(20):
                while len(server.node.hub) > 1:
                    await asyncio.sleep(0.05)
                    await server.turn(1)  # of the five that a peer has to say goodbye
            frames = await reading
            assert PING in [f.opcode for f in frames]
            assert (frames[-1].opcode, frames[-1].close_code) == (CLOSE, 1001)
        finally:
            for raw in silent:
                raw.socket.close()


_PEER = """
import json, sys
from websockets.sync.client import connect
with connect(sys.argv[1], compression=None, proxy=None) as ws:
    ws.send(json.dumps({"type": "auth", "data": {"token": "i-am-stopped"}}))
    ws.send(json.dumps({"type": "join:room", "data": {"room": "general"}}))
    for text in ws:
        if "presence" in text:
            print("in", flush=True)
"""


async def test_a_client_that_is_stopped_is_given_up(ends):
    settings = {"heartbeat_interval": UNIT, "heartbeat_timeout": UNIT, "presence_grace": 0.2}
    async with (
        testing.serve(app(Farewells), **settings) as server,
        server.client("i-am-alive") as alive,
    ):
        await alive.ask("join:room", room="general")
        with subprocess.Popen(
            [sys.executable, "-c", _PEER, server.url], stdout=subprocess.PIPE
        ) as peer:
            try:
                assert await asyncio.to_thread(peer.stdout.readline) == b"in\n"
                await asyncio.sleep(3 * UNIT)
                assert ends == []  # it answers pings as long as it may
                peer.send_signal(signal.SIGSTOP)
                await alive.expect("chat", type="user:left", member="stopped")
                assert ends[0][:3] == ("stopped", 1001, "Connection timeout")
            finally:
                peer.kill()


async def test_pings_decide_for_the_server_and_any_frame_is_life(ends):
    settings = {"heartbeat_interval": UNIT, "heartbeat_timeout": UNIT}
    async with (
        testing.serve(app(Farewells), **settings, **OFF) as server,
        server.client("i-am-answering") as answering,
    ):
        # Answers pings and sends no heartbeat; the other one answers no ping.
        talking = await asyncio.to_thread(_enter, server.port, "i-am-talking")
        for n in range(10):
            await asyncio.sleep(UNIT / 4)
            talking.send(frame(TEXT, b'{"type":"heartbeat","data":{"timestamp":%d}}' % n))
        assert ends == []
        await answering.ask("heartbeat", timestamp=0)
        talking.socket.close()


@pytest.mark.parametrize("count", COUNTS)
async def test_who_never_answers_a_goodbye_is_let_go(ends, count):
    async with testing.serve(app(Farewells), auth_timeout=0.3, **OFF) as server:
        mute = [await asyncio.to_thread(Raw.opened, server.port) for _ in range(count)]
        try:
            began = time.monotonic()
            async with asyncio.timeout(10):
                while len(ends) < count or server.open_sockets:
                    await asyncio.sleep(0.05)
                    if time.monotonic() - began > 1:
                        await server.turn(1)  # of the five that a peer has to say goodbye
            assert len(server.node.hub) == 0
            assert {end[1:3] for end in ends} == {(1008, "Authentication timeout")}
            assert time.monotonic() - began < 8
        finally:
            for raw in mute:
                raw.socket.close()
