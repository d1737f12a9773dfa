"""Files that are answered before the router: packed for who takes it, and for nobody else."""

import gzip

import pytest
from litestar import Litestar, get
from litestar.testing import TestClient

from conclave.http.files import File, file, files_first, takes_gzip
from conclave.http.headers import SECURITY, secured

BODY = b"const a = 1;\n" * 100
NAMED = {"cache-control": "max-age=31536000, immutable"}


@get("/api/answer", sync_to_thread=False)
def made_for_somebody() -> str:
    return "a secret and what was asked " * 100


@pytest.fixture
def client():
    files = {
        "/a.js": file(BODY, "text/javascript; charset=utf-8", NAMED),
        "/page": file(BODY, "text/html; charset=utf-8", NAMED, "digest"),
        "/small": file(b"x", "text/plain", NAMED),
        "/picture": file(BODY, "image/png", NAMED),
    }
    app = Litestar([made_for_somebody], openapi_config=None, logging_config=None)
    with TestClient(files_first(secured(app, SECURITY), files, [(b"x-refused", b"1")])) as made:
        yield made


@pytest.mark.parametrize(
    ("accepted", "taken"),
    [
        (b"gzip", True),
        (b"GZIP", True),
        (b"deflate, gzip;q=0.5, br", True),
        (b"gzip ; q=1", True),
        (b"*", True),
        (b"*;q=0.1", True),
        (b"", False),
        (b"identity", False),
        (b"gzip;q=0", False),
        (b"gzip;q=0.000, *", False),
        (b"*;q=0", False),
        (b"br, deflate, zstd", False),
        (b"xgzip", False),
        (b"gzip;q=", True),
        (b"gzip;q=nothing", False),
        (b"\xff\xfe, gzip", True),
        (b"," * 1000, False),
    ],
)
def test_what_a_client_says_it_takes_is_read_as_the_rfc_has_it(accepted, taken):
    assert takes_gzip(accepted) is taken


def test_who_takes_gzip_gets_less_and_the_same(client):
    with client.stream("GET", "/a.js", headers={"accept-encoding": "gzip"}) as answer:
        raw = b"".join(answer.iter_raw())
    assert gzip.decompress(raw) == BODY
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["content-length"] == str(len(raw))
    assert len(raw) < len(BODY) / 4


@pytest.mark.parametrize("accepted", ["identity", "br", "gzip;q=0"])
def test_who_does_not_gets_it_as_it_is(client, accepted):
    answer = client.get("/a.js", headers={"accept-encoding": accepted})
    assert answer.content == BODY
    assert "content-encoding" not in answer.headers
    assert answer.headers["content-length"] == str(len(BODY))


def test_caches_are_told_that_there_are_two(client):
    for accepted in ("gzip", "identity"):
        answer = client.get("/a.js", headers={"accept-encoding": accepted})
        assert answer.headers["vary"] == "accept-encoding"
        assert answer.headers["cache-control"] == NAMED["cache-control"]
    assert "vary" not in client.get("/small").headers


@pytest.mark.parametrize("path", ["/small", "/picture"])
def test_what_would_not_shrink_is_not_packed(client, path):
    assert "content-encoding" not in client.get(path, headers={"accept-encoding": "gzip"}).headers


@pytest.mark.parametrize("accepted", ["gzip", "identity"])
def test_a_head_has_the_length_of_what_a_get_would_bring(client, accepted):
    wanted = client.get("/a.js", headers={"accept-encoding": accepted}).headers
    answer = client.head("/a.js", headers={"accept-encoding": accepted})
    assert answer.headers == wanted
    assert answer.content == b""


def test_who_has_a_form_of_it_is_told_so_and_each_form_has_its_name(client):
    tags = set()
    for accepted in ("gzip", "identity"):
        asked = {"accept-encoding": accepted}
        tag = client.get("/page", headers=asked).headers["etag"]
        for known in (tag, f"W/{tag}", f'"other", {tag}'):
            answer = client.get("/page", headers={**asked, "if-none-match": known})
            assert (answer.status_code, answer.content) == (304, b"")
            assert answer.headers["etag"] == tag
            assert answer.headers["vary"] == "accept-encoding"
        answer = client.get("/page", headers={**asked, "if-none-match": '"other"'})
        assert answer.status_code == 200
        tags.add(tag)
    assert len(tags) == 2


def test_nothing_is_written_to_a_file(client):
    for method in ("POST", "PUT", "DELETE", "OPTIONS"):
        answer = client.request(method, "/a.js")
        assert (answer.status_code, answer.content) == (405, b"")
        assert answer.headers["allow"] == "GET, HEAD"
        assert answer.headers["x-refused"] == "1"


def test_what_is_made_for_somebody_is_never_packed(client):
    answer = client.get("/api/answer", headers={"accept-encoding": "gzip"})
    assert answer.status_code == 200
    assert "content-encoding" not in answer.headers


def test_each_address_is_one_of_the_table(client):
    for path in ("/a.js/", "/A.js", "/./b/../a.jsx", "/nowhere"):
        assert client.get(path).status_code == 404


def test_a_file_without_a_packed_form_is_sent_to_everybody():
    small = file(b"x", "text/plain", {})
    assert small == File(small.plain, None)
    assert small.form_for(b"gzip") is small.plain
