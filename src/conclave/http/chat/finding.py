"""Finding what was said, in all rooms that one is a member of."""

from typing import Annotated

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import QueryParameter
from msgspec import UNSET

from conclave.http.chat.asking import After, Asked, Number, ask, needs
from conclave.http.paging import next_link
from conclave.http.peer import Chat
from conclave.protocol.events import SearchResults
from conclave.protocol.requests import SearchMessages

Query = Annotated[str, QueryParameter(name="query", max_length=512)]
# The word is Python's.
From = Annotated[str | None, QueryParameter(name="from", min_length=1, max_length=64)]
Most = Annotated[int | None, QueryParameter(ge=1, le=50)]
Cursor = Annotated[str | None, QueryParameter(pattern=r"^[0-9a-f]{1,15}$")]


def finding_routes(chat: Chat) -> list[HTTPRouteHandler]:
    @get("/search", opt=needs(chat, SearchMessages), summary="Find messages, the newest first")
    async def search(
        request: Asked,
        words: Query,
        room: After = None,
        author: From = None,
        before: Number = None,
        after: Number = None,
        limit: Most = None,
        cursor: Cursor = None,
    ) -> Response[SearchResults]:
        event = SearchMessages(words, room, author, before, after, limit, cursor)
        found: SearchResults = (await ask(chat, request, event)).data
        link = {} if found.cursor is UNSET else next_link(request, cursor=found.cursor)
        return Response(found, headers=link)

    return [search]
