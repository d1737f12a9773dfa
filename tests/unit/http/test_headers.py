"""The headers that every answer carries, whichever route gives it."""

import pytest
from litestar import Litestar, Response, get
from litestar.testing import TestClient

from conclave.http.headers import POLICY, SECURITY, secured, security_headers


@get("/plain", sync_to_thread=False)
def plain() -> str:
    return "x"


@get("/framed", sync_to_thread=False)
def framed() -> Response[str]:
    own = POLICY.replace("frame-ancestors 'none'", "frame-ancestors https://www.example.org")
    return Response("x", headers={"Content-Security-Policy": own})


@get("/broken", sync_to_thread=False)
def broken() -> None:
    raise RuntimeError("the insides")


@pytest.fixture
def client():
    app = Litestar([plain, framed, broken], openapi_config=None, logging_config=None, debug=False)
    with TestClient(secured(app, SECURITY), raise_server_exceptions=False) as made:
        yield made


@pytest.mark.parametrize("path", ["/plain", "/broken", "/nowhere"])
def test_every_answer_carries_them_once(client, path):
    answer = client.get(path)
    for name, value in SECURITY.items():
        assert answer.headers.get_list(name) == [value], (path, name)


def test_a_route_that_sends_its_own_is_left_alone(client):
    (policy,) = client.get("/framed").headers.get_list("content-security-policy")
    assert "frame-ancestors https://www.example.org" in policy


def test_only_who_is_reached_through_tls_asks_for_it_for_a_year():
    name = "strict-transport-security"
    assert security_headers(https=True)[name] == "max-age=31536000"
    assert name not in security_headers(https=False)
    assert security_headers(https=False) == SECURITY
