"""
Give somebody bytes that lie on the disk, all or a part, as fast as they read them.

At most one piece is in memory. Who leaves, or takes too long, ends it.
"""

import asyncio
import re
from collections.abc import Mapping
from typing import Final, NamedTuple

from litestar.types import Receive, Scope, Send

from conclave.ports.blobs import Blob

_AT_ONCE_BYTES: Final = 1 << 18
# Who reads more slowly keeps a descriptor from others.
_MOST_S: Final = 3_600.0
_RANGE: Final = re.compile(r"bytes=(\d{0,15})-(\d{0,15})")


class Part(NamedTuple):
    """From which byte on, and how many."""

    at: int
    length: int


def part_of(wanted: str, size: int) -> Part | None:
    """
    Return the part that a `Range: *wanted*` asks for (RFC 9110 14.1), all for what is none.

    None: it begins behind the end. Several ranges are answered with all, as one may.
    """
    found = _RANGE.fullmatch(wanted.strip().lower())
    if found is None or found.groups() == ("", ""):
        return Part(0, size)
    first, last = found.groups()
    if not first:
        length = min(int(last), size)
        return Part(size - length, length) if length else None
    at, end = int(first), min(int(last), size - 1) if last else size - 1
    if at >= size:
        return None
    return Part(at, end - at + 1) if end >= at else Part(0, size)


class SentFile:
    """An answer: *blob*, or the part of it that the request asks for. It is closed afterwards."""

    def __init__(self, blob: Blob, headers: Mapping[str, str], tag: str) -> None:
        self._blob = blob
        self._headers = {**headers, "etag": tag, "accept-ranges": "bytes"}
        self._tag = tag

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = {name: value.decode("latin-1") for name, value in scope["headers"]}
        tasks = (
            asyncio.create_task(self._answer(asked, send)),
            asyncio.create_task(_left(receive)),
        )
        try:
            await asyncio.wait(tasks, timeout=_MOST_S, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await asyncio.to_thread(self._blob.close)
        if not tasks[0].cancelled():
            tasks[0].result()

    async def _answer(self, asked: Mapping[bytes, str], send: Send) -> None:
        if self._tag in asked.get(b"if-none-match", "").replace("W/", "").split(", "):
            await self._begin(send, 304)
            await _end(send)
            return
        size = self._blob.size
        # Of another version the part would not fit (RFC 9110 13.1.5); this has only one.
        fits = asked.get(b"if-range", self._tag) == self._tag
        wanted = asked.get(b"range", "") if fits else ""
        part = part_of(wanted, size)
        if part is None:
            await self._begin(
                send, 416, {"content-range": f"bytes */{size}", "content-length": "0"}
            )
            await _end(send)
            return
        said = {"content-length": str(part.length)}
        if part.length == size:
            await self._begin(send, 200, said)
        else:
            last = part.at + part.length - 1
            await self._begin(send, 206, said | {"content-range": f"bytes {part.at}-{last}/{size}"})
        await self._pieces(part, send)

    async def _begin(self, send: Send, status: int, more: Mapping[str, str] | None = None) -> None:
        fields = {**self._headers, **(more or {})}
        if status in (304, 416):
            del fields["content-type"]
        encoded = [(name.encode(), value.encode()) for name, value in fields.items()]
        await send({"type": "http.response.start", "status": status, "headers": encoded})

    async def _pieces(self, part: Part, send: Send) -> None:
        at, end = part
        end += at
        while at < end:
            piece = await asyncio.to_thread(self._blob.read, at, min(_AT_ONCE_BYTES, end - at))
            if not piece:
                # Less than was promised: the connection must not go on as if that were all.
                raise OSError("the file is shorter than it was")
            at += len(piece)
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await _end(send)


async def _end(send: Send) -> None:
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _left(receive: Receive) -> None:
    """Return once the reader is gone."""
    while (await receive())["type"] != "http.disconnect":
        pass
