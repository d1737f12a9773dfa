"""A node from its start to its stop: opened in order, closed in reverse."""

import asyncio
import os
from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from litestar.types import ASGIApp

from conclave import __version__
from conclave.app.attaching import Attaching
from conclave.app.clustering import make_engine
from conclave.app.connections import Connections, connection_commands
from conclave.app.entry import OwnPages, WaysIn, read_jwt_keys
from conclave.app.facts import Facts
from conclave.app.hooking import Webhooks
from conclave.app.loading import load_app
from conclave.app.metrics import Watched
from conclave.app.mounting import Mount, mounts, with_mounts
from conclave.app.operator import noted, operator_commands
from conclave.app.operator_office import office_commands
from conclave.app.page import page_of
from conclave.app.parts import (
    Ready,
    SystemClock,
    make_dispatcher,
    make_node,
    make_shell,
    make_terms,
)
from conclave.app.renewing import Renewing
from conclave.app.routes import node_routes
from conclave.app.routine import begin_routine
from conclave.app.stopping import shut_down
from conclave.app.traces import make_door
from conclave.app.upkeep import Upkeep
from conclave.app.vouching import Vouching, read_vouching
from conclave.app.watching import Watching, read_key
from conclave.auth.links import make_link
from conclave.auth.oidc.provider import Provider
from conclave.auth.secret import Secret, load_key
from conclave.auth.tokens import GrantBot, token_commands
from conclave.auth.verifying import JwtKey
from conclave.controllers.application import App
from conclave.controllers.node import Node
from conclave.controllers.providing import opened
from conclave.http.headers import security_headers
from conclave.http.metrics import MetricsKey
from conclave.http.site import asgi_app
from conclave.model import SERVER, SYSTEM, By, Entry, PersonChange, Place, Role
from conclave.model.meters import Meters
from conclave.office import Office, OnNode
from conclave.ports import Clock, Engine
from conclave.protocol.errors import Close
from conclave.push.building import key_file
from conclave.relay.halls import Halls
from conclave.server.background import Background
from conclave.server.control import ControlSocket
from conclave.server.door import FrontDoor
from conclave.server.listener import Listener
from conclave.server.round import Round
from conclave.server.terms import Terms
from conclave.settings import Settings
from conclave.storage.accounts import SqlAccounts
from conclave.storage.attention import SqlAttention
from conclave.storage.audit_log import AuditLog
from conclave.storage.demo import seed_demo
from conclave.storage.governing import SqlModeration
from conclave.storage.identities import SqlIdentities
from conclave.storage.registry import SqlRegistry
from conclave.storage.sqlstore import SqlStore
from conclave.storage.truth import open_truth
from conclave.telemetry.tracing import open_tracing
from conclave.workers.post import Post
from conclave.workers.stop import Stop


@dataclass(frozen=True, slots=True)
class Running:
    """A node that accepts connections."""

    settings: Settings
    node: Node
    secret: Secret
    ways_in: WaysIn
    listener: Listener
    watching: Watching
    renewing: Renewing
    stop: Stop
    # What the listener serves, for who listens in its place: see `app.mounted`.
    site: ASGIApp
    door: FrontDoor
    terms: Terms
    webhooks: Webhooks
    engine: Engine

    @property
    def port(self) -> int:
        return self.listener.port

    @property
    def address(self) -> str:
        host = self.settings.host
        host = "localhost" if host == "127.0.0.1" else f"[{host}]" if ":" in host else host
        return f"{self.settings.scheme}://{host}:{self.port}"

    async def setup_url(self) -> str:
        """Return where the first admin is made, good once and for a day; "" if there is one."""
        link = await self.ways_in.setup_link()
        return "" if link is None else f"{self.page}/#setup={link}"

    @property
    def page(self) -> str:
        """Where people find the page, without a slash at the end."""
        public = self.settings.public_url
        return public[0].rstrip("/") if public else self.address


@asynccontextmanager
async def running(
    settings: Settings,
    app: App | None = None,
    *,
    clock: Clock | None = None,
    stop: Stop | None = None,
    listen: bool = True,
    post: Post | None = None,
) -> AsyncIterator[Running]:
    """
    Run a node for as long as the context lasts; raises `CannotStart` and `OSError`.

    Unless it shall *listen* somebody else does, and hands on what comes. At a *post* it is one
    of several processes, which share what they listen at and the directory.
    """
    app = load_app(settings.app) if app is None else app
    alone, held = settings.redis is None, post.lock if post else None
    store = await open_truth(settings.home, settings.database, alone=alone, held=held)
    try:
        # After the lock on the directory: no other node makes one at the same time.
        secret = await asyncio.to_thread(Secret.load, settings.home)
        keys = await asyncio.to_thread(read_jwt_keys, settings)
        providers = await asyncio.to_thread(read_vouching, settings)
        push_key = await asyncio.to_thread(load_key, key_file(settings.home))
        metrics_key = MetricsKey(await read_key(settings))
        if settings.demo:
            await seed_demo(store)
        async with opened(app.provide) as provided, mounts(settings.mount) as mounted:
            parts = (settings, app, provided, mounted, store, secret, keys, providers, push_key)
            more = (metrics_key, clock or SystemClock(), stop or Stop(), listen, post)
            async with _running(*parts, *more) as server:
                yield server
    finally:
        await store.close()


