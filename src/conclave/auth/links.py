"""
Links that let somebody do one thing: set the server up, make an account, choose a password.

A link's secret has 256 bits, is shown once and kept as a SHA-256. On the page it stands
behind the `#`, which no browser sends and no proxy logs.
"""

import re
import secrets
from collections.abc import Awaitable, Callable, Iterable
from typing import Final, Unpack

from conclave.auth.passwords import Passwords
from conclave.auth.sessions import Gone
from conclave.auth.signing_in import Entered, SigningIn
from conclave.auth.tokens import digest
from conclave.auth.weak import check_new
from conclave.core.names import canonical_name, clean_display_name
from conclave.model import (
    SERVER,
    Action,
    Entry,
    Link,
    LinkKind,
    LinkTerms,
    Note,
    Place,
    Role,
    User,
    details,
)
from conclave.ports import Accounts, Audit, Clock, Store
from conclave.protocol.account import AcceptLink
from conclave.protocol.errors import Code, Reject

PREFIX: Final = "cvl_"
_RANDOM_BYTES: Final = 32
_LINK: Final = re.compile(PREFIX + r"[A-Za-z0-9_-]{43}")
SETUP_FOR_MS: Final = 86_400_000
# Those that are accepted with a password; one to a room is a matter of rooms.
_WITH_PASSWORD: Final = frozenset({LinkKind.SETUP, LinkKind.INVITE, LinkKind.RESET})


# Called with what was just written to logs of rooms.
Told = Callable[[Iterable[Entry]], Awaitable[None]]


def new_link() -> str:
    """Return the secret of a new link; give `digest` of it to the store."""
    return PREFIX + secrets.token_urlsafe(_RANDOM_BYTES)


async def make_link(
    accounts: Accounts, kind: LinkKind, **terms: Unpack[LinkTerms]
) -> tuple[str, Link]:
    """Store a link; return its secret, which is not to be had again, and what is kept of it."""
    secret = new_link()
    return secret, await accounts.add_link(kind, digest(secret), **terms)


async def make_setup_link(accounts: Accounts, now: int) -> str | None:
    """Return the secret by which the first admin is made, or None if there is one already."""
    if await accounts.has_admin():
        return None
    secret, _ = await make_link(
        accounts,
        LinkKind.SETUP,
        created_by=SERVER,
        expires_at=now + SETUP_FOR_MS,
        role=Role.ADMIN,
    )
    return secret


class Links:
    """Shows what a link is for, and does it; every refusal is a `Reject`."""

    def __init__(
        self,
        store: Store,
        accounts: Accounts,
        audit: Audit,
        clock: Clock,
        passwords: Passwords,
        signing_in: SigningIn,
        gone: Gone,
        told: Told,
    ) -> None:
        self._store = store
        self._accounts = accounts
        self._audit = audit
        self._clock = clock
        self._passwords = passwords
        self._signing_in = signing_in
        self._gone = gone
        self._told = told

    async def look(self, secret: str) -> Link:
        """Return what *secret* is for; raises `not_found` for all that is not good now."""
        found = await self._accounts.link(digest(secret)) if _LINK.fullmatch(secret) else None
        if found is None or found.kind not in _WITH_PASSWORD or not found.good(self._clock.wall()):
            raise Reject(Code.NOT_FOUND)
        return found

    async def accept(self, request: AcceptLink, place: Place) -> Entered | None:
        """
        Do what the link is for, once, and let its user in.

        None: the password is set, and the user is to sign in, as there is a second factor.
        """
        # Before the password is hashed, which is dear.
        link = await self.look(request.token)
        if link.kind is LinkKind.RESET:
            return await self._reset(link, request, place)
        if not request.name:
            raise Reject(Code.CONFLICT, "This link makes an account: choose its name")
        user = User(
            id=canonical_name(request.name),
            name=canonical_name(request.name),
            display_name=clean_display_name(request.display_name or request.name),
        )
        check_new(request.password, (user.name, user.display_name))
        # Hashing is dear, and whoever has a link that is good for many could ask for it often.
        if await self._store.user(user.id) is not None:
            raise Reject(Code.NAME_TAKEN)
        kept = await self._passwords.hash(request.password)
        accepted = await self._accounts.accept_account(digest(request.token), user, kept)
        made, link = accepted.user, accepted.link
        self._note(Action.LINK_USED, made, link, place)
        self._note(Action.USER_CREATED, made, link, place)
        await self._told(accepted.entries)
        return await self._signing_in.enter(made, place, str(link.kind))

    async def _reset(self, link: Link, request: AcceptLink, place: Place) -> Entered | None:
        owner = None if link.user is None else await self._store.user(link.user)
        if owner is None:
            raise Reject(Code.NOT_FOUND)
        check_new(request.password, (owner.name, owner.display_name))
        kept = await self._passwords.hash(request.password)
        user, revoked = await self._accounts.accept_reset(digest(request.token), kept)
        self._gone(user.id, revoked)
        self._note(Action.LINK_USED, user, link, place)
        self._note(Action.PASSWORD_RESET, user, link, place)
        if (await self._accounts.factors(user.id)).any:
            return None
        return await self._signing_in.enter(user, place, str(link.kind))

    def _note(self, action: Action, user: User, link: Link, place: Place) -> None:
        said = details({"how": str(link.kind), "id": link.id, "role": str(user.role)})
        self._audit.note(
            Note(action=action, actor=user.id, target=user.id, address=place.address, details=said)
        )
