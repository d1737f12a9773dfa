"""
`/metrics`, for a Prometheus that may read it, and the count of what is answered.

It is nowhere unless the operator says so: on an address of its own that only this machine
reaches, or for who brings the token. What there is to read is somebody else's.
"""

import hmac
from collections.abc import Awaitable, Callable
from hashlib import sha256
from typing import Any, Final

from litestar import HttpMethod, Request, Response, route
from litestar.handlers import HTTPRouteHandler
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from conclave.http.problems import rejected
from conclave.model.meters import Tally
from conclave.protocol.errors import Code, Reject

_READ: Final = [HttpMethod.GET, HttpMethod.HEAD]
_NEVER_KEPT: Final = {"cache-control": "no-store"}
_WHO: Final = {"www-authenticate": 'Bearer realm="metrics"'}
_SCHEME: Final = "bearer "


class MetricsKey:
    """The token that whoever reads metrics must bring; None: nobody must."""

    def __init__(self, token: str | None) -> None:
        self.renew(token)

    def renew(self, token: str | None) -> None:
        """Ask for *token* from now on."""
        self._digest = None if token is None else sha256(token.encode()).digest()

    def admits(self, authorization: str) -> bool:
        """Return whether a request with this `Authorization` may read."""
        if self._digest is None:
            return True
        if not authorization.lower().startswith(_SCHEME):
            return False
        given = authorization[len(_SCHEME) :].strip()
        return hmac.compare_digest(sha256(given.encode()).digest(), self._digest)


def metrics_routes(
    read: Callable[[], Awaitable[bytes]], key: MetricsKey, content_type: str
) -> list[HTTPRouteHandler]:
    """Return the route that answers what *read* returns, to whom *key* admits."""

    @route("/metrics", http_method=_READ, opt={"public": True}, summary="What this node counts")
    async def metrics(request: Request[Any, Any, Any]) -> Response[Any]:
        if not key.admits(request.headers.get("authorization", "")):
            refused = rejected(request, Reject(Code.AUTH_REQUIRED))
            refused.headers.update(_NEVER_KEPT | _WHO)
            return refused
        return Response(await read(), media_type=content_type, headers=_NEVER_KEPT)

    return [metrics]


def counting(app: ASGIApp, answered: Tally) -> ASGIApp:
    """Return *app*, whose answers are counted by status."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        async def send_counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                answered.add(str(message["status"]))
            await send(message)

        await app(scope, receive, send_counted)

    return answer
