"""People: finding them, what they say of themselves, and how they are just now."""

from typing import Final

from conclave.controllers.dispatch import Controller, on, on_authenticated, on_disconnect
from conclave.core.ratelimit import Cost
from conclave.core.turns import Turn
from conclave.model import Act, Action, Details, Identity, Role, Status, User
from conclave.ports import Connection
from conclave.protocol.errors import Code, Reject
from conclave.protocol.events import Found, PresenceChanged, Profile
from conclave.protocol.events import People as PeopleList
from conclave.protocol.requests import FindPeople, GetProfile, SetIdle, SetPresence, SetProfile

_PAGE: Final = 50


class People(Controller):
    @on(FindPeople, turn=Turn.READ, costs=Cost.SEARCH, act=Act.LIST_PEOPLE)
    async def find(self, connection: Connection, event: FindPeople) -> PeopleList:  # noqa: ARG002
        found = await self.node.store.people.find(
            event.query, after=event.after or "", limit=_PAGE + 1
        )
        users = [
            Found(user.id, user.name, user.display_name, user.role, self._shown(user.id))
            for user in found[:_PAGE]
        ]
        return PeopleList(users, more=len(found) > _PAGE)

    @on(GetProfile, turn=Turn.READ, costs=Cost.READ, act=Act.SEE_PROFILE)
    async def profile(self, connection: Connection, event: GetProfile) -> Profile:
        user = await self.node.store.user(event.user)
        if user is None or not await self._may_see(connection, user.id):
            raise Reject(Code.NO_SUCH_USER)
        return self._profile(user, connection)

    async def _may_see(self, connection: Connection, user: str) -> bool:
        identity = connection.identity
        assert identity is not None  # the gate has let it through
        if identity.role is not Role.GUEST or identity.user == user:
            return True
        # Guests know those they share a room with, and nobody else is there for them.
        return await self.node.store.people.share_a_room(identity.user, user)

    @on(SetProfile, costs=Cost.ROOM, act=Act.SET_PROFILE)
    async def change(self, connection: Connection, event: SetProfile) -> Profile:
        changed = await self.node.store.people.change(
            connection.user, display_name=event.display_name, about=event.about
        )
        self._note(connection, changed)
        self.node.changed(changed, but=connection)
        return self._profile(changed, connection)

    def _note(self, connection: Connection, changed: User) -> None:
        before = connection.identity
        if before is not None and before.name != changed.display_name:
            said = Details(before=before.name, name=changed.display_name)
            self.node.audit(connection, Action.USER_RENAMED, target=changed.id, **said)

    @on(SetPresence, costs=Cost.SIGNAL, act=Act.SET_PRESENCE)
    async def presence(self, connection: Connection, event: SetPresence) -> None:
        status, before = Status(event.status), self.node.statuses.of(connection.user)
        if not self.node.moods.say(connection.user, status):
            return
        told = PresenceChanged(connection.user, status)
        self.node.tell_user(connection.user, told, but=connection)
        if self.node.statuses.of(connection.user) is not before:
            self.node.moods.note(connection.user)

    @on(SetIdle, costs=Cost.SIGNAL, act=Act.SET_PRESENCE)
    async def idle(self, connection: Connection, event: SetIdle) -> None:
        self.node.hub.set_idle(connection, event.idle)
        self.node.rouse(connection.user)

    @on_authenticated
    async def came(self, connection: Connection, _identity: Identity) -> None:
        self.node.rouse(connection.user)

    @on_disconnect
    async def went(self, connection: Connection, _code: int, _reason: str) -> None:
        if connection.identity is not None:
            self.node.rouse(connection.user)

    def _profile(self, user: User, reader: Connection) -> Profile:
        own = user.id == reader.user
        status = self.node.statuses.said(user.id) if own else self._shown(user.id)
        return Profile(
            id=user.id,
            name=user.name,
            display_name=user.display_name,
            role=user.role,
            about=user.about,
            active=user.active,
            status=str(status),
        )

    def _shown(self, user: str) -> str:
        elsewhere = self.node.attendance.roll.elsewhere
        return self.node.statuses.shown(
            user, lambda one: self.node.hub.of(one) or elsewhere.anywhere(one)
        )
