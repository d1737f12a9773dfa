"""
The page and its assets as files: which address, which headers, how long they may be kept.

The page itself names the folder of the assets, so it is asked for each time; they never are
again. Only documents carry all headers of `headers`: a script or a style sheet is ruled by
the policy of the page that asks for it, and more than a hundred of them are asked for.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from html import escape
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import Final

from litestar import MediaType, Response
from litestar.status_codes import HTTP_404_NOT_FOUND

from conclave.http.assets import STYLES, TYPES, Assets, read_assets
from conclave.http.files import File, file
from conclave.http.headers import SECURITY, SUBRESOURCE, embedded

EMBED: Final = "/embed"
_HTML: Final = "text/html; charset=utf-8"
# Opened by themselves these do nothing; all others may be documents.
_SUBRESOURCES: Final = frozenset({".js", ".css", ".png"})

_FOR_EVER: Final = {"cache-control": "max-age=31536000, immutable"}
_ASK_ALWAYS: Final = {"cache-control": "no-cache"}


def page_files(
    demo: Sequence[tuple[str, str]] = (),
    *,
    guests: bool = False,
    providers: Mapping[str, str] = MappingProxyType({}),
    headers: Mapping[str, str] = SECURITY,
    embedders: Sequence[str] = (),
) -> dict[str, File]:
    """
    Return the page and its assets by address; *guests* may come in with a name alone.

    *embedders* are origins whose pages may show a room inside of them: without any there is
    no page for that.
    *demo* are the name and token of each person a demo lets in: they stand in the page for
    everybody to read, so give none outside of a demo. *providers* are the names of those that
    let people in, by their ids; they send browsers back to the page. *headers* go with documents.
    """
    assets = read_assets()
    page = _page(assets, demo, providers, guests=guests)
    digest = hashlib.sha256(page).hexdigest()[:32]
    index = file(page, _HTML, {**headers, **_ASK_ALWAYS}, digest)
    # Beside the page: a worker rules what lies below its own address.
    worker = file(_worker(assets), TYPES[".js"], {**headers, **_ASK_ALWAYS})
    back = {f"/oidc/{id_}/callback": index for id_ in providers}
    files = {"/": index, **back, "/service-worker.js": worker, **_files(tuple(headers.items()))}
    return files | _embed(assets, embedders, headers) if embedders else files


def _embed(assets: Assets, embedders: Sequence[str], headers: Mapping[str, str]) -> dict[str, File]:
    text = assets.embed.replace("{{assets}}", f"/assets/{assets.folder}")
    page = text.replace("{{origins}}", escape(" ".join(embedders))).encode()
    return {EMBED: file(page, _HTML, {**embedded(headers, embedders), **_ASK_ALWAYS})}


def missing() -> Response[bytes]:
    return Response(
        b"There is nothing at this address.\n",
        status_code=HTTP_404_NOT_FOUND,
        media_type=MediaType.TEXT,
        headers=_ASK_ALWAYS,
    )


# A process of tests makes node after node, each with the same files.
@lru_cache(maxsize=2)
def _files(headers: tuple[tuple[str, str], ...]) -> dict[str, File]:
    assets, found = read_assets(), {}
    for name, content in assets.contents.items():
        kind = name[name.rindex(".") :]
        own = SUBRESOURCE if kind in _SUBRESOURCES else dict(headers)
        path = f"/assets/{assets.folder}/{name}"
        found[path] = file(content, TYPES[kind], {**own, **_FOR_EVER})
    return found


def _worker(assets: Assets) -> bytes:
    sheets = f"{PurePosixPath(STYLES).parent}/"
    # What stands in others' pages is not this page's.
    away = (sheets, "embed/")
    kept = [name for name in assets.contents if name == STYLES or not name.startswith(away)]
    text = assets.worker.replace("{{assets}}", f"/assets/{assets.folder}")
    return text.replace("{{files}}", json.dumps(kept)).encode()


def _page(
    assets: Assets,
    demo: Sequence[tuple[str, str]],
    providers: Mapping[str, str],
    *,
    guests: bool,
) -> bytes:
    people = json.dumps([{"name": name, "token": token} for name, token in demo])
    folder = f"/assets/{assets.folder}"
    # Modules are asked for together, not one import after the other.
    preload = "\n".join(f'<link rel="modulepreload" href="{folder}/{one}">' for one in assets.first)
    text = assets.page.replace("{{assets}}", folder).replace("{{preload}}", preload)
    text = text.replace("{{words}}", " ".join(assets.words))
    known = json.dumps([{"id": id_, "name": name} for id_, name in providers.items()])
    text = text.replace("{{providers}}", escape(known) if providers else "")
    text = text.replace("{{guests}}", "yes" if guests else "no")
    return text.replace("{{demo}}", escape(people)).encode()
