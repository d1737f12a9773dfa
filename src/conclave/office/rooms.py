"""The rooms of a server: listed, archived, deleted, and the people in them."""

from collections.abc import Awaitable
from typing import Unpack

from msgspec import UNSET

from conclave.controllers.sending import update_of
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
        draft = update_of(by.identity, name, {"archived": archived}, None)
        await self._live.guarded(self._archive(draft, archived, by))
        return await self._registry.room(name)

    async def _archive(self, draft: Draft, archived: bool, by: By) -> None:
        receipt = await self._live.send(draft)
        if receipt.entry is not None:
            action = Action.ROOM_ARCHIVED if archived else Action.ROOM_UNARCHIVED
            self._audit.note(by.note(action, room=draft.room))
            await self._live.refresh(draft.room)

    async def delete(self, room: str, by: By) -> None:
        """Delete a room with all that was said in it; it cannot be undone."""
        await self._live.guarded(self._delete(await self._name(room), by))

    async def _delete(self, name: str, by: By) -> None:
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
        gone = RoomGone(name, "kicked", text=said.get("reason", UNSET))
        await self._do(work, Action.MEMBER_KICKED, name, by, gone, **said)

    async def ban(
        self, room: str, user: str, by: By, *, until: int | None = None, reason: str = ""
    ) -> bool:
        """Let somebody in no more, until then or for ever; return False if it was so."""
        name, said = await self._name(room), _reason(reason, until)
        work = self._moderation.ban(
            name, by.identity, user, until=until, reason=said.get("reason", "")
        )
        gone = RoomGone(
            name,
            "banned",
            text=said.get("reason", UNSET),
            until=UNSET if until is None else until,
        )
        return (await self._do(work, Action.MEMBER_BANNED, name, by, gone, **said)).done

    async def mute(
        self, room: str, user: str, by: By, *, until: int | None = None, reason: str = ""
    ) -> bool:
        """Let somebody write no more there, until then or for ever; return False if it was so."""
        name, said = await self._name(room), _reason(reason, until)
        work = self._moderation.mute(
            name, by.identity, user, until=until, reason=said.get("reason", "")
        )
        return (await self._do(work, Action.MEMBER_MUTED, name, by, **said)).done

    async def lift(self, room: str, user: str, kind: SanctionKind, by: By) -> bool:
        """Take a ban or mute back; return False if there was none."""
        name = await self._name(room)
        ban = kind is SanctionKind.BAN
        action = Action.MEMBER_UNBANNED if ban else Action.MEMBER_UNMUTED
        work = self._moderation.lift(name, by.identity, user, kind)
        return (await self._do(work, action, name, by)).done

    async def sanctions(
        self, room: str, by: By, after: tuple[str, str], limit: int
    ) -> list[Sanction]:
        name = await self._name(room)
        return await self._moderation.sanctions(name, by.identity, after=after, limit=limit)

    async def _name(self, room: str) -> str:
        return (await self._registry.room(room)).room

    async def _do(
        self,
        work: Awaitable[Deed],
        action: Action,
        room: str,
        by: By,
        gone: RoomGone | None = None,
        **said: Unpack[Details],
    ) -> Deed:
        """Do *work*, write it down and tell; *gone* goes to who is no member any more."""

        async def do() -> Deed:
            deed = await work
            if deed.done:
                self._audit.note(by.note(action, target=deed.user, room=room, **said))
                await self._tell(deed, room, gone)
            return deed

        return await self._live.guarded(do())

    async def _tell(self, deed: Deed, room: str, gone: RoomGone | None) -> None:
        await self._live.told(deed.entries)
        if gone is not None and deed.entries:
            self._live.gone(deed.user, gone)
        elif not deed.entries and await self._store.member(room, deed.user) is not None:
            await self._live.refresh(room, [deed.user])


def _reason(reason: str, until: int | None = None) -> Details:
    said = Details()
    if cleaned := clean_line(reason):
        said["reason"] = cleaned
    if until is not None:
        said["until"] = until
    return said
