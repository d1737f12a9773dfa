"""
Passkeys of one server, loaded with the first ceremony (WebAuthn section 4 calls them so).

What reads attestations takes 5 MB, and most servers have nobody who uses one.
"""

import asyncio
from collections.abc import Callable, Collection
from importlib import import_module
from typing import TYPE_CHECKING

from conclave.ports.passes import Passes

if TYPE_CHECKING:
    from conclave.auth.passkeys import Passkeys


class Ceremonies:
    """Calling it gives the same `Passkeys` each time."""

    def __init__(self, domain: str, origins: Callable[[], Collection[str]], passes: Passes) -> None:
        self._of = (domain, origins, passes)
        self._made: Passkeys | None = None

    async def __call__(self) -> "Passkeys":
        if self._made is not None:
            return self._made
        module = await asyncio.to_thread(import_module, "conclave.auth.passkeys")
        return self._keep(module.Passkeys(*self._of))

    def _keep(self, made: "Passkeys") -> "Passkeys":
        # Another may have come first while it was loaded.
        self._made = self._made or made
        return self._made
