"""
Signing in by a provider: begun here, finished with what a browser brings back, ended there.

What goes wrong is one of a few codes to the other side, so that nobody learns which check it
was or who exists; the log and the audit log say more.
"""

from collections.abc import Collection, Sequence
from typing import Final, NamedTuple

import structlog

from conclave.auth.fetching import CannotAsk
from conclave.auth.jws import Refused
from conclave.auth.oidc.begun import Beginnings, Begun
from conclave.auth.oidc.flow import Flow
from conclave.auth.oidc.people import People
from conclave.auth.sessions import Gone
from conclave.auth.signing_in import Entered, SigningIn
from conclave.auth.tokens import digest
from conclave.model import STRANGER, Action, Caller, Linked, Note, Place, TokenInfo, Via, details
from conclave.ports import Audit, Identities
from conclave.protocol.account import BroughtBack, FactorWanted
from conclave.protocol.errors import Code, Reject

log = structlog.get_logger("conclave.auth")

NOT_GOOD: Final = "Signing in there did not work: try it once more"
_NO_ANSWER_MS: Final = 5_000
# Ids of logout tokens that were taken; the oldest goes.
_MOST_TAKEN: Final = 10_000


class Begins(NamedTuple):
    """Where the browser goes, and the cookie that it takes along."""

    url: str
    cookie: str


