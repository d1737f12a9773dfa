"""
HTTP until the upgrade: uvicorn's protocol with limits of ours.

As it is it waits for ever, for as many headers as a peer likes, from whatever host. Here
a request head has a deadline, sizes and a count, a body must keep coming and an answer
must keep being read. A proper upgrade hands the socket over to `websocket`.
"""

import asyncio
from collections.abc import Callable
from typing import Any, Final, cast

import httptools
import structlog
from uvicorn.config import Config
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.protocols.utils import get_local_addr, is_ssl
from uvicorn.server import ServerState

from conclave.ports import WIRE
from conclave.server.accept import Name
from conclave.server.admission import Admission
from conclave.server.answer import date, response
from conclave.server.forwarded import Peer
from conclave.server.handshake import (
    BODY_TOO_LARGE,
    Upgrade,
    examine,
    examine_upgrade,
    fields_of,
)
from conclave.server.heart import NEVER, Pulse
from conclave.server.terms import Refusal, Terms

log = structlog.get_logger(__name__)

# A peer that neither sends the rest of a body nor reads an answer is gone, in seconds.
_STALLED: Final = 30.0
# How long the rest of a body that is too large is thrown away, in seconds: closing with bytes
# unread resets the connection, and the peer would not see why.
_LINGER: Final = 1.0
# Requests that wait for the answers before theirs. Browsers and proxies send none ahead, and one
# read can bring thousands: what is parsed at once holds up all who are in.
_MAX_PIPELINED: Final = 8

HandOver = Callable[["HttpConnection", Upgrade, bytes], Refusal | None]


class _RefusedError(Exception):
    """Raised in the parser's callbacks to stop it; `_refusal` says why."""


