"""What keeps the data of a running node in order: purges, and what its operator asks for."""

import asyncio
import secrets
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, Final

import msgspec

from conclave.controllers.node import Node
from conclave.model import BY_OPERATOR, OPERATOR, Action, AuditQuery, By, Note
from conclave.office import OnNode
from conclave.protocol.errors import Close, Code, Reject
from conclave.server.errands import Errands, Tell
from conclave.settings import Settings
from conclave.storage.backup import back_up
from conclave.storage.compact import SMALL_BYTES, erased_at
from conclave.storage.erase import current_epoch, erase, erase_from_audit
from conclave.storage.errors import CannotDo
from conclave.storage.guests import guests_whose_time_is_over, remove_guest
from conclave.storage.lines import now_ms
from conclave.storage.person_files import PersonFiles
from conclave.storage.purge import Keep, Purge, RoomKeeps, keep, room_keeps
from conclave.storage.sqlstore import SqlStore

# Seconds between two looks at what rooms need not keep any more.
PURGE_EVERY: Final = 600.0
# Seconds between two looks at whether something was erased.
COMPACT_EVERY: Final = 20.0
# Seconds between two looks at whether another node has begun an epoch.
EPOCH_EVERY: Final = 1.0
# Seconds between two looks at whether the database is still ours.
LOCK_EVERY: Final = 2.0
# Seconds between two looks at which guests have gone; how many are looked up at a time.
GUESTS_EVERY: Final = 600.0
_GUESTS: Final = 100
_REST_S: Final = 0.02
_QUIET_MS: Final = 60_000
# By the clock of the machine.
_NIGHT_HOUR: Final = 4
# How errands that admins begin are called, so that they see no others.
_ERASING: Final = "erasing-"


