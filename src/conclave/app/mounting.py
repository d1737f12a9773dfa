"""
Applications of the operator's own, below paths of this server: `--mount /app=module:app`.

Each gets the requests of its path and nothing else of the chat: not its cookies, which
would let it in as whoever comes. It lives as long as the node. It stands at the same origin
as the page all the same: whoever mounts it trusts it as they trust the chat.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, Final, NamedTuple, cast

import structlog
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from conclave.app.loading import load
from conclave.http.cookies import BEGUN, DEVICE, SESSION
from conclave.http.headers import secured
from conclave.settings import CannotStart
from conclave.settings.mounts import mounted

log = structlog.get_logger(__name__)

# Seconds that an application may take to stop.
_STOP_WITHIN: Final = 1.0
_LIFE: Final = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}}
_OURS: Final = tuple(
    f"{prefix}{name}".encode() for name in (SESSION, DEVICE, BEGUN) for prefix in ("", "__Host-")
)


class Mount(NamedTuple):
    """One of them: what it answers below, and what it has made for its requests."""

    path: str
    app: Any
    state: dict[str, Any]


@asynccontextmanager
async def mounts(texts: Sequence[str]) -> AsyncIterator[list[Mount]]:
    """Load and start what *texts* name, and stop it in the reverse order."""
    async with AsyncExitStack() as stack:
        found = []
        for text in texts:
            one = mounted(text)
            assert one is not None  # it was among the problems of the settings
            mount = Mount(one.path, load(one.app, "--mount"), {})
            if not callable(mount.app):
                raise CannotStart(f"--mount {text}: {one.app} is no ASGI application")
            await stack.enter_async_context(_alive(mount, text))
            found.append(mount)
        yield found


def with_mounts(site: ASGIApp, found: Sequence[Mount], headers: Mapping[str, str]) -> ASGIApp:
    """Return *site* with what was *found* below its paths; *headers* go with each answer."""
    if not found:
        return site
    ways = [(f"{one.path}/", one, secured(_guarded(one), headers)) for one in found]

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        path = f"{scope['path']}/"
        for start, one, app in ways:
            if path.startswith(start):
                await app(_theirs(scope, one), receive, send)
                return
        await site(scope, receive, send)

    return answer


def _theirs(scope: Scope, one: Mount) -> Scope:
    headers = [
        (name, _without_ours(value) if name == b"cookie" else value)
        for name, value in scope["headers"]
    ]
    own = {"root_path": one.path, "headers": headers, "state": dict(one.state)}
    return cast(Scope, {**scope, **own})


def _without_ours(cookies: bytes) -> bytes:
    kept = [one.strip() for one in cookies.split(b";") if not _is_ours(one)]
    return b"; ".join(kept)


def _is_ours(cookie: bytes) -> bool:
    return cookie.partition(b"=")[0].strip() in _OURS


def _guarded(one: Mount) -> ASGIApp:
    """Return its application: it sets no cookie of ours, and its failures are answered."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def send_theirs(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                fields = [
                    (name, value)
                    for name, value in message.get("headers", ())
                    if not (name.lower() == b"set-cookie" and _is_ours(value))
                ]
                message = cast(Message, {**message, "headers": fields})
            await send(message)

        try:
            await one.app(scope, receive, send_theirs)
        except Exception as error:
            log.error("mounted_failed", mount=one.path, exc_info=error)
            if started:
                raise
            await _failed(send)

    return answer


async def _failed(send: Send) -> None:
    body = b"Something went wrong on the server.\n"
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
    ]
    await send({"type": "http.response.start", "status": 500, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})


@asynccontextmanager
async def _alive(mount: Mount, text: str) -> AsyncIterator[None]:
    """Start *mount* and stop it; one that knows no lifespan (ASGI 2.0) just is."""
    told: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    asked: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    life = asyncio.create_task(
        mount.app({**_LIFE, "state": mount.state}, asked.get, told.put), name=f"mount {mount.path}"
    )
    try:
        said = await _say("startup", life, asked, told)
        if said.get("type") == "lifespan.startup.failed":
            why = said.get("message") or "it did not say why"
            raise CannotStart(f"--mount {text} did not start: {why}")
        yield
        try:
            async with asyncio.timeout(_STOP_WITHIN):
                await _say("shutdown", life, asked, told)
        except TimeoutError:
            log.warning("mount_not_stopped", mount=mount.path)
    finally:
        life.cancel()
        await asyncio.gather(life, return_exceptions=True)


async def _say(
    what: str,
    life: "asyncio.Task[None]",
    asked: "asyncio.Queue[dict[str, Any]]",
    told: "asyncio.Queue[dict[str, Any]]",
) -> dict[str, Any]:
    """Tell an application *what* happens; return its answer, empty if it gives none."""
    if life.done():
        return {}
    asked.put_nowait({"type": f"lifespan.{what}"})
    answer = asyncio.ensure_future(told.get())
    try:
        await asyncio.wait([life, answer], return_when=asyncio.FIRST_COMPLETED)
        return answer.result() if answer.done() else {}
    finally:
        # Also where the time is over before it has answered.
        answer.cancel()
