"""Who a connection is: the welcome, authentication, heartbeats."""

from typing import Final

from msgspec import UNSET

from conclave.controllers.dispatch import (
    Access,
    Controller,
    Request,
    on,
    on_connect,
    on_disconnect,
)
from conclave.controllers.node import Node
from conclave.core.expecting import Expected
from conclave.core.permissions import may_hear
from conclave.core.ratelimit import Cost
from conclave.core.reaching import reaches
from conclave.core.revocations import Watch
from conclave.core.turns import Turn
from conclave.model import Action, Identity, Place, Status
from conclave.ports import ComingIn, Connection
from conclave.protocol.codec import Packet, encode_event
from conclave.protocol.errors import Close, Code, Disconnect, Reject
from conclave.protocol.events import (
    AuthResponse,
    HeartbeatAnswer,
    HeartbeatTerms,
    Hello,
    HelloLimits,
    Me,
    PresenceChanged,
    Refreshed,
    System,
)
from conclave.protocol.requests import Auth, Heartbeat, RefreshAuth
from conclave.protocol.welcoming import PublicRooms

VERSION = 1
_GREETING: Final = encode_event(System("Welcome to the secure chat server. Please authenticate."))


class Sessions(Controller):
    def __init__(self, node: Node) -> None:
        super().__init__(node)
        self._public = PublicRooms()

    @on_connect
    async def welcome(self, connection: Connection) -> None:
        connection.offer(_GREETING)
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
                limits.attachment_bytes,
                list(limits.attachment_kinds),
            ),
        )

    @on(Auth, needs=Access.ANYONE, turn=Turn.BARRIER, costs=Cost.FREE, answers=AuthResponse)
    async def auth(self, connection: Connection, event: Auth, request: Request) -> None:
        if connection.identity is not None:
            raise Disconnect(Close.IDENTITY_CHANGED, "Already authenticated")
        # First, as nothing is awaited between what is found of somebody and that they are found.
        public = await self.node.store.public_names()
        with self.node.revocations.watch() as watch, self.node.hub.expect() as expected:
            came = await self._ask_who(connection, event, request)
            missed = expected.missed(came.identity.user)
            self._let_in(connection, came.identity, watch)
            self._look_at_if_missed(connection, expected)
            mine = [] if missed else self._hear(connection, came.rooms)
        if missed:
            mine = await self._watch(connection)
        request.answer(await self._welcome_in(connection, came.identity, mine, public))
        self._tell_status(connection, came.identity.user)

    async def _ask_who(self, connection: Connection, event: Auth, request: Request) -> ComingIn:
        """Return who brings this token; ends the connection of who brings none that is good."""
        try:
            return await self.node.come_in(event.token, connection.address)
        except Reject as no:
            if no.retryable:
                raise
            request.answer(AuthResponse(success=False, code=no.code))
            self.node.audit(connection, Action.SESSION_FAILED, how="token", why=no.code)
            await self.hooks.run("auth_failed", connection, no)
            raise Disconnect(Close.POLICY, "Authentication failed") from None

    def _tell_status(self, connection: Connection, user: str) -> None:
        """Let another device of somebody know what they said of themselves on the first."""
        status = self.node.statuses.said(user)
        if status is not Status.ONLINE:
            connection.tell(PresenceChanged(user, status))

    def _let_in(self, connection: Connection, identity: Identity, watch: Watch) -> None:
        """Make *connection* speak for *identity*; nothing is awaited here, see `Watch`."""
        _refuse_revoked(identity, watch)
        connection.authenticated(identity)
        oldest = self.node.hub.identify(connection, identity.user)
        if oldest is not None:
            self.node.meters.limits.add("max_connections_per_user")
            oldest.disconnect(Close.TOO_MANY_CONNECTIONS, "Too many connections")
        self._note_used(connection)

    def _look_at_if_missed(self, connection: Connection, expected: Expected) -> None:
        """See that a look at all that came too early for *connection* is made up for."""
        if expected.everybody:
            # It asks whether tokens are good still, since the words that some are not were lost.
            self.node.hub.on_missed(connection.user)

    async def _welcome_in(
        self, connection: Connection, identity: Identity, mine: list[str], public: list[str]
    ) -> AuthResponse:
        identity = connection.identity or identity
        connection.offer(self._greeting(identity, mine, public))
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

    def _greeting(self, identity: Identity, mine: list[str], public: list[str]) -> Packet:
        message = f"Welcome, {identity.name}! You are now authenticated."
        if not may_hear(identity):
            return PublicRooms().welcome(message, ())
        if identity.rooms is not None:
            reached = [room for room in (*mine, *public) if reaches(identity, room)]
            return PublicRooms().welcome(message, reached)
        if self._public.names is not public:
            self._public = PublicRooms(public)
        return self._public.welcome(message, mine)

    async def _watch(self, connection: Connection) -> list[str]:
        """
        Let it hear of its rooms: read only now, so that none it joins meanwhile is missed.

        And who its user is: what was changed while it came in, it was not told.
        """
        try:
            mine = await self.node.look_again(connection)
        except Reject as no:
            raise Disconnect(Close.TRY_LATER, no.message) from None
        return self._hear(connection, mine)

    def _hear(self, connection: Connection, mine: list[str]) -> list[str]:
        """Let *connection* hear of the rooms that are its user's, if it may read at all."""
        if not may_hear(connection.identity):
            return []
        self.node.hub.watch(connection, mine)
        return mine

    @on(RefreshAuth, turn=Turn.BARRIER, costs=Cost.READ)
    async def refresh(self, connection: Connection, event: RefreshAuth) -> Refreshed:
        with self.node.revocations.watch() as watch, self.node.hub.expect() as expected:
            identity = await self.node.identify(event.token, connection.address)
            # From here to the end nothing is awaited.
            _refuse_revoked(identity, watch)
            heard = may_hear(connection.identity)
            if heard and not may_hear(identity):
                # It would go on hearing its rooms.
                raise Reject(Code.FORBIDDEN, "This token may not read: connect anew with it")
            before = connection.identity
            if before is not None and before.rooms != identity.rooms:
                raise Reject(Code.FORBIDDEN, "This token is for other rooms: connect anew with it")
            connection.refreshed(identity)
            self._look_at_if_missed(connection, expected)
        self._note_used(connection)
        if heard:
            await self.node.look_again(connection)
        else:
            await self._watch(connection)
        ends = identity.expires_at
        return Refreshed(UNSET if ends is None else ends)

    @on_disconnect
    async def note_end(self, connection: Connection, _code: int, _reason: str) -> None:
        self._note_used(connection)

    def _note_used(self, connection: Connection) -> None:
        identity = connection.identity
        if identity is not None and identity.session is not None:
            place = Place(address=connection.address, agent="")
            self.node.accounts.note_use(identity.session, place)

    @on(Heartbeat, needs=Access.ANYONE, costs=Cost.FREE)
    async def heartbeat(self, connection: Connection, event: Heartbeat) -> HeartbeatAnswer:
        await self.hooks.run("heartbeat", connection, event)
        return HeartbeatAnswer(event.timestamp, self.node.clock.wall())


def _refuse_revoked(identity: Identity, watch: Watch) -> None:
    if (revoked := watch.finds(identity)) is not None:
        raise Disconnect(revoked.code, revoked.reason)
