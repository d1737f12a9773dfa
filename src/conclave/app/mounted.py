"""
The chat as an ASGI application, for who has one already: FastAPI, Litestar, Django, Starlette.

The same node as `conclave serve` runs, without its listener: whatever server carries the
application carries the chat. One process holds the data, so one worker serves it. Framing,
TLS, slow and oversized requests are that server's business; who may connect, and from
which page, is still judged here.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from conclave.app.lifecycle import Running, running
from conclave.controllers.application import App
from conclave.controllers.node import Node
from conclave.protocol.errors import Close
from conclave.server.admission import Admission
from conclave.server.carried import Carried
from conclave.server.handshake import Upgrade, examine_carried, examine_host, fields_of
from conclave.server.terms import Refusal
from conclave.settings import CannotStart, Settings, problems
from conclave.telemetry import join_logging

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

_DENIAL: Final = "websocket.http.response"
_POLICY: Final = 1008


class Conclave:
    """
    An ASGI application; its node runs as long as its `lifespan` lasts.

    *app* are your controllers, *settings* those of `conclave serve`, with `_` for `-`.
    Where it is not the outermost application, hand `lifespan` to that one: a mounted one is
    told of no start. Raises `CannotStart` at once for settings that are wrong.
    """

    def __init__(self, app: App | None = None, **settings: Any) -> None:
        if "data" in settings:
            settings["data"] = Path(settings["data"])
        self.settings = Settings(**settings)
        if wrong := problems(self.settings, lambda name: name):
            raise CannotStart("; ".join(wrong))
        self._app = app or App()
        self._running: Running | None = None
        self._admission: Admission | None = None

    @property
    def node(self) -> Node:
        """The running server, as controllers know it."""
        return self._server.node

    @property
    def _server(self) -> Running:
        if self._running is None:
            raise RuntimeError("the chat is not running: hand its `lifespan` to the application")
        return self._running

    def lifespan(self, _application: Any = None) -> AbstractAsyncContextManager[None]:
        """Run the node for as long as the context lasts, as frameworks want it."""
        return self.running()

    @asynccontextmanager
    async def running(self, **how: Any) -> AsyncIterator[None]:
        """Run the node for as long as the context lasts; *how*: see `lifecycle.running`."""
        join_logging()
        async with running(self.settings, self._app, listen=False, **how) as server:
            self._running = server
            self._admission = Admission(
                server.terms, server.node.clock.monotonic, server.node.meters.limits
            )
            try:
                yield
            finally:
                self._running = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            await self._answer(_below_mount(scope), receive, send)
        elif scope["type"] == "websocket":
            await self._carry(_below_mount(scope), receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        """Start and stop as the server says, where nobody stands in between."""
        await receive()
        try:
            async with self.running():
                await send({"type": "lifespan.startup.complete"})
                await receive()
        except (CannotStart, OSError) as error:
            await send({"type": "lifespan.startup.failed", "message": str(error)})
            return
        await send({"type": "lifespan.shutdown.complete"})

    # ── what comes ─────────────────────────────────────────────────────────────────────

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        server = self._server
        self._name_peer(scope, server)
        no = examine_host(fields_of(scope["headers"]), server.terms)
        if no is None and (judge := self._judge(scope)) is not None:
            no = judge.request(scope["client"][0])
        if no is not None:
            await _say(send, "http.response", no, server)
            return
        site: Any = server.site
        await site(scope, receive, send)

    async def _carry(self, scope: Scope, receive: Receive, send: Send) -> None:
        server = self._server
        self._name_peer(scope, server)
        await receive()  # websocket.connect
        found = self._examine(scope, server)
        if isinstance(found, Refusal):
            await _refuse(scope, send, found, server)
            return
        await send({"type": "websocket.accept", "subprotocol": found.subprotocol})
        if not found.known:
            reason = "Unsupported protocol version"
            code = int(Close.UNSUPPORTED_VERSION)
            await send({"type": "websocket.close", "code": code, "reason": reason})
            return
        address, terms = scope["client"][0], server.terms
        carried = Carried(
            address,
            receive,
            send,
            max_bytes=terms.max_message_bytes,
            close_within=terms.close_timeout,
        )
        await carried.run(server.door.receiver(address, found.subprotocol))

    def _examine(self, scope: Scope, server: Running) -> Upgrade | Refusal:
        if scope["path"] not in server.terms.paths:
            return Refusal(404, "There is no WebSocket here")
        query, fields = scope.get("query_string", b""), fields_of(scope["headers"])
        found = examine_carried(query, fields, server.terms)
        if isinstance(found, Refusal):
            return found
        address, judge = scope["client"][0], self._judge(scope)
        crowded = None if judge is None else judge.arrival(address)
        return crowded or server.door.admit(address) or found

    def _judge(self, scope: Scope) -> Admission | None:
        """Return what counts by address; nothing does without one, where all would be one."""
        return self._admission if scope["client"][0] else None

    @staticmethod
    def _name_peer(scope: Scope, server: Running) -> None:
        """Say to all who ask later whom this is from, as the listener does."""
        client = scope.get("client") or ("", 0)
        peer = server.terms.proxies.peer(client[0], scope["headers"])
        scope["client"] = (peer.address, client[1] if peer.address == client[0] else 0)
        if peer.scheme is not None and scope["type"] == "http":
            scope["scheme"] = peer.scheme


def _below_mount(scope: Scope) -> Scope:
    """Return *scope* as if we stood at the root: what lies above is no business of ours."""
    root, path = scope.get("root_path", "").rstrip("/"), scope["path"]
    raw = scope.get("raw_path") or quote(path).encode()
    if root and (path == root or path.startswith(f"{root}/")):
        path = path[len(root) :] or "/"
        # Some servers leave the root in the one and not in the other.
        raw = raw.removeprefix(quote(root).encode()) or b"/"
    return {**scope, "path": path, "raw_path": raw, "root_path": ""}


async def _refuse(scope: Scope, send: Send, no: Refusal, server: Running) -> None:
    """Say why there is no WebSocket, as far as the server in front lets us."""
    if _DENIAL in scope.get("extensions", {}):
        await _say(send, _DENIAL, no, server)
    else:
        await send({"type": "websocket.close", "code": _POLICY, "reason": no.text})


async def _say(send: Send, kind: str, no: Refusal, server: Running) -> None:
    body = f"{no.text}\n".encode()
    fields = [("content-type", "text/plain; charset=utf-8"), *server.terms.refusal_headers]
    headers = [(name.encode(), value.encode()) for name, value in (*fields, *no.headers)]
    await send({"type": f"{kind}.start", "status": no.status, "headers": headers})
    await send({"type": f"{kind}.body", "body": body})
