"""Finding what was said."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from msgspec import UNSET

from conclave.controllers.dispatch import Controller, on
from conclave.controllers.node import Node
from conclave.core.query import narrowed, parse
from conclave.core.ratelimit import Cost
from conclave.core.turns import Turn
from conclave.model import Act, Hits
from conclave.ports import Connection
from conclave.protocol.errors import Code, Reject
from conclave.protocol.events import SearchResults
from conclave.protocol.requests import SearchMessages

# More than anybody types, and little enough to look at.
MAX_QUERY: Final = 512
_LIMIT: Final = 20
# Searches of one user at a time, on all devices.
_AT_ONCE: Final = 2
_RETRY_AFTER_MS: Final = 500


class Search(Controller):
    def __init__(self, node: Node) -> None:
        super().__init__(node)
        self._running: Counter[str] = Counter()

    @on(SearchMessages, turn=Turn.READ, costs=Cost.SEARCH, act=Act.SEARCH)
    async def search(self, connection: Connection, event: SearchMessages) -> SearchResults:
        if len(event.query) > MAX_QUERY:
            raise Reject(Code.TOO_LONG, f"A search has at most {MAX_QUERY} characters")
        query = narrowed(parse(event.query), before=event.before, after=event.after)
        with self._one_of(connection.user):
            found = await self.node.store.search(
                query,
                reader=connection.user,
                room=event.room,
                author=event.from_,
                limit=event.limit or _LIMIT,
                cursor=None if event.cursor is None else int(event.cursor, 16),
            )
        return _results(found)

    @contextmanager
    def _one_of(self, user: str) -> Iterator[None]:
        """Count a search of *user*, or raise `busy`: nobody may fill the queue of all."""
        if self._running[user] >= _AT_ONCE:
            raise Reject(Code.BUSY, retry_after_ms=_RETRY_AFTER_MS)
        self._running[user] += 1
        try:
            yield
        finally:
            self._running[user] -= 1
            if not self._running[user]:
                del self._running[user]


def _results(found: Hits) -> SearchResults:
    return SearchResults(
        hits=found.hits,
        more=found.more,
        cursor=UNSET if found.cursor is None else f"{found.cursor:x}",
        behind=found.behind or UNSET,
    )
