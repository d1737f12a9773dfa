"""
Passwords: hashed with argon2id, on threads of their own.

What a new password must be is said in `weak`; how often somebody may try is not decided
here, only that no more wait than can be served: the event loop never hashes.
"""

import asyncio
import os
import secrets
import sys
import threading
import unicodedata
from base64 import b64encode
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, TypeVar

from argon2 import PasswordHasher, extract_parameters
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError

from conclave.protocol.errors import Code, Reject

T = TypeVar("T")

WORKERS: Final = 2
# About three seconds of work for both: who would wait longer is told to come again.
MOST_WAITING: Final = 32
BUSY_MS: Final = 3_000
MOST_BYTES: Final = 1_024

_HASH_BYTES: Final = 32
_SALT_BYTES: Final = 16
# After the event loop: with as many hashes as cores that must still be the first to run.
_NICER: Final = 10
_NICEST: Final = 19
# No agreed form: controls, lone surrogates, and what a later Unicode may normalise anew.
_UNFIT: Final = frozenset({"Cc", "Cs", "Cn"})


@dataclass(frozen=True, slots=True)
class Cost:
    """
    What one hash costs: RFC 9106's second choice (64 MiB, 3 passes), above OWASP's least.

    One lane instead of four: two hashes run beside each other already, and lanes would be
    threads beyond the bound.
    """

    memory_kib: int = 65_536
    passes: int = 3
    lanes: int = 1


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of a try; *renewed*: keep this instead, the cost has changed since."""

    good: bool
    renewed: str | None = None


_WRONG: Final = Verdict(good=False)


def prepared(password: str) -> bytes | None:
    """
    Return the one form of *password*; None for what can be no password.

    NFKC and one kind of space (NIST SP 800-63B section 3.1.1.2, RFC 8265 section 4.2): the
    same keys give the same bytes on every keyboard. Its size is bounded before: normalising
    takes quadratic time.
    """
    if not password or len(password) > MOST_BYTES:
        return None
    if any(unicodedata.category(char) in _UNFIT for char in password):
        return None
    if len(password.encode()) > MOST_BYTES:
        return None
    spaced = (" " if unicodedata.category(char) == "Zs" else char for char in password)
    return unicodedata.normalize("NFKC", "".join(spaced)).encode()


class Passwords:
    """Hashes and compares; end it with `close`. Every call may raise `busy`."""

    def __init__(
        self, cost: Cost | None = None, *, workers: int = WORKERS, most_waiting: int = MOST_WAITING
    ) -> None:
        cost = cost or Cost()
        self._hasher = PasswordHasher(
            time_cost=cost.passes,
            memory_cost=cost.memory_kib,
            parallelism=cost.lanes,
            hash_len=_HASH_BYTES,
            salt_len=_SALT_BYTES,
        )
        self._nobodys = _nobodys(cost)
        self._room = threading.Semaphore(workers + most_waiting)
        self._workers = ThreadPoolExecutor(workers, "password", initializer=_yield_to_others)

    def close(self) -> None:
        """Forget what waits; what runs ends by itself, in the time of one hash."""
        self._workers.shutdown(wait=False, cancel_futures=True)

    async def hash(self, password: str) -> str:
        """Return what to keep of *password*; raises `bad_request` for what can be none."""
        secret = prepared(password)
        if secret is None:
            raise Reject(Code.BAD_REQUEST, "This cannot be a password")
        return await self._run(lambda: self._hasher.hash(secret))

    async def verify(self, password: str, kept: str | None) -> Verdict:
        """
        Return whether *password* is the one that *kept* was made of.

        Give None where there is no such user, or the user has no password: it takes as long
        and is never good, so that the time tells nobody who exists.
        """
        secret = prepared(password)
        if secret is None:
            return _WRONG
        return await self._run(lambda: self._verify(secret, kept))

    def _verify(self, secret: bytes, kept: str | None) -> Verdict:
        try:
            extract_parameters(kept or self._nobodys)
            self._hasher.verify(kept or self._nobodys, secret)
        except (VerifyMismatchError, InvalidHashError):
            return _WRONG
        except VerificationError:
            # There was no memory for it, which says nothing of the password.
            raise Reject(Code.BUSY, retry_after_ms=BUSY_MS) from None
        if not kept:
            return _WRONG
        outdated = self._hasher.check_needs_rehash(kept)
        return Verdict(good=True, renewed=self._hasher.hash(secret) if outdated else None)

    async def _run(self, work: Callable[[], T]) -> T:
        if not self._room.acquire(blocking=False):
            raise Reject(Code.BUSY, retry_after_ms=BUSY_MS)
        try:
            running: Future[T] = self._workers.submit(work)
        except RuntimeError:
            self._room.release()
            raise Reject(Code.BUSY, retry_after_ms=BUSY_MS) from None
        # Not when the caller stops waiting: a hash that runs cannot be called off.
        running.add_done_callback(lambda _: self._room.release())
        return await asyncio.wrap_future(running)


def _nobodys(cost: Cost) -> str:
    """Return a hash of this cost that no password has, without the work of making one."""
    salt, digest = (
        b64encode(secrets.token_bytes(size)).decode().rstrip("=")
        for size in (_SALT_BYTES, _HASH_BYTES)
    )
    return f"$argon2id$v=19$m={cost.memory_kib},t={cost.passes},p={cost.lanes}${salt}${digest}"


def _yield_to_others() -> None:
    # Linux alone has a niceness for each thread; elsewhere it would be the whole server's.
    if sys.platform == "linux":
        # A sandbox may forbid it; then passwords are checked all the same.
        with suppress(OSError):
            # More than the server's own, which is always allowed; a fixed one may be less.
            nicer = os.getpriority(os.PRIO_PROCESS, 0) + _NICER
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), min(_NICEST, nicer))
