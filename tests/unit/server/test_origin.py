"""Who may open a socket from a browser (B1), and under which names we answer (B3)."""

import pytest

from conclave.server.origin import HostRule, Origin, OriginRule, host_of

ALLOWED = "https://chat.example.org"


@pytest.mark.parametrize(
    ("origins", "admitted"),
    [
        pytest.param([ALLOWED], True, id="exact"),
        pytest.param(["https://other.example.org"], False, id="other"),
        pytest.param(["null"], False, id="null"),
        pytest.param(["https://chat.example.org.evil.com"], False, id="as a prefix"),
        pytest.param(["https://evil-chat.example.org"], False, id="as a suffix"),
        pytest.param(["https://chat.example.org:8443"], False, id="other port"),
        pytest.param(["http://chat.example.org"], False, id="http for https"),
        pytest.param(["https://CHAT.example.ORG"], True, id="upper case"),
        pytest.param(["https://chat.example.org."], False, id="trailing dot"),
        pytest.param([ALLOWED, ALLOWED], False, id="two headers"),
        pytest.param([], True, id="absent: a native client"),
        pytest.param(["https://chat.example.org:443"], True, id="the default port, spelt out"),
        pytest.param([""], False, id="empty"),
        pytest.param([f"{ALLOWED}/"], False, id="with a path"),
        pytest.param([f"{ALLOWED} "], False, id="with a space"),
        pytest.param([f"{ALLOWED}, {ALLOWED}"], False, id="two in one header"),
        pytest.param(["https://user@chat.example.org"], False, id="with a user"),
        pytest.param(["http://localhost:3000"], False, id="loopback, not in demo"),
    ],
)
def test_only_the_exact_origin_is_admitted(origins: list[str], admitted: bool) -> None:
    assert OriginRule([ALLOWED]).admits(origins) is admitted


@pytest.mark.parametrize(
    ("origin", "admitted"),
    [
        ("http://localhost:8080", True),
        ("http://127.0.0.1", True),
        ("https://[::1]:1", True),
        ("http://localhost.evil.com", False),
        ("http://127.0.0.1.evil.com", False),
        ("http://127.0.0.2", False),
        ("ftp://localhost", False),
        ("null", False),
    ],
)
def test_any_loopback_admits_this_machine_and_no_other(origin: str, admitted: bool) -> None:
    assert OriginRule([], any_loopback=True).admits([origin]) is admitted


def test_null_is_admitted_where_it_was_asked_for() -> None:
    assert OriginRule(["null"]).admits(["null"])


def test_an_origin_that_is_none_is_refused_at_start() -> None:
    with pytest.raises(ValueError, match=r"chat\.example\.org/path"):
        OriginRule(["https://chat.example.org/path"])


@pytest.mark.parametrize(
    ("host", "admitted"),
    [
        ("chat.example.org", True),
        ("Chat.Example.Org:8443", True),
        ("localhost:3000", True),
        ("127.0.0.1", True),
        ("[::1]:3000", True),
        ("evil.com", False),
        ("chat.example.org.evil.com", False),
        ("chat.example.org.", False),
        ("evil.com:80@localhost", False),
        ("", False),
        ("localhost:x", False),
        ("localhost:3000:3000", False),
    ],
)
def test_only_our_names_are_answered(host: str, admitted: bool) -> None:
    assert HostRule(["chat.example.org"]).admits(host) is admitted


def test_any_name_still_wants_a_name() -> None:
    rule = HostRule([], any_name=True)
    assert rule.admits("evil.com")
    assert not rule.admits("a b")


def test_the_host_of_a_public_url() -> None:
    assert host_of("https://Chat.example.org:8443/") == "chat.example.org"
    with pytest.raises(ValueError, match="not an origin"):
        host_of("chat.example.org")


def test_an_origin_without_a_known_default_port_has_none() -> None:
    assert Origin.parse("app://local") == Origin("app", "local", None)
