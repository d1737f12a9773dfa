"""
The composition root: builds a whole node, owns its start and its stop.

The only place where adapters are chosen. It has no behaviour of its own: what happens in
between is the business of the parts.
"""

import asyncio
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import structlog

from conclave.auth.demo import TOKENS as DEMO_TOKENS
from conclave.auth.demo import DemoAuthenticator
from conclave.auth.tokens import TokenAuthenticator, token_commands
from conclave.controllers import CHAT
from conclave.controllers.application import App
from conclave.controllers.dispatch import Controller, Dispatcher
from conclave.controllers.node import Node
from conclave.core.hub import Caps, Hub
from conclave.core.ratelimit import REQUESTS as REQUESTS_LIMIT
from conclave.core.ratelimit import Allowances
from conclave.core.session import Rules
from conclave.engine.local import LocalEngine
from conclave.http.pages import page_routes
from conclave.http.site import asgi_app
from conclave.model import SYSTEM, Limits
from conclave.ports import Authenticator, Clock, Store
from conclave.protocol.codec import Codec
from conclave.protocol.errors import Close
from conclave.protocol.events import REQUESTS
from conclave.relay import Attendance, News, Relay
from conclave.relay.halls import Halls
from conclave.relay.news import INTERVAL as NEWS_EVERY
from conclave.server.background import Background
from conclave.server.connection import Shell
from conclave.server.control import ControlSocket
from conclave.server.door import FrontDoor
from conclave.server.heart import Pulse
from conclave.server.listener import Listener
from conclave.server.origin import HostRule, OriginRule
from conclave.server.outbox import Round
from conclave.server.terms import Terms
from conclave.settings import CannotStart, Settings
from conclave.storage.demo import seed_demo
from conclave.storage.errors import CannotOpen
from conclave.storage.sqlite import SqliteStore

log = structlog.get_logger(__name__)

# Seconds between two looks at graces, and at rooms that may be behind.
_ATTENDANCE_EVERY: Final = 0.25
_SWEEP_EVERY: Final = 5.0
# Of the five seconds a stop may take: to finish appends, and for the peers to say goodbye.
_FINISH_WITHIN: Final = 2.0
_CLOSE_WITHIN: Final = 2.0

Announce = Callable[[str, Sequence[str], Sequence[tuple[str, str]]], None]


class SystemClock:
    """The real time, both kinds."""

    def monotonic(self) -> float:
        return time.monotonic()

    def wall(self) -> int:
        return time.time_ns() // 1_000_000


