"""
Refusals over HTTP as programs read them: problem details (RFC 9457) with the socket's codes.

What a refusal looks like, and which status goes with which code. Who sends it is elsewhere: the
API, and the listener for what never reaches it.
"""

from typing import Final

from msgspec import UNSET, Struct, UnsetType

from conclave.protocol.errors import Code, Reject

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
    Code.CONFLICT: 409,
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
# Of what is refused before anybody knows what it is about; all others are `bad_request`.
_CODES: Final[dict[int, Code]] = {
    403: Code.FORBIDDEN,
    404: Code.NOT_FOUND,
    413: Code.TOO_LONG,
    414: Code.TOO_LONG,
    429: Code.RATE_LIMITED,
    500: Code.INTERNAL,
    503: Code.BUSY,
}


class Wrong(Struct, omit_defaults=True):
    """What is wrong with one value: a JSON pointer into the body, or a parameter's name."""

    detail: str
    pointer: str | UnsetType = UNSET
    parameter: str | UnsetType = UNSET


class Problem(Struct, omit_defaults=True):
    """The body; `type` is always `about:blank`, so it is left away."""

    title: str
    status: int
    detail: str
    code: str
    retryable: bool
    retry_after_ms: int | UnsetType = UNSET
    # Of a request that has not the shape it must have.
    errors: list[Wrong] | UnsetType = UNSET


def code_of(status: int) -> Code:
    """Return the code of what only a status is known of."""
    return _CODES.get(status, Code.BAD_REQUEST)


def problem(why: Reject, status: int, phrase: str) -> Problem:
    """Return how *why* is said with *status*, whose name is *phrase*."""
    return Problem(
        title=phrase,
        status=status,
        detail=why.message,
        code=why.code,
        retryable=why.retryable,
        retry_after_ms=UNSET if why.retry_after_ms is None else why.retry_after_ms,
    )
