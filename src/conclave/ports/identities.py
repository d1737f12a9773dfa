"""Whom providers of OpenID Connect vouch for, as the rules need it from outside."""

from typing import Protocol

from conclave.model import Claimed, Linked, User


class Identities(Protocol):
    """
    Which accounts are entered by whom providers vouch for.

    What a method that writes returns is durable. Failures are `Reject`, as those of `Store`.
    """

    async def find(self, claimed: Claimed) -> Linked | None: ...

    async def of(self, user: str) -> list[Linked]:
        """Return who may enter the account of *user*, besides its passwords and passkeys."""

    async def make(self, claimed: Claimed, user: User) -> User:
        """Make an account for who is *claimed*, in one moment; raises `name_taken`."""

    async def link(self, claimed: Claimed, user: str) -> None:
        """
        Let who is *claimed* enter the account of *user* from now on.

        Raises `forbidden` if they enter another one, or if the account has somebody of that
        provider already.
        """

    async def unlink(self, user: str, issuer: str) -> bool:
        """Let nobody of *issuer* enter the account any more; return whether there was one."""

    async def note_use(self, claimed: Claimed) -> None:
        """Remember that they have just come in."""

    async def end_sessions(
        self, issuer: str, subject: str | None, sid: str | None
    ) -> list[tuple[str, str]]:
        """
        Revoke the sessions that *issuer* has opened, of *subject*, or of its session *sid*.

        Return whose they were, and their ids.
        """
