"""Asking another system: where one may ask, how much is read, and what is said of a no."""

import asyncio
from base64 import b64encode

import pytest
from tests.unit.auth.house import System

from conclave.auth.fetching import CannotAsk, Client, Denied, Fetching, may_ask


@pytest.mark.parametrize(
    "url", ["https://id.example.org", "https://id.example.org:8443/a?b=c", "https://[2001:db8::1]/"]
)
def test_https_may_be_asked(url):
    assert may_ask(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://id.example.org",
        "ftp://id.example.org",
        "https://",
        "https:///path",
        "id.example.org",
        "https://user:word@id.example.org",
        "https://id.example.org#here",
        "https://id.example.org:0",
        "https://id.example.org:99999",
        "https://[::1",
        "https://id.example.org/a b",
        "https://id.example.org/é",
        "https://id.example.org/\n",
    ],
)
def test_all_else_may_not(url):
    assert not may_ask(url)
    assert not may_ask(url, loopback=True)


def test_without_tls_this_machine_alone_is_asked_and_where_that_is_wanted():
    for url in ("http://127.0.0.1:8080/x", "http://localhost/x", "http://[::1]/"):
        assert may_ask(url, loopback=True)
        assert not may_ask(url)


@pytest.fixture
async def system():
    async with System() as system:
        yield system


def fetching(within=10.0):
    return Fetching(lambda url: may_ask(url, loopback=True), within=within)


async def refusal(awaitable, kind=CannotAsk):
    with pytest.raises(kind) as why:
        await awaitable
    return str(why.value)


async def test_it_is_asked_for_json_with_the_token_and_nothing_of_the_environment(
    system, monkeypatch
):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    system.say("/me", {"sub": "u-1"})
    system.headers = {"set-cookie": "a=b"}
    asks = fetching()
    for _ in range(2):
        assert await asks.get_object(f"{system.url}/me", "secret") == {"sub": "u-1"}
    assert await asks.get(f"{system.url}/me") == b'{"sub": "u-1"}'
    first, second, third = (one.headers for one in system.asked)
    assert first["authorization"] == "Bearer secret"
    assert (first["accept"], first["accept-encoding"]) == ("application/json", "identity")
    assert "cookie" not in second
    assert "authorization" not in third


async def test_a_redirect_is_an_answer_and_leads_nowhere(system):
    system.answers = {"/old": (302, b""), "/new": (200, b"{}")}
    system.headers = {"location": "/new"}
    assert await refusal(fetching().get(f"{system.url}/old")) == "it answered 302"
    assert [one.path for one in system.asked] == ["/old"]


@pytest.mark.parametrize("body", [b"", b"x", b"[]", b"null", b"[" * 100_000, b'{"a": "\\ud800"}'])
async def test_what_is_no_json_object_is_none(system, body):
    system.answers["/me"] = (200, body)
    assert await refusal(fetching().get_object(f"{system.url}/me")) == "it answered no JSON object"


async def test_more_than_256_kib_is_not_read(system):
    system.answers["/most"] = (200, b"x" * 262_144)
    assert len(await fetching().get(f"{system.url}/most")) == 262_144
    system.answers["/more"] = (200, b"x" * 262_145)
    assert "more than 256 KiB" in await refusal(fetching().get(f"{system.url}/more"))


async def test_who_does_not_answer_in_time_or_at_all_is_said_and_nobody_waits_longer(system):
    system.awake.clear()
    assert "longer than 0.05 s" in await refusal(fetching(within=0.05).get(f"{system.url}/me"))
    async with System() as gone:
        url = gone.url
    assert await refusal(fetching().get(url)) == "it cannot be reached: ConnectError"


async def test_an_address_that_may_not_be_asked_is_not():
    assert "not https" in await refusal(fetching().get("http://192.0.2.1/"))


async def test_a_form_is_sent_in_the_name_of_its_client(system):
    system.say("/token", {"ok": True})
    asks, form = fetching(), {"code": "c d"}
    for client in (
        Client("us", "s&cret word"),
        Client("us", "s&cret word", in_form=True),
        Client("us", None),
    ):
        assert await asks.post(f"{system.url}/token", form, client) == {"ok": True}
    basic, in_form, public = system.asked
    # RFC 6749 section 2.3.1: encoded as a form before they are joined.
    pair = b64encode(b"us:s%26cret+word").decode()
    assert (basic.method, basic.headers["authorization"]) == ("POST", f"Basic {pair}")
    assert basic.form == form
    assert in_form.form == {**form, "client_id": "us", "client_secret": "s&cret word"}
    assert public.form == {**form, "client_id": "us"}
    assert "authorization" not in in_form.headers
    assert basic.headers["content-type"] == "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b'{"error": "invalid_grant"}', "invalid_grant"),
        (b'{"error": "<script>"}', "no reason"),
        (b'{"error": ""}', "no reason"),
        (b"{}", "no reason"),
        (b"<html>", "no reason"),
    ],
)
async def test_a_no_is_told_by_its_code_and_by_no_text_of_the_other_side(system, body, reason):
    asks, client = fetching(), Client("us", None)
    system.answers = {"/no": (400, body), "/broken": (500, body)}
    no = await refusal(asks.post(f"{system.url}/no", {}, client), Denied)
    assert no == f"it answered 400: {reason}"
    with pytest.raises(CannotAsk) as broken:
        await asks.post(f"{system.url}/broken", {}, client)
    assert not isinstance(broken.value, Denied), "it said nothing of the code"


async def test_many_may_ask_at_once(system):
    system.say("/me", {"sub": "u-1"})
    asks = fetching()
    found = await asyncio.gather(*(asks.get_object(f"{system.url}/me") for _ in range(5)))
    assert found == [{"sub": "u-1"}] * 5
