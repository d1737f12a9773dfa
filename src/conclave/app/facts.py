"""How this node is doing, put together for its operator and its admins."""

import asyncio
import os
import resource
import shutil
from collections.abc import Callable, Sequence
from dataclasses import fields

from msgspec.structs import asdict, replace

from conclave import __version__
from conclave.controllers.node import Node
from conclave.model import SERVER, Action, Note
from conclave.model.facts import ServerFacts
from conclave.settings import Settings
from conclave.settings.declared import LIMITS, SIZES
from conclave.storage.counts import count_all
from conclave.storage.lines import now_ms
from conclave.storage.schema import newest_revision
from conclave.storage.sqlstore import SqlStore


class Facts:
    """Ask `now` for them; *problems* says why the node takes nobody."""

    def __init__(
        self,
        settings: Settings,
        store: SqlStore,
        node: Node,
        problems: Callable[[], Sequence[str]],
    ) -> None:
        self._settings = settings
        self._store = store
        self._node = node
        self._problems = problems
        self._started_at = now_ms()

    def renew(self, settings: Settings) -> None:
        """Tell the limits of *settings* from now on."""
        self._settings = settings

    def started(self) -> Note:
        """Return what the audit log says of a start."""
        return Note(action=Action.SERVER_STARTED, actor=SERVER, details={"version": __version__})

    async def now(self) -> ServerFacts:
        counts = await self._store.read(count_all)
        size = (await self._store.sizes()).database
        free = await asyncio.to_thread(self._free)
        users = {
            one.identity.user for one in self._node.hub.connections if one.identity is not None
        }
        return ServerFacts(
            **asdict(counts),
            version=__version__,
            database=self._store.version,
            schema=await asyncio.to_thread(newest_revision),
            pid=os.getpid(),
            uptime_s=(now_ms() - self._started_at) // 1000,
            problems=list(self._problems()),
            connections=len(self._node.hub),
            people_online=len(users),
            database_bytes=size,
            free_bytes=free,
            max_files=resource.getrlimit(resource.RLIMIT_NOFILE)[0],
            pushes=replace(self._node.pushes.counts),
            limits=self._limits(),
        )

    def _free(self) -> int:
        return shutil.disk_usage(self._settings.home).free

    def _limits(self) -> dict[str, int | float]:
        return {
            one.name: getattr(self._settings, one.name)
            for one in fields(Settings)
            if one.metadata["group"] in (LIMITS, SIZES)
        }
