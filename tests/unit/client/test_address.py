"""A token goes to one server, and not unencrypted over a network."""

import ssl

import pytest

from conclave.client import Client
from conclave.client.address import address_of


@pytest.mark.parametrize(
    ("url", "opened", "origin"),
    [
        ("wss://chat.example.org", "wss://chat.example.org:443/ws", "wss://chat.example.org:443"),
        ("https://Chat.example.org/", "wss://chat.example.org:443/ws", None),
        ("https://h.example/chat/ws", "wss://h.example:443/chat/ws", "wss://h.example:443"),
        ("http://localhost:3000", "ws://localhost:3000/ws", "ws://localhost:3000"),
        ("ws://127.0.0.1:3000/ws", "ws://127.0.0.1:3000/ws", None),
        ("ws://[::1]:3000", "ws://[::1]:3000/ws", "ws://[::1]:3000"),
    ],
)
def test_what_names_a_server_is_taken(url, opened, origin):
    found = address_of(url)
    assert found.url == opened
    assert origin in (None, found.origin)


@pytest.mark.parametrize(
    "url",
    [
        "ws://chat.example.org",
        "http://chat.example.org",
        "ws://127.evil.example",
        "ws://localhost.evil.example",
        "ws://10.0.0.7",
        "ws://[::2]",
    ],
)
def test_no_token_goes_unencrypted_to_another_machine(url):
    with pytest.raises(ValueError, match="not encrypted"):
        address_of(url)
    assert address_of(url, allow_plain=True).url.startswith("ws://")


@pytest.mark.parametrize(
    "url",
    [
        "chat.example.org",
        "ftp://chat.example.org",
        "wss://",
        "wss://user:password@chat.example.org",
        "wss://chat.example.org/ws?token=secret",
        "wss://chat.example.org/#room",
        "wss://chat.example.org/a b",
        "wss://chat.example.org/\r\nX: y",
    ],
)
def test_what_names_none_is_refused(url):
    with pytest.raises(ValueError):
        address_of(url)


def test_a_context_that_checks_nothing_is_refused():
    unchecked = ssl.create_default_context()
    unchecked.check_hostname = False
    unchecked.verify_mode = ssl.CERT_NONE
    with pytest.raises(ValueError, match="checks no certificates"):
        Client("wss://chat.example.org", token="secret", tls=unchecked)


def test_two_servers_behind_one_host_are_two():
    one, two = (address_of(f"wss://chat.example.org/team-{team}") for team in "ab")
    assert one.server != two.server
    assert address_of("https://chat.example.org").server == "wss://chat.example.org:443"
