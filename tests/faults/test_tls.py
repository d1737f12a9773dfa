"""Handshakes of TLS that are old, wrong, or never finished (B8)."""

import datetime
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest
import trustme
from tests.support.echo_process import EchoProcess
from tests.support.in_time import in_time
from tests.support.raw import TEXT, Frame, Raw, frame, upgrade

# The first bytes of a ClientHello, which says that 512 are to follow.
HALF_A_HELLO = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(32)
STALLS = (b"", b"\x16", HALF_A_HELLO)


def issue(folder: Path, ca: trustme.CA, **options: object) -> dict[str, str]:
    """Write a certificate for localhost, and return the terms that name it."""
    made = ca.issue_cert("localhost", **options)
    made.private_key_pem.write_to_path(folder / "key.pem")
    made.cert_chain_pems[0].write_to_path(folder / "cert.pem")
    return {"tls_cert": str(folder / "cert.pem"), "tls_key": str(folder / "key.pem")}


@pytest.fixture(scope="module")
def ca() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def echo(ca: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Iterator[EchoProcess]:
    files = issue(tmp_path_factory.mktemp("tls"), ca)
    with EchoProcess(**files, handshake_timeout=2.0, close_timeout=1.0) as process:
        yield process


def trusting(ca: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context()
    ca.configure_trust(context)
    return context


def answers(echo: EchoProcess, context: ssl.SSLContext) -> bool:
    with Raw.opened(echo.port, tls=context) as client:
        client.send(frame(TEXT, b"hello"))
        return client.read_frame() == Frame(TEXT, b"hello")


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
@pytest.mark.parametrize(
    ("version", "good"),
    [("TLSv1", False), ("TLSv1_1", False), ("TLSv1_2", True), ("TLSv1_3", True)],
)
def test_what_is_older_than_1_2_is_refused(echo, ca, version, good) -> None:
    context = trusting(ca)
    # This client would; it is the server that must not.
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = context.maximum_version = ssl.TLSVersion[version]
    if good:
        assert answers(echo, context)
        return
    with pytest.raises((ssl.SSLError, ConnectionError)) as no:
        Raw(echo.port, tls=context)
    # Its own refusal would show nothing of the server's.
    assert "NO_PROTOCOLS_AVAILABLE" not in str(no.value)


@pytest.mark.parametrize("ciphers", ["aNULL", "eNULL", "kRSA", "RC4", "3DES"])
def test_ciphers_that_hide_nothing_or_not_for_long_are_refused(echo, ca, ciphers) -> None:
    context = trusting(ca)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.set_ciphers(f"{ciphers}:@SECLEVEL=0")
    except ssl.SSLError:
        return  # Not even this client has any.
    with pytest.raises((ssl.SSLError, ConnectionError)):
        Raw(echo.port, tls=context)


def test_who_names_no_server_gets_the_one_certificate_there_is(echo, ca) -> None:
    context = trusting(ca)
    context.check_hostname = False
    with Raw(echo.port, tls=context, name="") as client:
        client.send(upgrade())
        assert client.read_head()[0] == 101


def test_a_certificate_that_is_over_is_refused_by_clients(ca, tmp_path) -> None:
    over = datetime.datetime.now(datetime.UTC) - datetime.timedelta(hours=1)
    with (
        EchoProcess(**issue(tmp_path, ca, not_after=over)) as process,
        pytest.raises(ssl.SSLCertVerificationError, match="expired"),
    ):
        Raw(process.port, tls=trusting(ca))


@pytest.mark.parametrize(
    "said",
    [b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", upgrade(), b"\x00" * 64, b"SSH-2.0-x\r\n"],
    ids=["HTTP", "an upgrade", "zeros", "ssh"],
)
def test_plain_text_on_the_tls_port_is_hung_up_on_without_a_word_of_http(echo, said) -> None:
    with Raw(echo.port) as client:
        client.try_send(said)
        answer = b""
        try:
            while data := client.socket.recv(4_096):
                answer += data
        except ConnectionError:
            pass
        # At most an alert of TLS.
        assert b"HTTP" not in answer
        assert len(answer) < 32


def stall(stack: ExitStack, port: int, count: int) -> list[socket.socket]:
    stalled = [
        stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=15))
        for _ in range(count)
    ]
    for number, client in enumerate(stalled):
        client.send(STALLS[number % len(STALLS)])
    return stalled


def last_end(stalled: list[socket.socket]) -> float:
    """Wait until all are hung up on, and return when the last one was."""
    for client in stalled:
        try:
            # An alert may come first.
            while client.recv(64):
                pass
        except ConnectionError:
            pass
    return time.monotonic()


def at_rest(echo: EchoProcess) -> int:
    """Return how many sockets it has when those of clients that left are gone."""
    found = []
    for _ in range(10):
        found.append(echo.sockets)
        time.sleep(0.05)
    return min(found)


def check_stalls(echo: EchoProcess, ca: trustme.CA, within: float) -> None:
    assert answers(echo, trusting(ca))
    sockets, rss = at_rest(echo), echo.rss_bytes
    began = time.monotonic()
    with ExitStack() as stack:
        stalled = stall(stack, echo.port, 200)
        most = sockets
        while most < sockets + 200:
            assert time.monotonic() - began < within, f"only {most - sockets} were taken"
            most = max(most, echo.sockets)
        assert answers(echo, trusting(ca)), "others get in meanwhile"
        took = last_end(stalled) - began
    until = time.monotonic() + 10
    while echo.sockets > sockets and time.monotonic() < until:
        time.sleep(0.02)
    print(f"200 handshakes that stalled: the last one ended after {took:.1f} s")
    print(f"RSS {(echo.rss_bytes - rss) / 1e6:+.1f} MB")
    assert took <= within
    assert echo.sockets <= sockets
    assert answers(echo, trusting(ca))


@in_time(4.0, 8.0)
def test_two_hundred_handshakes_that_stall_are_hung_up_on(echo, ca, within) -> None:
    """With a fifth of the time that is given by itself; the rest is for a busy machine."""
    check_stalls(echo, ca, within)


def test_the_request_has_what_the_handshake_left_of_the_time(echo, ca) -> None:
    """Else who is slow in both would have the time twice."""
    hung_up = suppress(ConnectionError, ssl.SSLError)
    with socket.create_connection(("127.0.0.1", echo.port), timeout=15) as plain:
        began = time.monotonic()
        time.sleep(1.2)
        with hung_up, trusting(ca).wrap_socket(plain, server_hostname="localhost") as client:
            client.send(b"GET / HT")
            assert client.recv(10) == b""
        took = time.monotonic() - began
    # It is 3.2 s where the request has all of it again; a handshake alone has less than all.
    assert 1.5 < took < 3.1


@pytest.mark.slow
def test_by_itself_a_server_waits_ten_seconds_for_them(ca, tmp_path) -> None:
    with EchoProcess(**issue(tmp_path, ca)) as process:
        check_stalls(process, ca, within=10.0)
