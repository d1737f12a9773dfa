"""
What somebody missed, read for many rooms at once before any of them holds entries back.

A page that was read so is good as long as its room has told nobody what is behind it. Where it
has, the room is read again, as everybody's is who comes in by one room.
"""

from collections.abc import Mapping
from typing import NamedTuple

from conclave.model import Page, Position
from conclave.ports import Store
from conclave.relay.halls import PAGE, Hall, Halls


class Ahead(NamedTuple):
    """A page of the room in *hall*: all that its reader missed when it was read."""

    hall: Hall
    page: Page
    # How far the room had told before it was read.
    head: int

    def is_all(self, hall: Hall) -> bool:
        """
        Return whether the reader, told what *hall* tells from now on, will have been told all.

        A removal of the reader is behind the page, too: it has not been told yet. A room that
        has told less than before is another one of that name, which says nothing of who is in.
        """
        if hall is not self.hall or hall.room is None:
            return False
        return self.head <= hall.room.head <= self.page.upto


async def look_ahead(
    store: Store, halls: Halls, user: str, known: Mapping[str, Position], most_bytes: int
) -> dict[str, Ahead]:
    """Return what *user* missed of those rooms *known* of which one query finds all."""
    if not known:
        return {}
    open_ = await halls.open_known(known)
    # Who missed more than a page reads it page by page, and nothing of it twice.
    most = PAGE // len(known)
    told = {name: hall.room.head for name, hall in open_.items() if hall.room is not None}
    near = {name: known[name] for name, head in told.items() if head - known[name].seq <= most}
    pages = await store.missed(user, near, most_bytes=most_bytes) if near else {}
    return {name: Ahead(open_[name], page, told[name]) for name, page in pages.items()}
