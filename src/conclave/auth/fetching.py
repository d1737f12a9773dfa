"""
Asks another system over HTTP: https alone, bounded in time and bytes, and never sent elsewhere.

Whom it asks the operator says, who may stand in a network of theirs; where such a system points
is judged by the same rule. A redirect is an answer like any other, and refused.
"""

import asyncio
import json
import ssl
from base64 import b64encode
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple
from urllib.parse import quote_plus, urlencode, urlsplit

from conclave.settings.addresses import is_loopback

WITHIN_S: Final = 10.0
_MOST_BYTES: Final = 262_144


class CannotAsk(Exception):
    """A provider did not answer as it should; the text is for the log, and holds no secret."""


class Denied(CannotAsk):
    """It answered: no."""


MayAsk = Callable[[str], bool]


def may_ask(url: str, *, loopback: bool = False) -> bool:
    """Return whether a request may go to *url*; *loopback*: without TLS, too, if it stays here."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        good = parts.port != 0 and url.isascii() and url.isprintable() and " " not in url
    except ValueError:
        return False
    if not good or not host or "@" in parts.netloc or parts.fragment:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and loopback and is_loopback(host))


class Client(NamedTuple):
    """Who asks, as a provider knows it."""

    id: str
    secret: str | None
    in_form: bool = False


class Fetching:
    """Asks where *may* lets it; every failure is a `CannotAsk`."""

    def __init__(self, may: MayAsk, *, within: float = WITHIN_S) -> None:
        self._may = may
        self._within = within
        self._tls: ssl.SSLContext | None = None

    async def get(self, url: str, token: str | None = None) -> bytes:
        """Return what is at *url*, which *token* opens."""
        headers = {} if token is None else {"authorization": f"Bearer {token}"}
        status, body = await self._ask("GET", url, headers, b"")
        if status != 200:
            raise CannotAsk(f"it answered {status}")
        return body

    async def get_object(self, url: str, token: str | None = None) -> dict[str, Any]:
        return _object(await self.get(url, token))

    async def post(self, url: str, form: Mapping[str, str], client: Client) -> dict[str, Any]:
        """Send a *form* in the name of *client*, and return the answer; `Denied` if it is no."""
        said, headers = _as_client(form, client)
        headers["content-type"] = "application/x-www-form-urlencoded"
        status, body = await self._ask("POST", url, headers, urlencode(said).encode())
        if status != 200:
            kind = Denied if 400 <= status < 500 else CannotAsk
            raise kind(f"it answered {status}: {_error(body)}")
        return _object(body)

    async def _ask(
        self, method: str, url: str, headers: dict[str, str], body: bytes
    ) -> tuple[int, bytes]:
        if not self._may(url):
            raise CannotAsk("it names an address that is not https")
        try:
            async with asyncio.timeout(self._within):
                # Loaded with the first question: most servers ask nobody.
                await asyncio.to_thread(self._prepare)
                return await self._ask_now(method, url, headers, body)
        except TimeoutError:
            raise CannotAsk(f"it took longer than {self._within:g} s") from None

    def _prepare(self) -> None:
        import httpx  # noqa: F401

        # The certificates that this machine trusts, an organisation's own among them.
        self._tls = self._tls or ssl.create_default_context()

    async def _ask_now(
        self, method: str, url: str, headers: dict[str, str], body: bytes
    ) -> tuple[int, bytes]:
        import httpx

        assert self._tls is not None
        headers = {"accept": "application/json", "accept-encoding": "identity", **headers}
        try:
            # Nothing of the environment, such as proxies, and no cookies from one to the next.
            async with (
                httpx.AsyncClient(verify=self._tls, trust_env=False, timeout=None) as client,  # noqa: S113 - the whole has one
                client.stream(method, url, headers=headers, content=body or None) as answer,
            ):
                return answer.status_code, await _read(answer)
        except httpx.HTTPError as error:
            raise CannotAsk(f"it cannot be reached: {type(error).__name__}") from None


def _as_client(form: Mapping[str, str], client: Client) -> tuple[dict[str, str], dict[str, str]]:
    """Return the form and the headers that say who asks (RFC 6749 section 2.3.1)."""
    if client.secret is None:
        return {**form, "client_id": client.id}, {}
    if client.in_form:
        return {**form, "client_id": client.id, "client_secret": client.secret}, {}
    pair = f"{quote_plus(client.id)}:{quote_plus(client.secret)}".encode()
    return dict(form), {"authorization": f"Basic {b64encode(pair).decode()}"}


async def _read(answer: Any) -> bytes:
    body = bytearray()
    # What was packed would be larger than what is counted here.
    async for some in answer.aiter_raw():
        body += some
        if len(body) > _MOST_BYTES:
            raise CannotAsk("it answered more than 256 KiB")
    return bytes(body)


def _object(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
        # What has half a character in it is no text (RFC 7493 section 2.1): no store takes it.
        json.dumps(found, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise CannotAsk("it answered no JSON object")
    return found


def _error(body: bytes) -> str:
    """Return the code of an OAuth error: one word of a few, or nothing."""
    try:
        code = str(_object(body).get("error", ""))
    except CannotAsk:
        return "no reason"
    return code if code.isascii() and code.replace("_", "").isalnum() else "no reason"
