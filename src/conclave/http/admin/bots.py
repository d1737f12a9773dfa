"""Bots: listed, made, given tokens; all else of them is as of other people."""

from collections.abc import Callable

from litestar import get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody
from msgspec import UNSET

from conclave.http.admin.asking import PAGE, Asked, Limit, Require, Text, by
from conclave.http.callers import caller_of
from conclave.model import Act, CommandInfo, PersonInfo
from conclave.office import Bots
from conclave.protocol.office import Made, NewBot, NewBotToken, OfferedCommands, Persons

_BOTS = {"act": Act.MANAGE_BOTS}


TellOffered = Callable[[], list[CommandInfo]]


def bot_routes(bots: Bots, require: Require, offered: TellOffered) -> list[HTTPRouteHandler]:
    @get("/admin/bots", opt=_BOTS)
    async def listed(after: Text = "", limit: Limit = PAGE) -> Persons:
        found = await bots.listed(after, limit + 1)
        return Persons(found[:limit], more=len(found) > limit)

    @get("/admin/commands", opt=_BOTS)
    async def commands() -> OfferedCommands:
        return OfferedCommands(offered())

    @post("/admin/bots", status_code=201, opt=_BOTS)
    async def create(data: JSONBody[NewBot], request: Asked) -> PersonInfo:
        shown = None if data.display_name is UNSET else data.display_name
        return await bots.create(data.name, by(request), display_name=shown)

    @post("/admin/bots/{bot:str}/tokens", status_code=201, opt=_BOTS)
    async def make_token(bot: FromPath[str], data: JSONBody[NewBotToken], request: Asked) -> Made:
        await require(caller_of(request))
        made = await bots.make_token(
            bot,
            by(request),
            name=data.name,
            scopes=data.scopes,
            rooms=data.rooms,
            days=data.days,
        )
        return Made(made)

    return [listed, commands, create, make_token]
