"""Applications beside the chat, and pages that show a room of it: what may be given."""

import re
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from conclave.settings.addresses import is_origin

_MOUNT: Final = re.compile(
    r"((?:/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+)=([A-Za-z_][\w.]*:[A-Za-z_]\w*)", re.ASCII
)
# What the chat answers itself.
OURS: Final = (
    "/api",
    "/assets",
    "/ws",
    "/embed",
    "/health",
    "/hooks",
    "/metrics",
    "/oidc",
    "/ready",
)
_OUR_FILES: Final = ("/service-worker.js",)

Named = Callable[[str], str]


class Mounted(NamedTuple):
    """An ASGI application, by its name, and the path that it answers below."""

    path: str
    app: str


def mounted(text: str) -> Mounted | None:
    """Return what `/path=package.module:app` says; None if it says no such thing."""
    found = _MOUNT.fullmatch(text)
    return None if found is None else Mounted(found[1], found[2])


def wrong_mounts(mounts: Sequence[str], named: Named) -> list[str]:
    """Say which of *mounts* cannot be, each with its fix."""
    found: list[str] = []
    before: list[str] = list(OURS + _OUR_FILES)
    for text in mounts:
        one = mounted(text)
        if one is None:
            found.append(
                f"{named('mount')} is {text!r}: write it as /path=package.module:app, "
                "the path in plain letters and without a slash at its end"
            )
            continue
        other = next((path for path in before if _overlap(path, one.path)), None)
        if other is not None:
            whose = "the chat answers" if other in OURS + _OUR_FILES else "another one answers"
            found.append(f"{named('mount')} is {text!r}: {whose} {other}; choose another path")
        before.append(one.path)
    return found


def _overlap(one: str, other: str) -> bool:
    return f"{one}/".startswith(f"{other}/") or f"{other}/".startswith(f"{one}/")


def wrong_embedders(origins: Sequence[str], named: Named) -> list[str]:
    """Say which of *origins* are none that a page may have."""
    return [
        f"{named('embed_origins')} is {origin!r}: give one origin, such as https://www.example.org"
        for origin in origins
        if origin == "null" or not is_origin(origin)
    ]
