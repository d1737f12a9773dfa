"""The office as the operator's commands ask for it, by their names on the control socket."""

from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import Any, Final, TypeVar

from conclave.app.operator_hooks import hook_commands
from conclave.model import (
    BY_OPERATOR,
    Link,
    Outcome,
    PersonChange,
    PersonInfo,
    Role,
    RoomFacts,
    RoomKind,
    RoomRole,
    SanctionKind,
    Scope,
)
from conclave.office import Office
from conclave.protocol.errors import Code, Reject

Command = Callable[..., Awaitable[Any]]

E = TypeVar("E", bound=StrEnum)

_ME: Final = BY_OPERATOR


def office_commands(office: Office, page: Callable[[], str]) -> dict[str, Command]:
    """Return them; *page* says where the page is, for links that lead there."""
    return {
        **_people_commands(office, page),
        **_bot_commands(office),
        **_entry_commands(office),
        **_invite_commands(office, page),
        **_room_commands(office),
        **_member_commands(office),
        **_report_commands(office),
        **hook_commands(office.hooks, page),
    }


def _people_commands(office: Office, page: Callable[[], str]) -> dict[str, Command]:
    people = office.people

    async def list_(query: str = "", after: str = "", limit: int = 200) -> list[PersonInfo]:
        return await people.listed(query, after, limit)

    async def show(user: str) -> PersonInfo:
        return await people.show(user)

    async def create(name: str, display_name: str | None = None, role: str = "user") -> PersonInfo:
        wanted = _one_of(Role, role)
        return await people.create(name, _ME, display_name=display_name, role=wanted)

    async def change(
        user: str,
        display_name: str | None = None,
        role: str | None = None,
        active: bool | None = None,
    ) -> PersonInfo:
        wanted = None if role is None else _one_of(Role, role)
        change = PersonChange(display_name=display_name, role=wanted, active=active)
        return await people.change(user, change, _ME)

    async def reset(user: str) -> str:
        return f"{page()}/#reset={await people.reset_link(user, _ME)}"

    return {
        "user list": list_,
        "user show": show,
        "user create": create,
        "user change": change,
        "user reset": reset,
    }


def _bot_commands(office: Office) -> dict[str, Command]:
    bots = office.bots

    async def create(name: str, display_name: str | None = None) -> PersonInfo:
        return await bots.create(name, _ME, display_name=display_name)

    async def token(
        bot: str,
        name: str = "",
        scopes: list[str] | None = None,
        rooms: list[str] | None = None,
        days: int | None = None,
    ) -> str:
        wanted = None if scopes is None else [_one_of(Scope, one) for one in scopes]
        return await bots.make_token(bot, _ME, name=name, scopes=wanted, rooms=rooms, days=days)

    return {"bot create": create, "bot token": token}


def _entry_commands(office: Office) -> dict[str, Command]:
    people = office.people

    async def sessions(user: str) -> list[Any]:
        return [
            {
                "id": one.id,
                "kind": one.kind,
                "name": one.name,
                "created_at": one.created_at,
                "last_used_at": one.last_used_at,
                "expires_at": one.expires_at,
                "address": one.address,
                "agent": one.agent,
            }
            for one in await people.sessions(user)
        ]

    async def log_out(user: str, session: str | None = None) -> int:
        if session is None:
            return await people.sign_out(user, _ME)
        await people.end_session(user, session, _ME)
        return 1

    async def drop_factors(user: str) -> None:
        await people.drop_factors(user, _ME)

    return {"user sessions": sessions, "user log out": log_out, "user factors": drop_factors}


def _invite_commands(office: Office, page: Callable[[], str]) -> dict[str, Command]:
    invites = office.invites

    async def create(
        name: str = "",
        role: str = "user",
        uses: int | None = None,
        days: int | None = None,
        room: str | None = None,
    ) -> dict[str, Any]:
        wanted = _one_of(Role, role)
        secret, link = await invites.make(
            _ME, name=name, role=wanted, uses=uses, days=days, room=room
        )
        return {"url": f"{page()}/#invite={secret}", "id": link.id}

    async def list_() -> list[Link]:
        return await invites.listed()

    async def revoke(id: str) -> None:  # noqa: A002 - a link's id
        await invites.revoke(id, _ME)

    return {"invite create": create, "invite list": list_, "invite revoke": revoke}


def _room_commands(office: Office) -> dict[str, Command]:
    rooms = office.rooms

    async def list_(
        query: str = "", after: str = "", limit: int = 200, direct: bool = False
    ) -> list[RoomFacts]:
        kinds = frozenset(RoomKind) if direct else None
        return await rooms.listed(query, after, limit, kinds)

    async def show(room: str) -> RoomFacts:
        return await rooms.show(room)

    async def archive(room: str, archived: bool) -> RoomFacts:
        return await rooms.archive(room, archived, _ME)

    async def delete(room: str) -> None:
        await rooms.delete(room, _ME)

    async def members(room: str, after: str = "", limit: int = 200) -> list[Any]:
        return await rooms.members(room, after, limit)

    async def sanctions(room: str, after: list[str] | None = None, limit: int = 200) -> list[Any]:
        user, kind = after or ("", "")
        return await rooms.sanctions(room, _ME, (user, kind), limit)

    return {
        "room list": list_,
        "room show": show,
        "room archive": archive,
        "room delete": delete,
        "room members": members,
        "room sanctions": sanctions,
    }


def _member_commands(office: Office) -> dict[str, Command]:
    rooms = office.rooms

    async def role(room: str, user: str, role: str) -> bool:
        return await rooms.set_role(room, user, _one_of(RoomRole, role), _ME)

    async def kick(room: str, user: str, reason: str = "") -> None:
        await rooms.kick(room, user, _ME, reason=reason)

    async def ban(room: str, user: str, until: int | None = None, reason: str = "") -> bool:
        return await rooms.ban(room, user, _ME, until=until, reason=reason)

    async def mute(room: str, user: str, until: int | None = None, reason: str = "") -> bool:
        return await rooms.mute(room, user, _ME, until=until, reason=reason)

    async def lift(room: str, user: str, kind: str) -> bool:
        return await rooms.lift(room, user, _one_of(SanctionKind, kind), _ME)

    return {
        "room role": role,
        "room kick": kick,
        "room ban": ban,
        "room mute": mute,
        "room lift": lift,
    }


def _report_commands(office: Office) -> dict[str, Command]:
    async def list_(closed: bool = False, after: str = "", limit: int = 200) -> list[Any]:
        return await office.reports.listed(closed=closed, after=after, limit=limit)

    async def close(id: str, outcome: str) -> None:  # noqa: A002 - a report's id
        await office.reports.close(id, _one_of(Outcome, outcome), _ME)

    return {"report list": list_, "report close": close}


def _one_of(kind: type[E], word: str) -> E:
    try:
        return kind(word)
    except ValueError:
        known = ", ".join(map(str, kind))
        raise Reject(Code.BAD_REQUEST, f"{word!r} is none of {known}") from None
