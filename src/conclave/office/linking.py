"""How the office gets the secret of a new link: from who knows how secrets are made."""

from typing import Protocol

from conclave.model import Link, LinkKind, Role


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
