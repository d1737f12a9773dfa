"""
How much a caller may still do, said with each answer: `RateLimit` and `RateLimit-Policy`.

As draft-ietf-httpapi-ratelimit-headers says it: of each allowance that a request is taken from
how many there are in how many seconds, how many are left, and when all are there again.
"""

from collections.abc import Mapping
from math import ceil, floor
from typing import Any, Final, cast

from litestar.types import ASGIApp, Message, Receive, Scope, Send

from conclave.core.bucket import Left

_KEY: Final = "conclave.allowances"


def note(state: Mapping[str, Any], name: str, left: Left | None) -> None:
    """Let the answer to the request of this *state* say what is *left* of an allowance."""
    if left is not None:
        cast(dict[str, Any], state).setdefault(_KEY, {})[name] = left


def rated(app: ASGIApp) -> ASGIApp:
    """Return *app* with what was noted of a request in the headers of its answer."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        async def send_rated(message: Message) -> None:
            if message["type"] == "http.response.start" and (kept := _kept(scope)):
                message = cast(
                    Message, {**message, "headers": [*message["headers"], *_headers(kept)]}
                )
            await send(message)

        await app(scope, receive, send_rated)

    return answer


def _kept(scope: Scope) -> dict[str, Left]:
    found: dict[str, Left] = scope.get("state", {}).get(_KEY, {})
    return found


def _headers(kept: dict[str, Left]) -> list[tuple[bytes, bytes]]:
    policies = [
        f'"{name}";q={floor(left.most)};w={ceil(left.within)}' for name, left in kept.items()
    ]
    now = [f'"{name}";r={floor(left.now)};t={ceil(left.whole_in)}' for name, left in kept.items()]
    return [
        (b"ratelimit-policy", ", ".join(policies).encode()),
        (b"ratelimit", ", ".join(now).encode()),
    ]
