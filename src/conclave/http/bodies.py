"""
Bodies of requests, read as strictly as messages on a socket: a `0` is no `false`.

The framework alone would take what can be made into what it wants, as for a query, where all is
text.
"""

import re
from typing import Any, Final

import msgspec
from litestar import Request
from litestar.exceptions import ValidationException

# Above it a float does not say which number it is.
_EXACT: Final = 2**53
_PLACE: Final = re.compile(r"(.*) - at `(?:key in )?\$(.*)`", re.DOTALL)


class StrictRequest(Request[Any, Any, Any]):
    """A request whose `json` is of the type that its route takes."""

    async def json(self) -> Any:
        """Return the body; raises `ValidationException` for what it must not be."""
        field = self.route_handler.parsed_data_field
        try:
            return _decoded(await self.body(), field.annotation if field else Any)
        except msgspec.DecodeError as error:
            raise ValidationException(extra=[_where(str(error))]) from None


def _decoded(body: bytes, wanted: Any) -> Any:
    try:
        return msgspec.json.decode(body, type=wanted)
    except msgspec.ValidationError as error:
        if "got `float`" not in str(error):
            raise
        return msgspec.convert(_whole(msgspec.json.decode(body)), type=wanted)


def _whole(value: Any) -> Any:
    """Return *value* with `5.0` as 5, which it is in JSON (JSON Schema 2020-12, 4.2.3)."""
    if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT:
        return int(value)
    if isinstance(value, list):
        return [_whole(one) for one in value]
    if isinstance(value, dict):
        return {key: _whole(one) for key, one in value.items()}
    return value


def _where(said: str) -> dict[str, str]:
    """Return what msgspec says of a body, in the framework's shape."""
    found = _PLACE.fullmatch(said)
    if found is None:
        return {"message": said, "source": "body", "key": ""}
    return {"message": found[1], "source": "body", "key": found[2].removeprefix(".")}
