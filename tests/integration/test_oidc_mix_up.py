"""
Two providers at once, of which one would like to be taken for the other (RFC 9700 4.4, RFC 9207).

Both are real and answer; the mill is in the attacker's hands. What is counted is what the mill gets
to hear: a code of the house that comes to it would be enough.
"""

from contextlib import asynccontextmanager
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest
from tests.support.oidc_provider import Visitor, begin, come_in, oidc_provider
from tests.support.page import Page
from tests.support.ports import free_port

from conclave.testing import serve

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("cheap_passwords")]
FAILED = (401, "auth_failed")


@pytest.fixture(scope="module")
def both():
    with oidc_provider() as house, oidc_provider() as mill:
        yield house, mill


@pytest.fixture
def serving(both, tmp_path):
    """A server that trusts both."""
    house, mill = both

    @asynccontextmanager
    async def serving():
        port = free_port()
        files = []
        for id_, provider in (("house", house), ("mill", mill)):
            files.append(str(provider.write(tmp_path, id_, name=id_, accounts="create")))
            await provider.serve(f"http://127.0.0.1:{port}", id_=id_)
        async with serve(demo=False, rate=0.0, port=port, oidc=tuple(files)) as server:
            yield server

    return serving


async def finish(page, brought, id_):
    answer = await page.ask("POST", f"/oidc/{id_}/finish", brought)
    assert "conclave-session" not in page.cookies
    return answer.status, answer.code


async def led_astray(page, house, *, back_to: str):
    """
    Begin at the mill, which sends the browser on to the house; return what comes back from there.

    The mill knows all that stood in the address: the state, the nonce, and the challenge.
    """
    asked = parse_qs(urlsplit(await begin(page, "mill")).query)
    query = {name: values[0] for name, values in asked.items()} | {"redirect_uri": back_to}
    async with Visitor() as visitor:
        return await visitor.go(f"{house.issuer}/auth?{urlencode(query)}", "u-ada")


async def test_a_code_of_the_house_never_comes_to_the_mill(serving, both):
    house, mill = both
    async with serving() as server:
        back_to = f"http://127.0.0.1:{server.port}/oidc/house/callback"
        before = await mill.redeemed()
        for id_, changed in (
            # Where the browser comes back to: the house's page, with a state of the mill's.
            ("house", {}),
            # A page that is mistaken about where it is.
            ("mill", {}),
            ("mill", {"iss": None}),
            ("mill", {"iss": ""}),
            ("mill", {"iss": house.issuer + "/"}),
        ):
            page = Page(server)
            brought = await led_astray(page, house, back_to=back_to)
            assert brought["iss"] == house.issuer
            assert await finish(page, brought | changed, id_) == FAILED, (id_, changed)
        assert await mill.redeemed() == before
        # Else it would have been counted.
        assert (await come_in(Page(server), "u-ada", "mill")).status == 200
        assert await mill.redeemed() == before + 1


async def test_the_house_sends_nobody_back_to_where_the_mill_is_answered(serving, both):
    house, _ = both
    async with serving() as server:
        page = Page(server)
        asked = parse_qs(urlsplit(await begin(page, "mill")).query)
        query = {name: values[0] for name, values in asked.items()}
        assert query["redirect_uri"].endswith("/oidc/mill/callback")
        async with httpx.AsyncClient(trust_env=False, timeout=30) as client:
            answer = await client.get(f"{house.issuer}/auth?{urlencode(query)}")
        assert answer.status_code == 400
        assert "location" not in answer.headers


async def test_who_rewrites_even_the_issuer_gets_a_code_that_is_good_for_nothing(serving, both):
    """The browser itself is lied to: the code reaches the mill, and opens nothing here."""
    house, mill = both
    async with serving() as server:
        back_to = f"http://127.0.0.1:{server.port}/oidc/house/callback"
        page = Page(server)
        brought = await led_astray(page, house, back_to=back_to)
        assert await finish(page, brought | {"iss": mill.issuer}, "mill") == FAILED
        # What was begun is used up, so that it cannot be brought to the right one either.
        assert await finish(page, brought, "house") == FAILED


async def test_the_same_name_at_both_is_two_people(serving):
    async with serving() as server:
        first = await come_in(Page(server), "u-ada", "house")
        other = await come_in(Page(server), "u-ada", "mill")
        assert (first.json["user"]["id"], other.json["user"]["id"]) == ("ada", "ada-2")
        again = await come_in(Page(server), "u-ada", "mill")
        assert again.json["user"]["id"] == "ada-2"


async def test_each_of_two_that_are_under_way_comes_to_its_own_end(serving):
    """Two tabs of one browser: the later one is not taken for the earlier."""
    async with serving() as server:
        page = Page(server)
        async with Visitor() as visitor:
            at_mill = await visitor.go(await begin(page, "mill"), "u-bob")
            at_house = await visitor.go(await begin(page, "house"), "u-eve")
        assert await finish(page, at_mill | {"iss": at_house["iss"]}, "mill") == FAILED
        assert await finish(page, at_house | {"iss": at_mill["iss"]}, "house") == FAILED
