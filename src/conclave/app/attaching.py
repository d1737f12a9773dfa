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
from conclave.storage.attachments import SqliteAttachments
from conclave.storage.blobs import blobs_in
from conclave.storage.person_files import LEAVE_FREE_BYTES
from conclave.storage.sqlite import SqliteStore

__all__ = ["UPLOADS", "Attaching", "attachment_limits"]


def attachment_limits(settings: Settings) -> AttachmentLimits:
    return AttachmentLimits(
        most_bytes=settings.max_attachment_bytes if settings.attachments else 0,
        of_user_bytes=settings.max_user_attachment_bytes,
        of_all_bytes=settings.max_all_attachment_bytes,
        kinds=frozenset(settings.attachment_kind or KINDS),
    )


class Attaching:
    """Give `rows` to controllers and `routes` to the API; `begin` once nobody else is at work."""

    def __init__(
        self, settings: Settings, store: SqliteStore, clock: Clock, meters: Meters
    ) -> None:
        self._blobs = blobs_in(settings.home, LEAVE_FREE_BYTES)
        self.rows = SqliteAttachments(store, clock.wall)
        limits = attachment_limits(settings)
        self._attachments = Attachments(self.rows, self._blobs, clock, limits, meters=meters)
        self.routes: list[HTTPRouteHandler] = attachment_routes(self._attachments)

    async def begin(self, background: Background) -> None:
        """Remove what a process that was killed has left, and what is nobody's from now on."""
        await asyncio.to_thread(self._blobs.clear_incoming)
        await self._attachments.begin()
        background.every(SWEEP_EVERY, "attachments", self._attachments.sweep)