class Upkeep:
    """Give `commands` to the control socket, `purge` to the background; end it with `close`."""

    def __init__(self, settings: Settings, store: SqlStore, node: Node) -> None:
        self._store = store
        self._node = node
        self._errands = Errands(CannotDo)
        self._purging: asyncio.Task[None] | None = None
        self.person_files = PersonFiles(store)
        self.purge = Purge(store, Keep(settings.retention_days, settings.retention_messages))

    def renew(self, settings: Settings) -> None:
        """Keep what *settings* say from now on."""
        self.purge.renew(Keep(settings.retention_days, settings.retention_messages))

    async def compact(self) -> None:
        """
        Take what was erased out of the gaps of the file, when that disturbs least.

        A minute after the last erasure where the file is small; a larger one at night.
        """
        erased = await self._store.read(erased_at)
        if erased is None or now_ms() - erased < _QUIET_MS:
            return
        size = (await self._store.sizes()).database
        if size <= SMALL_BYTES or time.localtime().tm_hour == _NIGHT_HOUR:
            await self._store.compact()

    async def remove_guests(self) -> None:
        """Remove the accounts of guests whose time is over, one by one, so that others go on."""
        some = [""]
        while some:
            now = self._node.clock.wall()
            over = await self._store.read(
                partial(guests_whose_time_is_over, now=now, limit=_GUESTS)
            )
            some = [guest for guest in over if not self._is_here(guest)]
            for guest in some:
                await self._node.relay.guarded(self._remove_guest(guest, now))
                await asyncio.sleep(_REST_S)

    def _is_here(self, guest: str) -> bool:
        """Return whether *guest* is connected: then it is the clock that has jumped."""
        elsewhere = self._node.attendance.roll.elsewhere
        return bool(self._node.hub.of(guest)) or elsewhere.anywhere(guest)

    async def _remove_guest(self, guest: str, now: int) -> None:
        written = await self._store.write(lambda rows, log: remove_guest(rows, log, guest, now))
        await OnNode(self._node).told(written)

    def commands(self) -> dict[str, Callable[..., Awaitable[Any]]]:
        return {
            "backup": self._back_up,
            "copy": self._copy,
            "erase": self._erase,
            "errand": self._errands.state,
            "errand call off": self._errands.call_off,
            "room retention": self._retention,
        }

    async def close(self) -> None:
        """Call off what is under way, and wait for its end."""
        await self.person_files.close()
        await self._errands.close()
        if self._purging is not None:
            self._purging.cancel()
            await asyncio.gather(self._purging, return_exceptions=True)

    async def _back_up(self, errand: str, target: str, force: bool = False) -> None:
        path = Path(target)
        made = Note(action=Action.DATA_BACKED_UP, actor=OPERATOR, details={"name": path.name})
        self._errands.begin(
            errand, lambda tell: self._copy_to(path, tell, made, force=force, files=True)
        )

    async def _copy(self, errand: str, target: str, note: dict[str, Any] | None = None) -> None:
        """Begin to make a copy for somebody who reads it: *note* says what for."""
        made = None if note is None else msgspec.convert(note, Note)
        self._errands.begin(errand, lambda tell: self._copy_to(Path(target), tell, made))

    async def _copy_to(
        self,
        target: Path,
        tell: Tell,
        made: Note | None,
        *,
        force: bool = False,
        files: bool = False,
    ) -> None:
        database = self._store.database
        await asyncio.to_thread(back_up, database, target, force=force, files=files, tell=tell)
        if made is not None:
            self._node.audit_log.note(made)

    async def begin(self, user: str, by: By) -> str:
        """Begin to erase *user* for an admin; return the name of the errand. Raises `busy`."""
        errand = f"{_ERASING}{secrets.token_hex(8)}"
        self._errands.begin(errand, lambda tell: self._erase_user(user, tell, by))
        return errand

    async def state(self, errand: str) -> dict[str, Any]:
        """Return how far such an errand is; those of the operator are not an admin's."""
        if not errand.startswith(_ERASING):
            raise Reject(Code.NOT_FOUND)
        state = await self._errands.state(errand)
        result = state["result"]
        # Not the pseudonym: nobody needs to know any more whose it is.
        told = result and {name: result[name] for name in ("messages", "compacted")}
        return state | {"result": told}

    async def _erase(self, errand: str, user: str) -> None:
        self._errands.begin(errand, lambda tell: self._erase_user(user, tell))

    async def _erase_user(self, user: str, tell: Tell, by: By = BY_OPERATOR) -> dict[str, Any]:
        epoch = self._store.epoch
        try:
            erased = await erase(
                self._store, user, by=by, tell=tell, shut_out=lambda: self._shut_out(user)
            )
        finally:
            if self._store.epoch != epoch:
                self._begin_anew()
        # What waited to be written down names them still; asking for lines writes it.
        await self._node.audit_log.lines(AuditQuery(limit=1))
        await erase_from_audit(self._store, user, erased.pseudonym)
        return erased._asdict()

    async def follow_epoch(self) -> None:
        """Begin the epoch that another node has begun, which erased somebody."""
        before = self._store.epoch
        now = await self._store.read(current_epoch)
        # One that this node begins meanwhile is newer than what was read.
        if now != before and self._store.epoch == before:
            self._store.begin_epoch(now)
            self._begin_anew()

    def _begin_anew(self) -> None:
        """Send all away: what they know is of another epoch, so they come back and begin anew."""
        for connection in list(self._node.hub.connections):
            connection.disconnect(Close.STATE_LOST, "The history has changed")

    def _shut_out(self, user: str) -> None:
        self._node.part(user, code=Close.BANNED, reason="This user is erased")

    async def _retention(
        self,
        room: str,
        days: int | None = None,
        messages: int | None = None,
        change: bool = False,
    ) -> RoomKeeps:
        if not change:
            return await self._store.read(lambda connection: room_keeps(connection, room))
        kept = await self._store.write(lambda connection, _: keep(connection, room, days, messages))
        if self._purging is None or self._purging.done():
            self._purging = asyncio.create_task(self._purge_now(), name="purge now")
        return kept

    async def _purge_now(self) -> None:
        # What fails here is tried again in the background, which says so.
        with suppress(Reject):
            await self.purge.run()
