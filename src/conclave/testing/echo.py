"""
An echo on the real listener, for conformance suites.

It sends every message back as it came, text and binary. Loopback only; nobody is asked
who they are, so it must never be served to others.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, cast

from conclave.ports import Transport
from conclave.protocol.codec import Packet
from conclave.server.link import Link
from conclave.server.listener import Listener
from conclave.server.origin import HostRule, OriginRule
from conclave.server.terms import Refusal, Terms

# Conformance suites send messages of 16 MiB.
_MAX_MESSAGE_BYTES = 32 * 1024 * 1024


class Echo:
    """One connection that hears itself."""

    def opened(self, transport: Transport) -> None:
        self._transport = transport

    def received(self, text: bytes) -> None:
        self._transport.send([Packet(text)])

    def received_binary(self, data: bytes) -> None:
        cast(Link, self._transport).send_binary(data)

    def heard(self) -> None: ...

    def writable(self) -> None: ...

    def closed(self, code: int, reason: str) -> None: ...


class EchoDoor:
    """Lets everybody in."""

    def admit(self, address: str) -> Refusal | None:  # noqa: ARG002
        return None

    def receiver(self, address: str, subprotocol: str | None) -> Echo:  # noqa: ARG002
        return Echo()


async def say_what_it_is(
    _scope: dict[str, Any],
    _receive: Callable[[], Awaitable[dict[str, Any]]],
    send: Callable[[dict[str, Any]], Awaitable[None]],
) -> None:
    """An ASGI application for those who come with a browser."""
    body = b"An echo: connect with a WebSocket.\n"
    headers = [(b"content-type", b"text/plain"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def echo_terms(host: str, port: int, max_message_bytes: int = _MAX_MESSAGE_BYTES) -> Terms:
    return Terms(
        host=host,
        port=port,
        binary=True,
        max_message_bytes=max_message_bytes,
        max_fragments=1_000_000,
        origins=OriginRule((), any_loopback=True),
        hosts=HostRule(()),
    )


async def serve_echo(host: str, port: int, max_message_bytes: int = _MAX_MESSAGE_BYTES) -> None:
    """Serve until cancelled; print one line when ready."""
    listener = Listener(say_what_it_is, EchoDoor(), echo_terms(host, port, max_message_bytes))
    await listener.start()
    print(f"Echo on ws://{host}:{listener.port}", flush=True)  # noqa: T201 - its one line
    try:
        await asyncio.Event().wait()
    finally:
        await listener.stop(1.0)
