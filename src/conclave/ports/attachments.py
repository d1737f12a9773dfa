"""What is known of attachments: whose each is, of which message, and who may have it."""

from collections.abc import Sequence
from typing import Protocol

from conclave.model import Attachment, Identity
from conclave.model.attachments import AttachmentLimits


class AttachmentRows(Protocol):
    """
    Every refusal is a `Reject`.

    What one may not know of is `not_found`, as is what is not there.
    """

    async def may_attach(self, room: str, who: Identity) -> None:
        """Raise unless *who* may write in *room* now."""

    async def add(self, new: Attachment, who: Identity, limits: AttachmentLimits) -> None:
        """
        Note that *who* has sent *new*; durable when this returns.

        Raises unless they may write in its room, and where they or all have no room left.
        """

    async def find(self, id: str, reader: Identity) -> Attachment:  # noqa: A002
        """Return what *reader* may have: of a message they may read, or sent by them and unsent."""

    async def described(self, ids: Sequence[str], user: str) -> dict[str, Attachment]:
        """Return those of *ids* that *user* has sent here, in a message or not yet."""

    async def withdraw(self, id: str, user: str) -> None:  # noqa: A002
        """Forget what *user* has sent here and put in no message."""

    async def forget_unsent(self, before: int) -> int:
        """Forget what was sent here before that moment and is in no message; return how many."""

    async def loose(self, limit: int) -> list[str]:
        """Return digests of bytes that were let go, and are nobody's now."""

    async def forget_loose(self, digests: Sequence[str]) -> None:
        """Note that these bytes are gone."""

    async def known(self, digests: Sequence[str]) -> set[str]:
        """Return those of *digests* that are somebody's."""
