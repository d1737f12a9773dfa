"""What a message of a client is on the wire."""

from collections.abc import Sequence

from msgspec import UNSET

from conclave.protocol.attaching import Attached
from conclave.protocol.requests import Attach, Say


def said(
    room: str,
    text: str,
    reply_to: int | None,
    thread: int | None,
    mentions: Sequence[str],
    attached: Sequence[Attached],
) -> Say:
    """Return the request that says it; *attached* are what `Files.send` gave."""
    named = [Attach(one.id, "" if one.alt is UNSET else one.alt) for one in attached]
    return Say(text, room, reply_to, thread, [*mentions], named)
