"""
Messages into rooms from another process: a web application, a job, a script.

It says and does not listen, over HTTP, without an event loop. Each message has a key, under
which the server stores it once, so a broken connection is tried again without fear. What is
not published when it raises may still be stored: publish it again with the same key.
"""

import http.client
import ssl
import threading
import time
from collections.abc import Callable, Sequence
from secrets import token_urlsafe
from types import TracebackType
from typing import Final, Self, TypeVar
from urllib.parse import quote, urlsplit

import msgspec
from msgspec import Struct

from conclave.client.address import is_loopback
from conclave.client.errors import Lost
from conclave.protocol.errors import Code, Reject
from conclave.protocol.events import Stored

# Seconds for one answer, and before the first try after one that failed.
_ANSWER_WITHIN: Final = 10.0
_FIRST_PAUSE: Final = 0.2
_LONGEST_PAUSE: Final = 5.0
# A hostile server fills no memory.
_MOST_BYTES: Final = 65_536

T = TypeVar("T")


class _Problem(Struct):
    """What the server says no with (RFC 9457)."""

    code: str = Code.INTERNAL
    detail: str = ""
    retryable: bool = False
    retry_after_ms: float | None = None


class Publisher:
    """
    Publishes as the user of *token*, who must be a member of the rooms; safe between threads.

    *url* is `https://…`; certificates are always checked, against *tls* if given. `http://` is
    taken for loopback addresses only, or with *allow_plain*. What fails for a while is tried
    again for *within* seconds.
    """

    def __init__(
        self,
        url: str,
        *,
        token: str,
        tls: ssl.SSLContext | None = None,
        allow_plain: bool = False,
        within: float = 30.0,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._connect = _connecting(url, tls, allow_plain=allow_plain)
        self._token = token
        self._within = within
        self._sleep = sleep
        self._lock = threading.Lock()
        self._connection: http.client.HTTPConnection | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Hang up; the next message connects anew. Idempotent."""
        with self._lock:
            self._hang_up()

    def enter(self, room: str) -> None:
        """Become a member of the public *room*, which only members write to. Idempotent."""
        path = f"/api/v1/rooms/{quote(room, safe='')}/membership"
        self._until_done(lambda: self._ask("PUT", path, b"", {}))

    def send(
        self,
        room: str,
        text: str,
        *,
        id: str | None = None,  # noqa: A002 - the wire's word
        reply_to: int | None = None,
        thread: int | None = None,
        mentions: Sequence[str] = (),
    ) -> Stored:
        """
        Publish a message; return its number once it is stored.

        The same *id* again is the same message, also from another process: up to 64 of
        `A-Za-z0-9_.:-`. Raises `Reject` with the server's code, and `Lost` when it could not
        be reached within the time.
        """
        said = {"text": text, "reply_to": reply_to, "thread": thread, "mentions": list(mentions)}
        body = msgspec.json.encode({name: one for name, one in said.items() if one})
        path = f"/api/v1/rooms/{quote(room, safe='')}/messages"
        key = token_urlsafe(16) if id is None else id
        headers = {"Content-Type": "application/json", "Idempotency-Key": key}
        return self._until_done(lambda: _read(self._ask("POST", path, body, headers), Stored))

    def _until_done(self, ask: Callable[[], T]) -> T:
        end, pause = time.monotonic() + self._within, _FIRST_PAUSE
        while True:
            wait = pause
            try:
                return self._in_turn(ask, end)
            except (OSError, http.client.HTTPException) as error:
                failure: Exception = Lost(f"no answer: {error}")
            except Reject as no:
                if not no.retryable:
                    raise
                failure, wait = no, max(pause, (no.retry_after_ms or 0) / 1000)
            if time.monotonic() + wait > end:
                raise failure
            self._sleep(wait)
            pause = min(pause * 2, _LONGEST_PAUSE)

    def _in_turn(self, ask: Callable[[], T], end: float) -> T:
        """Ask when no other thread does; nobody waits for what another one waits for."""
        if not self._lock.acquire(timeout=max(0.0, end - time.monotonic())):
            raise TimeoutError("other threads wait for an answer")
        try:
            return ask()
        except (OSError, http.client.HTTPException):
            self._hang_up()
            raise
        finally:
            self._lock.release()

    def _ask(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> bytes:
        if self._connection is None:
            self._connection = self._connect()
        asked = {"Authorization": f"Bearer {self._token}", **headers}
        self._connection.request(method, path, body, asked)
        answer = self._connection.getresponse()
        content = answer.read(_MOST_BYTES)
        if not answer.isclosed():
            self._hang_up()
        # Nothing else is followed: a token goes to this server only.
        if answer.status in (200, 201):
            return content
        raise _refusal(_read(content, _Problem), answer.status)

    def _hang_up(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()


def _connecting(
    url: str, tls: ssl.SSLContext | None, *, allow_plain: bool
) -> Callable[[], http.client.HTTPConnection]:
    """Return what connects to *url*; raises ValueError for one that may not be used."""
    parts = urlsplit(url)
    host = parts.hostname
    if parts.scheme not in ("http", "https") or not host or parts.path not in ("", "/"):
        raise ValueError(f"{url!r} is no server: give one such as https://chat.example.org")
    if parts.username is not None or parts.query or parts.fragment or not url.isprintable():
        raise ValueError("Nothing but scheme, host and port may stand in the URL")
    if parts.scheme == "http":
        if not (allow_plain or is_loopback(host)):
            raise ValueError(
                f"{url!r} is not encrypted, so the token could be read on the way: give https://, "
                "or allow_plain=True within a network you trust"
            )
        return lambda: http.client.HTTPConnection(host, parts.port, timeout=_ANSWER_WITHIN)
    if tls is not None and not (tls.verify_mode is ssl.CERT_REQUIRED and tls.check_hostname):
        raise ValueError("A context that checks no certificates sends tokens to anybody")
    context = tls or ssl.create_default_context()
    return lambda: http.client.HTTPSConnection(
        host, parts.port, timeout=_ANSWER_WITHIN, context=context
    )


def _read(content: bytes, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(content, type=kind)
    except (msgspec.DecodeError, RecursionError):
        raise http.client.HTTPException(
            "it is no Conclave, or something stands before it"
        ) from None


def _refusal(problem: _Problem, status: int) -> Reject:
    after = None if problem.retry_after_ms is None else int(problem.retry_after_ms)
    return Reject(problem.code, problem.detail or f"HTTP {status}", retry_after_ms=after)
