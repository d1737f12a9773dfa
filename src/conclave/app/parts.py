"""The parts of a node, made from its settings; nothing is started here."""

import asyncio
import time
from collections.abc import Mapping
from typing import Any, Final

from conclave.app.attaching import UPLOADS, attachment_limits
from conclave.app.entry import WaysIn
from conclave.app.traces import make_relay
from conclave.controllers import CHAT
from conclave.controllers.application import App
from conclave.controllers.dispatch import Controller, Dispatcher
from conclave.controllers.node import Node
from conclave.controllers.providing import make_controller
from conclave.controllers.tasks import Tasks
from conclave.core.hub import Caps, Hub
from conclave.core.ratelimit import REQUESTS as REQUESTS_LIMIT
from conclave.core.ratelimit import Allowances
from conclave.core.revocations import Revocations
from conclave.core.session import Rules
from conclave.core.statuses import Statuses
from conclave.http.headers import security_headers
from conclave.http.peer import Peer
from conclave.http.site import API
from conclave.model import Limits
from conclave.model.meters import Meters
from conclave.ports import (
    Accounts,
    AttachmentRows,
    Attention,
    Audit,
    Clock,
    Connection,
    Engine,
    Moderation,
    Store,
)
from conclave.protocol.codec import Codec, Packet
from conclave.protocol.requests import REQUESTS
from conclave.push.building import make_pusher
from conclave.relay import Attendance, Moods, News, Notices, Receipts, Typists
from conclave.relay.halls import Halls
from conclave.server.background import Background
from conclave.server.door import FrontDoor
from conclave.server.forwarded import ProxyRule
from conclave.server.heart import Pulse
from conclave.server.origin import HostRule, OriginRule
from conclave.server.round import Round
from conclave.server.shell import Shell
from conclave.server.terms import Terms
from conclave.settings import Settings
from conclave.telemetry.tracing import Tracing


class SystemClock:
    """The real time, both kinds."""

    # The system's own: it is asked several times a message.
    monotonic = staticmethod(time.monotonic)

    def wall(self) -> int:
        return time.time_ns() // 1_000_000


def make_caps(settings: Settings) -> Caps:
    return Caps(
        settings.max_connections,
        settings.max_connections_per_address,
        settings.max_unauthenticated_per_address,
        settings.max_connections_per_user,
    )


def make_node(
    settings: Settings,
    app: App,
    store: Store,
    accounts: Accounts,
    moderation: Moderation,
    attention: Attention,
    attachments: AttachmentRows,
    audit: Audit,
    halls: Halls,
    engine: Engine,
    clock: Clock,
    ways_in: WaysIn,
    push_key: bytes,
    meters: Meters,
    tracing: Tracing | None = None,
) -> Node:
    hub = Hub(make_caps(settings))
    limits = Limits(
        message_bytes=settings.max_message_bytes,
        rooms_per_connection=settings.max_rooms_per_connection,
        room_members=settings.max_room_members,
        rooms_per_user=settings.max_rooms_per_user,
        messages_per_second=settings.rate,
        burst=settings.burst,
        attachment_bytes=attachment_limits(settings).most_bytes,
        attachment_kinds=tuple(sorted(attachment_limits(settings).kinds)),
    )
    grace = settings.presence_grace
    statuses = Statuses()
    attendance = Attendance(store, halls, clock, page=limits.page, grace=grace, statuses=statuses)
    news = News(store, hub)
    notices = Notices(attention, hub, statuses)
    relay = make_relay(tracing, store, engine, halls, attendance, news)
    relay.on_told = notices.note

    def whisper(room: str, user: str, packet: Packet) -> None:
        # Where there is nobody to hear it, it need not be said.
        if engine.nodes:
            engine.whisper(room, user, packet, alone=True)

    notices.on_whisper = whisper

    def here(owner: Connection | str) -> bool:
        if isinstance(owner, str):
            return bool(attendance.present(owner))
        return owner.asks if isinstance(owner, Peer) else owner in hub.connections

    pushes = make_pusher(settings, store, attention, hub, statuses, clock, push_key)
    notices.on_called = pushes.called
    return Node(
        store=store,
        accounts=accounts,
        moderation=moderation,
        attention=attention,
        attachments=attachments,
        pushes=pushes,
        audit_log=audit,
        hub=hub,
        relay=relay,
        attendance=attendance,
        news=news,
        notices=notices,
        receipts=Receipts(attendance),
        typists=Typists(attendance, clock),
        statuses=statuses,
        moods=Moods(attendance, hub, statuses, clock),
        clock=clock,
        limits=limits,
        rules=Rules(
            auth_within=settings.auth_timeout,
            ping_every=settings.heartbeat_interval,
            pong_within=settings.heartbeat_timeout,
        ),
        allowances=Allowances(
            settings.rate, settings.burst, settings.users_per_address, meters.limits
        ),
        tasks=Tasks(here),
        revocations=Revocations(),
        tickets=ways_in.tickets,
        authenticators=(*app.authenticators, *ways_in.authenticators),
        meters=meters,
        doubt=engine.doubt,
        renew=engine.renew,
        whisper=whisper,
    )


