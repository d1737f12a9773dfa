"""What can be wrong with the settings of attachments, each with its fix."""

from collections.abc import Callable, Iterable
from typing import Final

KINDS: Final = ("image", "audio", "video", "file")

Named = Callable[[str], str]


def wrong_kinds(kinds: Iterable[str], named: Named) -> list[str]:
    return [
        f"{named('attachment_kind')} is {kind!r}: choose of {', '.join(KINDS)}"
        for kind in kinds
        if kind not in KINDS
    ]
