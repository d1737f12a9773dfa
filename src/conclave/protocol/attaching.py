"""What attachments are on the wire: in a message, and as the answer to who has sent one here."""

from msgspec import UNSET, Struct, UnsetType

from conclave.model import Attachment


class Attached(Struct, frozen=True):
    """Something that a message has: ask for it by its id, over HTTP."""

    id: str
    name: str
    # What it is, by its bytes.
    type: str
    size: int
    # Of a picture.
    width: int | UnsetType = UNSET
    height: int | UnsetType = UNSET
    # Whether there is a small picture of it.
    thumb: bool | UnsetType = UNSET
    # What is to be seen there, for who does not see it.
    alt: str | UnsetType = UNSET


def attached(attachment: Attachment, alt: str = "") -> Attached:
    """Return what everybody who may have *attachment* is told of it."""
    return Attached(
        id=attachment.id,
        name=attachment.name,
        type=attachment.type,
        size=attachment.size,
        width=UNSET if attachment.width is None else attachment.width,
        height=UNSET if attachment.height is None else attachment.height,
        thumb=UNSET if attachment.thumb_digest is None else True,
        alt=alt or UNSET,
    )
