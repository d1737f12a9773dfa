"""
What every answer of this server carries for the safety of browsers.

`secured` puts them on whatever the application answers, so that no route can forget them;
a route that needs another value sends its own. Files of the page get them from `pages`, and
refusals that never reach the application from `server.http1`.
"""

from collections.abc import Mapping, Sequence
from typing import Final, cast

from litestar.types import ASGIApp, Message, Receive, Scope, Send

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
    "media-src 'self' blob:; font-src 'self'; connect-src 'self'; manifest-src 'self'; "
    "worker-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types worker"
)

SECURITY: Final = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "x-frame-options": "DENY",
}

# What of it means something for a script, a style sheet or a picture: they are public, and ruled
# by the policy of the page that asks for them.
SUBRESOURCE: Final = {"x-content-type-options": SECURITY["x-content-type-options"]}

# A year, this name alone: what else runs below it is not ours to decide (RFC 6797).
_HSTS: Final = {"strict-transport-security": "max-age=31536000"}


def security_headers(*, https: bool) -> dict[str, str]:
    """Return the headers; *https* says that people reach this server through TLS."""
    return SECURITY | _HSTS if https else dict(SECURITY)


def embedded(headers: Mapping[str, str], origins: Sequence[str]) -> dict[str, str]:
    """Return *headers* for a page that pages of *origins* may show inside of them, and no other."""
    framed = f"frame-ancestors {' '.join(origins)}"
    kept = {name: value for name, value in headers.items() if name != "x-frame-options"}
    return kept | {
        "content-security-policy": POLICY.replace("frame-ancestors 'none'", framed),
        # Pages that isolate themselves (COEP) show nothing else.
        "cross-origin-resource-policy": "cross-origin",
    }


def secured(app: ASGIApp, headers: Mapping[str, str]) -> ASGIApp:
    """Return *app* with *headers* on each of its answers that has none of that name."""
    encoded = [(name.encode(), value.encode()) for name, value in headers.items()]

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        async def send_secured(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = list(message["headers"])
                names = {name.lower() for name, _ in own}
                own += [header for header in encoded if header[0] not in names]
                message = cast(Message, {**message, "headers": own})
            await send(message)

        await app(scope, receive, send_secured)

    return answer