class HttpConnection(HttpToolsProtocol):
    """
    One connection as long as it speaks HTTP; a `heart.Beat` for its deadlines.

    *hand_over* gets every proper upgrade and may still refuse it.
    """

    def __init__(
        self,
        config: Config,
        state: ServerState,
        loop: asyncio.AbstractEventLoop,
        terms: Terms,
        pulse: Pulse,
        admission: Admission,
        hand_over: HandOver,
        client: Name,
    ) -> None:
        super().__init__(config, state, {}, loop)
        self.access_log = False
        self.client = client
        self._terms = terms
        self._pulse = pulse
        self._admission = admission
        self._hand_over = hand_over
        # Of a head that is under way: as it came, and what was parsed of it.
        self._head_bytes = self._fields_bytes = 0
        self._in_head = True
        self._refusal: Refusal | None = None
        self._upgrade: Upgrade | None = None
        self._peer = Peer("")
        self._body_bytes = self._most_body_bytes = 0
        # Before the handshake of TLS, which is a part of what has a deadline.
        self._accepted_at = pulse.now
        self.due = NEVER

    @property
    def address(self) -> str:
        """Who sends the present request: the socket's peer, or whom a trusted proxy names."""
        return self._peer.address

    @property
    def _socket_address(self) -> str:
        return self.client[0] if self.client else ""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        # As uvicorn does it, but for its questions to the system (see `_name_server`).
        self.connections.add(self)
        self.transport = transport
        self.flow = FlowControl(transport)
        self.scheme = "https" if is_ssl(transport) else "http"
        spent = self._pulse.now - self._accepted_at
        self._wait(self._terms.handshake_timeout - spent)

    def connection_lost(self, exc: Exception | None) -> None:
        self._pulse.forget(self)
        self._admission.discard(self)
        super().connection_lost(exc)

    def tick(self, _now: float) -> None:
        self.due = NEVER
        self.transport.abort()

    def data_received(self, data: bytes) -> None:
        if self._refusal is not None:
            return
        self._unset_keepalive_if_required()
        if self._in_head:
            self._head_bytes += len(data)
            if self.due == NEVER and self._has_answered():
                self._wait(self._terms.handshake_timeout)
        else:
            self._wait(_STALLED)
        self._parse(data)

    def _has_answered(self) -> bool:
        if self.cycle is None:
            return False
        return self.cycle.response_complete

    def _parse(self, data: bytes) -> None:
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            self._leave_http(data[upgrade.args[0] :])
        except httptools.HttpParserError:
            self.refuse(self._refusal or Refusal(400, "That was no proper HTTP request"))
        else:
            if self._in_head and self._head_bytes > self._terms.max_head_bytes:
                self.refuse(_TOO_LARGE)

    def refuse(self, refusal: Refusal) -> None:
        """Answer with *refusal* and hang up."""
        self._refusal = refusal
        log.info("refused", address=self.address, status=refusal.status, because=refusal.text)
        if self.transport.is_closing():
            return
        programs = self._terms.programs
        to_program = bool(programs) and self.url.startswith(programs)
        self.transport.write(response(refusal, self._terms.refusal_headers, to_program=to_program))
        if refusal is BODY_TOO_LARGE and self.transport.can_write_eof():
            self.transport.write_eof()
            self._wait(_LINGER)
        else:
            self.transport.close()
            self._wait(self._terms.close_timeout)

    def let_go(self) -> None:
        """
        Forget the socket and all else: somebody else has it.

        uvloop keeps a reference to a socket's first protocol for as long as it lives.
        """
        self._pulse.forget(self)
        self._admission.discard(self)
        self.connections.discard(self)
        self.__dict__.clear()

    # What the parser calls.

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_head = True
        self._fields_bytes = self._body_bytes = 0
        if self.cycle is not None:
            # Not the first request of this connection: its deadline begins now.
            self._wait(self._terms.handshake_timeout)

    def on_url(self, url: bytes) -> None:
        super().on_url(url)
        if len(self.url) > self._terms.max_line_bytes:
            self._stop(Refusal(414, "The URL is too long"))

    def on_header(self, name: bytes, value: bytes) -> None:
        super().on_header(name, value)
        if len(self.headers) > self._terms.max_headers:
            self._stop(Refusal(431, "Too many header fields"))
        size = len(name) + len(value)
        self._fields_bytes += size
        if size > self._terms.max_line_bytes or self._fields_bytes > self._terms.max_head_bytes:
            self._stop(_TOO_LARGE)

    def on_headers_complete(self) -> None:
        self._in_head = False
        self._head_bytes = 0
        self._wait(_STALLED)
        self._name_peer()
        if len(self.pipeline) >= _MAX_PIPELINED:
            self._stop(Refusal(429, "Too many requests at once on one connection"))
        line = self.parser.get_method(), self.url, self.parser.get_http_version()
        self._most_body_bytes = self._terms.most_body_bytes(line[0], self.url)
        refusal = self._admission.request(self.address)
        fields = fields_of(self.headers)
        refusal = refusal or examine(*line, fields, self._terms)
        if refusal is None and self.parser.should_upgrade():
            refusal = self._take_upgrade(examine_upgrade(*line, fields, self._terms))
        if refusal is not None:
            self._stop(refusal)
        if self._upgrade is None:
            self._name_server()
            self.server_state.default_headers = date()
            super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._body_bytes += len(body)
        if self._body_bytes > self._most_body_bytes:
            self._break_off()
            self._stop(BODY_TOO_LARGE)
        super().on_body(body)

    def on_message_complete(self) -> None:
        self.due = NEVER
        # What follows belongs to the next head, line breaks before it too.
        self._in_head = True
        super().on_message_complete()

    def on_response_complete(self) -> None:
        if self.flow.write_paused:
            self._wait(_STALLED)
        super().on_response_complete()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._wait(_STALLED)

    def resume_writing(self) -> None:
        self.due = NEVER
        super().resume_writing()

    def _name_peer(self) -> None:
        """Say to all who ask later, the application too, whom this request is from."""
        port = self.client[1] if self.client else 0
        self._peer = self._terms.proxies.peer(self._socket_address, self.headers)
        forwarded = self._peer.address != self._socket_address
        self.scope["client"] = (self._peer.address, 0 if forwarded else port)
        self.scope["scheme"] = self._peer.scheme or self.scheme or "http"
        self.scope["extensions"] = cast(Any, {WIRE: self.transport})

    def _name_server(self) -> None:
        if self.server is None:
            self.server = get_local_addr(self.transport)
        self.scope["server"] = self.server

    def _break_off(self) -> None:
        """Tell the application that its client is gone, while it still asks for the body."""
        cycle: RequestResponseCycle = self.cycle
        if cycle.response_started:
            # A second answer would be taken for that of the next request.
            self.transport.close()
        cycle.disconnected = True
        cycle.message_event.set()

    def _should_upgrade(self) -> bool:
        return self._upgrade is not None

    def _take_upgrade(self, found: Upgrade | Refusal) -> Refusal | None:
        if isinstance(found, Refusal):
            return found
        cycle: RequestResponseCycle | None = self.cycle
        if cycle is not None and not cycle.response_complete:
            return Refusal(400, "An upgrade cannot follow an unanswered request")
        self._upgrade = found
        if self._terms.proxies.is_proxy(self._socket_address):
            # The socket was the proxy's: it was not counted when it was accepted.
            return self._admission.arrival(self.address)
        return None

    def _leave_http(self, rest: bytes) -> None:
        assert self._upgrade is not None
        refusal = self._hand_over(self, self._upgrade, rest)
        if refusal is not None:
            self.refuse(refusal)

    def _stop(self, refusal: Refusal) -> None:
        self._refusal = refusal
        raise _RefusedError

    def _wait(self, seconds: float) -> None:
        self.due = self._pulse.now + seconds
        self._pulse.watch(self)


_TOO_LARGE: Final = Refusal(431, "The request head is too large")
