"""The routes of attachments, asked as an application without a socket."""

from types import SimpleNamespace

import httpx
import pytest
from tests.support.media import HTML, SVG, huge, opened, placed
from tests.unit.storage.test_attachments import Wall, begin

from conclave.core.ratelimit import Allowances
from conclave.http.api import api
from conclave.http.attachments import attachment_routes
from conclave.http.callers import Callers
from conclave.http.cookies import Cookies
from conclave.http.headers import SECURITY
from conclave.http.site import asgi_app
from conclave.media.attachments import Attachments
from conclave.model import Caller, Draft, Identity
from conclave.model.attachments import AttachmentLimits
from conclave.protocol.errors import Code, Reject
from conclave.storage import SqliteStore
from conclave.storage.attachments import SqlAttachments
from conclave.storage.blobs import blobs_in

MOST = 100_000


class Believing:
    """A token is the name of whose it is."""

    async def by_token(self, token, place):
        if token not in ("ann", "ben", "eve"):
            raise Reject(Code.AUTH_FAILED)
        return Caller(identity=Identity(user=token, name=token), place=place)


@pytest.fixture
async def store(tmp_path):
    store = await SqliteStore.open(tmp_path / "data")
    await begin(store)
    yield store
    await store.close()


@pytest.fixture
async def ask(store, tmp_path):
    rows = SqlAttachments(store)
    limits = AttachmentLimits(most_bytes=MOST)
    attachments = Attachments(rows, blobs_in(tmp_path / "data"), Wall(), limits)
    origins = SimpleNamespace(admits=lambda values: not values)
    callers = Callers(Believing(), Cookies(https=False), origins, Allowances(0, 0), Wall())
    ready = SimpleNamespace(problems=list)
    site = asgi_app(ready, [api(callers, attachment_routes(attachments), version="0")], SECURITY)
    transport = httpx.ASGITransport(app=site)
    async with httpx.AsyncClient(transport=transport, base_url="http://x/api/v1") as client:

        async def request(who, method, path, content=b"", **headers):
            asked = {"authorization": f"Bearer {who}"} | {
                name.replace("_", "-"): value for name, value in headers.items()
            }
            return await client.request(method, path, content=content, headers=asked)

        yield request


async def send(ask, content, name="a", who="ann"):
    return await ask(who, "POST", f"/rooms/hall/attachments?name={name}", content)


async def say(store, new):
    extra = {"attachments": [{"id": new["id"], "name": new["name"]}]}
    return await store.append(Draft(room="hall", user="ann", name="Ann", extra=extra))


async def test_a_picture_comes_in_and_is_given_whole_small_and_in_part(ask, store):
    sent = await send(ask, placed(), "a/b.jpg")
    assert sent.status_code == 201, sent.text
    new = sent.json()
    assert (new["name"], new["type"], new["width"], new["thumb"]) == (
        "b.jpg",
        "image/jpeg",
        600,
        True,
    )
    path = f"/attachments/{new['id']}"
    assert (await ask("ben", "GET", path)).status_code == 404
    await say(store, new)
    whole = await ask("ben", "GET", path)
    assert opened(whole.content).size == (600, 800)
    assert whole.headers["x-content-type-options"] == "nosniff"
    assert whole.headers["content-security-policy"].endswith("sandbox")
    assert whole.headers["cache-control"] == "private, no-cache"
    assert whole.headers["content-disposition"].startswith("inline;")
    small = await ask("ben", "GET", f"{path}/thumbnail")
    assert small.headers["content-type"] == "image/webp"
    part = await ask("ben", "GET", path, range="bytes=5-9")
    assert (part.status_code, part.content) == (206, whole.content[5:10])
    assert part.headers["content-range"] == f"bytes 5-9/{new['size']}"
    assert (await ask("ben", "GET", path, range="bytes=999999-")).status_code == 416
    tag = whole.headers["etag"]
    assert (await ask("ben", "GET", path, if_none_match=tag)).status_code == 304
    other = await ask("ben", "GET", path, range="bytes=0-0", if_range='"x"')
    assert other.content == whole.content


async def test_what_is_none_or_too_much_is_refused_by_a_code(ask):
    for content, status, code in (
        (b"x" * (MOST + 1), 413, "too_large"),
        (huge(), 413, "too_large"),
        (b"\x89PNG\r\n\x1a\nno", 415, "bad_file"),
        (b"", 415, "bad_file"),
    ):
        refused = await send(ask, content)
        assert (refused.status_code, refused.json()["code"]) == (status, code)
    assert (await send(ask, b"x", who="eve")).json()["code"] == "not_in_room"
    assert (await send(ask, b"x", who="nobody")).status_code == 401
    foreign = await ask("ann", "POST", "/rooms/hall/attachments", b"x", origin="http://evil")
    assert foreign.status_code == 403


async def test_a_page_can_only_be_saved_and_an_id_of_anothers_is_worth_nothing(ask):
    for content in (SVG, HTML):
        new = (await send(ask, content, "photo.png")).json()
        path = f"/attachments/{new['id']}"
        saved = await ask("ann", "GET", path)
        assert saved.content == content
        assert saved.headers["content-type"] == "application/octet-stream"
        assert saved.headers["content-disposition"].startswith("attachment;")
        for who in ("ben", "eve"):
            for method, what in (("GET", path), ("GET", f"{path}/thumbnail"), ("DELETE", path)):
                assert (await ask(who, method, what)).json()["code"] == "not_found"
        assert (await ask("ann", "DELETE", path)).status_code == 204
        assert (await ask("ann", "GET", path)).status_code == 404
