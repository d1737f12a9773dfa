"""
Send something here that a message shall have, and have what a message has.

The body is the bytes themselves, of any type: what they are is found out here. Who may not
have something is told what is told of a thing that is not there.
"""

import re
from collections.abc import AsyncIterator
from typing import Annotated, Any, Final, Protocol

from litestar import Request, delete, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, QueryParameter

from conclave.core.media import answer
from conclave.core.ratelimit import Cost
from conclave.http.callers import caller_of
from conclave.http.chat.asking import RoomPath, room_of
from conclave.http.sending import SentFile
from conclave.model import Act, Attachment, Identity
from conclave.ports.blobs import Blob
from conclave.protocol.attaching import Attached, attached
from conclave.protocol.errors import Reject

Asked = Request[Any, Any, Any]

# Where larger bodies are taken than elsewhere.
UPLOADS: Final = re.compile(rb"/api/v1/rooms/[^/]+/attachments")
_MOST_NAME: Final = 4_096
FileName = Annotated[str, QueryParameter(name="name", description="What the file is called")]
# No path says in which room one is: for a token that is good in some, the store looks.
_READ: Final = {"act": Act.READ, "cost": Cost.READ, "anywhere": True}
_SAFE: Final = {
    # Asked each time: it may be deleted, or the reader have left.
    "cache-control": "private, no-cache",
    "x-content-type-options": "nosniff",
    # Opened by itself it is no page of ours: nothing in it runs, or knows who is signed in.
    "content-security-policy": "default-src 'none'; img-src 'self'; media-src 'self'; sandbox",
}


class Attachments(Protocol):
    """What takes them in and gives them back; every refusal is a `Reject`."""

    async def receive(
        self, room: str, name: str, claimed: str, body: AsyncIterator[bytes], who: Identity
    ) -> Attachment: ...

    async def open(
        self,
        id: str,  # noqa: A002
        reader: Identity,
        *,
        thumb: bool,
    ) -> tuple[Attachment, Blob]: ...

    async def withdraw(self, id: str, who: Identity) -> None: ...  # noqa: A002


def attachment_routes(attachments: Attachments) -> list[HTTPRouteHandler]:
    """Return the routes of *attachments*."""

    # How long it may be is judged where it comes in, and while it is written.
    @post(
        "/rooms/{room:str}/attachments",
        opt={"act": Act.WRITE, "body": "any"},
        request_max_body_size=None,
    )
    async def attach(room: RoomPath, request: Asked, called: FileName = "") -> Attached:
        name = called[:_MOST_NAME]
        body = request.stream()
        claimed = request.headers.get("content-type", "")
        who = caller_of(request).identity
        try:
            new = await attachments.receive(room_of(room), name, claimed, body, who)
        except Reject:
            # Who is still sending would see a broken connection, and not why.
            async for _ in body:
                pass
            raise
        return attached(new)

    @get("/attachments/{attachment:str}", opt=_READ)
    async def whole(attachment: FromPath[str], request: Asked) -> SentFile:
        found, blob = await attachments.open(attachment, caller_of(request).identity, thumb=False)
        said = answer(found.type, found.name)
        headers = {"content-type": said.type, "content-disposition": said.disposition, **_SAFE}
        return SentFile(blob, headers, f'"{found.id}"')

    @get("/attachments/{attachment:str}/thumbnail", opt=_READ)
    async def small(attachment: FromPath[str], request: Asked) -> SentFile:
        found, blob = await attachments.open(attachment, caller_of(request).identity, thumb=True)
        headers = {"content-type": "image/webp", "content-disposition": "inline", **_SAFE}
        return SentFile(blob, headers, f'"{found.id}-small"')

    @delete("/attachments/{attachment:str}", status_code=204, opt={"act": Act.WRITE})
    async def withdraw(attachment: FromPath[str], request: Asked) -> None:
        await attachments.withdraw(attachment, caller_of(request).identity)

    return [attach, whole, small, withdraw]
