"""
The HTTP API under `/api/v1`: all its routes, behind one guard.

Bodies are JSON of at most 64 KiB. What each route needs stands in its `opt`; one that says
nothing is a `TypeError` at start, so that none is open by oversight.
"""

from collections.abc import Sequence
from typing import Final

from litestar import Router
from litestar.datastructures import ResponseHeader
from litestar.exceptions import HTTPException
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler

from conclave.http.bodies import StrictRequest
from conclave.http.callers import Asked, Callers
from conclave.http.cookies import Cookies
from conclave.http.credentials import credential_routes
from conclave.http.entering import Welcome, entering_routes
from conclave.http.oidc import provider_routes
from conclave.http.once import OnceRouter
from conclave.http.openapi import openapi_route
from conclave.http.own_data import own_data_routes
from conclave.http.problems import disconnected, malformed, refused, rejected
from conclave.http.services import Services
from conclave.http.sessions import session_routes
from conclave.ports import Clock
from conclave.protocol.errors import Disconnect, Reject

PATH: Final = "/api/v1"
_BODY_BYTES: Final = 65_536


def account_routes(services: Services, cookies: Cookies, clock: Clock) -> list[HTTPRouteHandler]:
    """Return the routes of coming in and of one's own account."""
    welcome = Welcome(services, cookies, clock)
    return [
        *entering_routes(services, welcome),
        *provider_routes(services, cookies, welcome),
        *session_routes(services, cookies),
        *credential_routes(services),
        *own_data_routes(services),
    ]


def api(callers: Callers, routes: Sequence[HTTPRouteHandler], version: str) -> Router:
    """Return the API with *routes*, each of which says what it needs, and their description."""
    routes = [*routes, openapi_route(PATH, routes, version)]
    for route in routes:
        if route.opt.get("public") is not True and "act" not in route.opt:
            raise TypeError(f"{route.paths}: say in opt whether it is public, or which act it is")

    # A function: the framework copies whatever else it is given, with all that hangs on it.
    async def guard(connection: Asked, handler: BaseRouteHandler) -> None:
        await callers.admit(connection, handler)

    return OnceRouter(
        PATH,
        route_handlers=list(routes),
        guards=[guard],
        exception_handlers={
            Reject: rejected,
            Disconnect: disconnected,
            HTTPException: refused,
            # A body nested without end, or not in UTF-8.
            RecursionError: malformed,
            UnicodeDecodeError: malformed,
        },
        response_headers=[ResponseHeader(name="cache-control", value="no-store")],
        request_max_body_size=_BODY_BYTES,
        request_class=StrictRequest,
    )
