"""The certified `oidc-provider` as a process, and a browser that goes through its pages."""

import asyncio
import html
import json
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx
import pytest
from tests.support.page import Page

_ROOT = Path(__file__).parents[2]
_SCRIPT = Path(__file__).with_suffix(".cjs")
SECRET = "a secret of tests that is long enough"
PEOPLE: dict[str, dict[str, Any]] = {
    "u-ada": {
        "preferred_username": "ada",
        "name": "Ada Lovelace",
        "email": "ada@example.org",
        "email_verified": True,
        "groups": ["staff", "chiefs"],
    },
    "u-eve": {
        "preferred_username": "eve",
        "name": "Eve",
        "email": "ada@example.org",
        "email_verified": False,
        "groups": ["others"],
    },
    "u-bob": {
        "preferred_username": "ada",
        "name": "Ada Lovelace",
        "email": "bob@example.com",
        "email_verified": True,
        "groups": [],
    },
}


class Provider:
    """One that runs; `write` a file about it for the server, then `serve` what it knows."""

    def __init__(self, process: subprocess.Popen[str], port: int) -> None:
        self._process = process
        self.issuer = f"http://127.0.0.1:{port}"

    def write(self, folder: Path, id_: str = "house", **more: Any) -> Path:
        """Return a file about this provider, with *more* keys."""
        secret = folder / f"{id_}.secret"
        secret.write_text(SECRET)
        secret.chmod(0o600)
        keys = {
            "issuer": self.issuer,
            "client_id": "conclave",
            "name": "House",
            "client_secret_file": secret.name,
            "insecure_loopback": True,
            **more,
        }
        path = folder / f"{id_}.toml"
        path.write_text("".join(f"{key} = {json.dumps(value)}\n" for key, value in keys.items()))
        return path

    async def serve(
        self, origin: str, *, id_: str = "house", people: Mapping[str, Any] = PEOPLE
    ) -> None:
        """Know the server at *origin*, and *people*."""
        client = {
            "client_id": "conclave",
            "client_secret": SECRET,
            "redirect_uris": [f"{origin}/oidc/{id_}/callback"],
            "post_logout_redirect_uris": [f"{origin}/"],
            "backchannel_logout_uri": f"{origin}/api/v1/oidc/{id_}/logout",
            "backchannel_logout_session_required": True,
        }
        await asyncio.to_thread(self._say, json.dumps({"clients": [client], "people": people}))

    async def redeemed(self) -> int:
        """Return how often somebody has come to it with a code."""
        async with httpx.AsyncClient(trust_env=False, timeout=30) as client:
            return int((await client.get(f"{self.issuer}/redeemed")).text)

    def _say(self, line: str) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(line, file=self._process.stdin, flush=True)
        # It has words of its own, such as about what it is asked to do on loopback.
        while (said := self._process.stdout.readline()) != "ready\n":
            assert said


@contextmanager
def oidc_provider() -> Iterator[Provider]:
    node = shutil.which("node")
    if node is None or not (_ROOT / "node_modules/oidc-provider").is_dir():
        pytest.skip("no oidc-provider here: apt install nodejs npm, and make dev")
    process = subprocess.Popen(
        [node, str(_SCRIPT)],
        cwd=_ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert process.stdout is not None
        yield Provider(process, int(process.stdout.readline()))
    finally:
        process.kill()
        process.communicate()


class Visitor:
    """A browser that is at the provider: with its cookies, and forms that it fills in."""

    def __init__(self) -> None:
        self._client = httpx.AsyncClient(trust_env=False, timeout=30)

    async def __aenter__(self) -> "Visitor":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.aclose()

    async def go(self, url: str, login: str) -> dict[str, str]:
        """Sign in as *login*, agree to all; return what the address of return has in it."""
        answer = await self._client.get(url)
        for _ in range(12):
            if answer.is_redirect:
                url = urljoin(str(answer.url), answer.headers["location"])
                if "/oidc/" in urlsplit(url).path:
                    return {
                        name: values[0] for name, values in parse_qs(urlsplit(url).query).items()
                    }
                answer = await self._client.get(url)
            else:
                answer = await self._fill_in(answer, login)
        raise AssertionError(answer.text)

    async def _fill_in(self, answer: httpx.Response, login: str) -> httpx.Response:
        text = answer.text
        action = re.search(r'<form[^>]*action="([^"]+)"', text)
        assert action is not None, text
        hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', text)
        form = {name: html.unescape(value) for name, value in hidden}
        if form.get("prompt") == "login":
            form |= {"login": login, "password": "anything"}
        url = urljoin(str(answer.url), html.unescape(action[1]))
        return await self._client.post(url, data=form)

    async def leave(self, issuer: str) -> None:
        """Sign out at the provider."""
        answer = await self._client.get(f"{issuer}/session/end")
        code = re.search(r'name="xsrf" value="([^"]+)"', answer.text)
        assert code is not None, answer.text
        form = {"xsrf": code[1], "logout": "yes"}
        await self._client.post(f"{issuer}/session/end/confirm", data=form)


async def begin(page: Page, id_: str = "house") -> str:
    """Begin on *page*; return where its browser is sent."""
    answer = await page.ask("POST", f"/oidc/{id_}/begin")
    assert answer.status == 200, answer
    return str(answer.json["url"])


async def come_in(page: Page, login: str, id_: str = "house") -> Any:
    """Sign in as *login* with a browser that has never been there; return the answer."""
    async with Visitor() as visitor:
        brought = await visitor.go(await begin(page, id_), login)
    return await page.ask("POST", f"/oidc/{id_}/finish", brought)
