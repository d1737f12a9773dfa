"""Links that let people make an account, or choose a password: made, listed, revoked."""

from litestar import delete, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody

from conclave.controllers.rights import check_act
from conclave.http.admin.asking import Asked, Require, by
from conclave.http.callers import caller_of
from conclave.model import Act, Link, Role
from conclave.office import Invites
from conclave.protocol.office import Made, NewInvite, OfficeLink, OfficeLinks

_INVITE = {"act": Act.INVITE_PEOPLE}


def link_routes(invites: Invites, require: Require) -> list[HTTPRouteHandler]:
    @get("/admin/links", opt=_INVITE)
    async def list_links() -> OfficeLinks:
        return OfficeLinks([_link(one) for one in await invites.listed()])

    @post("/admin/links", status_code=201, opt=_INVITE)
    async def make_link(data: JSONBody[NewInvite], request: Asked) -> Made:
        if data.role is Role.ADMIN:
            await require(caller_of(request))
        if data.room is not None:
            # What a token is good for here says nothing of rooms.
            check_act(Act.LINK, caller_of(request).identity)
        secret, _ = await invites.make(
            by(request),
            name=data.name,
            role=data.role,
            uses=data.uses,
            days=data.days,
            room=data.room,
        )
        return Made(secret)

    @delete("/admin/links/{link:str}", status_code=204, opt=_INVITE)
    async def revoke_link(link: FromPath[str], request: Asked) -> None:
        await invites.revoke(link, by(request))

    return [list_links, make_link, revoke_link]


def _link(link: Link) -> OfficeLink:
    return OfficeLink(
        id=link.id,
        kind=str(link.kind),
        name=link.name,
        created_by=link.created_by,
        created_at=link.created_at,
        expires_at=link.expires_at,
        uses_left=link.uses_left,
        uses=link.uses,
        role=link.role,
        user=link.user,
        room=link.room,
    )