@asynccontextmanager
async def _running(
    settings: Settings,
    app: App,
    provided: Mapping[type, Any],
    mounted: Sequence[Mount],
    store: SqlStore,
    secret: Secret,
    keys: Sequence[JwtKey],
    providers: Sequence[Provider],
    push_key: bytes,
    metrics_key: MetricsKey,
    clock: Clock,
    stop: Stop,
    listen: bool,
    post: Post | None,
) -> AsyncIterator[Running]:
    engine, meters = make_engine(settings, secret), Meters()
    tracing = open_tracing(os.environ, __version__)
    round_ = Round(asyncio.get_running_loop(), lambda: store.writer.waiting > 0)
    halls = Halls(store, engine, settings.max_room_members, round_.tell, meters, store.places())
    audit = AuditLog(
        store,
        keep_days=settings.audit_days,
        failures=meters.auth_failures,
        wall=clock.wall,
        monotonic=clock.monotonic,
    )
    accounts = SqlAccounts(store, clock.wall)

    def gone(user: str, tokens: Collection[str]) -> None:
        node.part(user, tokens, code=Close.SESSION_REVOKED, reason="Session revoked")

    async def told(entries: Iterable[Entry]) -> None:
        await live.told(entries)

    async def set_role(user: str, role: Role, place: Place) -> None:
        by = By(actor=SERVER, identity=SYSTEM, address=place.address)
        await office.people.change(user, PersonChange(role=role), by)

    vouching = Vouching(providers, SqlIdentities(store, clock.wall), clock, set_role)
    ways_in = WaysIn(settings, store, accounts, audit, clock, secret, keys, vouching, gone, told)
    moderation, attention = SqlModeration(store, clock.wall), SqlAttention(store, clock.wall)
    attaching = await Attaching.open(settings, store, clock, meters, post)
    node = make_node(
        settings,
        app,
        store,
        accounts,
        moderation,
        attention,
        attaching.rows,
        audit,
        halls,
        engine,
        clock,
        ways_in,
        push_key,
        meters,
        tracing,
    )
    dispatcher = make_dispatcher(app, node, provided)
    shell = make_shell(settings, dispatcher, node, clock, round_)
    door, background = make_door(tracing, shell), Background()
    ready, live = Ready(store, engine, background, door), OnNode(node)
    headers = security_headers(https=settings.is_https)
    facts = Facts(settings, store, node, ready.problems)
    registry, linking = SqlRegistry(store, clock.wall), partial(make_link, accounts)
    webhooks = await Webhooks.open(settings, store, clock, meters.hooks)
    office = Office.open(
        store,
        registry,
        accounts,
        linking,
        moderation,
        webhooks.parts,
        GrantBot(store, clock.wall),
        audit,
        live,
        clock.wall,
        ways_in.lacks_factor,
    )
    pages = OwnPages(settings, lambda: listener.port if listen else settings.port)
    upkeep, connections = Upkeep(settings, store, node), Connections(node)
    more = node_routes(shell, node, office, facts, ways_in, upkeep, door, connections)
    more += [*webhooks.routes(office.hooks, lambda: server.page), *attaching.routes]
    api = ways_in.api(node.identify, pages, upkeep.person_files, more)
    watched = Watched(
        node=node,
        halls=halls,
        engine=engine,
        store=store,
        audit=audit,
        attachments=attaching.rows,
        background=background,
        courier=webhooks.courier,
        data=settings.home,
        problems=ready.problems,
    )
    watching = Watching(settings, metrics_key, watched, ready)
    files = page_of(settings, vouching.names, headers)
    around = headers, files, meters.responses
    inner = asgi_app(ready, [api, *webhooks.routers(node), *watching.routes()], *around)
    site = with_mounts(inner, mounted, headers)
    terms = make_terms(settings)
    listener = Listener(site, door, terms, shell.pulse, meters.limits)
    commands = (
        token_commands(store, node.revoke) | operator_commands(store, audit) | upkeep.commands()
    )
    commands |= {"server facts": facts.now} | connection_commands(connections)
    commands = noted(commands, store, audit) | office_commands(office, lambda: server.page)
    control = ControlSocket(settings.home, commands, post.number if post else None)
    renewing = Renewing(settings, node.hub, listener, upkeep, audit, facts)
    carried = (listener, watching, renewing, stop, site, door, terms, webhooks, engine)
    server = Running(settings, node, secret, ways_in, *carried)
    try:
        await dispatcher.hooks.start()
        if listen:
            await listener.start(post.ports if post else ())
        await control.start()
        await watching.start(shell.pulse)
        await webhooks.start(node, background)
        await engine.start(node.relay)
        again = ways_in.sessions, engine, dispatcher.repeated
        await begin_routine(background, node, halls, store, upkeep, audit, *again)
        await attaching.begin(background)
        ready.started = True
        audit.note(facts.started())
        yield server
    finally:
        ready.started = False
        await upkeep.close()
        await watching.stop(0.0)
        await shut_down(node, listener, stop, shell, door, halls, background, control)
        await engine.close()
        await node.pushes.close()
        await webhooks.close()
        await ways_in.close()
        await accounts.close()
        await audit.write(last=True)
        if tracing is not None:
            await asyncio.to_thread(tracing.close)
