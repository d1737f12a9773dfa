"""
The load generator counts exactly: against a room server of a few lines, which can cheat.

Whatever a benchmark shows rests on this: one delivery that is lost, comes twice, comes to the wrong
room or out of order, or one request that is refused, and the run counts for nothing.
"""

import asyncio
import base64
import hashlib
import json
import os
import struct
import subprocess
from collections import defaultdict
from pathlib import Path

import pytest
from benchmarks import generator

JOIN = generator.say(("join {room}", "joined"))
MESSAGE = {"message": "chat {id} {mark} {pad}"}


class Room:
    """Rooms: `join NAME`, then `chat …` goes to all of the room; *cheat* may change that."""

    def __init__(self, cheat=lambda n, frames: frames, ack=b"stored"):
        self.rooms, self.cheat, self.ack, self.told = defaultdict(list), cheat, ack, 0
        self.serving = set()

    async def serve(self, reader, writer):
        self.serving.add(asyncio.current_task())
        head = await reader.readuntil(b"\r\n\r\n")
        key = head.partition(b"Sec-WebSocket-Key: ")[2].split(b"\r\n")[0]
        digest = hashlib.sha1(key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest()
        writer.write(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: %s\r\n\r\n" % base64.b64encode(digest)
        )
        try:
            while True:
                await self.hear(writer, await masked(reader))
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def hear(self, writer, text):
        verb, _, rest = text.partition(b" ")
        if verb == b"join":
            self.rooms[rest].append(writer)
            writer.room = rest
            # In pieces: a frame may come in any number of reads.
            for byte in (bytes([1, 2]) + b"jo", bytes([0x89, 1]) + b"p", bytes([0x80, 4]), b"ined"):
                writer.write(byte)
                await asyncio.sleep(0)
        elif verb == b"chat":
            writer.write(plain(b"%s %s" % (self.ack, rest.split()[0])))
            for member in self.rooms[writer.room]:
                for to, frame in self.cheat(self.told, [(member, plain(rest))]):
                    to.write(frame)
                self.told += 1


async def masked(reader):
    first, size = await reader.readexactly(2)
    assert size & 128
    size &= 127
    if size == 126:
        (size,) = struct.unpack("!H", await reader.readexactly(2))
    mask = await reader.readexactly(4)
    payload = await reader.readexactly(size)
    text = bytes(byte ^ mask[n % 4] for n, byte in enumerate(payload))
    return text if first == 0x81 else b"control"


def plain(text):
    size = bytes([len(text)]) if len(text) < 126 else b"\x7e" + struct.pack("!H", len(text))
    return b"\x81" + size + text


async def talk(room, **options):
    """Return the generator's exit code and what it printed."""
    server = await asyncio.start_server(room.serve, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        given = {"port": port, "pid": os.getpid(), "drain": 0.3, "linger": 0.05} | MESSAGE | options
        command = [PROGRAM, *generator.words(given), *JOIN]
        process = await asyncio.create_subprocess_exec(
            *command, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        out, err = await process.communicate()
        await asyncio.gather(*room.serving)
        return process.returncode, json.loads(out or "{}"), err.decode()


PROGRAM = ""


@pytest.fixture(autouse=True, scope="module")
def built(tmp_path_factory):
    global PROGRAM
    PROGRAM = str(generator.build(Path(tmp_path_factory.mktemp("load"))))


async def test_all_that_is_expected_is_counted_once():
    code, counted, err = await talk(
        Room(),
        members=12,
        rooms=3,
        per_room=2,
        window=3,
        warmup=6,
        messages=60,
        ack="stored",
        size=300,
    )
    assert (code, err) == (0, "")
    assert counted["good"]
    assert counted["messages"] == 60
    assert counted["deliveries"] == 60 * 4
    # With those of the warming up.
    assert counted["expected"] == counted["heard"] == 66 * 4
    assert counted["acks"] == 66
    assert counted["delivery_us"]["count"] == 240
    times = counted["delivery_us"]
    assert 0 < times["p50"] <= times["p99"] <= times["max"]
    assert counted["server_cpu_seconds"] > 0
    assert counted["kib_ready"] > 1_000
    # Each has at least its 300 bytes.
    assert counted["bytes"] > 66 * 4 * 300


async def test_an_open_loop_keeps_its_rate():
    code, counted, _ = await talk(Room(), members=4, senders=2, rate=100, messages=30)
    assert code == 0
    assert counted["deliveries"] == 4 * 30
    # Not before they are due, however quick the server is.
    assert counted["seconds"] > 0.28


def losing(n, frames):
    return [] if n == 17 else frames


def doubling(n, frames):
    return frames * 2 if n == 17 else frames


def swapping(held=[]):  # noqa: B006 - what is held back, until the next one has gone
    def cheat(n, frames):
        if n == 10:
            held.extend(frames)
            return []
        late = held[:] if n == 14 else []
        return frames + late

    return cheat


@pytest.mark.parametrize(
    ("cheat", "count", "value"),
    [(losing, "missing", 1), (doubling, "doubled", 1), (swapping(), "disordered", 1)],
    ids=["lost", "doubled", "out of order"],
)
async def test_one_delivery_that_is(cheat, count, value):
    code, counted, _ = await talk(Room(cheat), members=4, window=4, messages=20)
    assert code == 1
    assert not counted["good"]
    assert counted[count] == value


async def test_what_comes_to_another_room_is_strange():
    room = Room()

    def astray(n, frames):
        return frames + [(room.rooms[b"1"][0], frame) for _, frame in frames if n == 5]

    room.cheat = astray
    code, counted, _ = await talk(room, members=4, rooms=2, senders=1, messages=10)
    assert (code, counted["strange"]) == (1, 1)


async def test_what_is_refused_is_named():
    code, counted, err = await talk(Room(ack=b"no"), members=2, messages=1, ack="stored")
    assert code == 1
    assert counted["refused"] == 1
    assert "no ak:00000000" in err


async def test_no_two_runs_use_the_same_id():
    ids = set()

    def note(_n, frames):
        ids.update(frame.split()[0] for _, frame in frames)
        return frames

    for _ in range(2):
        await talk(Room(note), messages=1)
    assert len(ids) == 2
