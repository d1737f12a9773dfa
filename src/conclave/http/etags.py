"""Tags of answers, so that who has one is told that it is still right instead of sent it again."""

import hashlib
from typing import Any, TypeVar

import msgspec
from litestar import Request, Response

T = TypeVar("T")


def tagged(
    request: Request[Any, Any, Any], data: T, headers: dict[str, str] | None = None
) -> Response[T]:
    """Return *data* with its tag, or 304 to who has it; *headers* go with both."""
    tag = f'"{hashlib.sha256(msgspec.json.encode(data)).hexdigest()[:32]}"'
    known = request.headers.get("if-none-match", "")
    fields = {"etag": tag, **(headers or {})}
    if tag in (one.strip().removeprefix("W/") for one in known.split(",")):
        empty: Response[Any] = Response(None, status_code=304, headers=fields)
        return empty
    return Response(data, headers=fields)
