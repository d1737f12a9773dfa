"""
Take in what people attach, keep it, and give it to those who may have it.

Nothing is believed of what comes: what it is, is read from its bytes; a picture is drawn anew.
It is durable when it is acknowledged. Its id is a name, not a key: who may have it is asked
each time.
"""

import asyncio
import errno
import secrets
from collections.abc import AsyncIterator, Coroutine
from contextlib import suppress
from typing import Any, Final, NamedTuple

import structlog
from msgspec.structs import replace

from conclave.core.media import PICTURES, SNIFFED_BYTES, clean_file_name, kind_of, sniff
from conclave.media.pictures import Pictures
from conclave.model import Attachment, Identity
from conclave.model.attachments import AttachmentLimits
from conclave.model.meters import Meters
from conclave.ports import AttachmentRows, Blobs, Clock
from conclave.ports.blobs import Blob, Incoming
from conclave.protocol.errors import Code, Reject

log = structlog.get_logger(__name__)

# What one sends at a time, and all together.
_OF_ONE: Final = 4
_OF_ALL: Final = 32
# However slowly it comes.
_WITHIN_S: Final = 900.0
_WRITTEN_AT_ONCE: Final = 262_144
# What was sent here and put into no message.
UNSENT_MS: Final = 3_600_000
_LOOSE_AT_ONCE: Final = 200
SWEEP_EVERY: Final = 5.0
_BROKEN_OFF: Final = "broken_off"
# A redrawn picture may be larger than it came, but not without end.
_GROWS: Final = 2


class _Taken(NamedTuple):
    incoming: Incoming
    size: int
    head: bytes


