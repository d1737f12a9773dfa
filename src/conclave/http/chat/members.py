"""Who belongs to a room and who may write there: listed, invited, removed, given a role."""

from litestar import Response, delete, get, put
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody

from conclave.http.chat.asking import (
    After,
    Asked,
    IdempotencyKey,
    ReasonQuery,
    RoomPath,
    UserPath,
    ask,
    needs,
    room_of,
    user_of,
)
from conclave.http.etags import tagged
from conclave.http.paging import next_link
from conclave.http.peer import Chat
from conclave.protocol.api import NewMember, NewSanction
from conclave.protocol.events import Members
from conclave.protocol.governing import (
    BanUser,
    InviteUser,
    KickUser,
    ListSanctions,
    MuteUser,
    Sanctions,
    SetRole,
    UnbanUser,
    UnmuteUser,
)
from conclave.protocol.requests import ListMembers

_ROOM = "/rooms/{room:str}"
_MEMBER = f"{_ROOM}/members/{{user:str}}"


def member_routes(chat: Chat) -> list[HTTPRouteHandler]:
    return [*_member_routes(chat), *_ban_routes(chat), *_mute_routes(chat)]


def _member_routes(chat: Chat) -> list[HTTPRouteHandler]:
    @get(f"{_ROOM}/members", opt=needs(chat, ListMembers), summary="Members, by their ids")
    async def members(room: RoomPath, request: Asked, after: After = None) -> Response[Members]:
        found: Members = (await ask(chat, request, ListMembers(room_of(room), after))).data
        link = next_link(request, after=found.members[-1].id) if found.more else {}
        return tagged(request, found, link)

    @put(_MEMBER, status_code=204, opt=needs(chat, InviteUser), summary="Add somebody")
    async def invite(
        room: RoomPath, user: UserPath, request: Asked, key: IdempotencyKey = None
    ) -> None:
        await ask(chat, request, InviteUser(room_of(room), user_of(user)), key)

    @delete(_MEMBER, status_code=204, opt=needs(chat, KickUser), summary="Remove somebody")
    async def kick(
        room: RoomPath,
        user: UserPath,
        request: Asked,
        reason: ReasonQuery = "",
        key: IdempotencyKey = None,
    ) -> None:
        await ask(chat, request, KickUser(room_of(room), user_of(user), reason), key)

    @put(f"{_MEMBER}/role", status_code=204, opt=needs(chat, SetRole), summary="Give a role")
    async def set_role(
        room: RoomPath,
        user: UserPath,
        data: JSONBody[NewMember],
        request: Asked,
        key: IdempotencyKey = None,
    ) -> None:
        await ask(chat, request, SetRole(room_of(room), user_of(user), data.role), key)

    return [members, invite, kick, set_role]


def _ban_routes(chat: Chat) -> list[HTTPRouteHandler]:
    @get(f"{_ROOM}/sanctions", opt=needs(chat, ListSanctions), summary="Who is banned or muted")
    async def sanctions(
        room: RoomPath, request: Asked, after: After = None, kind: After = None
    ) -> Response[Sanctions]:
        known = None if after is None else [after, kind or ""]
        found: Sanctions = (await ask(chat, request, ListSanctions(room_of(room), known))).data
        last = found.sanctions[-1] if found.more else None
        link = {} if last is None else next_link(request, after=last.user, kind=last.kind)
        return tagged(request, found, link)

    ban_path = f"{_ROOM}/bans/{{user:str}}"

    @put(ban_path, status_code=204, opt=needs(chat, BanUser), summary="Ban somebody")
    async def ban(
        room: RoomPath,
        user: UserPath,
        data: JSONBody[NewSanction],
        request: Asked,
        key: IdempotencyKey = None,
    ) -> None:
        event = BanUser(room_of(room), user_of(user), data.until, data.reason)
        await ask(chat, request, event, key)

    @delete(ban_path, status_code=204, opt=needs(chat, UnbanUser), summary="Take a ban back")
    async def unban(room: RoomPath, user: UserPath, request: Asked) -> None:
        await ask(chat, request, UnbanUser(room_of(room), user_of(user)))

    return [sanctions, ban, unban]


def _mute_routes(chat: Chat) -> list[HTTPRouteHandler]:
    mute_path = f"{_ROOM}/mutes/{{user:str}}"

    @put(mute_path, status_code=204, opt=needs(chat, MuteUser), summary="Let somebody not write")
    async def mute(
        room: RoomPath, user: UserPath, data: JSONBody[NewSanction], request: Asked
    ) -> None:
        event = MuteUser(room_of(room), user_of(user), data.until, data.reason)
        await ask(chat, request, event)

    @delete(mute_path, status_code=204, opt=needs(chat, UnmuteUser), summary="Take a mute back")
    async def unmute(room: RoomPath, user: UserPath, request: Asked) -> None:
        await ask(chat, request, UnmuteUser(room_of(room), user_of(user)))

    return [mute, unmute]
