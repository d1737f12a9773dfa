"""
Webhooks over HTTP: looked after under `/api/v1/webhooks`, written by under `/hooks`.

The guard of the API asks what can be said without the room; the store asks the rest.
"""

from collections.abc import Callable
from typing import Annotated, Any, Final
from urllib.parse import parse_qs

from litestar import Request, Response, Router, delete, get, patch, post
from litestar.exceptions import HTTPException
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import UNSET

from conclave.http.admin.asking import PAGE, Asked, Limit, Text, by
from conclave.http.callers import place_of
from conclave.http.once import OnceRouter
from conclave.http.problems import disconnected, malformed, refused, rejected
from conclave.model import Act, OutgoingHook
from conclave.office import Hooks, Incoming
from conclave.protocol.errors import Code, Disconnect, Reject
from conclave.protocol.hooks import (
    ChangedOutgoing,
    DeadLetters,
    MadeCommand,
    MadeIncoming,
    MadeOutgoing,
    NewCommand,
    NewIncoming,
    NewOutgoing,
    Resent,
    Webhooks,
    Written,
)

PATH: Final = "/hooks"
_BODY_BYTES: Final = 65_536
_FORM: Final = "application/x-www-form-urlencoded"
# What else of the two names of it a program may know.
_KEYS: Final = ("idempotency-key", "webhook-id")

_HOOK = {"act": Act.HOOK}

MaybeRoom = Annotated[str | None, QueryParameter(max_length=128)]


def webhook_routes(hooks: Hooks, page: Callable[[], str]) -> list[HTTPRouteHandler]:
    """Return the routes by which they are looked after; *page* says where this server is."""
    return [*_incoming(hooks, page), *_commands(hooks), *_outgoing(hooks), *_dead(hooks)]


def _incoming(hooks: Hooks, page: Callable[[], str]) -> list[HTTPRouteHandler]:
    @get("/webhooks", opt=_HOOK)
    async def list_hooks(request: Asked, room: MaybeRoom = None) -> Webhooks:
        who = by(request)
        commands = await hooks.commands(room, who)
        outgoing = await hooks.outgoing(room, who)
        return Webhooks(await hooks.incoming(room, who), outgoing, commands)

    @post("/webhooks/incoming", status_code=201, opt=_HOOK)
    async def make(data: JSONBody[NewIncoming], request: Asked) -> MadeIncoming:
        secret, hook = await hooks.make_incoming(data.room, data.name, by(request))
        return MadeIncoming(f"{page()}{PATH}/{secret}", hook)

    @delete("/webhooks/incoming/{hook:str}", status_code=204, opt=_HOOK)
    async def revoke(hook: FromPath[str], request: Asked) -> None:
        await hooks.revoke_incoming(hook, by(request))

    return [list_hooks, make, revoke]


def _commands(hooks: Hooks) -> list[HTTPRouteHandler]:
    @post("/webhooks/commands", status_code=201, opt=_HOOK)
    async def make(data: JSONBody[NewCommand], request: Asked) -> MadeCommand:
        command = (data.command, data.about, data.hint)
        made = hooks.make_command(data.room, command, data.name, data.url, by(request))
        return MadeCommand(*await made)

    @delete("/webhooks/commands/{hook:str}", status_code=204, opt=_HOOK)
    async def revoke(hook: FromPath[str], request: Asked) -> None:
        await hooks.revoke_command(hook, by(request))

    return [make, revoke]


def _outgoing(hooks: Hooks) -> list[HTTPRouteHandler]:
    @post("/webhooks/outgoing", status_code=201, opt=_HOOK)
    async def make(data: JSONBody[NewOutgoing], request: Asked) -> MadeOutgoing:
        room = None if data.room is UNSET else data.room
        made = hooks.make_outgoing(room, data.name, data.url, data.kinds, by(request))
        return MadeOutgoing(*await made)

    @patch("/webhooks/outgoing/{hook:str}", opt=_HOOK)
    async def change(
        hook: FromPath[str], data: JSONBody[ChangedOutgoing], request: Asked
    ) -> OutgoingHook:
        return await hooks.enable(hook, data.enabled, by(request))

    @delete("/webhooks/outgoing/{hook:str}", status_code=204, opt=_HOOK)
    async def revoke(hook: FromPath[str], request: Asked) -> None:
        await hooks.revoke_outgoing(hook, by(request))

    return [make, change, revoke]


def _dead(hooks: Hooks) -> list[HTTPRouteHandler]:
    @get("/webhooks/outgoing/{hook:str}/dead", opt=_HOOK)
    async def letters(
        hook: FromPath[str], request: Asked, after: Text = "", limit: Limit = PAGE
    ) -> DeadLetters:
        found = await hooks.dead_letters(hook, by(request), after=after, limit=limit + 1)
        return DeadLetters(found[:limit], more=len(found) > limit)

    @post("/webhooks/outgoing/{hook:str}/dead/{letter:str}", status_code=200, opt=_HOOK)
    async def resend(hook: FromPath[str], letter: FromPath[str], request: Asked) -> Resent:
        answer = await hooks.resend(hook, letter, by(request))
        return Resent(sent=not answer, answer=answer)

    @delete("/webhooks/outgoing/{hook:str}/dead/{letter:str}", status_code=204, opt=_HOOK)
    async def drop(hook: FromPath[str], letter: FromPath[str], request: Asked) -> None:
        await hooks.drop(hook, letter, by(request))

    @post("/webhooks/outgoing/{hook:str}/test", status_code=200, opt=_HOOK)
    async def test(hook: FromPath[str], request: Asked) -> Resent:
        answer = await hooks.test(hook, by(request))
        return Resent(sent=not answer, answer=answer)

    return [letters, resend, drop, test]


def posting_router(incoming: Incoming) -> Router:
    """Return where programs write by a webhook: they have no token but the address."""

    @post("/{secret:str}", status_code=200)
    async def write(secret: FromPath[str], request: Request[Any, Any, Any]) -> Response[Any]:
        form = request.headers.get("content-type", "").partition(";")[0].strip().lower() == _FORM
        body = await request.body()
        key = next((request.headers[name] for name in _KEYS if name in request.headers), "")
        payload = _payload(body) if form else body
        done = await incoming.post(secret, payload, key, place_of(request).address)
        return Response(Written(done.room, done.seq, done.id, done.timestamp))

    return OnceRouter(
        PATH,
        route_handlers=[write],
        exception_handlers={
            Reject: rejected,
            Disconnect: disconnected,
            HTTPException: refused,
            RecursionError: malformed,
            UnicodeDecodeError: malformed,
        },
        request_max_body_size=_BODY_BYTES,
    )


def _payload(body: bytes) -> bytes:
    """Return the JSON that stands in the field `payload` of a form, as Slack takes it, too."""
    try:
        found = parse_qs(body.decode(), max_num_fields=10).get("payload", [])
    except ValueError:
        found = []
    if not found:
        raise Reject(Code.BAD_REQUEST, "The form has no field «payload»")
    return found[0].encode()
