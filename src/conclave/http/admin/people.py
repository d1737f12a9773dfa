"""People: listed, made, changed, helped when they cannot come in, signed out."""

from litestar import delete, get, patch, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody
from msgspec import UNSET

from conclave.http.admin.asking import PAGE, Asked, Limit, Require, Search, Text, by
from conclave.http.callers import caller_of
from conclave.model import Act, PersonChange, PersonInfo, Role, TokenInfo
from conclave.office import People
from conclave.protocol.account import Revoked
from conclave.protocol.office import (
    ChangedPerson,
    Made,
    NewPerson,
    Persons,
    PersonSession,
    PersonSessions,
)

_PEOPLE = {"act": Act.MANAGE_PEOPLE}


def people_routes(people: People, require: Require) -> list[HTTPRouteHandler]:
    return [
        *_person_routes(people, require),
        *_help_routes(people, require),
        *_session_routes(people),
    ]


def _person_routes(people: People, require: Require) -> list[HTTPRouteHandler]:
    @get("/admin/users", opt=_PEOPLE)
    async def list_people(search: Search = "", after: Text = "", limit: Limit = PAGE) -> Persons:
        found = await people.listed(search, after, limit + 1)
        return Persons(found[:limit], more=len(found) > limit)

    @post("/admin/users", status_code=201, opt=_PEOPLE)
    async def create(data: JSONBody[NewPerson], request: Asked) -> PersonInfo:
        if data.role is Role.ADMIN:
            await require(caller_of(request))
        shown = None if data.display_name is UNSET else data.display_name
        return await people.create(data.name, by(request), display_name=shown, role=data.role)

    @get("/admin/users/{user:str}", opt=_PEOPLE)
    async def show(user: FromPath[str]) -> PersonInfo:
        return await people.show(user)

    @patch("/admin/users/{user:str}", opt=_PEOPLE)
    async def change(
        user: FromPath[str], data: JSONBody[ChangedPerson], request: Asked
    ) -> PersonInfo:
        change = _change(data)
        if change.role is Role.ADMIN or change.active:
            await require(caller_of(request))
        return await people.change(user, change, by(request))

    return [list_people, create, show, change]


def _help_routes(people: People, require: Require) -> list[HTTPRouteHandler]:
    @post("/admin/users/{user:str}/reset", status_code=201, opt=_PEOPLE)
    async def reset(user: FromPath[str], request: Asked) -> Made:
        await require(caller_of(request))
        return Made(await people.reset_link(user, by(request)))

    @delete("/admin/users/{user:str}/factors", status_code=204, opt=_PEOPLE)
    async def drop_factors(user: FromPath[str], request: Asked) -> None:
        await require(caller_of(request))
        await people.drop_factors(user, by(request))

    return [reset, drop_factors]


def _session_routes(people: People) -> list[HTTPRouteHandler]:
    @get("/admin/users/{user:str}/sessions", opt=_PEOPLE)
    async def sessions(user: FromPath[str]) -> PersonSessions:
        return PersonSessions([_session(one) for one in await people.sessions(user)])

    @delete("/admin/users/{user:str}/sessions", status_code=200, opt=_PEOPLE)
    async def sign_out(user: FromPath[str], request: Asked) -> Revoked:
        return Revoked(await people.sign_out(user, by(request)))

    @delete("/admin/users/{user:str}/sessions/{session:str}", status_code=204, opt=_PEOPLE)
    async def end_session(user: FromPath[str], session: FromPath[str], request: Asked) -> None:
        await people.end_session(user, session, by(request))

    return [sessions, sign_out, end_session]


def _change(data: ChangedPerson) -> PersonChange:
    return PersonChange(
        display_name=None if data.display_name is UNSET else data.display_name,
        role=None if data.role is UNSET else data.role,
        active=None if data.active is UNSET else data.active,
    )


def _session(token: TokenInfo) -> PersonSession:
    return PersonSession(
        id=token.id,
        kind=token.kind,
        name=token.name,
        created_at=token.created_at,
        last_used_at=token.last_used_at,
        expires_at=token.expires_at,
        address=token.address,
        agent=token.agent,
    )
