"""What a browser does over HTTP, by hand: cookies, Origin, the CSRF header; right and wrong."""

import asyncio
import json
from http.cookies import SimpleCookie
from typing import Any, NamedTuple, Protocol

from conclave.auth.links import make_link
from conclave.model import LinkKind, Role
from conclave.testing.node import Server


class Answer(NamedTuple):
    status: int
    headers: list[tuple[str, str]]
    content: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.content)

    @property
    def code(self) -> str | None:
        """The code of a refusal; None: it was none."""
        return None if self.status < 400 else self.json["code"]

    def values(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key == name]


class Listening(Protocol):
    """A server, in this process or in one of its own."""

    @property
    def port(self) -> int: ...


class Page:
    """
    One browser with one page of *server*'s; `browser=False`: a program without an Origin.

    *address* is the loopback address it comes from, such as `127.0.0.2`.
    """

    def __init__(
        self, server: Listening, *, address: str = "127.0.0.1", browser: bool = True
    ) -> None:
        self._server = server
        self._address = address
        self.origin = f"http://127.0.0.1:{server.port}" if browser else ""
        self.cookies: dict[str, str] = {}
        self.csrf = ""
        self.agent = "Firefox"

    async def ask(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        raw: bytes | None = None,
        **headers: str | None,
    ) -> Answer:
        """Send one request; a header given as None is left away, `_` stands for `-`."""
        content = raw if raw is not None else b"" if body is None else json.dumps(body).encode()
        sent = self._headers(method, content) | {
            name.replace("_", "-"): value for name, value in headers.items()
        }
        lines = "".join(f"{n}: {v}\r\n" for n, v in sent.items() if v is not None)
        request = f"{method} /api/v1{path} HTTP/1.1\r\n{lines}\r\n".encode() + content
        answer = await self._exchange(request)
        self._remember(answer)
        return answer

    def _headers(self, method: str, content: bytes) -> dict[str, str | None]:
        sent: dict[str, str | None] = {
            "host": f"127.0.0.1:{self._server.port}",
            "user-agent": self.agent,
            "connection": "close",
            "content-length": str(len(content)),
        }
        if content:
            sent["content-type"] = "application/json"
        if self.origin and method != "GET":
            sent["origin"] = self.origin
        if self.cookies:
            sent["cookie"] = "; ".join(f"{n}={v}" for n, v in self.cookies.items())
        if self.csrf:
            sent["x-csrf-token"] = self.csrf
        return sent

    async def _exchange(self, request: bytes) -> Answer:
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", self._server.port, local_addr=(self._address, 0)
        )
        try:
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            content = await reader.read()
        finally:
            writer.close()
        lines = head.decode("latin-1").split("\r\n")
        pairs = [line.partition(":") for line in lines[1:] if line]
        fields = [(name.lower(), value.strip()) for name, _, value in pairs]
        return Answer(int(lines[0].split()[1]), fields, content)

    def _remember(self, answer: Answer) -> None:
        for line in answer.values("set-cookie"):
            for name, morsel in SimpleCookie(line).items():
                if morsel["max-age"] == "0":
                    self.cookies.pop(name, None)
                else:
                    self.cookies[name] = morsel.value
        if answer.status == 200 and answer.values("content-type") == ["application/json"]:
            self.csrf = answer.json.get("csrf") or self.csrf

    async def sign_in(self, name: str, password: str) -> Answer:
        return await self.ask("POST", "/sessions", {"name": name, "password": password})

    async def ticket(self) -> str:
        return (await self.ask("POST", "/tickets")).json["ticket"]


GOOD = "four words of mine"


async def invited(
    server: Server, name: str, role: Role = Role.USER, password: str = GOOD, **page: Any
) -> Page:
    """Let somebody come in by an invitation; return their page, signed in."""
    secret, _ = await make_link(server.node.accounts, LinkKind.INVITE, created_by="root", role=role)
    made = Page(server, **page)
    asked = {"token": secret, "name": name, "password": password}
    answer = await made.ask("POST", "/links/accept", asked)
    assert answer.status == 200, answer
    return made
