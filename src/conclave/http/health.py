"""
`/health` and `/ready`, for whoever watches the node.

`/health` says that the process answers; restart it when it does not. `/ready` says that it
takes people; send them elsewhere when it does not. Neither says anything secret, and
neither asks the disk or the network at the time of the request.
"""

from collections.abc import Sequence
from typing import Protocol

from litestar import HttpMethod, Response, route
from litestar.handlers import HTTPRouteHandler
from litestar.status_codes import HTTP_200_OK, HTTP_503_SERVICE_UNAVAILABLE

# Some load balancers ask with HEAD.
_READ = [HttpMethod.GET, HttpMethod.HEAD]
_NEVER_KEPT = {"cache-control": "no-store"}


class Readiness(Protocol):
    """What knows whether this node takes people."""

    def problems(self) -> Sequence[str]:
        """Return why not, in words that strangers may read; empty: it does. Never wait."""

    def troubles(self) -> Sequence[str]:
        """Return what is amiss all the same, in such words. Never wait."""


def health_routes(readiness: Readiness) -> list[HTTPRouteHandler]:
    """Return the handlers of both paths."""

    @route(
        "/health", http_method=_READ, sync_to_thread=False, summary="Whether the process answers"
    )
    def health() -> Response[dict[str, str]]:
        return Response({"status": "ok"}, headers=_NEVER_KEPT)

    @route(
        "/ready", http_method=_READ, sync_to_thread=False, summary="Whether this node takes people"
    )
    def ready() -> Response[dict[str, str | list[str]]]:
        found = list(readiness.problems())
        if found:
            said: dict[str, str | list[str]] = {"status": "not ready", "because": found}
            return Response(said, status_code=HTTP_503_SERVICE_UNAVAILABLE, headers=_NEVER_KEPT)
        answer: dict[str, str | list[str]] = {"status": "ready"}
        if amiss := list(readiness.troubles()):
            answer["degraded"] = amiss
        return Response(answer, status_code=HTTP_200_OK, headers=_NEVER_KEPT)

    return [health, ready]
