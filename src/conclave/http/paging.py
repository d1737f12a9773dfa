"""Pages of lists: what the next one is asked for by, as a link (RFC 8288)."""

from typing import Any, Final
from urllib.parse import parse_qsl, quote, urlencode

from litestar import Request

LINK: Final = "link"


def next_link(request: Request[Any, Any, Any], **changed: object) -> dict[str, str]:
    """Return the header that leads on to the page which *changed* in the query asks for."""
    asked = dict(parse_qsl(request.scope["query_string"].decode("latin-1")))
    asked |= {name: str(value) for name, value in changed.items()}
    path = quote(request.scope["path"], safe="/%")
    return {LINK: f'<{path}?{urlencode(asked, quote_via=quote)}>; rel="next"'}
