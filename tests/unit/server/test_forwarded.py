"""Whom a request counts for, whatever its headers say (B7)."""

import random

import pytest

from conclave.server.forwarded import Peer, ProxyRule

LOOPBACK = ["127.0.0.0/8", "::1"]


def peer(socket: str, *forwarded: str, proxies: list[str] = LOOPBACK, proto: str = "") -> Peer:
    headers = [(b"x-forwarded-for", text.encode("latin-1")) for text in forwarded]
    headers += [(b"x-forwarded-proto", proto.encode())] if proto else []
    return ProxyRule(proxies).peer(socket, headers)


@pytest.mark.parametrize("socket", ["192.0.2.7", "2001:db8::7", "10.0.0.1"])
def test_what_a_stranger_says_of_itself_is_not_read(socket):
    assert peer(socket, "198.51.100.1", proto="https") == Peer(socket)


def test_without_proxies_not_even_this_machine_is_believed():
    assert peer("127.0.0.1", "198.51.100.1", proto="https", proxies=[]) == Peer("127.0.0.1")


@pytest.mark.parametrize(
    ("forwarded", "address"),
    [
        (["198.51.100.1"], "198.51.100.1"),
        (["203.0.113.9, 198.51.100.1"], "198.51.100.1"),
        (["127.0.0.1, 198.51.100.1"], "198.51.100.1"),
        (["203.0.113.9", "198.51.100.1"], "198.51.100.1"),
        (["203.0.113.9, 198.51.100.1, 127.0.0.2"], "198.51.100.1"),
        (["203.0.113.9, 198.51.100.1", "127.0.0.2,127.0.0.3"], "198.51.100.1"),
        (["127.0.0.9, 127.0.0.8"], "127.0.0.9"),
        (["2001:DB8:0::1"], "2001:db8::1"),
        (["[2001:db8::1]:4711"], "2001:db8::1"),
        (["[2001:db8::1]"], "2001:db8::1"),
        (["198.51.100.1:4711"], "198.51.100.1"),
        (["::ffff:198.51.100.1"], "198.51.100.1"),
        (["::ffff:127.0.0.2"], "127.0.0.2"),
        (["  198.51.100.1\t"], "198.51.100.1"),
    ],
)
def test_the_right_most_address_that_is_no_proxy_counts(forwarded, address):
    assert peer("127.0.0.1", *forwarded) == Peer(address)


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "unknown",
        "_hidden",
        "chat.example.org",
        "198.51.100.256",
        "0198.51.100.1",
        "198.51.100.1:http",
        "198.51.100.1:123456",
        "[198.51.100.1",
        "1.2.3.4 5.6.7.8",
        "::1::1",
        "\xff",
        "1" * 8_000,
        "for=198.51.100.1",
    ],
)
def test_beyond_what_is_no_address_nobody_is_believed(wrong):
    assert peer("127.0.0.1", f"198.51.100.1, {wrong}") == Peer("127.0.0.1")
    assert peer("127.0.0.1", f"198.51.100.1, {wrong}, 127.0.0.2") == Peer("127.0.0.2")
    assert peer("127.0.0.1", f"{wrong}, 198.51.100.1") == Peer("198.51.100.1")


def test_the_zone_of_an_address_makes_no_other_peer_of_it():
    assert peer("fe80::1%eth0") == Peer("fe80::1")
    assert peer("::1", "fe80::1%a, fe80::2%b") == Peer("fe80::2")


def test_a_peer_of_a_socket_for_both_families_has_its_plain_address():
    assert peer("::ffff:192.0.2.7") == Peer("192.0.2.7")
    assert peer("::ffff:127.0.0.1", "198.51.100.1") == Peer("198.51.100.1")


def test_a_peer_without_an_address_is_nobodys_proxy():
    assert peer("", "198.51.100.1", proto="https") == Peer("")


@pytest.mark.parametrize(
    ("proto", "scheme"),
    [("https", "https"), ("HTTPS", "https"), ("https, http", "http"), ("ws", None), ("", None)],
)
def test_the_scheme_is_that_of_the_nearest_proxy(proto, scheme):
    assert peer("127.0.0.1", "198.51.100.1", proto=proto).scheme == scheme


@pytest.mark.parametrize("seed", range(5))
def test_nothing_that_stands_before_the_proxys_word_counts(seed):
    print(f"seed {seed}")
    dice = random.Random(seed)
    parts = ["127.0.0.1", "198.51.100.1", "unknown", "", "::1", "[::1]:1", "1.2.3.4:5", "\x00"]
    for _ in range(200):
        forged = [dice.choice(parts) for _ in range(dice.randrange(6))]
        hops = [f"127.0.0.{dice.randrange(1, 200)}" for _ in range(dice.randrange(3))]
        said = ",".join([*forged, "203.0.113.5", *hops])
        assert peer("127.0.0.1", *said.split(";")) == Peer("203.0.113.5"), said


def test_networks_that_are_none_are_refused():
    with pytest.raises(ValueError):
        ProxyRule(["10.0.0.1/8"])