class Stop:
    """How a node is told to stop: once in good order, twice in a hurry."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        # Do not wait for anybody but the store.
        self.hurry = asyncio.Event()

    def ask(self) -> None:
        if self.asked.is_set():
            self.hurry.set()
        self.asked.set()


@dataclass(frozen=True, slots=True)
class Running:
    """A node that accepts connections."""

    settings: Settings
    node: Node
    listener: Listener
    stop: Stop

    @property
    def port(self) -> int:
        return self.listener.port

    @property
    def address(self) -> str:
        host = self.settings.host
        host = "localhost" if host == "127.0.0.1" else f"[{host}]" if ":" in host else host
        return f"{self.settings.scheme}://{host}:{self.port}"


async def serve(settings: Settings, announce: Announce) -> int:
    """Serve until SIGTERM or SIGINT; a second one hurries. Return the exit code."""
    stop, loop = Stop(), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.ask)
    async with running(settings, stop=stop) as server:
        rooms = [room.room for room in await server.node.store.public_rooms(SYSTEM.user)]
        people = [(name, token) for token, name in DEMO_TOKENS] if settings.demo else []
        announce(server.address, rooms, people)
        await stop.asked.wait()
    return 0


def load_app(name: str | None) -> App:
    """Return what `--app package.module:name` names: an `App`, or a controller class."""
    if name is None:
        return App()
    module, _, attribute = name.partition(":")
    sys.path.insert(0, str(Path.cwd()))
    try:
        found: Any = getattr(import_module(module), attribute)
    except (ImportError, AttributeError) as error:
        raise CannotStart(f"--app {name} cannot be loaded: {error}") from error
    if isinstance(found, type) and issubclass(found, Controller):
        return App(found)
    if isinstance(found, App):
        return found
    raise CannotStart(f"--app {name} is neither an App nor a subclass of Controller")


@asynccontextmanager
async def running(
    settings: Settings,
    app: App | None = None,
    *,
    clock: Clock | None = None,
    stop: Stop | None = None,
) -> AsyncIterator[Running]:
    """Run a node for as long as the context lasts; raises `CannotStart` and `OSError`."""
    app = load_app(settings.app) if app is None else app
    try:
        store = await SqliteStore.open(settings.home)
    except CannotOpen as error:
        raise CannotStart(str(error)) from error
    try:
        if settings.demo:
            await seed_demo(store)
        parts = (settings, app, store, clock or SystemClock(), stop or Stop())
        async with _running(*parts) as server:
            yield server
    finally:
        await store.close()


@asynccontextmanager
async def _running(
    settings: Settings, app: App, store: Store, clock: Clock, stop: Stop
) -> AsyncIterator[Running]:
    engine = LocalEngine()
    halls = Halls(store, engine, settings.max_room_members)
    node = _node(settings, app, store, halls, engine, clock)
    shell = _shell(settings, app, node, clock)
    door, background = FrontDoor(shell), Background()
    ready = _Ready(store, background)
    people = [(name, token) for token, name in DEMO_TOKENS] if settings.demo else []
    site = asgi_app(ready, page_routes(people))
    listener = Listener(site, door, _terms(settings), shell.pulse)
    control = ControlSocket(settings.home, token_commands(store))
    server = Running(settings, node, listener, stop)
    await listener.start()
    await control.start()
    background.every(_ATTENDANCE_EVERY, "attendance", _in_loop(node.attendance.tick))
    background.every(NEWS_EVERY, "news", node.news.tell)
    background.every(_SWEEP_EVERY, "sweep", halls.sweep)
    ready.started = True
    try:
        yield server
    finally:
        ready.started = False
        await _shut_down(server, shell, door, halls, background, control)


async def _shut_down(
    server: Running,
    shell: Shell,
    door: FrontDoor,
    halls: Halls,
    background: Background,
    control: ControlSocket,
) -> None:
    """Stop accepting, finish appends, say goodbye, close what was opened, in reverse order."""
    log.info("stopping", connections=len(shell.hub))
    door.shut()
    server.listener.stop_accepting()
    await background.close()
    await control.close()
    await _unless_hurried(server.node.relay.finish(), server.stop.hurry, _FINISH_WITHIN)
    for connection in list(shell.hub.connections):
        connection.disconnect(Close.GOING_AWAY, "Server shutting down")
    within = 0.0 if server.stop.hurry.is_set() else _CLOSE_WITHIN
    await _unless_hurried(server.listener.stop(within), server.stop.hurry, within + 1.0)
    while shell.farewells:
        await asyncio.wait(shell.farewells)
    await halls.close()
    shell.pulse.stop()


async def _unless_hurried(work: Any, hurry: asyncio.Event, within: float) -> None:
    """Await *work* until it is done, its time is over or somebody is in a hurry."""
    tasks = {asyncio.ensure_future(work), asyncio.ensure_future(hurry.wait())}
    done, late = await asyncio.wait(tasks, timeout=within, return_when=asyncio.FIRST_COMPLETED)
    for task in late:
        task.cancel()
    await asyncio.gather(*late, return_exceptions=True)
    for task in done:
        await task


def _in_loop(call: Callable[[], None]) -> Callable[[], Any]:
    async def run() -> None:
        call()

    return run


def _node(
    settings: Settings, app: App, store: Store, halls: Halls, engine: LocalEngine, clock: Clock
) -> Node:
    hub = Hub(
        Caps(
            settings.max_connections,
            settings.max_connections_per_address,
            settings.max_unauthenticated_per_address,
            settings.max_connections_per_user,
        )
    )
    limits = Limits(
        message_bytes=settings.max_message_bytes,
        rooms_per_connection=settings.max_rooms_per_connection,
        room_members=settings.max_room_members,
        messages_per_second=settings.rate,
        burst=settings.burst,
    )
    grace = settings.presence_grace
    attendance = Attendance(store, halls, clock, page=limits.page, grace=grace)
    news = News(store, hub)
    return Node(
        store=store,
        hub=hub,
        relay=Relay(store, engine, halls, attendance, news),
        attendance=attendance,
        news=news,
        clock=clock,
        limits=limits,
        rules=Rules(
            auth_within=settings.auth_timeout,
            ping_every=settings.heartbeat_interval,
            pong_within=settings.heartbeat_timeout,
        ),
        allowances=Allowances(settings.rate, settings.burst),
        authenticators=_authenticators(settings, app, store, clock),
    )


def _authenticators(
    settings: Settings, app: App, store: Store, clock: Clock
) -> tuple[Authenticator, ...]:
    demo = [DemoAuthenticator()] if settings.demo else []
    return (*app.authenticators, *demo, TokenAuthenticator(store, clock.wall))


def _shell(settings: Settings, app: App, node: Node, clock: Clock) -> Shell:
    kinds: tuple[type[Controller], ...] = (*CHAT, *app.controllers)
    controllers = [kind(node) for kind in kinds]
    dispatcher = Dispatcher(node, controllers, (*REQUESTS, *app.requests))
    loop = asyncio.get_running_loop()
    return Shell(
        codec=Codec(dispatcher.events),
        dispatcher=dispatcher,
        hub=node.hub,
        rules=node.rules,
        clock=clock,
        pulse=Pulse(loop, clock.monotonic),
        round=Round(loop),
        max_queue_bytes=settings.max_queue_bytes,
        rate=settings.rate * REQUESTS_LIMIT,
        burst=settings.burst * REQUESTS_LIMIT,
    )


def _terms(settings: Settings) -> Terms:
    return Terms(
        host=settings.host,
        port=settings.port,
        tls_cert=settings.tls_cert,
        tls_key=settings.tls_key,
        origins=OriginRule(settings.origins, any_loopback=settings.demo),
        hosts=HostRule(settings.hosts),
        handshake_timeout=settings.handshake_timeout,
        message_timeout=settings.message_timeout,
        max_message_bytes=settings.max_message_bytes,
    )


class _Ready:
    """Whether this node may be sent new clients, and if not, why."""

    def __init__(self, store: Store, background: Background) -> None:
        self._store = store
        self._background = background
        self.started = False

    def problems(self) -> list[str]:
        found = [] if self.started else ["starting or stopping"]
        if not self._store.healthy:
            found.append("the store refuses writes since a sync failed: restart the server")
        return [*found, *(f"{name} fails" for name in sorted(self._background.failing))]
