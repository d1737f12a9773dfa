"""The ASGI application behind the listener: everything this node serves over HTTP."""

from collections.abc import Sequence

from litestar import Litestar
from litestar.handlers import HTTPRouteHandler
from litestar.types import ASGIApp

from conclave.http.health import Readiness, health_routes


def asgi_app(readiness: Readiness, more: Sequence[HTTPRouteHandler] = ()) -> ASGIApp:
    """Return the application; *more* are the routes of the page."""
    return Litestar(
        [*health_routes(readiness), *more],
        openapi_config=None,
        # Lifespan and logging are the node's, not the framework's.
        logging_config=None,
    )