class ByProvider:
    """Lets people in whom one of *flows* vouches for; every refusal is a `Reject`."""

    def __init__(
        self,
        flows: Sequence[Flow],
        beginnings: Beginnings,
        people: People,
        identities: Identities,
        signing_in: SigningIn,
        audit: Audit,
        gone: Gone,
    ) -> None:
        self._flows = {flow.provider.id: flow for flow in flows}
        self._by_issuer = {flow.provider.issuer: flow for flow in flows}
        self._beginnings = beginnings
        self._people = people
        self._identities = identities
        self._signing_in = signing_in
        self._audit = audit
        self._gone = gone
        self._taken: dict[bytes, None] = {}

    def _flow(self, provider: str) -> Flow:
        flow = self._flows.get(provider)
        if flow is None:
            raise Reject(Code.NOT_FOUND)
        return flow

    # ── coming in ──

    async def begin(self, provider: str, origin: str, caller: Caller | None = None) -> Begins:
        """
        Return where the browser is to go, whose page is of *origin*.

        With a *caller* it links their account, which nobody does but they in this session.
        """
        flow = self._flow(provider)
        session = None if caller is None else caller.session
        if caller is not None and session is None:
            raise Reject(Code.FORBIDDEN, "A token links nothing: do it on the page")
        begun, cookie = self._beginnings.begin(
            provider,
            f"{origin}{callback(provider)}",
            user=None if session is None else session.user.id,
            session=None if session is None else session.id,
        )
        try:
            return Begins(await flow.address(begun), cookie)
        except CannotAsk as error:
            raise self._silent(flow, error) from None

    async def finish(
        self, provider: str, cookie: str, brought: BroughtBack, place: Place
    ) -> Entered | FactorWanted:
        """Let in who has come back; raises `auth_failed` and `unavailable`."""
        flow = self._flow(provider)
        try:
            begun = self._took(provider, cookie, brought)
            if begun.user is not None:
                raise Refused("it was begun to link an account")
            claims = await flow.claims(begun, brought)
            user = await self._people.enter(flow.provider, claims, place)
            sid = claims.get("sid")
            via = Via(issuer=flow.provider.issuer, sid=sid if isinstance(sid, str) else None)
            return await self._signing_in.vouched(user, via, place, f"oidc {provider}")
        except Refused as why:
            raise self._refused(flow, why, place) from None
        except CannotAsk as error:
            raise self._silent(flow, error) from None

    async def link(self, provider: str, cookie: str, brought: BroughtBack, caller: Caller) -> None:
        """Link the caller's account with who has come back."""
        flow = self._flow(provider)
        try:
            begun = self._took(provider, cookie, brought)
            mine = caller.session is not None and begun.session == caller.session.id
            if not mine or begun.user != caller.identity.user:
                raise Refused("another session has begun it")
            claims = await flow.claims(begun, brought)
            await self._people.link(flow.provider, claims, begun.user, caller.place)
        except Refused as why:
            raise self._refused(flow, why, caller.place) from None
        except CannotAsk as error:
            raise self._silent(flow, error) from None

    def _took(self, provider: str, cookie: str, brought: BroughtBack) -> Begun:
        begun = self._beginnings.take(cookie, brought.state, provider)
        if begun is None:
            raise Refused("this browser has begun no such sign-in")
        return begun

    async def linked(self, caller: Caller) -> list[tuple[str, str, Linked | None]]:
        """Return id and name of each provider, and whether one enters by it."""
        found = {one.claimed.issuer: one for one in await self._identities.of(caller.identity.user)}
        return [
            (flow.provider.id, flow.provider.name, found.get(flow.provider.issuer))
            for flow in self._flows.values()
        ]

    async def unlink(self, provider: str, caller: Caller) -> None:
        """Let the caller's account be entered by it no more; raises `not_found`, `forbidden`."""
        flow = self._flow(provider)
        await self._people.unlink(flow.provider, caller.identity.user, caller.place)

    # ── going ──

    async def end_address(self, session: TokenInfo, origin: str) -> str:
        """Return where the browser signs out of the provider, too, that it came in by; or ""."""
        flow = self._by_issuer.get(session.issuer or "")
        return "" if flow is None else await flow.end_address(f"{origin}/")

    async def logged_out(self, provider: str, token: str, place: Place) -> None:
        """End the sessions that a provider's logout token names; raises `bad_request`."""
        flow = self._flow(provider)
        try:
            subject, sid, jti = await flow.logged_out(token)
        except Refused as why:
            self._log_refused(flow, why)
            raise Reject(Code.BAD_REQUEST, "This is no logout token for this server") from None
        self._take(provider, jti)
        ended = await self._identities.end_sessions(flow.provider.issuer, subject, sid)
        for user in {user for user, _ in ended}:
            self._end(user, [id_ for whose, id_ in ended if whose == user], provider, place)

    def _take(self, provider: str, jti: str) -> None:
        key = digest(f"{provider}\0{jti}")
        if key in self._taken:
            raise Reject(Code.BAD_REQUEST, "This logout token was taken before")
        self._taken[key] = None
        if len(self._taken) > _MOST_TAKEN:
            del self._taken[next(iter(self._taken))]

    def _end(self, user: str, ids: Collection[str], provider: str, place: Place) -> None:
        self._gone(user, ids)
        said = details({"how": f"oidc {provider}", "times": len(ids)})
        note = Note(
            action=Action.SESSION_REVOKED,
            actor=STRANGER,
            target=user,
            address=place.address,
            details=said,
        )
        self._audit.note(note)

    # ── what went wrong ──

    def _refused(self, flow: Flow, why: Refused, place: Place) -> Reject:
        self._log_refused(flow, why)
        said = details({"how": f"oidc {flow.provider.id}", "why": str(why)})
        self._audit.note(
            Note(action=Action.SESSION_FAILED, actor=STRANGER, address=place.address, details=said)
        )
        return Reject(Code.AUTH_FAILED, NOT_GOOD)

    def _log_refused(self, flow: Flow, why: Refused) -> None:
        log.info("oidc_refused", provider=flow.provider.id, why=str(why))

    def _silent(self, flow: Flow, error: CannotAsk) -> Reject:
        log.warning("oidc_not_asked", provider=flow.provider.id, why=str(error))
        return Reject(
            Code.UNAVAILABLE, f"{flow.provider.name} does not answer", retry_after_ms=_NO_ANSWER_MS
        )


def callback(provider: str) -> str:
    """Return the path that a provider sends browsers back to: one each, against mix-ups."""
    return f"/oidc/{provider}/callback"
