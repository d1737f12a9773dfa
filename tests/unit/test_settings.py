"""What settings are right, what is said about wrong ones, and who may call by which name."""

from dataclasses import fields, replace
from pathlib import Path

import pytest

from conclave.settings import (
    Settings,
    canonical_origin,
    is_loopback,
    of_worker,
    problems,
    warnings,
)
from conclave.settings.entry import claims_of


def test_the_defaults_are_good_and_listen_on_loopback():
    assert problems(Settings()) == []
    assert warnings(Settings()) == []
    assert is_loopback(Settings().host)


def test_each_setting_says_what_it_is_for_in_a_sentence():
    for one in fields(Settings):
        assert one.metadata["help"][0].isupper() or one.metadata["help"].startswith("debug")
        assert one.metadata["help"].endswith(".")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("port", -1),
        ("port", 65_536),
        ("host", ""),
        ("host", "a b"),
        ("auth_timeout", 0.0),
        ("auth_timeout", -1.0),
        ("heartbeat_interval", 0.0),
        ("heartbeat_interval", 86_400.0),
        ("heartbeat_timeout", float("inf")),
        ("handshake_timeout", float("nan")),
        ("presence_grace", -0.1),
        ("max_connections", -1),
        ("max_room_members", -1),
        ("rate", -1.0),
        ("burst", 0),
        ("max_message_bytes", 100),
        ("max_queue_bytes", 65_536),
        ("log_level", "loud"),
        ("app", "module"),
        ("app", "module:"),
        ("tls_cert", Path("cert.pem")),
        ("tls_key", Path("key.pem")),
        ("public_url", ("chat.example.org",)),
        ("public_url", ("https://chat.example.org/path",)),
        ("public_url", ("ftp://chat.example.org",)),
        ("public_url", ("null",)),
        ("trusted_proxy", ("10.0.0.1",)),
        ("host", "0.0.0.0"),
        ("host", "192.0.2.1"),
        ("host", "127.0.0.1.nip.io"),
        ("host", "::"),
        ("allow_origin", ("*",)),
        ("allow_origin", ("https://*.example.org",)),
        ("allow_origin", ("https://user@example.org",)),
        ("allow_origin", ("https://example.org?x",)),
        ("allow_origin", ("https://example.org:port",)),
    ],
)
def test_a_wrong_value_is_one_problem_that_names_the_flag(name, value):
    said = problems(replace(Settings(), **{name: value}))
    assert len(said) == 1
    assert f"--{name.replace('_', '-')}" in said[0]


def test_all_problems_are_told_at_once():
    wrong = Settings(port=-1, auth_timeout=0, log_level="loud", public_url=("x",), demo=True)
    assert len(problems(wrong)) == 4


def test_problems_call_a_setting_what_its_writer_called_it():
    said = problems(Settings(port=-1), lambda name: f"CONCLAVE_{name.upper()}")
    assert said == ["CONCLAVE_PORT is -1: choose from 0 to 65535"]


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.org", "127.0.0.1.nip.io"])
def test_a_demo_refuses_every_host_that_others_can_reach(host):
    said = problems(Settings(demo=True, host=host))
    assert len(said) == 1
    assert "demo tokens are public" in said[0]


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost"])
def test_a_demo_listens_on_loopback(host):
    assert problems(Settings(demo=True, host=host)) == []


def test_a_demo_keeps_its_data_apart():
    assert Settings(data=Path("d"), demo=True).home == Path("d/demo")
    assert Settings(data=Path("d")).home == Path("d")


@pytest.mark.parametrize("network", ["10.0.0.1/8", "proxy.example.org", "", "10.0.0.0/8,::1"])
def test_a_proxy_is_named_by_its_address_or_network(network):
    said = problems(Settings(behind_proxy=True, trusted_proxy=("::1", network)))
    assert len(said) == 1
    assert f"--trusted-proxy is {network!r}" in said[0]


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "10.0.0.1", "chat.example.org"])
def test_an_address_that_others_reach_needs_tls_or_a_proxy(host):
    (said,) = problems(Settings(host=host, public_url=("https://chat.example.org",)))
    for fix in ("--tls-cert", "--behind-proxy", host):
        assert fix in said
    assert problems(Settings(host=host, tls_cert=Path("c"), tls_key=Path("k"))) == []
    assert problems(Settings(host=host, behind_proxy=True)) == []


