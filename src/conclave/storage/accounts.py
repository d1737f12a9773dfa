"""Accounts in the same SQLite file: a `ports.Accounts` over the store's reading and writing."""

from collections.abc import Callable, Collection, Iterable
from functools import partial
from typing import Unpack

from msgspec.structs import replace
from sqlalchemy import Connection

from conclave.model import (
    AcceptedAccount,
    Factors,
    Link,
    LinkKind,
    LinkTerms,
    Passkey,
    Place,
    Scope,
    TokenInfo,
    TokenKind,
    Totp,
    User,
    Via,
)
from conclave.storage import credentials, links, people, tokens
from conclave.storage.lines import now_ms
from conclave.storage.log import Log
from conclave.storage.sqlstore import SqlStore
from conclave.storage.uses import TokenUses, Uses


class SqlAccounts:
    """A `ports.Accounts`; `close` it before the store it was made with."""

    def __init__(self, store: SqlStore, wall: Callable[[], int] = now_ms) -> None:
        self._store = store
        self._wall = wall
        self._uses = TokenUses(self._write_uses, wall)

    async def close(self) -> None:
        await self._uses.close()

    # ── accounts ───────────────────────────────────────────────────────────────────────

    async def find_account(self, name: str) -> User | None:
        return await self._store.read(lambda rows: people.find_account(rows, name))

    async def has_admin(self) -> bool:
        return await self._store.read(people.has_admin)

    async def add_guest(self, user: User) -> User:
        return await self._store.write(lambda rows, _: people.add_account(rows, user, self._wall()))

    # ── passwords ──────────────────────────────────────────────────────────────────────

    async def password_of(self, user: str) -> str | None:
        return await self._store.read(lambda rows: credentials.password_of(rows, user))

    async def set_password(self, user: str, hash_: str, *, keep: str | None = None) -> list[str]:
        return await self._store.write(
            lambda rows, _: credentials.set_password(rows, user, hash_, self._wall(), keep)
        )

    async def renew_password(self, user: str, old: str, new: str) -> bool:
        return await self._store.write(
            lambda rows, _: credentials.renew_password(rows, user, old, new)
        )

    # ── sessions and tokens ────────────────────────────────────────────────────────────

    async def open_session(
        self,
        user: str,
        digest: bytes,
        *,
        expires_at: int,
        place: Place,
        most: int,
        password: str | None = None,
        via: Via | None = None,
    ) -> tuple[TokenInfo, list[str]]:
        open_ = partial(tokens.open_session, expires_at=expires_at, place=place, most=most, via=via)

        def job(rows: Connection, _: Log) -> tuple[TokenInfo, list[str]]:
            if password is not None:
                credentials.check_still(rows, user, password)
            return open_(rows, user, digest, self._wall())

        return await self._store.write(job)

    async def add_token(
        self,
        user: str,
        digest: bytes,
        *,
        name: str,
        scopes: frozenset[Scope] | None,
        expires_at: int | None,
        most: int,
    ) -> TokenInfo:
        terms = tokens.TokenTerms(name, scopes, expires_at)
        return await self._store.write(
            lambda rows, _: tokens.add_token(rows, user, digest, self._wall(), terms, most)
        )

    async def token(self, digest: bytes) -> TokenInfo | None:
        return await self._store.token(digest)

    async def token_by_id(self, id: str) -> TokenInfo | None:  # noqa: A002 - a token's id
        return await self._store.read(lambda rows: tokens.find_token_by_id(rows, id))

    async def tokens_by_id(self, ids: Collection[str]) -> list[TokenInfo]:
        return await self._store.read(lambda rows: tokens.find_tokens_by_id(rows, ids))

    async def tokens_of(self, user: str, kind: TokenKind) -> list[TokenInfo]:
        found = await self._store.read(
            lambda rows: tokens.good_tokens(rows, user, kind, self._wall())
        )
        known = [self._with_use(token) for token in found]
        return sorted(known, key=lambda one: one.last_used_at or one.created_at, reverse=True)

    async def revoke_token(self, user: str, kind: TokenKind, id: str) -> bool:  # noqa: A002
        return await self._store.write(
            lambda rows, _: tokens.revoke_token(rows, user, kind, id, self._wall())
        )

    async def revoke_tokens(
        self, user: str, kind: TokenKind, *, but: str | None = None
    ) -> list[str]:
        return await self._store.write(
            lambda rows, _: tokens.revoke_tokens(rows, user, kind, but, self._wall())
        )

    def note_use(self, token: str, place: Place) -> None:
        self._uses.note(token, place)

    def _with_use(self, token: TokenInfo) -> TokenInfo:
        use = self._uses.now(token.id)
        if use is None:
            return token
        at, place = use
        agent = place.agent or token.agent
        return replace(token, last_used_at=at, address=place.address, agent=agent)

    async def _write_uses(self, uses: Uses) -> None:
        await self._store.write(lambda rows, _: tokens.note_uses(rows, uses))

    # ── second factors ─────────────────────────────────────────────────────────────────

    async def factors(self, user: str) -> Factors:
        return await self._store.read(lambda rows: credentials.find_factors(rows, user))

    async def begin_totp(self, user: str, sealed: bytes) -> None:
        await self._store.write(lambda rows, _: credentials.begin_totp(rows, user, sealed))

    async def totp(self, user: str) -> Totp | None:
        return await self._store.read(lambda rows: credentials.find_totp(rows, user))

    async def use_totp(self, user: str, step: int, sealed: bytes) -> bool:
        return await self._store.write(
            lambda rows, _: credentials.use_totp(rows, user, step, sealed, self._wall())
        )

    async def remove_totp(self, user: str) -> bool:
        return await self._store.write(lambda rows, _: credentials.remove_totp(rows, user))

    async def sealed_totps(self) -> list[tuple[str, bytes]]:
        return await self._store.read(credentials.find_sealed_totps)

    async def reseal_totp(self, user: str, before: bytes, now: bytes) -> bool:
        return await self._store.write(
            lambda rows, _: credentials.reseal_totp(rows, user, before, now)
        )

    async def set_recovery(self, user: str, digests: Iterable[bytes]) -> None:
        kept = list(digests)
        await self._store.write(lambda rows, _: credentials.set_recovery(rows, user, kept))

    async def use_recovery(self, user: str, digest: bytes) -> bool:
        return await self._store.write(
            lambda rows, _: credentials.use_recovery(rows, user, digest, self._wall())
        )

    async def add_passkey(self, passkey: Passkey, *, most: int) -> Passkey:
        return await self._store.write(
            lambda rows, _: credentials.add_passkey(rows, passkey, self._wall(), most)
        )

    async def passkey(self, id: bytes) -> Passkey | None:  # noqa: A002 - a credential's id
        return await self._store.read(lambda rows: credentials.find_passkey(rows, id))

    async def passkeys_of(self, user: str) -> list[Passkey]:
        return await self._store.read(lambda rows: credentials.passkeys_of(rows, user))

    async def use_passkey(self, id: bytes, sign_count: int) -> bool:  # noqa: A002
        return await self._store.write(
            lambda rows, _: credentials.use_passkey(rows, id, sign_count, self._wall())
        )

    async def remove_passkey(self, user: str, id: bytes) -> bool:  # noqa: A002
        return await self._store.write(lambda rows, _: credentials.remove_passkey(rows, user, id))

    # ── links ──────────────────────────────────────────────────────────────────────────

    async def add_link(self, kind: LinkKind, digest: bytes, **terms: Unpack[LinkTerms]) -> Link:
        wanted = Link(
            id="",
            kind=kind,
            created_by=terms["created_by"],
            created_at=0,
            name=terms.get("name", ""),
            expires_at=terms.get("expires_at"),
            uses_left=terms.get("uses", 1),
            role=terms.get("role"),
            user=terms.get("user"),
            room=terms.get("room"),
        )
        return await self._store.write(
            lambda rows, _: links.add_link(rows, wanted, digest, self._wall())
        )

    async def link(self, digest: bytes) -> Link | None:
        return await self._store.read(lambda rows: links.find_link(rows, digest))

    async def links(self, kinds: Iterable[LinkKind]) -> list[Link]:
        wanted = tuple(kinds)
        return await self._store.read(lambda rows: links.good_links(rows, wanted, self._wall()))

    async def revoke_link(self, id: str) -> bool:  # noqa: A002 - a link's id
        return await self._store.write(lambda rows, _: links.revoke_link(rows, id, self._wall()))

    async def accept_account(self, digest: bytes, user: User, hash_: str) -> AcceptedAccount:
        return await self._store.write(
            lambda rows, log: links.accept_account(rows, log, digest, user, hash_, self._wall())
        )

    async def accept_reset(self, digest: bytes, hash_: str) -> tuple[User, list[str]]:
        return await self._store.write(
            lambda rows, _: links.accept_reset(rows, digest, hash_, self._wall())
        )
