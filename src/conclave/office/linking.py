"""What the office asks of who lets people in: the secret of a new link, and who lacks a factor."""

from collections.abc import Awaitable, Callable
from typing import Protocol, Unpack

from conclave.model import Link, LinkKind, LinkTerms, User

# Returns whether somebody's role asks for a second factor, and they have none.
LacksFactor = Callable[[User], Awaitable[bool]]


async def nobody_lacks(_: User) -> bool:
    """Say so where nobody is signed in: a server asks anew when it starts."""
    return False


class MakeLink(Protocol):
    async def __call__(self, kind: LinkKind, /, **terms: Unpack[LinkTerms]) -> tuple[str, Link]:
        """Store a link; return its secret, which is not to be had again, and what is kept."""
