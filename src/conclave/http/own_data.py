"""
All that is kept of whoever asks, as one file that is sent as fast as they read it.

It lies complete on the disk before its first byte is sent, so that its length is known and what
goes wrong is a refusal like any other.
"""

import asyncio
from typing import Any, Final

from litestar import Request, post
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import JSONBody
from litestar.types import Receive, Scope, Send

from conclave.http.callers import caller_of
from conclave.http.services import Services, Taken
from conclave.model import Act
from conclave.protocol.account import Confirm

_DATA: Final = {"act": Act.TAKE_DATA}
_FILE: Final = {
    200: ResponseSpec(str, False, "Lines of JSON, as a file", media_type="application/x-ndjson")
}
_AT_ONCE_BYTES: Final = 1 << 18
# Who reads more slowly keeps others from theirs.
_MOST_S: Final = 3_600.0
_HEADERS: Final = {
    b"content-type": b"application/x-ndjson",
    b"content-disposition": b'attachment; filename="conclave-data.jsonl"',
    b"cache-control": b"no-store",
}


def own_data_routes(services: Services) -> list[HTTPRouteHandler]:
    """Return the route for who wants to have their data."""

    # A POST, though it reads: no other page can make a browser ask for it.
    @post("/me/export", status_code=200, opt=_DATA, responses=_FILE)
    async def export(data: JSONBody[Confirm], request: Request[Any, Any, Any]) -> Download:
        return Download(await services.data.take(caller_of(request), data.password))

    return [export]


class Download:
    """An answer: *taken* in pieces, until it is all sent, or its reader gone."""

    def __init__(self, taken: Taken) -> None:
        self._taken = taken

    async def __call__(self, _scope: Scope, receive: Receive, send: Send) -> None:
        sending = asyncio.create_task(self._send(send))
        leaving = asyncio.create_task(_left(receive))
        tasks = (sending, leaving)
        try:
            await asyncio.wait(tasks, timeout=_MOST_S, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await asyncio.to_thread(self._taken.close)
        if not sending.cancelled():
            sending.result()

    async def _send(self, send: Send) -> None:
        size = str(self._taken.size).encode()
        headers = [*_HEADERS.items(), (b"content-length", size)]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        while piece := await asyncio.to_thread(self._taken.read, _AT_ONCE_BYTES):
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _left(receive: Receive) -> None:
    """Return once the reader is gone."""
    while (await receive())["type"] != "http.disconnect":
        pass
