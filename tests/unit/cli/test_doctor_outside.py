"""What `conclave doctor` finds at the edges: the public address, the chain, tokens, damage."""

import asyncio
from contextlib import closing

import trustme
from cryptography import x509
from tests.support.ports import free_port

from conclave import app
from conclave.cli.checks import State, check_public, check_settings, check_tls
from conclave.cli.checks.database import check_database
from conclave.settings import Settings
from conclave.storage.driver import driver


async def asked(settings: Settings) -> tuple[State, str, str]:
    (found,) = await asyncio.to_thread(check_public, settings)
    return found.state, found.says, found.advice


async def test_the_public_address_leads_to_the_server_that_runs(data) -> None:
    port = free_port()
    settings = Settings(data=data, port=port, public_url=(f"http://127.0.0.1:{port}",))
    async with app.running(settings):
        state, says, _ = await asked(settings)
        assert (state, says) == (
            State.GOOD,
            f"http://127.0.0.1:{port} leads here, and who comes is seen: 127.0.0.1",
        )
    # Where none runs there is nothing to ask, and nothing to ask without a public address.
    assert check_public(settings) == check_public(Settings(data=data)) == []


async def test_a_proxy_that_does_not_say_for_whom_it_speaks_is_warned_of(data) -> None:
    port = free_port()
    public = (f"http://127.0.0.1:{port}",)
    settings = Settings(data=data, port=port, public_url=public, behind_proxy=True)
    async with app.running(settings):
        state, says, advice = await asked(settings)
    assert (state, "its proxy" in says) == (State.WARNING, True)
    assert "X-Forwarded-For" in advice


async def test_what_is_no_way_to_the_server_is_a_problem_with_its_fix(data, tmp_path) -> None:
    here, nowhere, elsewhere = free_port(), free_port(), free_port()

    async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
        writer.close()
        await writer.wait_closed()

    other = await asyncio.start_server(plain, "127.0.0.1", elsewhere)
    async with app.running(Settings(data=data, port=here)):
        for port, word, fix in (
            (nowhere, "cannot be reached", "does the proxy run?"),
            (elsewhere, "answers a WebSocket with 404", "hand on Upgrade"),
        ):
            public = (f"http://127.0.0.1:{port}",)
            state, says, advice = await asked(Settings(data=data, port=here, public_url=public))
            assert (state, word in says, fix in advice) == (State.PROBLEM, True, True), says
    other.close()
    await other.wait_closed()


def test_a_chain_in_the_wrong_order_is_told(tmp_path) -> None:
    root = trustme.CA()
    middle = root.create_child_ca()
    leaf = middle.issue_cert("chat.example.org")
    pems = [one.bytes() for one in leaf.cert_chain_pems]
    assert len(pems) == 2
    key, chain = tmp_path / "key.pem", tmp_path / "chain.pem"
    key.write_bytes(leaf.private_key_pem.bytes())
    key.chmod(0o600)
    settings = Settings(tls_cert=chain, tls_key=key)
    chain.write_bytes(b"".join(pems))
    assert {one.state for one in check_tls(settings)} == {State.GOOD}
    stranger = trustme.CA().cert_pem.bytes()
    chain.write_bytes(pems[0] + stranger)
    (wrong,) = [one for one in check_tls(settings) if one.state is State.PROBLEM]
    assert "has not issued it" in wrong.says
    assert x509.load_pem_x509_certificates(pems[0] + stranger)


def test_a_metrics_token_that_all_may_read_is_warned_of(tmp_path) -> None:
    token = tmp_path / "metrics.token"
    token.write_text("a-word-of-many-letters", encoding="ascii")
    for mode, state in ((0o644, State.WARNING), (0o600, State.GOOD)):
        token.chmod(mode)
        (found,) = check_settings(Settings(metrics_token=token), {})
        assert found.state is state
    token.write_text("short", encoding="ascii")
    (found,) = check_settings(Settings(metrics_token=token), {})
    assert (found.state, found.check) == (State.PROBLEM, "metrics")


def test_damage_in_the_database_is_found(data) -> None:
    with closing(driver().connect(data / "conclave.db", isolation_level=None)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("PRAGMA writable_schema = ON")
        # An index of another table's pages: nothing that is read at a start.
        connection.execute(
            "UPDATE sqlite_schema SET rootpage = (SELECT rootpage FROM sqlite_schema"
            " WHERE name = 'rooms') WHERE name = (SELECT name FROM sqlite_schema"
            " WHERE type = 'index' AND tbl_name = 'entries' AND sql IS NOT NULL LIMIT 1)"
        )
    states = {one.check: one.state for one in check_database(data)}
    assert State.PROBLEM in (states.get("structure"), states.get("database"))
