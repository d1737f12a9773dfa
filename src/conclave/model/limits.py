"""What one client may ask for."""

from msgspec import Struct


class Limits(Struct, frozen=True, kw_only=True):
    """What one client may ask for; those it needs to know are in `hello`. 0: no limit."""

    message_bytes: int = 65_536
    text_chars: int = 4_000
    text_bytes: int = 16_384
    page: int = 100
    entries_page: int = 500
    page_bytes: int = 131_072
    rooms_per_connection: int = 128
    room_members: int = 1_000
    rooms_per_user: int = 50
    messages_per_second: float = 10.0
    burst: int = 30
    # Of one attachment; unlike the others 0 means that there are none.
    attachment_bytes: int = 0
    attachment_kinds: tuple[str, ...] = ()
