"""Attachments of a node, made from its settings."""

import asyncio

from litestar.handlers import HTTPRouteHandler

from conclave.core.media import KINDS
from conclave.http.attachments import UPLOADS, attachment_routes
from conclave.media.attachments import SWEEP_EVERY, Attachments
from conclave.model.attachments import AttachmentLimits
from conclave.model.meters import Meters
from conclave.ports import Clock
from conclave.server.background import Background
from conclave.settings import Settings
from conclave.storage.attachments import SqlAttachments
from conclave.storage.person_files import LEAVE_FREE_BYTES
from conclave.storage.sqlstore import SqlStore
from conclave.workers.post import Post

__all__ = ["UPLOADS", "Attaching", "attachment_limits"]


def attachment_limits(settings: Settings) -> AttachmentLimits:
    return AttachmentLimits(
        most_bytes=settings.max_attachment_bytes if settings.attachments else 0,
        of_user_bytes=settings.max_user_attachment_bytes,
        of_all_bytes=settings.max_all_attachment_bytes,
        kinds=frozenset(settings.attachment_kind or KINDS),
    )


class Attaching:
    """Give `rows` to controllers and `routes` to the API; make it before the door is open."""

    def __init__(self, settings: Settings, store: SqlStore, clock: Clock, meters: Meters) -> None:
        self._blobs = store.blobs(LEAVE_FREE_BYTES)
        self.rows = SqlAttachments(store, clock.wall)
        limits = attachment_limits(settings)
        self._attachments = Attachments(self.rows, self._blobs, clock, limits, meters=meters)
        self.routes: list[HTTPRouteHandler] = attachment_routes(self._attachments)

    @classmethod
    async def open(
        cls, settings: Settings, store: SqlStore, clock: Clock, meters: Meters, post: Post | None
    ) -> "Attaching":
        """Make one, and remove what a process was taking in that is gone; not what others are."""
        made = cls(settings, store, clock, meters)
        if post is None or post.first:
            await asyncio.to_thread(made._blobs.clear_incoming)
        return made

    async def begin(self, background: Background) -> None:
        """Remove what is nobody's, now and again and again."""
        await self._attachments.begin()
        background.every(SWEEP_EVERY, "attachments", self._attachments.sweep)
