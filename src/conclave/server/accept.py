"""
Accepts sockets, and sends away whom `admission` refuses before anything is done for them.

`asyncio` would shake hands over TLS first and count later. What is done with those who may
come in is the listener's.
"""

import asyncio
import errno
import socket
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Final

import structlog

from conclave.server.admission import LINGERING, Admission
from conclave.server.answer import response
from conclave.server.binding import bind
from conclave.server.terms import Refusal, Terms

log = structlog.get_logger(__name__)

# Accepted in one turn of the loop: those who are in wait for no more.
_AT_ONCE: Final = 64
# Seconds without accepting when the system has no descriptor or memory left.
_REST: Final = 0.5
# How long what a refused peer still sends is thrown away, in seconds: closing with bytes
# unread resets the connection, and the peer would not see why.
_LINGER: Final = 1.0
# Not the fault of the one who comes: there are too many, or too little memory.
_EXHAUSTED: Final = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})

# The address and the port of a peer; None where it has none.
Name = tuple[str, int] | None
Serve = Callable[[socket.socket, Name], None]


class Acceptor:
    """Gives *serve* each socket that may come in, and who is at the other end."""

    def __init__(self, terms: Terms, admission: Admission, serve: Serve) -> None:
        self._terms = terms
        self._admission = admission
        self._serve = serve
        self._loop = asyncio.get_running_loop()
        self._bound: list[socket.socket] = []
        self._resting: asyncio.TimerHandle | None = None
        # Refused ones that may still read why.
        self._lingering: dict[socket.socket, asyncio.TimerHandle] = {}

    @property
    def port(self) -> int:
        port: int = self._bound[0].getsockname()[1]
        return port

    async def start(self, ports: Sequence[socket.socket] = ()) -> None:
        """
        Listen at *ports*, or bind some; raises `OSError` for an address that is not to be had.

        Those that are given are closed at the end as others are: who shares them goes on.
        """
        self._bound = list(ports) or await bind(self._terms.host, self._terms.port)
        self._resume()

    def stop(self) -> None:
        """Accept nobody any more, and end whom was refused. Idempotent."""
        if self._resting is not None:
            self._resting.cancel()
        bound, self._bound = self._bound, []
        for one in bound:
            self._loop.remove_reader(one)
            one.close()
        for refused in list(self._lingering):
            self._end(refused)

    def _resume(self) -> None:
        self._resting = None
        for one in self._bound:
            self._loop.add_reader(one, self._accept, one)

    def _rest(self, error: OSError) -> None:
        """Leave those who come to the kernel for a moment, and not ask it again and again."""
        log.error("cannot_accept", because=error.strerror, again_in_s=_REST)
        for one in self._bound:
            self._loop.remove_reader(one)
        if self._resting is None:
            self._resting = self._loop.call_later(_REST, self._resume)

    def _accept(self, bound: socket.socket) -> None:
        for _ in range(_AT_ONCE):
            try:
                new, peer = bound.accept()
            except (BlockingIOError, InterruptedError):
                return
            except OSError as error:
                if error.errno in _EXHAUSTED:
                    self._rest(error)
                    return
                # One that came and went (accept(2)): the next one may be there.
                continue
            self._take(new, (peer[0], peer[1]) if isinstance(peer, tuple) else None)

    def _take(self, new: socket.socket, peer: Name) -> None:
        new.setblocking(False)
        address = peer[0] if peer else ""
        refusal = self._admission.socket(address, new.fileno())
        if refusal is None:
            self._serve(new, peer)
            return
        log.info("refused", address=address, status=refusal.status, because=refusal.text)
        self._send_away(new, refusal)

    def _send_away(self, new: socket.socket, refusal: Refusal) -> None:
        if self._terms.tls_cert is not None:
            # Nothing can be said without the work that is to be saved.
            new.close()
            return
        with suppress(OSError):
            new.send(response(refusal, self._terms.refusal_headers))
            new.shutdown(socket.SHUT_WR)
        if len(self._lingering) >= LINGERING or not self._has_room(new):
            with suppress(OSError):
                new.recv(65_536)
            new.close()
            return
        self._lingering[new] = self._loop.call_later(_LINGER, self._end, new)
        self._loop.add_reader(new, self._throw_away, new)

    def _has_room(self, new: socket.socket) -> bool:
        return self._admission.has_room(new.fileno())

    def _throw_away(self, refused: socket.socket) -> None:
        with suppress(OSError):
            if refused.recv(65_536):
                return
        self._end(refused)

    def _end(self, refused: socket.socket) -> None:
        self._lingering.pop(refused).cancel()
        self._loop.remove_reader(refused)
        refused.close()