class Attachments:
    """All of it for one node; call `sweep` now and then."""

    def __init__(
        self,
        rows: AttachmentRows,
        blobs: Blobs,
        clock: Clock,
        limits: AttachmentLimits,
        pictures: Pictures | None = None,
        meters: Meters | None = None,
    ) -> None:
        self.limits = limits
        self._rows = rows
        self._blobs = blobs
        self._clock = clock
        self._pictures = pictures or Pictures()
        self._meters = meters or Meters()
        # How many each is sending.
        self._sending: dict[str, int] = {}
        # Bytes must not go between being put and being somebody's.
        self._turn = asyncio.Lock()

    # ── in ─────────────────────────────────────────────────────────────────────────────

    async def receive(
        self, room: str, name: str, claimed: str, body: AsyncIterator[bytes], who: Identity
    ) -> Attachment:
        """
        Take in what *who* sends for *room*, and return it, durable. Every refusal is a `Reject`.

        *name* and the type it is *claimed* to be of are what they say.
        """
        try:
            new = await self._take_in(room, name, claimed, body, who)
        except Reject as no:
            self._meters.not_attached.add(no.code)
            raise
        except BaseException:
            # It was cancelled on the way, or longer than any may be.
            self._meters.not_attached.add(_BROKEN_OFF)
            raise
        self._meters.attached.add(kind_of(new.type))
        self._meters.attached_bytes += new.size
        return new

    async def _take_in(
        self, room: str, name: str, claimed: str, body: AsyncIterator[bytes], who: Identity
    ) -> Attachment:
        self._begin(who)
        try:
            await self._rows.may_attach(room, who)
            async with asyncio.timeout(_WITHIN_S):
                return await self._receive(room, name, claimed, body, who)
        except TimeoutError:
            raise Reject(Code.TOO_LARGE, "It took too long to arrive") from None
        except OSError as error:
            log.error("attachment_not_kept", error=error.strerror)
            if error.errno == errno.ENOSPC:
                raise Reject(Code.NO_SPACE, "The server has no room for more files") from error
            raise Reject(Code.UNAVAILABLE) from error
        finally:
            self._sending[who.user] -= 1
            if not self._sending[who.user]:
                del self._sending[who.user]

    def _begin(self, who: Identity) -> None:
        """Count one more, in the moment that is looked how many there are."""
        if not self.limits.most_bytes:
            raise Reject(Code.FORBIDDEN, "Nothing may be attached on this server")
        if self._sending.get(who.user, 0) >= _OF_ONE:
            raise Reject(Code.BUSY, "You are sending as many files as you may at a time")
        if sum(self._sending.values()) >= _OF_ALL:
            raise Reject(Code.BUSY)
        self._sending[who.user] = self._sending.get(who.user, 0) + 1

    async def _receive(
        self, room: str, name: str, claimed: str, body: AsyncIterator[bytes], who: Identity
    ) -> Attachment:
        taken = await self._take(body)
        try:
            type_ = sniff(taken.head, claimed)
            if kind_of(type_) not in self.limits.kinds:
                raise Reject(Code.BAD_FILE, "Files of this kind are not taken here")
            new = Attachment(
                id=secrets.token_hex(16),
                room=room,
                user=who.user,
                name=clean_file_name(name),
                type=type_,
                size=taken.size,
                digest="",
            )
            if type_ in PICTURES:
                return await self._keep_picture(new, taken.incoming, who)
            return await self._keep(new, [taken.incoming], who)
        finally:
            await asyncio.to_thread(taken.incoming.discard)

    async def _take(self, body: AsyncIterator[bytes]) -> _Taken:
        """Write *body* to the disk as it comes; no more of it is ever held than a piece."""
        incoming = await asyncio.to_thread(self._blobs.receive)
        try:
            size, head, waiting = 0, b"", bytearray()
            async for piece in body:
                size += len(piece)
                if size > self.limits.most_bytes:
                    raise Reject(Code.TOO_LARGE)
                if len(head) < SNIFFED_BYTES:
                    head += piece[: SNIFFED_BYTES - len(head)]
                waiting += piece
                if len(waiting) >= _WRITTEN_AT_ONCE:
                    await asyncio.to_thread(incoming.write, bytes(waiting))
                    waiting.clear()
            if not size:
                raise Reject(Code.BAD_FILE, "The file is empty")
            await asyncio.to_thread(incoming.write, bytes(waiting))
        except BaseException:
            await asyncio.to_thread(incoming.discard)
            raise
        return _Taken(incoming, size, head)

    async def _keep_picture(self, new: Attachment, came: Incoming, who: Identity) -> Attachment:
        """Keep *new* as it is drawn anew, and nothing of what *came*."""
        whole, small = [await asyncio.to_thread(self._blobs.receive) for _ in range(2)]
        try:
            begun = self._clock.monotonic()
            drawn = await self._pictures.redraw(
                came.path, new.type, whole.path, small.path, _GROWS * self.limits.most_bytes
            )
            self._meters.drawn.add(self._clock.monotonic() - begun)
            sized = replace(new, width=drawn.width, height=drawn.height)
            return await self._keep(sized, [whole, small][: 1 + drawn.has_thumb], who)
        finally:
            for one in (whole, small):
                await asyncio.to_thread(one.discard)

    async def _keep(self, new: Attachment, parts: list[Incoming], who: Identity) -> Attachment:
        """Put the bytes, the small picture's too, where they stay, and note whose they are."""
        done = [await asyncio.to_thread(one.finish) for one in parts]
        new = replace(new, digest=done[0].digest, size=done[0].size)
        if len(done) > 1:
            new = replace(new, thumb_digest=done[1].digest, thumb_size=done[1].size)
        async with self._turn:
            try:
                for one, (digest, _) in zip(parts, done, strict=True):
                    await asyncio.to_thread(self._blobs.put, one, digest)
                await _to_its_end(self._rows.add(new, who, self.limits))
                for one, (digest, _) in zip(parts, done, strict=True):
                    # Another node may have removed the same bytes, which were nobody's until now.
                    await asyncio.to_thread(self._blobs.put, one, digest)
            except BaseException:
                await self._remove({digest for digest, _ in done})
                raise
        return new

    async def _remove(self, digests: set[str]) -> None:
        """Remove those of these bytes that are nobody's; where that fails, it is done at start."""
        with suppress(OSError, Reject):
            nobodys = digests - await self._rows.known(sorted(digests))
            await asyncio.to_thread(self._blobs.remove, nobodys)

    # ── out ────────────────────────────────────────────────────────────────────────────

    async def open(self, id: str, reader: Identity, *, thumb: bool) -> tuple[Attachment, Blob]:  # noqa: A002
        """Return what *reader* may have, and its bytes, which the caller closes."""
        found = await self._rows.find(id, reader)
        digest = found.thumb_digest if thumb else found.digest
        blob = None if digest is None else await asyncio.to_thread(self._blobs.open, digest)
        if blob is None:
            raise Reject(Code.NOT_FOUND)
        return found, blob

    async def withdraw(self, id: str, who: Identity) -> None:  # noqa: A002
        """Forget what *who* has sent here and put in no message."""
        await self._rows.withdraw(id, who.user)

    # ── away ───────────────────────────────────────────────────────────────────────────

    async def begin(self) -> None:
        """Remove what is nobody's: a process that was killed leaves it. Once, at the start."""
        digests = await asyncio.to_thread(self._blobs.digests)
        for at in range(0, len(digests), _LOOSE_AT_ONCE):
            async with self._turn:
                await self._remove(set(digests[at : at + _LOOSE_AT_ONCE]))

    async def sweep(self) -> None:
        """Forget what was never sent, and remove the bytes that are nobody's any more."""
        await self._rows.forget_unsent(self._clock.wall() - UNSENT_MS)
        while digests := await self._rows.loose(_LOOSE_AT_ONCE):
            async with self._turn:
                # Somebody may have sent the same since.
                await self._remove(set(digests))
                await self._rows.forget_loose(digests)


async def _to_its_end(adding: Coroutine[Any, Any, None]) -> None:
    """
    Await *adding*, also where the caller is cancelled: only then it is known whose bytes are.

    What is being written cannot be called back, and its bytes must not go before it stands.
    """
    task = asyncio.ensure_future(adding)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        raise