def test_nobodys_word_on_others_counts_unless_a_proxy_is_announced():
    assert Settings().proxies == ()
    assert Settings(behind_proxy=True).proxies == ("127.0.0.0/8", "::1")
    assert Settings(behind_proxy=True, trusted_proxy=("10.0.0.0/8",)).proxies == ("10.0.0.0/8",)


@pytest.mark.parametrize(
    ("unwise", "advice"),
    [
        ({}, "--public-url"),
        ({"public_url": ("https://chat.example.org",), "host": "0.0.0.0"}, "firewall"),
    ],
)
def test_a_proxy_that_cannot_work_or_can_be_passed_is_warned_about(unwise, advice):
    (said,) = warnings(Settings(behind_proxy=True, **unwise))
    assert advice in said


def test_a_proxy_on_this_machine_is_not_warned_about():
    url = ("https://chat.example.org",)
    assert warnings(Settings(behind_proxy=True, public_url=url)) == []


@pytest.mark.parametrize(
    ("https", "settings"),
    [
        (False, {}),
        (False, {"public_url": ("http://chat.example.org",)}),
        (False, {"behind_proxy": True}),
        (True, {"public_url": ("http://a.example", "HTTPS://chat.example.org")}),
        (True, {"tls_cert": Path("c"), "tls_key": Path("k")}),
    ],
)
def test_whether_people_come_through_tls_is_known(https, settings):
    assert Settings(**settings).is_https is https


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("https://Chat.Example.org", "https://chat.example.org"),
        ("HTTPS://chat.example.org:443/", "https://chat.example.org"),
        ("http://chat.example.org:443", "http://chat.example.org:443"),
        ("http://[::1]:3000", "http://[::1]:3000"),
        ("null", "null"),
    ],
)
def test_an_origin_has_one_spelling(written, meant):
    assert canonical_origin(written) == meant


def test_the_nodes_own_pages_may_connect():
    assert Settings(port=3001).origins == {
        "http://127.0.0.1:3001",
        "http://[::1]:3001",
        "http://localhost:3001",
    }


def test_public_addresses_and_allowed_origins_may_connect():
    settings = Settings(
        host="192.0.2.1",
        public_url=("https://Chat.example.org/",),
        allow_origin=("null", "http://other.example:8080"),
    )
    assert settings.origins == {
        "http://192.0.2.1:3000",
        "https://chat.example.org",
        "null",
        "http://other.example:8080",
    }


def test_a_node_answers_under_its_public_and_its_own_names():
    settings = Settings(host="0.0.0.0", public_url=("https://chat.example.org:8443",))
    assert settings.hosts == {"127.0.0.1", "[::1]", "localhost", "chat.example.org"}


@pytest.mark.parametrize("role", ["", "Admin", "owner", "admin "])
def test_a_second_factor_is_asked_of_roles_that_there_are(role):
    (said,) = problems(Settings(require_second_factor=("admin", role)))
    assert f"--require-second-factor is {role!r}" in said


JWT = {"jwt_key": ("k.pem",), "jwt_issuer": "https://id", "jwt_audience": "chat"}


@pytest.mark.parametrize("missing", JWT)
def test_tokens_of_another_system_need_key_issuer_and_audience(missing):
    assert problems(Settings(**JWT)) == []
    some = {name: value for name, value in JWT.items() if name != missing}
    (said,) = problems(Settings(**some))
    assert said.startswith(f"--{missing.replace('_', '-')} is missing")


@pytest.mark.parametrize("claim", ["", "sub", "id=sub", "user=", "name=a b", "user=sub=x", "=x"])
def test_a_claim_is_named_for_what_it_says(claim):
    (said,) = problems(Settings(**JWT, jwt_claim=("role=", claim)))
    assert f"--jwt-claim is {claim!r}" in said


