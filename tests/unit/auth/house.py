"""Another system on loopback: it answers as it is told, and remembers what it was asked."""

import asyncio
import json
from collections.abc import Callable
from typing import Any, NamedTuple, Self
from urllib.parse import parse_qsl, urlsplit

from jwt.algorithms import RSAAlgorithm
from tests.support.jwts import Issuer

# A status and a body.
Answer = tuple[int, bytes]


class Asked(NamedTuple):
    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode()))


class System:
    """Serves `answers` by path while it is entered; a path that is not there is a 404."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer | Callable[[], Answer]] = {}
        self.asked: list[Asked] = []
        # Of every answer.
        self.headers: dict[str, str] = {}
        # While it is not set, nothing is answered.
        self.awake = asyncio.Event()
        self.awake.set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self.awake.set()
        self._server.close()
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().strip().split("\r\n")
        method, path, _ = head.split(" ")
        headers = {name.lower(): value for name, _, value in (one.partition(": ") for one in lines)}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        self.asked.append(Asked(method, path, headers, body))
        await self.awake.wait()
        found = self.answers.get(urlsplit(path).path, (404, b""))
        status, said = found() if callable(found) else found
        more = "".join(f"{name}: {value}\r\n" for name, value in self.headers.items())
        writer.write(f"HTTP/1.1 {status} X\r\n{more}content-length: {len(said)}\r\n\r\n".encode())
        writer.write(said)
        writer.close()

    def say(self, path: str, value: Any, status: int = 200) -> None:
        self.answers[path] = (status, json.dumps(value).encode())


class House(System):
    """An OpenID provider, whose tokens say `claims`."""

    def __init__(self, signer: Issuer) -> None:
        super().__init__()
        self._signer = signer
        self.claims: dict[str, Any] = {}

    async def __aenter__(self) -> Self:
        await super().__aenter__()
        member = json.loads(RSAAlgorithm.to_jwk(self._signer.rsa.public_key()))
        self.say("/jwks", {"keys": [member]})
        self.describe()
        self.answers["/token"] = lambda: (200, json.dumps(self.tokens()).encode())
        return self

    def describe(self, **more: Any) -> None:
        """Say of itself what it is, and *more*; None takes something away."""
        said = {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/auth",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/jwks",
            **more,
        }
        said = {name: value for name, value in said.items() if value is not None}
        self.say("/.well-known/openid-configuration", said)

    def tokens(self) -> dict[str, Any]:
        return {"id_token": self.sign(self.claims)}

    def sign(self, claims: dict[str, Any], kind: str = "JWT") -> str:
        return self._signer.token(claims, {"alg": "RS256", "typ": kind}, signed_as="RS256")
