"""
A router that is given to one application.

The framework copies each router it is given, with all routes and what it has found out of their
signatures: that is a quarter of the time it takes to make the application, and only good where
the same router is given to another one as well.
"""

from typing import Any, Self

from litestar import Router


class OnceRouter(Router):
    """Belongs to the one application that it is given to."""

    def __deepcopy__(self, _memo: dict[int, Any]) -> Self:
        return self