def test_claims_that_are_not_named_are_the_usual_ones():
    assert claims_of(()) == {"user": "sub", "name": "name", "role": "role"}
    given = claims_of(("user=https://example.org/id", "role="))
    assert given == {"user": "https://example.org/id", "name": "name", "role": ""}


def test_its_own_origins_are_those_of_its_port_and_the_public_ones():
    settings = Settings(public_url=("https://chat.example.org",), allow_origin=("https://x.org",))
    own = settings.own_origins(4_000)
    assert "http://localhost:4000" in own
    assert "https://chat.example.org" in own
    assert "https://x.org" not in own
    assert settings.own_origins(0) == {"https://chat.example.org"}


@pytest.mark.parametrize("url", ["postgresql://ann:s3cret@db/chat", "postgres:///chat"])
def test_a_database_of_postgresql_is_an_address_with_a_name(url):
    assert problems(Settings(database=url)) == []


@pytest.mark.parametrize(
    "url",
    ["", "chat", "mysql://ann:s3cret@db/chat", "postgresql://ann:s3cret@db/", "http://[s3cret"],
)
def test_what_is_no_database_is_not_repeated_it_may_have_a_password(url):
    (line,) = problems(Settings(database=url))
    assert line == "--database is no database: write postgresql://user@host/name"


def test_a_demo_has_a_database_of_its_own():
    (line,) = problems(Settings(database="postgresql://db/chat", demo=True))
    assert "--demo" in line


@pytest.mark.parametrize(
    "url", ["redis://cache:6379", "rediss://:secret@cache/1", "unix:///run/redis.sock"]
)
def test_nodes_hear_of_each_other_by_redis_beside_a_database(url):
    assert problems(Settings(database="postgresql://db/chat", redis=url)) == []


@pytest.mark.parametrize("url", ["cache:6379", "http://u:hunter2@cache", "redis://", "redis://h:x"])
def test_what_is_no_redis_is_not_repeated_it_may_have_a_password(url):
    (line,) = problems(Settings(database="postgresql://db/chat", redis=url))
    assert line == "--redis is no address: write redis://host:6379"


def test_redis_without_a_database_that_nodes_share_is_refused():
    (line,) = problems(Settings(redis="redis://cache"))
    assert line == (
        "--redis without --database: nodes share a database of PostgreSQL; give both, or neither"
    )


@pytest.mark.parametrize("channel", ["", "two words", "all*", "x" * 129])
def test_a_channel_is_what_an_access_list_can_name(channel):
    (line,) = problems(Settings(redis_channel=channel))
    assert line.startswith("--redis-channel is ")


SHARED = {"database": "postgresql://x@h/d", "redis": "redis://h", "workers": 3}


@pytest.mark.parametrize(
    ("more", "wrong"),
    [
        ({}, []),
        ({"redis": None}, ["--workers is 3: several processes need --redis (Redis or Valkey)"]),
        ({"workers": 0}, ["--workers is 0: choose from 1 to 256"]),
        ({"metrics_token": Path("token")}, ["--workers is 3, each with metrics of its own"]),
        ({"metrics_listen": "127.0.0.1:65534"}, ["--metrics-listen is the first of 3 ports"]),
    ],
)
def test_several_workers_need_what_they_share_and_ports_of_their_own(more, wrong) -> None:
    found = problems(Settings(**{**SHARED, **more}))
    assert len(found) == len(wrong), found
    for says, begins in zip(found, wrong, strict=True):
        assert says.startswith(begins)


def test_each_worker_has_metrics_and_a_profile_of_its_own() -> None:
    settings = Settings(metrics_listen="[::1]:9464", profile=Path("/tmp/cpu"))
    third = of_worker(settings, 3)
    assert (third.metrics_listen, third.profile) == ("[::1]:9466", Path("/tmp/cpu.3"))
    assert of_worker(Settings(), 3) == Settings()
