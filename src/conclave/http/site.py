"""The ASGI application behind the listener: everything this node serves over HTTP."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

import structlog
from litestar import Litestar, MediaType, Request, Response, Router
from litestar.exceptions import HTTPException, InternalServerException
from litestar.handlers import HTTPRouteHandler
from litestar.status_codes import HTTP_500_INTERNAL_SERVER_ERROR
from litestar.types import ASGIApp

from conclave.http import problems
from conclave.http.files import File, files_first
from conclave.http.headers import SECURITY, secured
from conclave.http.health import Readiness, health_routes
from conclave.http.metrics import counting
from conclave.http.pages import missing
from conclave.http.rates import rated
from conclave.http.segments import kept_whole
from conclave.model.meters import Tally
from conclave.protocol.errors import Code, Reject

# Where programs ask: refusals are for them, not for people.
API: Final = "/api"
HOOKS: Final = "/hooks"
# The framework's word for who was gone before all was here: nothing of ours has failed.
_LEFT: Final = "client disconnected prematurely"

log = structlog.get_logger(__name__)


def asgi_app(
    readiness: Readiness,
    more: Sequence[HTTPRouteHandler | Router] = (),
    headers: Mapping[str, str] = SECURITY,
    files: Mapping[str, File] = MappingProxyType({}),
    answered: Tally | None = None,
) -> ASGIApp:
    """
    Return the application: *files* by path, else *more*; *headers* go with each answer.

    *answered* counts what it says by itself, by status.
    """
    app = Litestar(
        [*health_routes(readiness), *more],
        openapi_config=None,
        exception_handlers={HTTPException: _refused, HTTP_500_INTERNAL_SERVER_ERROR: _failed},
        # Lifespan and logging are the node's, not the framework's.
        logging_config=None,
        # Said here, since the framework else asks the environment: what breaks inside would be
        # shown to strangers, and a debugger would stop the server.
        debug=False,
        pdb_on_exception=False,
    )
    encoded = [(name.encode(), value.encode()) for name, value in headers.items()]
    whole = kept_whole(app)
    counted = whole if answered is None else counting(whole, answered)
    return files_first(secured(rated(counted), headers), files, encoded)


def _refused(request: Request[Any, Any, Any], why: HTTPException) -> Response[Any]:
    if request.url.path.startswith(f"{API}/"):
        # No route of it was found, so that its own handler is not asked.
        return problems.refused(request, why)
    if why.status_code == 404:
        return missing()
    text = f"{why.detail}\n".encode()
    # Such as `Allow` of a 405, which must be there (RFC 9110 15.5.6).
    headers = dict(why.headers or {})
    return Response(text, status_code=why.status_code, media_type=MediaType.TEXT, headers=headers)


def _failed(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """Say that something broke, without saying what; the log has it all."""
    if isinstance(error, InternalServerException) and error.detail == _LEFT:
        return Response(None, status_code=400)
    log.error("http_failed", path=_shown(request.url.path), exc_info=error)
    if request.url.path.startswith((f"{API}/", f"{HOOKS}/")):
        return problems.rejected(request, Reject(Code.INTERNAL))
    text = b"Something went wrong on the server.\n"
    return Response(text, status_code=500, media_type=MediaType.TEXT)


def _shown(path: str) -> str:
    """Return *path* as it may be logged: who has the rest of a webhook's writes by it."""
    return f"{HOOKS}/…" if path.startswith(f"{HOOKS}/") else path
