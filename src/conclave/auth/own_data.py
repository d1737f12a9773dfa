"""
Giving people all that is kept of them: whose it is must be there, and not too often.

What is in it and how it is written is somebody else's. It costs the server a walk through all
rooms and room on its disk, so a person has one at a time, and all together a few.
"""

from math import ceil
from threading import Lock
from typing import IO, Final, Protocol

from conclave.auth.confirming import Confirming
from conclave.core.ratelimit import Buckets
from conclave.model import Action, AuditQuery, Caller, Note
from conclave.ports import Accounts, Audit, Clock
from conclave.protocol.errors import Code, Reject

_AT_ONCE: Final = 3
EVERY_S: Final = 600.0
MOST_OPEN: Final = 4
# When it is worth to ask again, while one is being sent.
_SENDING_MS: Final = 2_000


class Files(Protocol):
    """Writes what is kept of one person."""

    async def write(self, user: str) -> IO[bytes]:
        """Return it, complete and at its beginning."""


class Taken:
    """
    One file that somebody is sent; its room is another's again once it is read, or closed.

    Not only once it is closed: whoever has its last byte may ask again at once.
    """

    def __init__(self, file: IO[bytes], user: str, open_: set[str]) -> None:
        self._file = file
        self._user = user
        self._open = open_
        # Reading goes on in its thread when its reader is gone and the file is closed.
        self._using = Lock()
        self.size = file.seek(0, 2)
        file.seek(0)

    def read(self, most: int) -> bytes:
        """Return up to *most* of what comes next, nothing at the end; call it in a thread."""
        with self._using:
            if self._file.closed:
                return b""
            piece = self._file.read(most)
            if self._file.tell() == self.size:
                self._close()
            return piece

    def close(self) -> None:
        """Forget it. Idempotent."""
        with self._using:
            self._close()

    def _close(self) -> None:
        if not self._file.closed:
            self._file.close()
            self._open.discard(self._user)


class OwnData:
    """
    Every refusal is a `Reject`.

    A person has *at_once* files, and then one every *every* seconds; 0: as often as they like.
    """

    def __init__(
        self,
        files: Files,
        accounts: Accounts,
        audit: Audit,
        clock: Clock,
        confirming: Confirming,
        *,
        every: float = EVERY_S,
    ) -> None:
        self._files = files
        self._accounts = accounts
        self._audit = audit
        self._clock = clock
        self._confirming = confirming
        self._tries: Buckets[str] = Buckets(1 / every if every else 0.0, _AT_ONCE)
        # Who has one that is being written or sent.
        self._open: set[str] = set()

    async def take(self, caller: Caller, password: str) -> Taken:
        """
        Return what is kept of the *caller*, to be closed; it is written down.

        Raises `password_required` where they have one and were not asked lately.
        """
        user = caller.identity.user
        if await self._accounts.password_of(user) is not None:
            await self._confirming.confirm(caller, password)
        self._begin(user)
        try:
            # What waits to be written down is of them, too; asking for lines writes it.
            await self._audit.lines(AuditQuery(actor=user, limit=1))
            file = await self._files.write(user)
        except BaseException:
            self._open.discard(user)
            raise
        self._note(user, caller.place.address)
        return Taken(file, user, self._open)

    def _begin(self, user: str) -> None:
        if user in self._open:
            raise Reject(
                Code.RATE_LIMITED,
                "You are being sent your data already",
                retry_after_ms=_SENDING_MS,
            )
        if len(self._open) >= MOST_OPEN:
            raise Reject(Code.BUSY)
        wait = self._tries.take(user, self._clock.monotonic())
        if wait:
            raise Reject(Code.RATE_LIMITED, retry_after_ms=ceil(wait * 1000))
        self._open.add(user)

    def _note(self, user: str, address: str) -> None:
        self._audit.note(
            Note(action=Action.DATA_EXPORTED, actor=user, target=user, address=address)
        )
