"""Links into rooms, and messages that were reported: made, listed, ended."""

from litestar import Response, delete, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody

from conclave.http.chat.asking import (
    After,
    Asked,
    Flag,
    KeyPath,
    RoomPath,
    ask,
    key_of,
    needs,
    room_of,
)
from conclave.http.etags import tagged
from conclave.http.paging import next_link
from conclave.http.peer import Chat
from conclave.protocol.api import LinkToken, NewLink, ReportOutcome
from conclave.protocol.events import InRoom
from conclave.protocol.governing import (
    AcceptLink,
    CloseReport,
    LinkMade,
    Links,
    ListLinks,
    ListReports,
    MakeLink,
    Reports,
    RevokeLink,
)

_LINKS = "/rooms/{room:str}/links"


def govern_routes(chat: Chat) -> list[HTTPRouteHandler]:
    return [*_link_routes(chat), *_report_routes(chat)]


def _link_routes(chat: Chat) -> list[HTTPRouteHandler]:
    @get(_LINKS, opt=needs(chat, ListLinks), summary="Links into a room")
    async def links(room: RoomPath, request: Asked) -> Links:
        found: Links = (await ask(chat, request, ListLinks(room_of(room)))).data
        return found

    @post(_LINKS, status_code=201, opt=needs(chat, MakeLink), summary="Make a link into a room")
    async def make(room: RoomPath, data: JSONBody[NewLink], request: Asked) -> LinkMade:
        event = MakeLink(room_of(room), data.name, data.uses, data.expires_at)
        made: LinkMade = (await ask(chat, request, event)).data
        return made

    @delete(
        f"{_LINKS}/{{link:str}}", status_code=204, opt=needs(chat, RevokeLink), summary="End it"
    )
    async def revoke(room: RoomPath, link: KeyPath, request: Asked) -> None:
        await ask(chat, request, RevokeLink(room_of(room), key_of(link)))

    # The token is in the body: URLs end up in logs and histories.
    @post("/room-links/accept", status_code=200, opt=needs(chat, AcceptLink), summary="Use a link")
    async def accept(data: JSONBody[LinkToken], request: Asked) -> InRoom:
        found: InRoom = (await ask(chat, request, AcceptLink(data.token))).data
        return found

    return [links, make, revoke, accept]


def _report_routes(chat: Chat) -> list[HTTPRouteHandler]:
    @get("/rooms/{room:str}/reports", opt=needs(chat, ListReports), summary="Reported messages")
    async def reports(
        room: RoomPath, request: Asked, closed: Flag = False, after: After = None
    ) -> Response[Reports]:
        found: Reports = (await ask(chat, request, ListReports(room_of(room), closed, after))).data
        link = next_link(request, after=found.reports[-1].id) if found.more else {}
        return tagged(request, found, link)

    @post("/reports/{report:str}/close", status_code=204, opt=needs(chat, CloseReport))
    async def close(report: KeyPath, data: JSONBody[ReportOutcome], request: Asked) -> None:
        await ask(chat, request, CloseReport(key_of(report), data.outcome))

    return [reports, close]
