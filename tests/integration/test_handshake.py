"""Who gets through the handshake, and what everybody else is told (B1, B3, B5, B6, A8)."""

import ssl
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme
from tests.support.echo_process import EchoProcess
from tests.support.in_time import in_time
from tests.support.raw import ACCEPT, TEXT, Frame, Raw, frame, upgrade

ALLOWED = "https://chat.example.org"


# A deadline of a second is that, however late a busy machine lets one see it; that of ten, which a
# server has by itself, is another.
WELL_BEFORE_TEN = 8.0
TERMS = {"origins": [ALLOWED], "any_loopback": False, "names": ["chat.example.org"]}


@pytest.fixture(scope="module")
def echo() -> Iterator[EchoProcess]:
    """One that nobody's patience outlasts: what is hung up on is so for another reason."""
    with EchoProcess(**TERMS, handshake_timeout=60.0) as process:
        yield process


@pytest.fixture(scope="module")
def hasty() -> Iterator[EchoProcess]:
    with EchoProcess(**TERMS, handshake_timeout=1.0) as process:
        yield process


def answer(echo: EchoProcess, request: bytes) -> tuple[int, dict[str, str]]:
    """Return what *request* is answered with; status 0 if the server hangs up."""
    with Raw(echo.port) as client:
        client.try_send(request)
        try:
            return client.read_head()
        except ConnectionError:
            return 0, {}


def test_a_proper_upgrade_is_answered_with_101(echo: EchoProcess) -> None:
    status, headers = answer(echo, upgrade())
    assert status == 101
    assert headers["sec-websocket-accept"] == ACCEPT
    assert headers["upgrade"] == "websocket"
    assert "sec-websocket-protocol" not in headers
    assert "sec-websocket-extensions" not in headers


@pytest.mark.parametrize("path", ["/", "/ws", "/ws?room=general"])
def test_the_socket_is_at_two_paths(echo: EchoProcess, path: str) -> None:
    assert answer(echo, upgrade(path=path))[0] == 101


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        pytest.param([f"Origin: {ALLOWED}"], 101, id="exact"),
        pytest.param(["Origin: https://other.example.org"], 403, id="other"),
        pytest.param(["Origin: null"], 403, id="null"),
        pytest.param([f"Origin: {ALLOWED}.evil.com"], 403, id="as a prefix"),
        pytest.param(["Origin: https://evil-chat.example.org"], 403, id="as a suffix"),
        pytest.param([f"Origin: {ALLOWED}:8443"], 403, id="other port"),
        pytest.param(["Origin: http://chat.example.org"], 403, id="http for https"),
        pytest.param(["Origin: https://CHAT.EXAMPLE.ORG"], 101, id="upper case"),
        pytest.param([f"Origin: {ALLOWED}."], 403, id="trailing dot"),
        pytest.param([f"Origin: {ALLOWED}", f"Origin: {ALLOWED}"], 403, id="two headers"),
        pytest.param([], 101, id="absent"),
        pytest.param([f"Origin: {ALLOWED}, {ALLOWED}"], 403, id="two in one header"),
        pytest.param(["Origin: http://evil.com", "Cookie: session=1"], 403, id="with a cookie"),
    ],
)
def test_only_the_exact_origin_may_connect(
    echo: EchoProcess, headers: list[str], status: int
) -> None:
    assert answer(echo, upgrade(*headers))[0] == status


