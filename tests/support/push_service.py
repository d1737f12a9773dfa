"""
A push service on loopback, and browsers that subscribe to it, with keys of their own.

It takes what is posted, checks who sent it, and keeps it; a browser decrypts its own.
"""

import asyncio
import base64
import json
import os
from dataclasses import dataclass, field
from typing import Any, Self

import http_ece
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from py_vapid import Vapid02


def text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def data_of(text_: str) -> bytes:
    return base64.urlsafe_b64decode(text_ + "=" * (-len(text_) % 4))


@dataclass
class Got:
    path: str
    headers: dict[str, str]
    body: bytes
    at: float


@dataclass
class PushService:
    """Serves while the context lasts; `answers` are the statuses to come, then 201."""

    answers: list[int] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    # What each answer says.
    says: bytes = b""
    got: list[Got] = field(default_factory=list)
    # While it is not set nothing is answered.
    answering: asyncio.Event = field(default_factory=asyncio.Event)

    async def __aenter__(self) -> Self:
        self.answering.set()
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._take)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        (at,) = self._runner.addresses
        self.port = at[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self.answering.set()
        await asyncio.sleep(0.05)
        await self._runner.cleanup()

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def _take(self, request: web.Request) -> web.Response:
        body = await request.read()
        now = asyncio.get_running_loop().time()
        lower = {name.lower(): value for name, value in request.headers.items()}
        self.got.append(Got(request.path, lower, body, now))
        await self.answering.wait()
        status = self.answers.pop(0) if self.answers else 201
        return web.Response(status=status, headers=self.headers, body=self.says)

    async def until(self, count: int, within: float = 20.0) -> None:
        async with asyncio.timeout(within):
            while len(self.got) < count:
                await asyncio.sleep(0.01)


class Browser:
    """One that has subscribed at *service*, and can read what comes for it."""

    def __init__(self, service: PushService, name: str = "browser") -> None:
        self.service = service
        self.path = f"/push/{name}"
        self.endpoint = service.origin + self.path
        self._private = generate_private_key(SECP256R1())
        self._auth = os.urandom(16)

    def subscription(self, **more: Any) -> dict[str, Any]:
        point = self._private.public_key().public_bytes(
            Encoding.X962, PublicFormat.UncompressedPoint
        )
        keys = {"p256dh": text(point), "auth": text(self._auth)}
        return {"endpoint": self.endpoint, **keys, **more}

    def read(self, got: Got) -> dict[str, Any]:
        """Decrypt what the service *got* for this browser."""
        assert got.headers["content-encoding"] == "aes128gcm"
        clear = http_ece.decrypt(
            got.body, private_key=self._private, auth_secret=self._auth, version="aes128gcm"
        )
        found: dict[str, Any] = json.loads(clear)
        return found

    @property
    def told(self) -> list[dict[str, Any]]:
        return [self.read(one) for one in self.service.got if one.path == self.path]


def signed_by(got: Got, key: str) -> dict[str, Any]:
    """Return the claims that *key* has signed; raises for another's signature."""
    scheme, _, rest = got.headers["authorization"].partition(" ")
    assert scheme == "vapid"
    parts = dict(part.strip().split("=", 1) for part in rest.split(","))
    assert parts["k"] == key
    assert Vapid02.verify(got.headers["authorization"])
    claims = parts["t"].split(".")[1]
    found: dict[str, Any] = json.loads(data_of(claims))
    return found
