"""Coming in over HTTP, as a page and as a program does it."""

import pytest
from tests.support.page import Page

from conclave.auth.links import make_link
from conclave.model import LinkKind, Role
from conclave.protocol.errors import Reject
from conclave.testing import serve

GOOD = "four words of mine"


@pytest.fixture
async def server():
    async with serve(demo=False, rate=0.0) as server:
        yield server


async def invite(server, name, role=Role.USER, password=GOOD, **page):
    """Let somebody come in by an invitation; return their page."""
    secret, _ = await make_link(server.node.accounts, LinkKind.INVITE, created_by="root", role=role)
    page = Page(server, **page)
    answer = await page.ask(
        "POST", "/links/accept", {"token": secret, "name": name, "password": password}
    )
    assert answer.status == 200, answer
    return page


async def test_an_invitation_leads_to_a_session_a_ticket_and_a_socket(server):
    page = await invite(server, "ada")
    me = (await page.ask("GET", "/me")).json
    assert me["user"] == {"id": "ada", "name": "ada", "role": "user"}
    assert me["csrf"] == page.csrf
    async with server.client(await page.ticket()) as client:
        await client.ask("join:room", room="hall")
    with pytest.raises(Reject):
        async with server.client("cvk_" + "x" * 43):
            pass
