"""What the routes of the office share: who acts, and what may stand in a query."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Final

from litestar import Request
from litestar.params import QueryParameter

from conclave.http.callers import caller_of
from conclave.model import By, Caller

Asked = Request[Any, Any, Any]
# Raises `password_required` unless the caller has shown a moment ago that it is them.
Require = Callable[[Caller], Awaitable[None]]

PAGE: Final = 50
_MOST_TEXT: Final = 128
# What a client in JavaScript can say exactly.
_MOST_NUMBER: Final = 2**53 - 1

Text = Annotated[str, QueryParameter(max_length=_MOST_TEXT)]
# The framework has a use of its own for the word.
Search = Annotated[str, QueryParameter(name="query", max_length=_MOST_TEXT)]
MaybeText = Annotated[str | None, QueryParameter(max_length=_MOST_TEXT)]
MaybeNumber = Annotated[int | None, QueryParameter(ge=0, le=_MOST_NUMBER)]
Flag = Annotated[bool, QueryParameter()]
Limit = Annotated[int, QueryParameter(ge=1, le=200)]


def by(request: Asked) -> By:
    """Return who acts, once the guard has let them through."""
    caller = caller_of(request)
    identity = caller.identity
    return By(actor=identity.user, identity=identity, address=caller.place.address)
