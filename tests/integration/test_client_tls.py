"""Certificates are checked, and a token goes to one server only."""

import asyncio
import ssl

import pytest
import trustme

from conclave import testing
from conclave.client import Client, Lost

JOHN = "user-token-123"


@pytest.fixture
def authority():
    return trustme.CA()


@pytest.fixture
def settings(authority, tmp_path):
    made = authority.issue_cert("localhost")
    chain, key = tmp_path / "chain.pem", tmp_path / "key.pem"
    made.cert_chain_pems[0].write_to_path(chain)
    made.private_key_pem.write_to_path(key)
    return {"tls_cert": chain, "tls_key": key}


def trusting(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


async def test_a_certificate_of_a_trusted_authority_lets_in(authority, settings):
    async with testing.serve(**settings) as server:
        url = f"https://localhost:{server.port}"
        async with Client(url, token=JOHN, tls=trusting(authority)) as john:
            assert (await john.room("general").send("x" * 3_000)).seq > 0


async def test_any_other_certificate_does_not(authority, settings):
    async with testing.serve(**settings) as server:
        for url, tls in [
            (f"wss://localhost:{server.port}", None),
            (f"wss://localhost:{server.port}", trusting(trustme.CA())),
            (f"wss://127.0.0.1:{server.port}", trusting(authority)),
        ]:
            with pytest.raises(Lost, match="certificate verify failed"):
                async with Client(url, token=JOHN, tls=tls, connect_within=0.5):
                    pytest.fail("let in")
        assert server.open_sockets == 0


@pytest.mark.parametrize("status", ["301 Moved", "307 Temporarily", "308 Permanently"])
async def test_a_redirect_leads_nowhere(status):
    came = []

    async def evil(reader, writer) -> None:
        came.append(await reader.read(1_000))
        writer.close()

    async def redirect(reader, writer) -> None:
        await reader.readuntil(b"\r\n\r\n")
        port = there.sockets[0].getsockname()[1]
        writer.write(f"HTTP/1.1 {status}\r\nLocation: ws://127.0.0.1:{port}/ws\r\n\r\n".encode())
        await writer.drain()
        writer.close()

    there = await asyncio.start_server(evil, "127.0.0.1", 0)
    here = await asyncio.start_server(redirect, "127.0.0.1", 0)
    async with there, here:
        url = f"ws://127.0.0.1:{here.sockets[0].getsockname()[1]}"
        with pytest.raises(Lost, match=f"HTTP {status[:3]}"):
            async with Client(url, token=JOHN, connect_within=0.3):
                pytest.fail("let in")
    assert came == []