def make_dispatcher(app: App, node: Node, provided: Mapping[type, Any]) -> Dispatcher:
    """Return the table of all controllers, whose hooks are asked before entries are stored."""
    kinds: tuple[type[Controller], ...] = (*CHAT, *app.controllers)
    controllers = [make_controller(kind, node, provided) for kind in kinds]
    dispatcher = Dispatcher(node, controllers, (*REQUESTS, *app.requests))
    if dispatcher.hooks.judge_entries:
        node.relay.before = dispatcher.hooks.judge
    return dispatcher


def make_shell(
    settings: Settings, dispatcher: Dispatcher, node: Node, clock: Clock, round_: Round
) -> Shell:
    return Shell(
        codec=Codec(dispatcher.events),
        dispatcher=dispatcher,
        hub=node.hub,
        rules=node.rules,
        clock=clock,
        pulse=Pulse(asyncio.get_running_loop(), clock.monotonic),
        round=round_,
        max_queue_bytes=settings.max_queue_bytes,
        rate=settings.rate * REQUESTS_LIMIT,
        burst=settings.burst * REQUESTS_LIMIT,
        meters=node.meters,
    )


def make_terms(settings: Settings) -> Terms:
    return Terms(
        host=settings.host,
        port=settings.port,
        tls_cert=settings.tls_cert,
        tls_key=settings.tls_key,
        origins=OriginRule(settings.origins, any_loopback=settings.demo),
        hosts=HostRule(settings.hosts),
        proxies=ProxyRule(settings.proxies),
        handshake_timeout=settings.handshake_timeout,
        message_timeout=settings.message_timeout,
        max_message_bytes=settings.max_message_bytes,
        max_upload_bytes=attachment_limits(settings).most_bytes,
        uploads=UPLOADS,
        programs=f"{API}/".encode(),
        arrivals_per_second=settings.connection_rate,
        requests_per_second=settings.http_rate,
        max_plain=settings.max_http,
        max_plain_per_address=settings.max_http_per_address,
        refusal_headers=tuple(security_headers(https=settings.is_https).items()),
    )


# Seconds for which it is said that others are not understood, after the last time.
_STRANGE_S: Final = 10.0


class Ready:
    """Whether this node may be sent new clients, and if not, why."""

    def __init__(
        self, store: Store, engine: Engine, background: Background, door: FrontDoor
    ) -> None:
        self._store = store
        self._engine = engine
        self._background = background
        self._door = door
        self._forged = self._strange_until = 0.0
        self.started = False

    def troubles(self) -> list[str]:
        """Return what makes it slower than it should be, though it takes people."""
        why = self._engine.degraded
        found = [] if why is None else ["other nodes are not heard: what they store comes late"]
        if self._hears_strangers():
            found.append("other nodes are not understood: have all of them the same secret.key?")
        return found

    def _hears_strangers(self) -> bool:
        """Return whether packets under another key came since the last look, or just before it."""
        now, forged = time.monotonic(), self._engine.packets.get("forged", 0)
        if forged > self._forged:
            self._forged, self._strange_until = forged, now + _STRANGE_S
        return now < self._strange_until

    def problems(self) -> list[str]:
        found = [] if self.started and self._door.is_open else ["starting or stopping"]
        if not self._store.healthy:
            found.append("the store refuses writes since a sync failed: restart the server")
        return [*found, *(f"{name} fails" for name in sorted(self._background.failing))]
