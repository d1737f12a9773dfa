"""What people give as an address is judged: nobody lets the server ask its own network."""

import asyncio
import socket
import threading

import aiohttp
import pytest

from conclave.protocol.errors import Reject
from conclave.reach.guard import Guard, is_public
from conclave.reach.resolving import Resolver

GOOD = [
    "https://fcm.googleapis.com/fcm/send/abc:def",
    "https://updates.push.services.mozilla.com/wpush/v2/x",
    "https://web.push.apple.com/QGuA?x=1",
    "https://xn--bcher-kva.example:443/x",
]
BAD = [
    "http://fcm.googleapis.com/x",
    "https://fcm.googleapis.com:8443/x",
    "https://fcm.googleapis.com:22/x",
    "https://user:secret@fcm.googleapis.com/x",
    "https://127.0.0.1@fcm.googleapis.com/x",
    "https://fcm.googleapis.com/x#y",
    "https://127.0.0.1/x",
    "https://127.1/x",
    "https://0x7f000001/x",
    "https://0x7f.0.0.0x1/x",
    "https://2130706433/x",
    "https://0177.0.0.1/x",
    "https://[::1]/x",
    "https://[::ffff:127.0.0.1]/x",
    "https://[fe80::1%25eth0]/x",
    "https://[fe80::1%25eth0.lan]/x",
    "https://[::1%a.b]/x",
    "https://localhost/x",
    "https://intranet/x",
    "https://a..example/x",
    "https://.example/x",
    "https:///x",
    "https://",
    "//fcm.googleapis.com/x",
    "ftp://fcm.googleapis.com/x",
    "file:///etc/passwd",
    "gopher://fcm.googleapis.com/x",
    "javascript:alert(1)",
    "https://fcm.googleapis.com/x\r\nhost: evil",
    "https://fcm.googleapis.com/x y",
    "https://fcm.google\u2024apis.com/x",
    "https://①②⑦.⓪.⓪.①/x",
    "https://[fcm.googleapis.com/x",
    "https://fcm.googleapis.com:x/x",
    "",
]
INTERNAL = [
    "127.0.0.1", "127.8.8.8", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1",
    "169.254.169.254", "100.64.0.1", "0.0.0.0", "192.0.2.1", "198.18.0.1", "224.0.0.1",
    "240.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00::1",
    "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "2002:7f00:1::", "2002:a00:1::",
    "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2001:db8::1", "64:ff9b:1::808:808", "fec0::1",
]  # fmt: skip


@pytest.mark.parametrize("endpoint", GOOD)
def test_push_services_as_there_are_may_be_used(endpoint: str) -> None:
    Guard().check(endpoint)


@pytest.mark.parametrize("endpoint", BAD)
def test_what_is_none_is_refused_before_anything_is_asked(endpoint: str) -> None:
    with pytest.raises(Reject) as no:
        Guard().check(endpoint)
    assert no.value.code == "bad_request"


@pytest.mark.parametrize("address", INTERNAL)
def test_no_address_but_a_public_one_is_connected_to(address: str) -> None:
    assert not is_public(address)
    assert not Guard().may_reach("name.example", 443, address)


@pytest.mark.parametrize("address", ["142.250.185.78", "2a00:1450:4001:82a::200e", "8.8.8.8"])
def test_public_ones_are(address: str) -> None:
    assert is_public(address)


def test_with_a_list_those_on_it_may_be_used_wherever_they_are_and_nobody_else() -> None:
    guard = Guard(["http://127.0.0.1:9000", "https://push.example.org"])
    guard.check("http://127.0.0.1:9000/x")
    guard.check("https://push.example.org/x")
    assert guard.may_reach("127.0.0.1", 9000, "127.0.0.1")
    assert not guard.may_reach("127.0.0.1", 9001, "127.0.0.1")
    for endpoint in (GOOD[0], "http://127.0.0.1:9001/x", "https://127.0.0.1:9000/x"):
        with pytest.raises(Reject):
            guard.check(endpoint)


def test_what_is_allowed_besides_leaves_the_public_as_they_were() -> None:
    guard = Guard(also=["http://ci.intranet:8080"], any_port=True)
    for endpoint in ("http://ci.intranet:8080/x", GOOD[0], "https://hooks.example.org:8443/x"):
        guard.check(endpoint)
    assert guard.may_reach("CI.intranet", 8080, "10.0.0.7")
    assert not guard.may_reach("ci.intranet", 80, "10.0.0.7")
    for endpoint in ("http://ci.intranet/x", "http://a.example:8080/x", "https://10.0.0.7/x"):
        with pytest.raises(Reject):
            guard.check(endpoint)


async def test_a_look_up_that_hangs_ends_in_time_and_takes_no_thread_of_others(monkeypatch) -> None:
    going_on = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_: going_on.wait(10))
    resolver = Resolver(Guard(), within=0.05)
    # More than the loop's own pool has threads.
    hung = [resolver.resolve("slow.example", 443) for _ in range(40)]
    found = asyncio.gather(*hung, return_exceptions=True)
    assert await asyncio.wait_for(asyncio.to_thread(lambda: "free"), 2) == "free"
    assert {type(one) for one in await asyncio.wait_for(found, 2)} == {OSError}
    going_on.set()
    await resolver.close()


async def test_a_name_is_judged_by_the_addresses_it_has_when_it_is_connected_to(
    monkeypatch,
) -> None:
    """A name that was public when it was given, and leads inside now, is connected to nowhere."""
    asked, connections = [], []

    def looked_up(host, port, *_):
        asked.append(host)
        first = ("8.8.8.8", port) if len(asked) > 1 else ("127.0.0.1", port)
        return [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("8.8.4.4", port)),
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", first),
        ]

    async def connect(self, sock, address):
        connections.append(address)
        raise OSError("nowhere")

    loop = asyncio.get_running_loop()
    monkeypatch.setattr(socket, "getaddrinfo", looked_up)
    monkeypatch.setattr(type(loop), "sock_connect", connect)
    connector = aiohttp.TCPConnector(resolver=Resolver(Guard()), use_dns_cache=False)
    async with aiohttp.ClientSession(connector=connector, trust_env=False) as session:
        with pytest.raises(aiohttp.ClientError):
            await session.post("https://rebinding.example/x", data=b"")
        assert (asked, connections) == (["rebinding.example"], [])
        with pytest.raises(aiohttp.ClientError):
            await session.post("https://rebinding.example/x", data=b"")
    assert {host for host, _ in connections} <= {"8.8.4.4", "8.8.8.8"}
    assert connections
