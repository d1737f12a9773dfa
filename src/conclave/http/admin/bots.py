"""Bots: made, and given tokens; all else of them is as of other people."""

from litestar import post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody
from msgspec import UNSET

from conclave.http.admin.asking import Asked, Require, by
from conclave.http.callers import caller_of
from conclave.model import Act, PersonInfo
from conclave.office import Bots
from conclave.protocol.office import Made, NewBot, NewBotToken

_BOTS = {"act": Act.MANAGE_BOTS}


def bot_routes(bots: Bots, require: Require) -> list[HTTPRouteHandler]:
    @post("/admin/bots", status_code=201, opt=_BOTS)
    async def create(data: JSONBody[NewBot], request: Asked) -> PersonInfo:
        shown = None if data.display_name is UNSET else data.display_name
        return await bots.create(data.name, by(request), display_name=shown)

    @post("/admin/bots/{bot:str}/tokens", status_code=201, opt=_BOTS)
    async def make_token(bot: FromPath[str], data: JSONBody[NewBotToken], request: Asked) -> Made:
        require(caller_of(request))
        made = await bots.make_token(
            bot,
            by(request),
            name=data.name,
            scopes=data.scopes,
            rooms=data.rooms,
            days=data.days,
        )
        return Made(made)

    return [create, make_token]
