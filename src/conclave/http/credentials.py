"""One's password, tokens for programs, and second factors."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

from litestar import Request, delete, get, post, put
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody

from conclave.http.callers import caller_of
from conclave.http.services import Services
from conclave.model import Act, Passkey, TokenInfo
from conclave.protocol.account import (
    ChangePassword,
    Confirm,
    NewPasskey,
    NewToken,
    PasskeyDetails,
    PasskeyMade,
    PasskeyQuestion,
    Passkeys,
    RecoveryCodes,
    Revoked,
    TokenDetails,
    TokenMade,
    Tokens,
    TotpBegun,
    TotpCode,
)
from conclave.protocol.errors import Code, Reject

Asked = Request[Any, Any, Any]
# What a route needs: see `callers`.
_TOKENS = {"act": Act.MANAGE_TOKENS}
_CREDENTIALS = {"act": Act.MANAGE_CREDENTIALS}


def credential_routes(services: Services) -> list[HTTPRouteHandler]:
    """Return the routes for what one comes in with."""
    return [
        *_password_routes(services),
        *_token_routes(services),
        *_code_routes(services),
        *_passkey_routes(services),
    ]


def _password_routes(services: Services) -> list[HTTPRouteHandler]:
    @put("/me/password", status_code=200, opt=_CREDENTIALS)
    async def change_password(data: JSONBody[ChangePassword], request: Asked) -> Revoked:
        return Revoked(await services.own.change_password(caller_of(request), data))

    @post("/me/confirm", status_code=204, opt=_CREDENTIALS)
    async def confirm(data: JSONBody[Confirm], request: Asked) -> None:
        await services.confirming.confirm(caller_of(request), data.password)

    return [change_password, confirm]


def _token_routes(services: Services) -> list[HTTPRouteHandler]:
    own = services.own

    @get("/tokens", opt=_TOKENS)
    async def tokens(request: Asked) -> Tokens:
        return Tokens([_token(one) for one in await own.tokens(caller_of(request))])

    @post("/tokens", status_code=201, opt=_TOKENS)
    async def make_token(data: JSONBody[NewToken], request: Asked) -> TokenMade:
        token, made = await own.make_token(caller_of(request), data)
        return TokenMade(token, _token(made))

    @delete("/tokens/{token:str}", status_code=204, opt=_TOKENS)
    async def revoke_token(token: FromPath[str], request: Asked) -> None:
        await own.revoke_token(caller_of(request), token)

    @delete("/tokens", status_code=200, opt=_TOKENS)
    async def revoke_tokens(request: Asked) -> Revoked:
        return Revoked(await own.revoke_tokens(caller_of(request)))

    return [tokens, make_token, revoke_token, revoke_tokens]


def _code_routes(services: Services) -> list[HTTPRouteHandler]:
    factors = services.factors

    @post("/me/totp", status_code=200, opt=_CREDENTIALS)
    async def begin_totp(data: JSONBody[Confirm], request: Asked) -> TotpBegun:
        caller = caller_of(request)
        await services.confirming.confirm(caller, data.password)
        return await factors.begin_totp(caller)

    @post("/me/totp/confirm", status_code=200, opt=_CREDENTIALS)
    async def confirm_totp(data: JSONBody[TotpCode], request: Asked) -> RecoveryCodes:
        return RecoveryCodes(await factors.confirm_totp(caller_of(request), data.code))

    @post("/me/totp/remove", status_code=204, opt=_CREDENTIALS)
    async def remove_totp(data: JSONBody[Confirm], request: Asked) -> None:
        caller = caller_of(request)
        await services.confirming.confirm(caller, data.password)
        await factors.remove_totp(caller)

    @post("/me/recovery", status_code=200, opt=_CREDENTIALS)
    async def renew_recovery(data: JSONBody[Confirm], request: Asked) -> RecoveryCodes:
        caller = caller_of(request)
        await services.confirming.confirm(caller, data.password)
        return RecoveryCodes(await factors.renew_recovery(caller))

    return [begin_totp, confirm_totp, remove_totp, renew_recovery]


def _passkey_routes(services: Services) -> list[HTTPRouteHandler]:
    factors = services.factors

    @get("/me/passkeys", opt=_CREDENTIALS)
    async def passkeys(request: Asked) -> Passkeys:
        return Passkeys([_passkey(one) for one in await factors.passkeys_of(caller_of(request))])

    @post("/me/passkeys/challenge", status_code=200, opt=_CREDENTIALS)
    async def ask_registration(data: JSONBody[Confirm], request: Asked) -> PasskeyQuestion:
        caller = caller_of(request)
        await services.confirming.confirm(caller, data.password)
        return PasskeyQuestion(await factors.ask_registration(caller))

    @post("/me/passkeys", status_code=201, opt=_CREDENTIALS)
    async def add_passkey(data: JSONBody[NewPasskey], request: Asked) -> PasskeyMade:
        made, codes = await factors.add_passkey(caller_of(request), data.name, data.passkey)
        return PasskeyMade(_passkey(made), codes)

    @post("/me/passkeys/{passkey:str}/remove", status_code=204, opt=_CREDENTIALS)
    async def remove_passkey(
        passkey: FromPath[str], data: JSONBody[Confirm], request: Asked
    ) -> None:
        caller = caller_of(request)
        await services.confirming.confirm(caller, data.password)
        await factors.remove_passkey(caller, _raw(passkey))

    return [passkeys, ask_registration, add_passkey, remove_passkey]


def _token(token: TokenInfo) -> TokenDetails:
    return TokenDetails(
        id=token.id,
        name=token.name,
        scopes=None if token.scopes is None else sorted(token.scopes),
        created_at=token.created_at,
        last_used_at=token.last_used_at,
        expires_at=token.expires_at,
    )


def _passkey(passkey: Passkey) -> PasskeyDetails:
    id_ = urlsafe_b64encode(passkey.id).decode().rstrip("=")
    return PasskeyDetails(id_, passkey.name, passkey.created_at, passkey.last_used_at)


def _raw(encoded: str) -> bytes:
    try:
        return urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))
    except ValueError:
        raise Reject(Code.NOT_FOUND) from None
