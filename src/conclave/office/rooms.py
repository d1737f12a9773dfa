"""The rooms of a server: listed, archived, deleted, and the people in them."""

from collections.abc import Awaitable
from typing import Unpack

from conclave.core.text import clean_line
from conclave.model import (
    Action,
    By,
    Deed,
    Details,
    Draft,
    MemberInfo,
    RoomFacts,
    RoomKind,
    RoomRole,
    Sanction,
    SanctionKind,
)
from conclave.office.live import Live
from conclave.ports import Audit, Moderation, Registry, Store
from conclave.protocol.events import RoomGone
from conclave.protocol.state import UPDATED


class Rooms:
    """Acts are judged by the store, as those of anybody; what connected people hear follows."""

    def __init__(
        self,
        registry: Registry,
        store: Store,
        moderation: Moderation,
        audit: Audit,
        live: Live,
    ) -> None:
        self._registry = registry
        self._store = store
        self._moderation = moderation
        self._audit = audit
        self._live = live

    async def listed(
        self, query: str, after: str, limit: int, kinds: frozenset[RoomKind] | None = None
    ) -> list[RoomFacts]:
        return await self._registry.rooms(query, kinds=kinds, after=after, limit=limit)

    async def show(self, room: str) -> RoomFacts:
        return await self._registry.room(room)

    async def archive(self, room: str, archived: bool, by: By) -> RoomFacts:
        """Let nobody write there any more, or let them again."""
        found = await self._registry.room(room)
        if found.archived == archived:
            return found
        name = found.room
        draft = Draft(
            room=name,
            user=by.identity.user,
            name=by.identity.name,
            role=by.identity.role,
            type=UPDATED,
            extra={"archived": archived},
        )
        receipt = await self._live.send(draft)
        if receipt.entry is not None:
            action = Action.ROOM_ARCHIVED if archived else Action.ROOM_UNARCHIVED
            self._audit.note(by.note(action, room=name))
            await self._live.refresh(name)
        return await self._registry.room(name)

    async def delete(self, room: str, by: By) -> None:
        """Delete a room with all that was said in it; it cannot be undone."""
        name = await self._name(room)
        people = await self._moderation.delete_room(name, by.identity)
        self._audit.note(by.note(Action.ROOM_DELETED, room=name))
        await self._live.shut(name, people or ())

    async def members(self, room: str, after: str, limit: int) -> list[MemberInfo]:
        return await self._store.list_members(await self._name(room), after=after, limit=limit)

    async def set_role(self, room: str, user: str, role: RoomRole, by: By) -> bool:
        """Give a member a role; return False if they had it."""
        name = await self._name(room)
        work = self._moderation.set_role(name, by.identity, user, role)
        return (await self._do(work, Action.MEMBER_ROLE, name, by, role=str(role))).done

    async def kick(self, room: str, user: str, by: By, *, reason: str = "") -> None:
        """End a membership; whoever may come back does."""
        name, said = await self._name(room), _reason(reason)
        work = self._moderation.kick(name, by.identity, user)
        deed = await self._do(work, Action.MEMBER_KICKED, name, by, **said)
        self._live.gone(deed.user, RoomGone(name, "kicked"))

    async def ban(
        self, room: str, user: str, by: By, *, until: int | None = None, reason: str = ""
    ) -> bool:
        """Let somebody in no more, until then or for ever; return False if it was so."""
        name, said = await self._name(room), _reason(reason, until)
        work = self._moderation.ban(
            name, by.identity, user, until=until, reason=said.get("reason", "")
        )
        deed = await self._do(work, Action.MEMBER_BANNED, name, by, **said)
        if deed.entries:
            self._live.gone(deed.user, RoomGone(name, "banned"))
        return deed.done

    async def mute(
        self, room: str, user: str, by: By, *, until: int | None = None, reason: str = ""
    ) -> bool:
        """Let somebody write no more there, until then or for ever; return False if it was so."""
        name, said = await self._name(room), _reason(reason, until)
        work = self._moderation.mute(
            name, by.identity, user, until=until, reason=said.get("reason", "")
        )
        deed = await self._do(work, Action.MEMBER_MUTED, name, by, **said)
        await self._tell_member(name, deed)
        return deed.done

    async def lift(self, room: str, user: str, kind: SanctionKind, by: By) -> bool:
        """Take a ban or mute back; return False if there was none."""
        name = await self._name(room)
        ban = kind is SanctionKind.BAN
        action = Action.MEMBER_UNBANNED if ban else Action.MEMBER_UNMUTED
        work = self._moderation.lift(name, by.identity, user, kind)
        deed = await self._do(work, action, name, by)
        await self._tell_member(name, deed)
        return deed.done

    async def sanctions(
        self, room: str, by: By, after: tuple[str, str], limit: int
    ) -> list[Sanction]:
        name = await self._name(room)
        return await self._moderation.sanctions(name, by.identity, after=after, limit=limit)

    async def _name(self, room: str) -> str:
        return (await self._registry.room(room)).room

    async def _do(
        self, work: Awaitable[Deed], action: Action, room: str, by: By, **said: Unpack[Details]
    ) -> Deed:
        deed = await work
        if deed.done:
            self._audit.note(by.note(action, target=deed.user, room=room, **said))
        await self._live.told(deed.entries)
        return deed

    async def _tell_member(self, room: str, deed: Deed) -> None:
        if deed.done and await self._store.member(room, deed.user) is not None:
            await self._live.refresh(room, [deed.user])


def _reason(reason: str, until: int | None = None) -> Details:
    said = Details()
    if cleaned := clean_line(reason):
        said["reason"] = cleaned
    if until is not None:
        said["until"] = until
    return said
