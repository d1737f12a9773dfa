"""
The page and its files, read into memory once, at start.

Assets lie under one folder named after the hash of all of them, with relative imports: so
they may be kept for ever, and the page itself, which names the folder, is asked for each
time. Requests look names up in a table; no path is ever opened for one.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Annotated, Final

from litestar import HttpMethod, MediaType, Response, route
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, HeaderParameter
from litestar.status_codes import HTTP_200_OK, HTTP_404_NOT_FOUND

_WEB: Final = Path(__file__).parent.parent / "web"
_PAGE: Final = "app/index.html"

# Litestar adds the charset to texts.
_TYPES: Final = {
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
}

_FOR_EVER: Final = {"cache-control": "public, max-age=31536000, immutable"}
_ASK_ALWAYS: Final = {"cache-control": "no-cache"}
_READ: Final = [HttpMethod.GET, HttpMethod.HEAD]


def page_routes(
    demo: Sequence[tuple[str, str]] = (), *, guests: bool = False
) -> list[HTTPRouteHandler]:
    """
    Return the handlers of the page and its assets; *guests* may come in with a name alone.

    *demo* are the name and token of each person a demo lets in: they stand in the page for
    everybody to read, so give none outside of a demo.
    """
    assets = dict(_assets(_WEB))
    folder = _folder_of(assets)
    page = _page(assets, f"/assets/{folder}", demo, guests=guests)
    tag = f'"{hashlib.sha256(page).hexdigest()[:32]}"'

    @route("/", http_method=_READ, sync_to_thread=False, include_in_schema=False)
    def index(
        if_none_match: Annotated[str, HeaderParameter(name="if-none-match")] = "",
    ) -> Response[bytes]:
        headers = {**_ASK_ALWAYS, "etag": tag}
        if if_none_match == tag:
            return Response(b"", status_code=304, headers=headers)
        return Response(page, media_type=MediaType.HTML, headers=headers)

    @route(
        "/assets/{version:str}/{path:path}",
        http_method=_READ,
        sync_to_thread=False,
        include_in_schema=False,
    )
    def asset(version: FromPath[str], path: FromPath[str]) -> Response[bytes]:
        name = path.removeprefix("/")
        found = assets.get(name) if version == folder else None
        if found is None:
            return missing()
        media_type = _TYPES[Path(name).suffix]
        return Response(found, status_code=HTTP_200_OK, media_type=media_type, headers=_FOR_EVER)

    return [index, asset]


def missing() -> Response[bytes]:
    return Response(
        b"There is nothing at this address.\n",
        status_code=HTTP_404_NOT_FOUND,
        media_type=MediaType.TEXT,
        headers=_ASK_ALWAYS,
    )


def _assets(root: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(root.rglob("*")):
        if path.suffix in _TYPES and path.is_file():
            yield path.relative_to(root).as_posix(), path.read_bytes()


def _folder_of(assets: Mapping[str, bytes]) -> str:
    digest = hashlib.sha256()
    for name, content in assets.items():
        digest.update(f"{name}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()[:16]


def _page(
    assets: Mapping[str, bytes], folder: str, demo: Sequence[tuple[str, str]], *, guests: bool
) -> bytes:
    people = json.dumps([{"name": name, "token": token} for name, token in demo])
    # Modules are asked for together, not one import after the other.
    preload = "\n".join(
        f'<link rel="modulepreload" href="{folder}/{name}">'
        for name in assets
        if name.endswith(".js")
    )
    text = (_WEB / _PAGE).read_text("utf-8")
    text = text.replace("{{assets}}", folder).replace("{{preload}}", preload)
    text = text.replace("{{guests}}", "yes" if guests else "no")
    return text.replace("{{demo}}", escape(people)).encode()
