"""The webhooks of a node: their routes, and what tells them; nothing where they are turned off."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Final

from litestar import Router
from litestar.handlers import HTTPRouteHandler

from conclave.auth.secret import load_key
from conclave.controllers.node import Node
from conclave.core.commands import Answering, Command
from conclave.core.ratelimit import Allowances
from conclave.hooks.building import Outside, key_file, make_asker, make_courier
from conclave.hooks.courier import INTERVAL
from conclave.http.webhooks import posting_router, webhook_routes
from conclave.model import By, CommandHook, Entry
from conclave.model.meters import HookMeters
from conclave.office import HookParts, Hooks, Incoming, OnNode
from conclave.ports import Clock
from conclave.server.background import Background
from conclave.settings import Settings
from conclave.storage.sqlstore import SqlStore
from conclave.storage.webhooks import SqlHooks

# Of one webhook, a second and at once; of one address so many times that.
_PER_SECOND: Final = 1.0
_AT_ONCE: Final = 30
_HOOKS_PER_ADDRESS: Final = 20
# Seconds between two looks at what other nodes changed of them, and at who tells them.
_SHARED_EVERY: Final = 3.0


class Webhooks:
    """What a node has of them; make it with `open`, end it with `close`."""

    def __init__(
        self, settings: Settings, store: SqlStore, clock: Clock, key: bytes, meters: HookMeters
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._kept = SqlHooks(store, clock.wall)
        outside = Outside(settings.webhook_origin, lambda: key)
        self.courier = make_courier(self._kept, outside, clock, meters)
        # For the office.
        self.asker = make_asker(self._kept, outside, clock)
        # Once it has begun: whose commands they are.
        self._node: Node | None = None
        # Of several nodes one tells them.
        self._store, self._due = store, 0.0
        self._leads = not store.is_shared
        self.parts = HookParts(self._kept, outside, self)

    @classmethod
    async def open(
        cls, settings: Settings, store: SqlStore, clock: Clock, meters: HookMeters
    ) -> "Webhooks":
        """Raises `CannotStart` for a key that is no good."""
        key = await asyncio.to_thread(load_key, key_file(settings.home))
        return cls(settings, store, clock, key, meters)

    def routes(self, hooks: Hooks, page: Callable[[], str]) -> list[HTTPRouteHandler]:
        """Return how they are looked after; *page* says where this server is."""
        return webhook_routes(hooks, page) if self._settings.webhooks else []

    def routers(self, node: Node) -> list[Router]:
        """Return where programs write by them."""
        if not self._settings.webhooks:
            return []
        # A node without limits has none here.
        rate = _PER_SECOND if self._settings.rate else 0.0
        allowances = Allowances(rate, _AT_ONCE, _HOOKS_PER_ADDRESS)
        incoming = Incoming(self._kept, OnNode(node), allowances, self._clock, node.limits)
        return [posting_router(incoming)]

    async def start(self, node: Node, background: Background) -> None:
        """Tell outgoing ones from now on, beginning with what they have missed."""
        if not self._settings.webhooks:
            return
        self._node = node
        await self.renew()
        notices, courier = node.relay.on_told, self.courier

        def told(entry: Entry) -> None:
            notices(entry)
            courier.note(entry.room)

        node.relay.on_told, node.relay.on_hinted = told, courier.note
        background.every(INTERVAL, "webhooks", self._tick)

    async def _tick(self) -> None:
        """Tell them, if this node does; and see what other nodes changed of them."""
        now = self._clock.monotonic()
        if self._store.is_shared and now >= self._due:
            self._due = now + _SHARED_EVERY
            self._leads = await self._store.leads()
            # Looks at each anew, also at what a lost hint would have told.
            await self.renew()
        if self._leads:
            await self.courier.tick()
        else:
            self.courier.rest()

    async def renew(self) -> None:
        """Take webhooks as they are kept now, and the commands that addresses answer."""
        await self.courier.renew()
        if self._node is not None:
            kept = await self._kept.all_commands()
            self._node.commands.serve({one.user: self._served(one) for one in kept})

    def _served(self, hook: CommandHook) -> tuple[Command, Answering]:
        command = Command(
            name=hook.name,
            about=hook.about,
            hint=hook.hint,
            room=hook.room,
            bot=hook.user,
            bot_name=hook.bot,
        )
        return command, partial(self.asker.ask, hook)

    async def resend(self, hook: str, letter: str, by: By) -> str:
        return await self.courier.resend(hook, letter, by)

    async def test(self, hook: str, by: By) -> str:
        return await self.courier.test(hook, by)

    async def close(self) -> None:
        await self.courier.close()
        await self.asker.close()
