"""What people attach to messages: pictures, sound, films, files."""

from msgspec import Struct


class Attachment(Struct, frozen=True, kw_only=True):
    """
    One thing that somebody has sent here, for one room.

    Its id says which it is and gives nobody a right to it; *digest* and *thumb_digest*, which
    name its bytes, never leave the server.
    """

    id: str
    room: str
    user: str
    name: str
    # What its bytes are, whatever its sender called them.
    type: str
    size: int
    # SHA-256, in hexadecimal.
    digest: str
    width: int | None = None
    height: int | None = None
    # Of a small picture of it; there is none of most.
    thumb_digest: str | None = None
    thumb_size: int = 0
    # The message that it stands in; None: it is not sent yet.
    seq: int | None = None

    @property
    def stored_bytes(self) -> int:
        """What it takes of its owner's room."""
        return self.size + self.thumb_size


class Kept(Struct, frozen=True, kw_only=True):
    """How much is attached on this server: how many blobs, and their bytes."""

    count: int
    bytes: int


class AttachmentLimits(Struct, frozen=True, kw_only=True):
    """What may be attached; sizes of 0 have no limit."""

    # No more than this, each; 0: nothing may be attached at all.
    most_bytes: int = 26_214_400
    of_user_bytes: int = 1_073_741_824
    of_all_bytes: int = 10_737_418_240
    # The kinds that are taken.
    kinds: frozenset[str] = frozenset({"image", "audio", "video", "file"})
