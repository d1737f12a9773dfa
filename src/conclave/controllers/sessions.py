"""Who a connection is: the welcome, authentication, heartbeats."""

from itertools import islice
from typing import Final

from msgspec import UNSET

from conclave.controllers.dispatch import (
    Access,
    Controller,
    Request,
    on,
    on_connect,
)
from conclave.core.ratelimit import Cost
from conclave.core.turns import Turn
from conclave.model import Action, Identity, RoomInfo
from conclave.ports import Connection
from conclave.protocol.errors import Close, Code, Disconnect, Reject
from conclave.protocol.events import (
    AuthResponse,
    HeartbeatAnswer,
    HeartbeatTerms,
    Hello,
    HelloLimits,
    Me,
    System,
)
from conclave.protocol.requests import Auth, Heartbeat

VERSION = 1
# Rooms named in the welcome: it must fit into any queue, however many there are.
_MOST_NAMED: Final = 500


class Sessions(Controller):
    @on_connect
    async def welcome(self, connection: Connection) -> None:
        connection.tell(System("Welcome to the secure chat server. Please authenticate."))
        connection.tell(self._hello())

    def _hello(self) -> Hello:
        rules, limits = self.node.rules, self.node.limits
        return Hello(
            version=VERSION,
            server_time=self.node.clock.wall(),
            heartbeat=HeartbeatTerms(
                round(rules.ping_every * 1000), round(rules.pong_within * 1000)
            ),
            auth_timeout_ms=round(rules.auth_within * 1000),
            limits=HelloLimits(
                limits.message_bytes,
                limits.text_chars,
                limits.page,
                limits.rooms_per_connection,
                limits.messages_per_second,
                limits.burst,
            ),
        )

    @on(Auth, needs=Access.ANYONE, turn=Turn.BARRIER, costs=Cost.FREE)
    async def auth(self, connection: Connection, event: Auth, request: Request) -> AuthResponse:
        if connection.identity is not None:
            raise Disconnect(Close.IDENTITY_CHANGED, "Already authenticated")
        try:
            identity = await self._authenticate(event.token)
        except Reject as no:
            if no.retryable:
                raise
            request.answer(AuthResponse(success=False, code=no.code))
            self.node.audit(connection, Action.SESSION_FAILED, how="token", why=no.code)
            await self.hooks.run("auth_failed", connection, no)
            raise Disconnect(Close.POLICY, "Authentication failed") from None
        return await self._welcome_in(connection, identity)

    async def _authenticate(self, token: str) -> Identity:
        for authenticator in self.node.authenticators:
            if (identity := await authenticator.authenticate(token)) is not None:
                return identity
        raise Reject(Code.AUTH_FAILED)

    async def _welcome_in(self, connection: Connection, identity: Identity) -> AuthResponse:
        public = await self.node.store.public_rooms(identity.user)
        connection.authenticated(identity)
        oldest = self.node.hub.identify(connection, identity.user)
        if oldest is not None:
            oldest.disconnect(Close.TOO_MANY_CONNECTIONS, "Too many connections")
        mine = await self._watch(connection, identity)
        names = islice(dict.fromkeys(room.room for room in [*mine, *public]), _MOST_NAMED)
        connection.tell(System(f"Welcome, {identity.name}! You are now authenticated.", [*names]))
        try:
            await self.hooks.run("authenticated", connection, identity)
        except Reject as no:
            # It speaks for its user already: a refusal must be the end of it.
            raise Disconnect(Close.POLICY, no.message) from None
        return AuthResponse(
            success=True,
            user=Me(identity.user, identity.name, identity.role),
            expires_at=UNSET if identity.expires_at is None else identity.expires_at,
        )

    async def _watch(self, connection: Connection, identity: Identity) -> list[RoomInfo]:
        """Let it hear of its rooms: read only now, so that none it joins meanwhile is missed."""
        try:
            mine = await self.node.store.rooms_of(identity.user)
        except Reject as no:
            raise Disconnect(Close.TRY_LATER, no.message) from None
        self.node.hub.watch(connection, (room.room for room in mine))
        return mine

    @on(Heartbeat, needs=Access.ANYONE, costs=Cost.FREE)
    async def heartbeat(self, connection: Connection, event: Heartbeat) -> HeartbeatAnswer:
        await self.hooks.run("heartbeat", connection, event)
        return HeartbeatAnswer(event.timestamp, self.node.clock.wall())
