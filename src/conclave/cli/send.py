"""
`conclave send`: write to a room from a script, and see the numbers that the messages got.

The text stands among the arguments, or each line of standard input is a message.
"""

import asyncio
import os
import threading
from collections import deque
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Annotated, Final

from cyclopts import Parameter

from conclave.cli.visit import CannotVisit, TokenFile, Url, Within, run, visit
from conclave.client import Client, Pending, Room
from conclave.protocol.errors import Reject

# Messages on their way at once: each waits for those before it, reading on does not.
_MOST_UNDER_WAY: Final = 100
_READ_BYTES: Final = 65_536


def send(
    room: str,
    /,
    *text: Annotated[str, Parameter(help="The message; else each line of standard input is one.")],
    url: Url = None,
    token_file: TokenFile = None,
    within: Within = 30.0,
) -> int:
    """Write to ROOM, and print the number of each message when it is stored."""
    said = " ".join(text)
    return run(lambda: _send(visit(url, token_file, within), room, said, within))


async def _send(client: Client, name: str, text: str, within: float) -> None:
    async with client:
        room = client.room(name)
        if text:
            async with asyncio.timeout(within):
                print((await room.send(text)).seq, flush=True)
            return
        await _send_lines(room, within)


async def _send_lines(room: Room, within: float) -> None:
    under_way: deque[tuple[int, Pending]] = deque()
    number = 0
    try:
        async for line in _lines():
            number += 1
            if line.strip():
                under_way.append((number, await _post(room, line, number)))
            while under_way and (under_way[0][1].done or len(under_way) > _MOST_UNDER_WAY):
                await _print_number(*under_way.popleft(), within)
        while under_way:
            await _print_number(*under_way.popleft(), within)
    except (Reject, CannotVisit):
        await _end_what_is_under_way(under_way, within)
        raise


async def _end_what_is_under_way(under_way: deque[tuple[int, Pending]], within: float) -> None:
    """After a refusal: nothing more is sent, and what is stored is said."""
    sent = [(number, pending) for number, pending in under_way if not pending.withdraw()]
    for number, pending in sent:
        # The first refusal is the one that is told.
        with suppress(Reject):
            await _print_number(number, pending, within)


async def _post(room: Room, line: bytes, number: int) -> Pending:
    try:
        return await room.post(_decoded(line, number))
    except Reject as no:
        raise Reject(no.code, f"line {number}: {no.message}") from None


async def _print_number(line: int, pending: Pending, within: float) -> None:
    try:
        async with asyncio.timeout(within):
            print((await pending).seq, flush=True)
    except Reject as no:
        raise Reject(no.code, f"line {line}: {no.message}") from None


def _decoded(line: bytes, number: int) -> str:
    try:
        return line.decode()
    except UnicodeDecodeError:
        raise CannotVisit(f"line {number} is not UTF-8") from None


async def _lines() -> AsyncIterator[bytes]:
    """Yield the lines of standard input, whatever it is: a file, a pipe, a terminal."""
    loop = asyncio.get_running_loop()
    chunks: asyncio.Queue[bytes] = asyncio.Queue()
    wanted = threading.Semaphore(0)

    def read() -> None:
        # A thread of its own that nobody waits for: a read cannot be called off.
        while wanted.acquire():
            chunk = os.read(0, _READ_BYTES)
            loop.call_soon_threadsafe(chunks.put_nowait, chunk)
            if not chunk:
                return

    threading.Thread(target=read, daemon=True).start()
    rest = b""
    while True:
        wanted.release()
        chunk = await chunks.get()
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            yield line
        if not chunk:
            if rest:
                yield rest
            return
