"""
Whose account somebody enters whom a provider vouches for.

Only the issuer and the subject say who it is: a name or an e-mail address belongs to somebody
else tomorrow, or was never asked for. So an account that is there already is entered by nobody
new, unless its owner, who was signed in, wanted that, or the operator said that names count.
"""

import re
import secrets
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, Final

from conclave.auth.jws import Refused
from conclave.auth.oidc.provider import Provider
from conclave.core.names import canonical_name, clean_display_name
from conclave.model import Action, Claimed, Linked, Note, Place, Role, User, details
from conclave.ports import Accounts, Audit, Identities, Store
from conclave.protocol.errors import Code, Reject

# Called with a user, the role that their provider gives them, and from where they come.
SetRole = Callable[[str, Role, Place], Awaitable[None]]

_MOST_NAME: Final = 28
_NOT_IN_NAMES: Final = re.compile(r"[^a-z0-9._-]+")
_TRIES: Final = 9


class People:
    """Finds, links and makes accounts for who comes from a provider; refusals are `Refused`."""

    def __init__(
        self,
        store: Store,
        accounts: Accounts,
        identities: Identities,
        audit: Audit,
        set_role: SetRole,
    ) -> None:
        self._store = store
        self._accounts = accounts
        self._identities = identities
        self._audit = audit
        self._set_role = set_role

    async def enter(self, provider: Provider, claims: dict[str, Any], place: Place) -> User:
        """Return whose account it is, made or linked now where that may be."""
        admit(provider, claims)
        claimed = claimed_by(claims)
        linked = await self._identities.find(claimed)
        if linked is None:
            linked = await self._new(provider, claimed, claims, place)
        await self._identities.note_use(claimed)
        await self._give_role(provider, linked, claims, place)
        user = await self._store.user(linked.user)
        if user is None:
            raise Refused("their account is gone")
        return user

    async def link(
        self, provider: Provider, claims: dict[str, Any], user: str, place: Place
    ) -> None:
        """Let them enter the account of *user*, who is signed in and wants it."""
        admit(provider, claims)
        await self._identities.link(claimed_by(claims), user)
        self._note(Action.IDENTITY_LINKED, user, provider, place)

    async def unlink(self, provider: Provider, user: str, place: Place) -> None:
        """Raises `not_found`, and `forbidden` for the last way in."""
        linked = await self._identities.of(user)
        if not any(one.claimed.issuer == provider.issuer for one in linked):
            raise Reject(Code.NOT_FOUND)
        has_password = await self._accounts.password_of(user) is not None
        if len(linked) == 1 and not has_password and not await self._accounts.passkeys_of(user):
            raise Reject(Code.FORBIDDEN, "There is no other way into your account: add one first")
        await self._identities.unlink(user, provider.issuer)
        self._note(Action.IDENTITY_UNLINKED, user, provider, place)

    async def _new(
        self, provider: Provider, claimed: Claimed, claims: dict[str, Any], place: Place
    ) -> Linked:
        if provider.link_by_name and await self._link_by_name(provider, claimed, claims, place):
            pass
        elif provider.accounts == "create":
            made = await self._make(provider, claimed, claims)
            self._note(Action.USER_CREATED, made.id, provider, place)
        else:
            raise Refused("no account is linked with them")
        found = await self._identities.find(claimed)
        if found is None:
            raise Refused("their account is gone")
        return found

    async def _link_by_name(
        self, provider: Provider, claimed: Claimed, claims: dict[str, Any], place: Place
    ) -> bool:
        """Link the account of exactly this name, if that is wanted and it is no admin's."""
        name = _name(provider, claims)
        found = None if name is None else await self._accounts.find_account(name)
        if found is None or not found.active or found.role is not Role.USER:
            return False
        try:
            await self._identities.link(claimed, found.id)
        except Reject:
            # It has somebody of this provider already: another one of the same name.
            return False
        self._note(Action.IDENTITY_LINKED, found.id, provider, place)
        return True

    async def _make(self, provider: Provider, claimed: Claimed, claims: dict[str, Any]) -> User:
        shown = claims.get(provider.shown_name_claim)
        for name in names(_name(provider, claims)):
            try:
                user = User(id=name, name=name, display_name=_shown(shown, name))
                return await self._identities.make(claimed, user)
            except Reject as no:
                if no.code != Code.NAME_TAKEN:
                    raise
                # It may be the name that is shown that is somebody's.
                shown = None
        raise Refused("no name is free for them")

    async def _give_role(
        self, provider: Provider, linked: Linked, claims: dict[str, Any], place: Place
    ) -> None:
        """Make them what their groups say; who owns an account of their own keeps its role."""
        if provider.admin_group is None or not linked.made:
            return
        user = await self._store.user(linked.user)
        role = Role.ADMIN if provider.admin_group in _groups(provider, claims) else Role.USER
        if user is not None and user.role in (Role.ADMIN, Role.USER) and user.role is not role:
            try:
                await self._set_role(user.id, role, place)
            except Reject as no:
                # Such as of the last admin: nobody comes in as what they are no more.
                raise Refused(f"their role cannot be {role}: {no.message}") from None

    def _note(self, action: Action, user: str, provider: Provider, place: Place) -> None:
        self._audit.note(
            Note(
                action=action,
                actor=user,
                target=user,
                address=place.address,
                details=details({"how": f"oidc {provider.id}"}),
            )
        )


def claimed_by(claims: dict[str, Any]) -> Claimed:
    return Claimed(issuer=claims["iss"], subject=claims["sub"])


def admit(provider: Provider, claims: dict[str, Any]) -> None:
    """Raise `Refused` for whom the operator lets nobody in by."""
    if provider.allowed_domains and _domain(claims) not in provider.allowed_domains:
        raise Refused("not of an allowed domain")
    groups = _groups(provider, claims)
    if provider.allowed_groups and groups.isdisjoint(provider.allowed_groups):
        raise Refused("in no allowed group")


def _domain(claims: dict[str, Any]) -> str:
    """Return the domain of an e-mail address that the provider has verified; else ""."""
    email = claims.get("email")
    if not isinstance(email, str) or claims.get("email_verified") is not True:
        return ""
    return email.rpartition("@")[2].lower() if email.count("@") == 1 else ""


def _groups(provider: Provider, claims: dict[str, Any]) -> frozenset[str]:
    said = claims.get(provider.groups_claim)
    return (
        frozenset(one for one in said if isinstance(one, str))
        if isinstance(said, list)
        else frozenset()
    )


def _name(provider: Provider, claims: dict[str, Any]) -> str | None:
    """Return what they are called there; of an e-mail address what stands before the @."""
    said = claims.get(provider.name_claim)
    if not isinstance(said, str) or len(said) > 255:
        return None
    if provider.name_claim != "email":
        return said
    return said.partition("@")[0] if _domain(claims) else None


def names(wanted: str | None) -> Iterator[str]:
    """Give account names for who is called *wanted*, the nicest first; none is promised free."""
    stem = _NOT_IN_NAMES.sub("-", (wanted or "").partition("@")[0].lower())
    stem = stem.strip("._-")[:_MOST_NAME].strip("._-") or "user"
    candidates = [stem, *(f"{stem[:24]}-{n}" for n in range(2, _TRIES))]
    for one in [*candidates, f"{stem[:16]}-{secrets.token_hex(4)}"]:
        try:
            yield canonical_name(one)
        except Reject:
            continue


def _shown(said: object, name: str) -> str:
    try:
        return clean_display_name(said) if isinstance(said, str) else name
    except (Reject, UnicodeEncodeError):
        return name
