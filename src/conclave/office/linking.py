"""What the office asks of who lets people in: the secret of a new link, and who lacks a factor."""

from collections.abc import Awaitable, Callable
from typing import Protocol

from conclave.model import Link, LinkKind, Role, User

# Returns whether somebody's role asks for a second factor, and they have none.
LacksFactor = Callable[[User], Awaitable[bool]]


async def nobody_lacks(_: User) -> bool:
    """Say so where nobody is signed in: a server asks anew when it starts."""
    return False


class MakeLink(Protocol):
    async def __call__(
        self,
        kind: LinkKind,
        /,
        *,
        created_by: str,
        name: str = "",
        expires_at: int | None = None,
        uses: int | None = 1,
        role: Role | None = None,
        user: str | None = None,
    ) -> tuple[str, Link]:
        """Store a link; return its secret, which is not to be had again, and what is kept."""