@pytest.mark.parametrize("host", ["evil.com", "evil.com:80", "localhost.evil.com", "127.0.0.2"])
def test_another_host_is_not_answered(echo: EchoProcess, host: str) -> None:
    assert answer(echo, upgrade(host=host))[0] == 421
    assert answer(echo, f"GET / HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())[0] == 421


def changed(old: str, new: str) -> bytes:
    """Return a proper upgrade with one thing changed."""
    request = upgrade().decode("latin-1")
    assert old in request
    return request.replace(old, new).encode("latin-1")


KEY_LINE = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
HEAD = "GET / HTTP/1.1\r\nHost: localhost\r\n"
BAD: dict[str, bytes] = {
    "129 headers": upgrade(*[f"X-{number}: 1" for number in range(124)]),
    "a line of 8193 bytes": upgrade("X: " + "x" * 8_192),
    "a header of 1 MiB": upgrade("X: " + "x" * 1_048_576),
    "headers of 70 KiB in all": upgrade(*["X: " + "x" * 1_000] * 70),
    "a URL of 64 KiB": upgrade(path="/" + "x" * 65_536),
    "a URL that is none": upgrade(path="http://["),
    "a body on GET": upgrade("Content-Length: 5") + b"hello",
    "a chunked body on GET": upgrade("Transfer-Encoding: chunked") + b"0\r\n\r\n",
    "a length and chunks": upgrade("Content-Length: 5", "Transfer-Encoding: chunked"),
    "two lengths": f"{HEAD}Content-Length: 5\r\nContent-Length: 6\r\n\r\n".encode(),
    "HTTP/1.0": changed("HTTP/1.1", "HTTP/1.0"),
    "HTTP/2.0": changed("HTTP/1.1", "HTTP/2.0"),
    "a POST": changed("GET", "POST"),
    "a CONNECT": changed("GET /", "CONNECT localhost:80"),
    "another upgrade": changed("Upgrade: websocket", "Upgrade: notwebsocket"),
    "two upgrades": changed("Upgrade: websocket", "Upgrade: websocket\r\nUpgrade: h2c"),
    "no key": changed(KEY_LINE, ""),
    "a short key": changed(KEY_LINE, "Sec-WebSocket-Key: c2hvcnQ=\r\n"),
    "a key that is no Base64": changed(KEY_LINE, "Sec-WebSocket-Key: " + "!" * 24 + "\r\n"),
    "two keys": changed(KEY_LINE, KEY_LINE * 2),
    "no version": changed("Sec-WebSocket-Version: 13\r\n", ""),
    "version 8": changed("Version: 13", "Version: 8"),
    "version 99": changed("Version: 13", "Version: 99"),
    "two versions": upgrade("Sec-WebSocket-Version: 13"),
    "a folded header": upgrade("X: a\r\n b"),
    "a carriage return in a header": upgrade("X: a\rb"),
    "a line feed in a header": upgrade("X: a\nb"),
    "a NUL in a header": upgrade("X: a\0b"),
    "a space before the colon": upgrade("X : a"),
    "no colon": upgrade("X"),
    "no host": changed("Host: localhost\r\n", ""),
    "two hosts": upgrade("Host: localhost"),
    "an empty host": changed("Host: localhost", "Host:"),
    "a token in the URL": upgrade(path="/?token=secret"),
    "an access token in the URL": upgrade(path="/ws?a=b&access_token=secret"),
    "another path": upgrade(path="/socket"),
    "a path with dots": upgrade(path="/x/../ws"),
    "no request at all": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    "subprotocols that are no tokens": upgrade("Sec-WebSocket-Protocol: conclave.v1, a b"),
    "subprotocols above ASCII": upgrade("Sec-WebSocket-Protocol: \x80\xff"),
    "10 000 commas": upgrade("Sec-WebSocket-Protocol: " + "," * 7_000),
}


@in_time(1.0)
@pytest.mark.parametrize("request_", BAD.values(), ids=BAD.keys())
def test_a_bad_request_is_refused_at_once(
    echo: EchoProcess, request_: bytes, within: float
) -> None:
    began = time.monotonic()
    status, _ = answer(echo, request_)
    assert status == 0 or 400 <= status < 500
    assert time.monotonic() - began < within


def test_bad_requests_leave_no_memory_behind(echo: EchoProcess) -> None:
    for request in BAD.values():
        answer(echo, request)
    before = echo.rss_bytes
    for _ in range(3):
        for request in BAD.values():
            answer(echo, request)
    assert echo.rss_bytes - before <= 4 * 1024 * 1024


@pytest.mark.parametrize(
    "header",
    [
        "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits",
        "Sec-WebSocket-Extensions: " + "," * 7_000,
        "Sec-WebSocket-Extensions: \x80\xff",
        "Sec-WebSocket-Extensions: __proto__; constructor",
        "Sec-WebSocket-Extensions: " + " " * 7_000 + "x",
    ],
    ids=["deflate", "commas", "bytes", "names", "spaces"],
)
def test_extensions_are_ignored(echo: EchoProcess, header: str) -> None:
    status, headers = answer(echo, upgrade(header))
    assert status == 101
    assert "sec-websocket-extensions" not in headers


@pytest.mark.parametrize(
    ("offer", "chosen"),
    [
        (["conclave.v1"], "conclave.v1"),
        (["conclave.v2, conclave.v1"], "conclave.v1"),
        (["conclave.v2", "conclave.v1"], "conclave.v1"),
        (["  conclave.v1 ,, "], "conclave.v1"),
    ],
)
def test_the_subprotocol_we_speak_is_chosen(
    echo: EchoProcess, offer: list[str], chosen: str
) -> None:
    headers = [f"Sec-WebSocket-Protocol: {value}" for value in offer]
    status, got = answer(echo, upgrade(*headers))
    assert status == 101
    assert got["sec-websocket-protocol"] == chosen


@pytest.mark.parametrize("offer", ["conclave.v9", "__proto__", "CONCLAVE.V1"])
def test_an_unknown_subprotocol_is_echoed_and_closed_with_4504(
    echo: EchoProcess, offer: str
) -> None:
    with Raw(echo.port) as client:
        client.send(upgrade(f"Sec-WebSocket-Protocol: {offer}, chat"))
        status, headers = client.read_head()
        assert status == 101
        assert headers["sec-websocket-protocol"] == offer
        close = client.read_frame()
        assert close is not None
        assert close.close_code == 4504


def test_version_8_is_told_which_one_is_spoken(echo: EchoProcess) -> None:
    status, headers = answer(echo, BAD["version 8"])
    assert status == 426
    assert headers["sec-websocket-version"] == "13"


def test_plain_http_shares_the_port(echo: EchoProcess) -> None:
    with Raw(echo.port) as client:
        for _ in range(2):
            client.send(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            status, headers = client.read_head()
            assert status == 200
            client._take(int(headers["content-length"]))


def test_a_kept_alive_connection_may_still_upgrade(echo: EchoProcess) -> None:
    with Raw(echo.port) as client:
        client.send(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        _, headers = client.read_head()
        client._take(int(headers["content-length"]))
        client.send(upgrade())
        assert client.read_head()[0] == 101
        client.send(frame(TEXT, b"hello"))
        assert client.read_frame() == Frame(TEXT, b"hello")


def test_a_pipelined_upgrade_is_not_let_in_before_its_turn(echo: EchoProcess) -> None:
    plain = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with Raw(echo.port) as client:
        client.send(plain + upgrade())
        statuses = {client.read_head()[0]}
        assert statuses <= {200, 400}


@in_time(1.6, WELL_BEFORE_TEN)
@pytest.mark.parametrize("sent", [b"", b"G", upgrade()[:-2]], ids=["silent", "a byte", "half"])
def test_who_does_not_finish_the_request_is_hung_up_on(
    hasty: EchoProcess, sent: bytes, within: float
) -> None:
    with Raw(hasty.port) as client:
        client.send(sent)
        began = time.monotonic()
        assert client.is_ended()
        assert 0.9 < time.monotonic() - began < within


@in_time(3.0, WELL_BEFORE_TEN)
def test_slow_bytes_do_not_put_the_deadline_off(hasty: EchoProcess, within: float) -> None:
    """B4 in small: one byte at a time."""
    began = time.monotonic()
    clients = [Raw(hasty.port) for _ in range(50)]
    for byte in upgrade()[:14]:
        for client in clients:
            client.try_send(bytes((byte,)))
        time.sleep(0.1)
    assert answer(hasty, upgrade())[0] == 101, "others get in meanwhile"
    assert all(client.is_ended() for client in clients)
    assert time.monotonic() - began < within
    for client in clients:
        client.socket.close()


@in_time(1.6, WELL_BEFORE_TEN)
def test_the_second_request_of_a_connection_has_a_deadline_too(
    hasty: EchoProcess, within: float
) -> None:
    with Raw(hasty.port) as client:
        client.send(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        _, headers = client.read_head()
        client._take(int(headers["content-length"]))
        client.send(b"GET / HT")
        began = time.monotonic()
        assert client.is_ended()
        assert time.monotonic() - began < within


@pytest.fixture(scope="module")
def ca() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def tls_echo(ca: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Iterator[EchoProcess]:
    directory: Path = tmp_path_factory.mktemp("tls")
    issued = ca.issue_cert("localhost")
    issued.private_key_pem.write_to_path(directory / "key.pem")
    with (directory / "cert.pem").open("wb") as file:
        for blob in issued.cert_chain_pems:
            file.write(blob.bytes())
    with EchoProcess(
        tls_cert=str(directory / "cert.pem"),
        tls_key=str(directory / "key.pem"),
        handshake_timeout=1.0,
        close_timeout=1.0,
    ) as process:
        yield process


def context(ca: trustme.CA) -> ssl.SSLContext:
    made = ssl.create_default_context()
    ca.configure_trust(made)
    return made


def test_over_tls_messages_come_back(tls_echo: EchoProcess, ca: trustme.CA) -> None:
    large = b"x" * 60_000
    with Raw.opened(tls_echo.port, tls=context(ca)) as client:
        for _ in range(3):
            client.send(frame(TEXT, b"one") + frame(TEXT, large))
            assert client.read_frame() == Frame(TEXT, b"one")
            assert client.read_frame() == Frame(TEXT, large)
        client.send(frame(TEXT, b"\xff"))
        (close,) = client.read_frames()
        assert close.close_code == 1007
