"""Answers that refuse, made of what is raised: see `protocol.problems`."""

from collections.abc import Iterator, Mapping
from http import HTTPStatus
from math import ceil
from typing import Any, Final

from litestar import Request, Response
from litestar.exceptions import HTTPException
from msgspec import UNSET

from conclave.protocol.errors import MESSAGES, Close, Code, Disconnect, Reject
from conclave.protocol.problems import MEDIA_TYPE, STATUSES, Problem, Wrong, code_of, problem

_QUOTES: Final = "Invalid enum value"
# The framework's word for it, which is a name in our code.
_NO_BODY: Final = "'data'"
_MOST_ERRORS: Final = 10
# A name in the path or the query may be anything.
_MOST_DETAIL: Final = 200


def rejected(_: Request[Any, Any, Any], why: Reject) -> Response[Problem]:
    return _answer(why, STATUSES.get(why.code, 400))


def disconnected(_: Request[Any, Any, Any], why: Disconnect) -> Response[Problem]:
    """Answer what ends a connection on the socket: here only a flood does."""
    code = Code.RATE_LIMITED if why.code == Close.RATE_LIMITED else Code.FORBIDDEN
    refusal = Reject(code, why.reason or None, retry_after_ms=10_000)
    return _answer(refusal, STATUSES[code])


def refused(_: Request[Any, Any, Any], why: HTTPException) -> Response[Problem]:
    """Answer what the framework refuses: a body of the wrong shape, a method that is not there."""
    code = code_of(why.status_code)
    # Its own words may quote what was sent.
    answer = _answer(Reject(code, MESSAGES[code]), why.status_code)
    answer.content.errors = list(_wrongs(why.extra))[:_MOST_ERRORS] or UNSET
    answer.headers.update(why.headers or {})
    return answer


def malformed(request: Request[Any, Any, Any], _: Exception) -> Response[Problem]:
    """Answer a body that the decoder gives up on in another way than by its own errors."""
    return rejected(request, Reject(Code.BAD_REQUEST))


def _wrongs(extra: Any) -> Iterator[Wrong]:
    """Yield what the framework says of each value, without the value."""
    for one in extra if isinstance(extra, list) else ():
        if isinstance(one, Mapping) and "message" in one:
            yield _wrong(str(one["message"]), str(one.get("key", "")), one.get("source") == "body")


def _wrong(said: str, key: str, in_body: bool) -> Wrong:
    detail = _QUOTES if said.startswith(_QUOTES) else said[:_MOST_DETAIL]
    detail = "Expected a body" if said == _NO_BODY else detail
    if not in_body:
        return Wrong(detail, parameter=key[:_MOST_DETAIL] or UNSET)
    # What the framework calls the body as a whole.
    key = "" if key == "data" else key
    steps = [step for step in key.replace("[", ".").replace("]", "").split(".") if step]
    return Wrong(detail, pointer="".join(f"/{step}" for step in steps))


def _answer(why: Reject, status: int) -> Response[Problem]:
    headers = {"cache-control": "no-store"}
    if why.retry_after_ms is not None:
        headers["retry-after"] = str(ceil(why.retry_after_ms / 1000))
    if status == 401:
        headers["www-authenticate"] = "Bearer"
    body = problem(why, status, HTTPStatus(status).phrase)
    return Response(body, status_code=status, media_type=MEDIA_TYPE, headers=headers)
