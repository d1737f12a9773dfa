"""
One provider asked: where a browser is sent, and what its code is worth when it comes back.

The code flow with PKCE (RFC 9700): the code goes over the browser, all that is secret does not.
"""

import asyncio
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import urlencode

from msgspec import UNSET

from conclave.auth.fetching import CannotAsk, Denied, Fetching
from conclave.auth.jws import Refused
from conclave.auth.oidc.begun import Begun
from conclave.auth.oidc.metadata import Discovery, Metadata
from conclave.auth.oidc.provider import Provider
from conclave.auth.oidc.tokens import Tokens
from conclave.protocol.account import BroughtBack
from conclave.protocol.errors import Reject

_MOST_TOKEN: Final = 16_384


class Flow:
    """Speaks with *provider*; failures are `CannotAsk`, and `Refused` for what is not good."""

    def __init__(
        self, provider: Provider, monotonic: Callable[[], float], wall: Callable[[], int]
    ) -> None:
        self.provider = provider
        self._fetching = Fetching(provider.may_ask)
        self._discovery = Discovery(provider, self._fetching, monotonic)
        self._tokens = Tokens(provider, self._discovery.keys, wall)

    async def close(self) -> None:
        await self._discovery.close()

    async def address(self, begun: Begun) -> str:
        """Return where the browser is to go."""
        metadata = await self._discovery.metadata()
        return await asyncio.to_thread(_address, self.provider, metadata, begun)

    async def claims(self, begun: Begun, brought: BroughtBack) -> dict[str, Any]:
        """Return what the provider says of who has come back with *brought*."""
        metadata = await self._discovery.metadata()
        self._examine_issuer(metadata, brought)
        if brought.error or not brought.code:
            raise Refused("the provider sent them back without a code")
        answer = await self._redeem(metadata, begun, brought.code)
        claims = await self._tokens.claims_of(_text(answer, "id_token"), begun.nonce)
        return await self._with_userinfo(metadata, claims, answer)

    async def _redeem(self, metadata: Metadata, begun: Begun, code: str) -> dict[str, Any]:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": begun.back_to,
            "code_verifier": begun.verifier,
        }
        try:
            return await self._fetching.post(metadata.token_endpoint, form, self.provider.client)
        except Denied as error:
            # Used before, of another client or browser, or too old: or the client is not known.
            raise Refused(f"the code is not taken: {error}") from None

    def _examine_issuer(self, metadata: Metadata, brought: BroughtBack) -> None:
        """Refuse what another provider has sent (mix-up, RFC 9207)."""
        said = brought.iss
        if said is None and not metadata.authorization_response_iss_parameter_supported:
            return
        if said != self.provider.issuer:
            raise Refused("it comes from another issuer")

    async def _with_userinfo(
        self, metadata: Metadata, claims: dict[str, Any], answer: dict[str, Any]
    ) -> dict[str, Any]:
        """Add what is asked for by the access token; what was signed counts more."""
        if metadata.userinfo_endpoint is UNSET or "access_token" not in answer:
            return claims
        token = _text(answer, "access_token")
        more = await self._fetching.get_object(metadata.userinfo_endpoint, token)
        if more.get("sub") != claims["sub"]:
            # It is of somebody else (Core 5.3.2).
            raise Refused("userinfo is of another subject")
        return {**more, **claims}

    async def logged_out(self, token: str) -> tuple[str | None, str | None, str]:
        return await self._tokens.logged_out(token)

    async def end_address(self, back_to: str) -> str:
        """Return where a browser signs out there, too; "" if there is no such place."""
        if not self.provider.sign_out_there:
            return ""
        try:
            there = (await self._discovery.metadata()).end_session_endpoint
        except (CannotAsk, Reject):
            # One is signed out here all the same.
            return ""
        if there is UNSET:
            return ""
        asked = {"client_id": self.provider.client_id, "post_logout_redirect_uri": back_to}
        return f"{there}{'&' if '?' in there else '?'}{urlencode(asked)}"


def _address(provider: Provider, metadata: Metadata, begun: Begun) -> str:
    # Loaded with the first sign-in; in a thread, as it takes a while.
    from authlib.oauth2.client import OAuth2Client

    client = OAuth2Client(
        None,
        client_id=provider.client_id,
        scope=" ".join(provider.scopes),
        redirect_uri=begun.back_to,
        code_challenge_method="S256",
    )
    url, _ = client.create_authorization_url(
        metadata.authorization_endpoint,
        state=begun.state,
        nonce=begun.nonce,
        code_verifier=begun.verifier,
    )
    return str(url)


def _text(answer: dict[str, Any], name: str) -> str:
    found = answer.get(name)
    if not isinstance(found, str) or not 0 < len(found) <= _MOST_TOKEN or not found.isascii():
        raise CannotAsk(f"its answer has no {name}")
    return found
