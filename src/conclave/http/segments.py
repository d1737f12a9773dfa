"""
Paths in which a name may have a slash: `/rooms/a%2Fb` is one room.

By the time the router sees a path `%2F` is a slash in it. Below `PREFIXES` each segment is decoded
by itself instead, and what would divide it stays escaped; `name_of` makes a name of it.
"""

from typing import Final
from urllib.parse import quote, unquote

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Receive, Scope, Send

_API: Final = "/api/v1"
PREFIXES: Final = tuple(f"{_API}/{one}/" for one in ("rooms", "users", "reports", "me/ignored"))


def kept_whole(app: ASGIApp) -> ASGIApp:
    """Return *app* with the paths of which some segments may hold a slash."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == ScopeType.HTTP and scope["path"].startswith(PREFIXES):
            raw = scope["raw_path"].decode("latin-1")
            scope["path"] = "/".join(map(_decoded, raw.partition("?")[0].split("/")))
        await app(scope, receive, send)

    return answer


def _decoded(segment: str) -> str:
    if "%" not in segment:
        return segment
    return unquote(segment).replace("%", "%25").replace("/", "%2F")


def name_of(segment: str) -> str:
    """Return the name that a segment of such a path is."""
    return segment.replace("%2F", "/").replace("%25", "%")


def segment_of(name: str) -> str:
    """Return *name* as a segment of a URL."""
    return quote(name, safe="")
