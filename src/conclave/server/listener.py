"""
One port for the page, the API and the chat: uvicorn meets picows.

Binds, speaks TLS, gives each connection its protocol, and ends them all. Signals, the
application's start and stop, and who may come in are somebody else's.
"""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Sequence
from typing import Any

from uvicorn.config import Config
from uvicorn.server import ServerState

from conclave.model.meters import Tally
from conclave.ports import Transport
from conclave.protocol.errors import STOPPED_REASON, Close
from conclave.server.accept import Acceptor, Name
from conclave.server.admission import Admission
from conclave.server.handshake import Upgrade
from conclave.server.heart import Pulse
from conclave.server.http1 import HttpConnection
from conclave.server.link import Link
from conclave.server.round import FULL_BYTES
from conclave.server.terms import Door, Receiver, Refusal, Terms
from conclave.server.wire import Wire

# Of the time for the whole handshake; the rest is for the request.
_TLS_SHARE = 0.9


class Listener:
    """
    Serves *app* (ASGI) over HTTP, and what comes through *door* over WebSocket.

    Make it inside a running event loop; it works on uvloop and on asyncio's own. *refused*
    counts who is not let in, by the limit.
    """

    def __init__(
        self,
        app: Any,
        door: Door,
        terms: Terms,
        pulse: Pulse | None = None,
        refused: Tally | None = None,
    ) -> None:
        self._door = door
        self._terms = terms
        self._loop = asyncio.get_running_loop()
        self._own_pulse = pulse is None
        # Not `or`: a pulse that has nothing to do yet has no length.
        self.pulse = Pulse(self._loop) if pulse is None else pulse
        self._state = ServerState()
        self._config = _config(app)
        self._admission = Admission(terms, lambda: self.pulse.now, refused)
        self._acceptor = Acceptor(terms, self._admission, self._serve)
        # Sockets on their way to speak HTTP: TLS may take its time.
        self._opening: set[asyncio.Task[None]] = set()
        self._tls: ssl.SSLContext | None = None
        self._links: set[Link] = set()

    @property
    def port(self) -> int:
        """The port it is bound to, also when `Terms.port` was 0."""
        return self._acceptor.port

    @property
    def connections(self) -> int:
        """How many WebSockets are open, those that are closing included."""
        return len(self._links)

    async def start(self, ports: Sequence[socket.socket] = ()) -> None:
        """
        Bind and accept; raises `OSError` for an address that is taken or not ours.

        Or accept at *ports*, which are bound already, and perhaps others' too.
        """
        self._tls = _tls(self._terms)
        await self._acceptor.start(ports)

    async def renew_certificate(self) -> None:
        """
        Take the certificate and its key as their files are now, for who connects from now on.

        Raises `OSError` for two that do not fit; then the old ones stay.
        """
        if self._tls is None:
            return
        # On a context of its own first: a key that does not fit would spoil the one in use.
        await asyncio.to_thread(_tls, self._terms)
        # Not in a thread: between certificate and key nobody may shake hands.
        _load(self._tls, self._terms)

    def renew_limits(self, terms: Terms) -> None:
        """Let what *terms* say of addresses count for who comes from now on; nothing else."""
        self._admission.renew(terms)

    def stop_accepting(self) -> None:
        """Close the port; open connections go on. Idempotent."""
        self._acceptor.stop()

    def send_elsewhere(self) -> None:
        """
        Close the port, and plain connections as soon as they are answered: others are there.

        WebSockets go on.
        """
        self.stop_accepting()
        for connection in list(self._state.connections):
            connection.shutdown()

    async def stop(self, within: float) -> None:
        """Close what is open, wait for it, and break off what is left after *within* seconds."""
        self.stop_accepting()
        for opening in self._opening:
            opening.cancel()
        for link in list(self._links):
            link.close(Close.GOING_AWAY, STOPPED_REASON)
        for connection in list(self._state.connections):
            connection.shutdown()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within):
                await self._all_gone()
        for link in list(self._links):
            link.abort()
        for connection in list(self._state.connections):
            connection.transport.abort()
        # Aborted connections are told so in the next turn.
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        if self._own_pulse:
            self.pulse.stop()

    async def _all_gone(self) -> None:
        # Asked at the end only; an event would have to be kept right for years before.
        while self._links or self._state.connections:  # noqa: ASYNC110
            await asyncio.sleep(0.01)

    def _serve(self, new: socket.socket, peer: Name) -> None:
        """Speak HTTP with *peer* on *new*, over TLS if wanted; it counts from now on."""
        http = HttpConnection(
            self._config,
            self._state,
            self._loop,
            self._terms,
            self.pulse,
            self._admission,
            self._hand_over,
            peer,
        )
        self._admission.add(http, peer[0] if peer else "")
        opening = self._loop.create_task(self._open(new, http))
        self._opening.add(opening)
        opening.add_done_callback(self._opening.discard)

    async def _open(self, new: socket.socket, http: HttpConnection) -> None:
        terms, secret = self._terms, self._tls is not None
        handshake = terms.handshake_timeout * _TLS_SHARE
        try:
            await self._loop.connect_accepted_socket(
                lambda: http,
                new,
                ssl=self._tls,
                ssl_handshake_timeout=handshake if secret else None,
                ssl_shutdown_timeout=terms.close_timeout if secret else None,
            )
        except OSError:
            # No handshake came of it; what asyncio knows of it has been closed.
            self._admission.discard(http)
            new.close()

    def _hand_over(self, http: HttpConnection, upgrade: Upgrade, rest: bytes) -> Refusal | None:
        refusal = self._door.admit(http.address)
        if refusal is not None:
            return refusal
        transport = http.transport
        link = Link(
            http.address,
            transport,
            self._receiver(http, upgrade),
            self._terms,
            self.pulse,
            self._links,
        )
        http.let_go()
        # A link is full when its outbox should wait.
        transport.set_write_buffer_limits(high=FULL_BYTES - 1)
        wire = Wire(link, upgrade.subprotocol, self._terms.max_message_bytes)
        wire.open(transport, upgrade.key)
        if rest:
            wire.feed(rest)
        return None

    def _receiver(self, http: HttpConnection, upgrade: Upgrade) -> Receiver:
        if not upgrade.known:
            return _WrongVersion()
        return self._door.receiver(http.address, upgrade.subprotocol)


class _WrongVersion:
    """Answers a subprotocol we do not speak: with the code, since browsers hide statuses."""

    def opened(self, transport: Transport) -> None:
        transport.close(Close.UNSUPPORTED_VERSION, "Unsupported protocol version")

    def received(self, text: bytes) -> None: ...

    def heard(self) -> None: ...

    def writable(self) -> None: ...

    def closed(self, code: int, reason: str) -> None: ...


def _config(app: Any) -> Config:
    """Return uvicorn's settings: no signals, no logs, no forwarded headers, no lifespan."""
    return Config(
        app,
        http="httptools",
        ws="none",
        lifespan="off",
        interface="asgi3",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        date_header=False,
    )


def _tls(terms: Terms) -> ssl.SSLContext | None:
    if terms.tls_cert is None:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    _load(context, terms)
    return context


def _load(context: ssl.SSLContext, terms: Terms) -> None:
    assert terms.tls_cert is not None
    context.load_cert_chain(terms.tls_cert, terms.tls_key)
