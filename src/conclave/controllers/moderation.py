"""Who belongs to a room and who may write there: what members and moderators do to others."""

from collections.abc import Awaitable, Callable
from typing import Final, cast

from msgspec import UNSET

from conclave.controllers.dispatch import Controller, Request, on
from conclave.controllers.telling import tell_changed, tell_members, who
from conclave.core.ratelimit import Cost
from conclave.core.text import clean_line
from conclave.core.turns import Turn
from conclave.model import Act, Action, Deed, Details, RoomRole, SanctionKind
from conclave.ports import Connection
from conclave.protocol.events import RoomGone
from conclave.protocol.governing import (
    BanUser,
    InviteUser,
    KickUser,
    ListSanctions,
    MuteUser,
    SetRole,
    UnbanUser,
    UnmuteUser,
)
from conclave.protocol.governing import Sanctions as SanctionList

_PAGE: Final = 100

Then = Callable[[Deed], Awaitable[None]]


class Moderation(Controller):
    @on(InviteUser, act=Act.INVITE)
    async def invite(self, connection: Connection, event: InviteUser, request: Request) -> None:
        work = self.node.moderation.invite(
            event.room, who(connection), event.user, client_id=request.id
        )
        await self._do(connection, event.room, Action.MEMBER_ADDED, work)

    @on(KickUser, act=Act.KICK)
    async def kick(self, connection: Connection, event: KickUser, request: Request) -> None:
        work = self.node.moderation.kick(
            event.room, who(connection), event.user, client_id=request.id
        )
        reason = clean_line(event.reason)

        async def gone(deed: Deed) -> None:
            told = RoomGone(event.room, "kicked", text=reason or UNSET)
            self.node.tell_user(deed.user, told)

        said = Details(reason=reason) if reason else Details()
        await self._do(connection, event.room, Action.MEMBER_KICKED, work, gone, said)

    @on(BanUser, act=Act.BAN)
    async def ban(self, connection: Connection, event: BanUser, request: Request) -> None:
        reason = clean_line(event.reason)
        work = self.node.moderation.ban(
            event.room,
            who(connection),
            event.user,
            until=event.until,
            reason=reason,
            client_id=request.id,
        )

        async def gone(deed: Deed) -> None:
            if deed.entries:
                until = UNSET if event.until is None else event.until
                told = RoomGone(event.room, "banned", text=reason or UNSET, until=until)
                self.node.tell_user(deed.user, told)

        said = _said(reason, event.until)
        await self._do(connection, event.room, Action.MEMBER_BANNED, work, gone, said)

    @on(UnbanUser, act=Act.UNBAN)
    async def unban(self, connection: Connection, event: UnbanUser) -> None:
        work = self.node.moderation.lift(event.room, who(connection), event.user, SanctionKind.BAN)
        await self._do(connection, event.room, Action.MEMBER_UNBANNED, work)

    @on(MuteUser, act=Act.MUTE)
    async def mute(self, connection: Connection, event: MuteUser) -> None:
        reason = clean_line(event.reason)
        work = self.node.moderation.mute(
            event.room, who(connection), event.user, until=event.until, reason=reason
        )
        said = _said(reason, event.until)
        told = self._tell_them(event.room)
        await self._do(connection, event.room, Action.MEMBER_MUTED, work, told, said)

    @on(UnmuteUser, act=Act.MUTE)
    async def unmute(self, connection: Connection, event: UnmuteUser) -> None:
        work = self.node.moderation.lift(event.room, who(connection), event.user, SanctionKind.MUTE)
        told = self._tell_them(event.room)
        await self._do(connection, event.room, Action.MEMBER_UNMUTED, work, told)

    @on(SetRole, act=Act.SET_ROLE)
    async def set_role(self, connection: Connection, event: SetRole, request: Request) -> None:
        work = self.node.moderation.set_role(
            event.room,
            who(connection),
            event.user,
            RoomRole(event.role),
            client_id=request.id,
        )
        said = Details(role=event.role)
        await self._do(connection, event.room, Action.MEMBER_ROLE, work, said=said)

    @on(ListSanctions, turn=Turn.READ, costs=Cost.READ, act=Act.SEE_SANCTIONS)
    async def sanctions(self, connection: Connection, event: ListSanctions) -> SanctionList:
        after = cast(tuple[str, str], tuple(event.after or ("", "")))
        found = await self.node.moderation.sanctions(
            event.room, who(connection), after=after, limit=_PAGE + 1
        )
        return SanctionList(event.room, found[:_PAGE], more=len(found) > _PAGE)

    def _tell_them(self, room: str) -> Then:
        """Return what tells the one whom an act was about what the room is to them."""

        async def tell(deed: Deed) -> None:
            if await self.node.store.member(room, deed.user) is not None:
                await tell_changed(self.node, deed.user, room)

        return tell

    async def _do(
        self,
        connection: Connection,
        room: str,
        action: Action,
        work: Awaitable[Deed],
        then: Then | None = None,
        said: Details = Details(),  # noqa: B008 - nobody changes it
    ) -> None:
        """Do *work*, tell what it wrote, note it, and *then* what else follows."""

        async def do() -> None:
            deed = await work
            self.node.relay.tell(deed.entries)
            if not deed.done:
                return
            self.node.audit(connection, action, target=deed.user, room=room, **said)
            if then is not None:
                await then(deed)
            await tell_members(self.node, deed.entries)

        await self.node.relay.guarded(do())


def _said(reason: str, until: int | None) -> Details:
    said = Details()
    if reason:
        said["reason"] = reason
    if until is not None:
        said["until"] = until
    return said
