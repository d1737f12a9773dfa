"""What lets people in, as the rules need it from outside: the second half of the store."""

from collections.abc import Collection, Iterable
from typing import Protocol, Unpack

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


class Accounts(Protocol):
    """
    Accounts, and what their owners come in with.

    What a method that writes returns is durable. Failures are `Reject`, as those of
    `Store`. No method takes or returns a password, a token or a code: only what is kept of
    them.
    """

    # ── accounts ──

    async def find_account(self, name: str) -> User | None:
        """Return who has claimed *name*, in its canonical spelling; nobody who is vouched for."""

    async def has_admin(self) -> bool:
        """Return whether an admin of this server could come in."""

    async def add_guest(self, user: User) -> User:
        """Make an account without a password; raises `name_taken`."""

    # ── passwords ──

    async def password_of(self, user: str) -> str | None:
        """Return the hash of the user's password, if there is one."""

    async def set_password(self, user: str, hash_: str, *, keep: str | None = None) -> list[str]:
        """Set it and revoke the user's sessions but *keep*; return the ids of those revoked."""

    async def renew_password(self, user: str, old: str, new: str) -> bool:
        """Keep *new* of the same password; False if it is not *old* any more that is kept."""

    # ── sessions and tokens ──

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
        """
        Store a session; return it, and the ids of those that had to go for it.

        *via*: by which provider it is opened, so that it can end with that one's.

        A user has *most* of them: then the one that was not used for longest goes. Raises
        `auth_failed` for who is deactivated at this moment, and for who came in by a
        *password*, given by what is kept of it, that is another by now.
        """

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
        """Store a token; raises `forbidden` beyond *most* of one user."""

    async def token(self, digest: bytes) -> TokenInfo | None:
        """Return a token or a session, whether it is good or not."""

    async def token_by_id(self, id: str) -> TokenInfo | None: ...  # noqa: A002 - a token's id

    async def tokens_by_id(self, ids: Collection[str]) -> list[TokenInfo]:
        """Return those of *ids* that there are, good or not, by one look."""

    async def tokens_of(self, user: str, kind: TokenKind) -> list[TokenInfo]:
        """Return those that are good now, the one used last first."""

    async def revoke_token(self, user: str, kind: TokenKind, id: str) -> bool:  # noqa: A002
        """Revoke one of the user's; return whether there was one that was good."""

    async def revoke_tokens(
        self, user: str, kind: TokenKind, *, but: str | None = None
    ) -> list[str]:
        """Revoke all of the user's but one; return the ids of those revoked."""

    def note_use(self, token: str, place: Place) -> None:
        """Remember when and from where a token was used; never waits, and a crash forgets it."""

    # ── second factors ──

    async def factors(self, user: str) -> Factors: ...

    async def begin_totp(self, user: str, sealed: bytes) -> None:
        """Keep a secret that is not confirmed, in place of one that was not either."""

    async def totp(self, user: str) -> Totp | None: ...

    async def use_totp(self, user: str, step: int, sealed: bytes) -> bool:
        """
        Note that the code of *step* was taken, and that an app knows the secret.

        Return False, and change nothing, if that step or a later one was taken before: of
        two who give the same code at the same moment one comes in.
        """

    async def remove_totp(self, user: str) -> bool: ...

    async def sealed_totps(self) -> list[tuple[str, bytes]]:
        """Return whose secrets there are, and each as it is kept, encrypted."""

    async def reseal_totp(self, user: str, before: bytes, now: bytes) -> bool:
        """Keep *now* in place of *before*; False, and no change, where that is not what is kept."""

    async def set_recovery(self, user: str, digests: Iterable[bytes]) -> None:
        """Keep these codes in place of all earlier ones."""

    async def use_recovery(self, user: str, digest: bytes) -> bool:
        """Use a code up; return whether it was good."""

    async def add_passkey(self, passkey: Passkey, *, most: int) -> Passkey:
        """Keep a new one; raises `forbidden` beyond *most* of one user, and if it is known."""

    async def passkey(self, id: bytes) -> Passkey | None: ...  # noqa: A002 - a credential's id

    async def passkeys_of(self, user: str) -> list[Passkey]: ...

    async def use_passkey(self, id: bytes, sign_count: int) -> bool:  # noqa: A002
        """Note a use; return False if the count has not gone up since it was read."""

    async def remove_passkey(self, user: str, id: bytes) -> bool: ...  # noqa: A002

    # ── links ──

    async def add_link(self, kind: LinkKind, digest: bytes, **terms: Unpack[LinkTerms]) -> Link:
        """
        Store a link; raises `no_such_user` and `no_such_room`.

        An invitation into a room is for who may let people in there: else it is refused as a
        link into that room is.

        One to set the server up, or to reset a user's password, takes the place of the
        earlier ones.
        """

    async def link(self, digest: bytes) -> Link | None: ...

    async def links(self, kinds: Iterable[LinkKind]) -> list[Link]:
        """Return those that are good now, the newest first."""

    async def revoke_link(self, id: str) -> bool: ...  # noqa: A002 - a link's id

    async def accept_account(self, digest: bytes, user: User, hash_: str) -> AcceptedAccount:
        """
        Use a link of the kind `setup` or `invite`: make its account, with a password.

        All in one moment, so that a link that is good once makes one account. The role is
        the link's. Raises `not_found` for a link that is not good, and for `setup` where
        there is an admin; `name_taken`. If the link leads into a room, and who made it may
        still let people in there, the account is a member of it.
        """

    async def accept_reset(self, digest: bytes, hash_: str) -> tuple[User, list[str]]:
        """
        Use a link of the kind `reset`: set the password, revoke all sessions.

        Returns the user and the ids of the sessions. Raises `not_found`.
        """
