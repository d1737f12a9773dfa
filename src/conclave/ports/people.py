"""
Who there is, and what still lets them in: a port of its own.

What they come in with, such as passwords, is that of `Accounts`; who belongs to which room
is the log's business, and stands in `Store`.
"""

from collections.abc import Collection
from typing import Protocol

from conclave.model import Role, TokenInfo, User


class People(Protocol):
    """
    People, what they say of themselves, and all their tokens, of whatever kind.

    As with `Store`: what a method that writes returns is durable, failures are `Reject`.
    """

    async def create_account(
        self, name: str, *, display_name: str | None = None, role: Role = Role.USER
    ) -> User:
        """
        Make an account and return it; its id is its canonical name, for ever.

        Of any number who want the same name at once, one gets it: the others, and whoever
        comes later, `name_taken`. Raises `bad_request` for what can be nobody's name.
        """

    async def change(
        self,
        user: str,
        *,
        display_name: str | None = None,
        about: str | None = None,
        role: Role | None = None,
        active: bool | None = None,
    ) -> User:
        """
        Change what is given of *user* and return who they are then.

        Raises `no_such_user`, `bad_request` and `too_long`; `name_taken` for a display name
        that is another account's name. Nobody's socket hears of it: see `Node`.
        """

    async def find(self, query: str, *, after: str = "", limit: int = 50) -> list[User]:
        """
        Return active people by id, those beyond *after*: who has a word that begins so.

        The id counts as such a word, upper and lower case are one. All for an empty *query*.
        """

    async def share_a_room(self, user: str, other: str) -> bool:
        """Return whether both are members of some room."""

    async def tokens(self, user: str | None = None) -> list[TokenInfo]:
        """Return what still lets *user* in, or everybody; the last made first."""

    async def revoke(
        self, user: str, tokens: Collection[str] | None = None, *, but: str | None = None
    ) -> list[str]:
        """
        Make *tokens* of *user* worthless for ever, all if None, except *but*; by their ids.

        Returns those that were worth something. Their sockets go on: see `Node.revoke`.
        """
