"""Refusals over HTTP: problem details (RFC 9457) with the codes that the socket has."""

from http import HTTPStatus
from math import ceil
from typing import Any, Final

from litestar import Request, Response
from litestar.exceptions import HTTPException
from msgspec import UNSET, Struct, UnsetType

from conclave.protocol.errors import MESSAGES, Close, Code, Disconnect, Reject

MEDIA_TYPE: Final = "application/problem+json"

# All others are 400.
STATUSES: Final[dict[str, int]] = {
    Code.AUTH_REQUIRED: 401,
    Code.AUTH_FAILED: 401,
    Code.FORBIDDEN: 403,
    Code.PASSWORD_REQUIRED: 403,
    Code.BANNED: 403,
    Code.MUTED: 403,
    Code.NOT_IN_ROOM: 403,
    Code.NOT_FOUND: 404,
    Code.NO_SUCH_ROOM: 404,
    Code.NO_SUCH_MESSAGE: 404,
    Code.NO_SUCH_USER: 404,
    Code.UNKNOWN_TYPE: 404,
    Code.NAME_TAKEN: 409,
    Code.ROOM_EXISTS: 409,
    Code.ROOM_FULL: 409,
    Code.ID_REUSED: 409,
    Code.ARCHIVED: 409,
    Code.TOO_MANY_ROOMS: 409,
    Code.TOO_LARGE: 413,
    Code.BAD_FILE: 415,
    Code.TOO_LONG: 422,
    Code.NO_SPACE: 507,
    Code.RATE_LIMITED: 429,
    Code.INTERNAL: 500,
    Code.BUSY: 503,
    Code.UNAVAILABLE: 503,
}
# What the framework refuses by itself.
_CODES: Final[dict[int, Code]] = {
    404: Code.NOT_FOUND,
    405: Code.BAD_REQUEST,
    413: Code.TOO_LONG,
    415: Code.BAD_REQUEST,
    500: Code.INTERNAL,
}


class Problem(Struct):
    """The body; `type` is always `about:blank`, so it is left away."""

    title: str
    status: int
    detail: str
    code: str
    retryable: bool
    retry_after_ms: int | UnsetType = UNSET


def rejected(_: Request[Any, Any, Any], why: Reject) -> Response[Problem]:
    return _answer(why, STATUSES.get(why.code, 400))


def disconnected(_: Request[Any, Any, Any], why: Disconnect) -> Response[Problem]:
    """Answer what ends a connection on the socket: here only a flood does."""
    code = Code.RATE_LIMITED if why.code == Close.RATE_LIMITED else Code.FORBIDDEN
    refusal = Reject(code, why.reason or None, retry_after_ms=10_000)
    return _answer(refusal, STATUSES[code])


def refused(_: Request[Any, Any, Any], why: HTTPException) -> Response[Problem]:
    """Answer what the framework refuses: a body of the wrong shape, a method that is not there."""
    code = _CODES.get(why.status_code, Code.BAD_REQUEST)
    # Its own words may quote what was sent.
    answer = _answer(Reject(code, MESSAGES[code]), why.status_code)
    answer.headers.update(why.headers or {})
    return answer


def malformed(request: Request[Any, Any, Any], _: Exception) -> Response[Problem]:
    """Answer a body that the decoder gives up on in another way than by its own errors."""
    return rejected(request, Reject(Code.BAD_REQUEST))


def _answer(why: Reject, status: int) -> Response[Problem]:
    problem = Problem(
        title=HTTPStatus(status).phrase,
        status=status,
        detail=why.message,
        code=why.code,
        retryable=why.retryable,
        retry_after_ms=UNSET if why.retry_after_ms is None else why.retry_after_ms,
    )
    headers = {"cache-control": "no-store"}
    if why.retry_after_ms is not None:
        headers["retry-after"] = str(ceil(why.retry_after_ms / 1000))
    if status == 401:
        headers["www-authenticate"] = "Bearer"
    return Response(problem, status_code=status, media_type=MEDIA_TYPE, headers=headers)
