"""
Files of a client, over HTTP: sent for a room before a message names them, and fetched.

Nothing is tried again here, and nothing is kept: what broke off has left nothing behind that
an hour does not remove. The token goes to the client's own server, and no redirect is followed.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

import msgspec
from msgspec import UNSET, Struct
from msgspec.structs import replace

from conclave.client.address import Address
from conclave.client.errors import Lost
from conclave.protocol.attaching import Attached
from conclave.protocol.errors import Code, Reject
from conclave.protocol.events import Hello

if TYPE_CHECKING:
    import httpx

# Told how many bytes went, or came, of how many.
Progress = Callable[[int, int], None]

_PIECE: Final = 131_072
# Seconds without a sign of the other side.
_SILENCE: Final = 60.0
# An answer that is no file.
_MOST_ANSWER: Final = 65_536


class _Problem(Struct):
    """What the server says no with (RFC 9457)."""

    code: str = Code.INTERNAL
    detail: str = ""
    retry_after_ms: float | None = None


class Files:
    """
    What one client sends and fetches; `Client.files` is it.

    Each call may be cancelled at any moment. They raise `Reject` with the server's code, and
    `Lost` when it cannot be reached or breaks off.
    """

    def __init__(
        self,
        address: Address,
        token: Callable[[], Awaitable[str]],
        tls: ssl.SSLContext | None,
        hello: Callable[[], Hello | None],
    ) -> None:
        """*hello*: what the server says of its limits, once it has."""
        self._base = address.url.replace("ws", "http", 1).removesuffix("/ws") + "/api/v1"
        self._token = token
        self._tls = tls
        self._hello = hello

    async def send(
        self,
        room: str,
        source: Path | str | bytes,
        *,
        name: str | None = None,
        alt: str = "",
        progress: Progress | None = None,
    ) -> Attached:
        """
        Send a file for *room*; return what `Room.send` takes in `attachments`.

        *source* is a path, or the bytes themselves, which want a *name*. *alt* says what is to
        be seen there. In no message within an hour it is gone.
        """
        if isinstance(source, bytes):
            size, called = len(source), name or "file"
        else:
            source = Path(source)
            size, called = (await asyncio.to_thread(source.stat)).st_size, name or source.name
        hello = self._hello()
        if hello is not None and size > (most := hello.limits.attachment_bytes):
            raise Reject(Code.TOO_LARGE, f"A file has at most {most:,} bytes here")
        path = f"/rooms/{quote(room, safe='')}/attachments?name={quote(called, safe='')}"
        headers = {"content-length": str(size), "content-type": "application/octet-stream"}
        body = _pieces(source, size, progress)
        async with self._asking("POST", path, headers, body) as answer:
            sent = _read(await _whole(answer), Attached)
        return replace(sent, alt=alt or UNSET)

    async def fetch(
        self,
        attached: Attached | str,
        *,
        thumbnail: bool = False,
        progress: Progress | None = None,
    ) -> bytes:
        """Return the bytes of an attachment, or of its *thumbnail*; name it by its id, too."""
        return b"".join([one async for one in self._parts(attached, thumbnail, progress)])

    async def save(
        self, attached: Attached | str, path: Path | str, *, progress: Progress | None = None
    ) -> None:
        """Write an attachment to *path*, which must not be there: nothing is written over."""
        place = Path(path)
        with await asyncio.to_thread(place.open, "xb") as file:
            try:
                async for part in self._parts(attached, False, progress):
                    await asyncio.to_thread(file.write, part)
            except BaseException:
                # Half of it is nothing to anybody.
                await asyncio.to_thread(place.unlink, missing_ok=True)
                raise

    async def withdraw(self, attached: Attached | str) -> None:
        """Have gone what was sent and put into no message."""
        async with self._asking("DELETE", f"/attachments/{_id(attached)}", {}):
            pass

    async def _parts(
        self, attached: Attached | str, thumbnail: bool, progress: Progress | None
    ) -> AsyncIterator[bytes]:
        path = f"/attachments/{_id(attached)}" + ("/thumbnail" if thumbnail else "")
        async with self._asking("GET", path, {}) as answer:
            came, all_ = 0, int(answer.headers.get("content-length", 0))
            async for part in answer.aiter_bytes():
                came += len(part)
                if progress is not None:
                    progress(came, all_)
                yield part

    @asynccontextmanager
    async def _asking(
        self,
        method: str,
        path: str,
        headers: dict[str, str],
        body: AsyncIterator[bytes] | None = None,
    ) -> "AsyncIterator[httpx.Response]":
        # Most clients send no file, and it takes a while to load.
        import httpx

        told = {"authorization": f"Bearer {await self._token()}", **headers}
        verify = ssl.create_default_context() if self._tls is None else self._tls
        try:
            async with (
                httpx.AsyncClient(verify=verify, trust_env=False, timeout=_SILENCE) as client,
                client.stream(method, self._base + path, headers=told, content=body) as answer,
            ):
                if not answer.is_success:
                    raise _refusal(await _whole(answer), answer.status_code)
                yield answer
        except httpx.HTTPError as error:
            raise Lost(
                f"the server was not reached: {str(error) or type(error).__name__}"
            ) from error


async def _pieces(
    source: Path | bytes, size: int, progress: Progress | None
) -> AsyncIterator[bytes]:
    """Yield what there is to send, as it is at this moment, and tell how far it has come."""
    went = 0
    async for piece in _cut(source) if isinstance(source, bytes) else _read_file(source):
        yield piece
        # Asked for the next one: this one has gone.
        went += len(piece)
        if progress is not None:
            progress(went, size)


async def _cut(source: bytes) -> AsyncIterator[bytes]:
    for at in range(0, len(source), _PIECE):
        yield source[at : at + _PIECE]


async def _read_file(source: Path) -> AsyncIterator[bytes]:
    with await asyncio.to_thread(source.open, "rb") as file:
        while piece := await asyncio.to_thread(file.read, _PIECE):
            yield piece


def _id(attached: Attached | str) -> str:
    return quote(attached if isinstance(attached, str) else attached.id, safe="")


async def _whole(answer: "httpx.Response") -> bytes:
    """Return the body of an *answer* that is no file; a hostile server fills no memory."""
    found = b""
    async for part in answer.aiter_bytes():
        found += part
        if len(found) > _MOST_ANSWER:
            break
    return found[:_MOST_ANSWER]


def _read(content: bytes, kind: type[Attached]) -> Attached:
    try:
        return msgspec.json.decode(content, type=kind)
    except (msgspec.DecodeError, RecursionError):
        raise Lost("it is no Conclave, or something stands before it") from None


def _refusal(content: bytes, status: int) -> Reject:
    try:
        said = msgspec.json.decode(content, type=_Problem)
    except (msgspec.DecodeError, RecursionError):
        # A proxy, or the listener: bodies that are too long come no further.
        said = _Problem(code=Code.TOO_LARGE if status == 413 else Code.INTERNAL)
    after = None if said.retry_after_ms is None else int(said.retry_after_ms)
    return Reject(said.code, said.detail or f"HTTP {status}", retry_after_ms=after)
