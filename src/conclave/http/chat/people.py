"""People: found, shown, written to directly, ignored; and what one says of oneself."""

from litestar import Response, delete, get, patch, post, put
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody

from conclave.http.chat.asking import (
    After,
    Asked,
    NameQuery,
    UserPath,
    ask,
    needs,
    user_of,
)
from conclave.http.etags import tagged
from conclave.http.paging import next_link
from conclave.http.peer import Chat
from conclave.protocol.api import ChangedProfile, NewDirect
from conclave.protocol.events import InRoom, People, Profile
from conclave.protocol.governing import Ignored, IgnoreUser, ListIgnored, OpenDirect, UnignoreUser
from conclave.protocol.requests import FindPeople, GetProfile, SetProfile


def people_routes(chat: Chat) -> list[HTTPRouteHandler]:
    return [*_finding(chat), *_ignoring(chat)]


def _finding(chat: Chat) -> list[HTTPRouteHandler]:
    @get("/users", opt=needs(chat, FindPeople), summary="Find people")
    async def find(request: Asked, name: NameQuery = "", after: After = None) -> Response[People]:
        found: People = (await ask(chat, request, FindPeople(name, after))).data
        link = next_link(request, after=found.users[-1].id) if found.more else {}
        return tagged(request, found, link)

    @get(
        "/users/{user:str}", opt=needs(chat, GetProfile), summary="What somebody says of themselves"
    )
    async def show(user: UserPath, request: Asked) -> Response[Profile]:
        return tagged(request, (await ask(chat, request, GetProfile(user_of(user)))).data)

    @patch("/me/profile", opt=needs(chat, SetProfile), summary="Say something of oneself")
    async def change(data: JSONBody[ChangedProfile], request: Asked) -> Profile:
        event = SetProfile(data.display_name, data.about)
        changed: Profile = (await ask(chat, request, event)).data
        return changed

    @post(
        "/direct", status_code=200, opt=needs(chat, OpenDirect), summary="Write to people directly"
    )
    async def direct(data: JSONBody[NewDirect], request: Asked) -> InRoom:
        found: InRoom = (await ask(chat, request, OpenDirect(data.users))).data
        return found

    return [find, show, change, direct]


def _ignoring(chat: Chat) -> list[HTTPRouteHandler]:
    one = "/me/ignored/{user:str}"

    @get("/me/ignored", opt=needs(chat, ListIgnored), summary="Whom one ignores")
    async def ignored(request: Asked) -> Ignored:
        found: Ignored = (await ask(chat, request, ListIgnored())).data
        return found

    @put(one, status_code=204, opt=needs(chat, IgnoreUser), summary="Ignore somebody")
    async def ignore(user: UserPath, request: Asked) -> None:
        await ask(chat, request, IgnoreUser(user_of(user)))

    @delete(one, status_code=204, opt=needs(chat, UnignoreUser), summary="Listen to them again")
    async def unignore(user: UserPath, request: Asked) -> None:
        await ask(chat, request, UnignoreUser(user_of(user)))

    return [ignored, ignore, unignore]
