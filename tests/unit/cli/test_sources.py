"""Where settings come from, who wins, and what is said when one of them is wrong."""

from dataclasses import fields
from pathlib import Path

import pytest

from conclave.cli.sources import BadSettings, kind, load, strange_variables
from conclave.settings import Settings


def written(tmp_path: Path, text: str) -> Path:
    config = tmp_path / "conclave.toml"
    config.write_text(text, encoding="utf-8")
    return config


def complaints(flags=None, environ=None, config=None) -> list[str]:
    with pytest.raises(BadSettings) as wrong:
        load(flags or {}, environ or {}, config)
    return wrong.value.problems


def test_without_anything_the_defaults_hold():
    assert load({}, {}) == Settings()


def test_a_flag_wins_over_a_variable_and_a_variable_over_the_file(tmp_path):
    config = written(tmp_path, "port = 1\nburst = 1\nrate = 1")
    environ = {"CONCLAVE_PORT": "2", "CONCLAVE_BURST": "2"}
    settings = load({"port": "3"}, environ, config)
    assert (settings.port, settings.burst, settings.rate) == (3, 2, 1.0)


def test_the_port_variable_of_platforms_counts_and_ours_wins():
    assert load({}, {"PORT": "8000"}).port == 8000
    assert load({}, {"PORT": "8000", "CONCLAVE_PORT": "8001"}).port == 8001


def test_an_empty_variable_is_no_variable():
    assert load({}, {"PORT": "", "CONCLAVE_HOST": ""}) == Settings()


# One value for each type, as each source writes it.
SPELLINGS = {
    int: ("4001", "4001", 4001),
    float: ("2.5", "2.5", 2.5),
    bool: ("true", "true", True),
    Path: ("somewhere", '"somewhere"', Path("somewhere")),
    tuple: (
        "https://a.example, https://b.example",
        '["https://a.example", "https://b.example"]',
        ("https://a.example", "https://b.example"),
    ),
}
# Those that none of these values suits, or that stand together with another.
PARTICULAR = (
    "mount",
    "tls_cert",
    "tls_key",
    "max_queue_bytes",
    "trusted_proxy",
    "session_days",
    "require_second_factor",
    "jwt_key",
    "jwt_claim",
    "attachment_kind",
    "metrics_token",
    "profile",
    "workers",
)
NAMES = [
    one.name for one in fields(Settings) if kind(one.name) is not str and one.name not in PARTICULAR
]


@pytest.mark.parametrize("name", NAMES)
def test_each_setting_is_read_from_the_environment(name):
    text, _, value = SPELLINGS[kind(name)]
    assert getattr(load({}, {f"CONCLAVE_{name.upper()}": text}), name) == value


@pytest.mark.parametrize("name", NAMES)
def test_each_setting_is_read_from_the_file(name, tmp_path):
    _, toml, value = SPELLINGS[kind(name)]
    assert getattr(load({}, {}, written(tmp_path, f"{name} = {toml}")), name) == value


@pytest.mark.parametrize("name", NAMES)
def test_each_setting_is_read_from_a_flag(name):
    text, _, value = SPELLINGS[kind(name)]
    assert getattr(load({name: text}, {}), name) == value


def test_proxies_are_read_from_everywhere(tmp_path):
    proxies = ("10.0.0.0/8", "2001:db8::1")
    flags = {"behind_proxy": True, "trusted_proxy": list(proxies)}
    assert load(flags, {}).trusted_proxy == proxies
    environ = {"CONCLAVE_BEHIND_PROXY": "1", "CONCLAVE_TRUSTED_PROXY": ",".join(proxies)}
    assert load({}, environ).trusted_proxy == proxies
    config = written(tmp_path, f"behind_proxy = true\ntrusted_proxy = {list(proxies)}")
    assert load({}, {}, config).trusted_proxy == proxies


def test_what_another_system_signs_with_is_read_from_everywhere(tmp_path):
    given = {"jwt_key": ("a.pem", "b.pem"), "jwt_issuer": "https://id", "jwt_audience": "chat"}
    expected = ("a.pem", "b.pem"), "https://id", "chat", ("user=email", "role=")

    def found(settings):
        names = ("jwt_key", "jwt_issuer", "jwt_audience", "jwt_claim")
        return tuple(getattr(settings, name) for name in names)

    flags = {**given, "jwt_key": ["a.pem", "b.pem"], "jwt_claim": ["user=email", "role="]}
    assert found(load(flags, {})) == expected
    environ = {
        "CONCLAVE_JWT_KEY": "a.pem b.pem",
        "CONCLAVE_JWT_ISSUER": "https://id",
        "CONCLAVE_JWT_AUDIENCE": "chat",
        "CONCLAVE_JWT_CLAIM": "user=email,role=",
    }
    assert found(load({}, environ)) == expected
    text = 'jwt_key = ["a.pem", "b.pem"]\njwt_issuer = "https://id"\njwt_audience = "chat"\n'
    config = written(tmp_path, text + 'jwt_claim = ["user=email", "role="]')
    assert found(load({}, {}, config)) == expected


def test_how_long_a_session_lives_and_who_needs_a_second_factor_is_read(tmp_path):
    environ = {"CONCLAVE_SESSION_DAYS": "7", "CONCLAVE_REQUIRE_SECOND_FACTOR": "admin, user"}
    settings = load({}, environ)
    assert (settings.session_days, settings.require_second_factor) == (7, ("admin", "user"))
    config = written(tmp_path, 'session_days = 7\nrequire_second_factor = "admin"')
    settings = load({}, {}, config)
    assert (settings.session_days, settings.require_second_factor) == (7, ("admin",))


def test_a_list_may_be_one_text_in_the_file(tmp_path):
    config = written(tmp_path, 'allow_origin = "null"')
    assert load({}, {}, config).allow_origin == ("null",)


def test_all_that_is_wrong_in_all_sources_is_told_at_once(tmp_path):
    config = written(tmp_path, 'prot = 1\nburst = "3"')
    said = complaints({"port": "abc"}, {"CONCLAVE_RATE": "x", "CONCLAVE_HOST": "a b"}, config)
    assert said == [
        f"{config}: prot is no setting: did you mean port?",
        f"{config}: burst is '3': give a whole number",
        "CONCLAVE_RATE is 'x': give a number",
        "--port is 'abc': give a whole number",
        "CONCLAVE_HOST is 'a b': give an address, such as 127.0.0.1",
    ]


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ('port = "3000"', "a whole number"),
        ("port = true", "a whole number"),
        ("port = 3000.0", "a whole number"),
        ('demo = "yes"', "true or false"),
        ("demo = 1", "true or false"),
        ("rate = true", "a number"),
        ("log_level = 1", "a text in quotes"),
        ("data = 1", "a path in quotes"),
        ("allow_origin = [1]", "a list of texts"),
        ("app = {a = 1}", "a text in quotes"),
    ],
)
def test_a_value_of_another_type_is_refused_with_what_was_expected(line, wanted, tmp_path):
    said = complaints(config=written(tmp_path, line))
    assert len(said) == 1
    assert wanted in said[0]


def test_a_file_that_is_not_there_is_one_problem(tmp_path):
    assert len(complaints(config=tmp_path / "none.toml")) == 1


def test_a_file_that_is_not_toml_says_where(tmp_path):
    (said,) = complaints(config=written(tmp_path, "port = \n"))
    assert "not TOML" in said
    assert "line 1" in said


def test_a_file_that_is_not_utf_8_is_one_problem(tmp_path):
    config = tmp_path / "conclave.toml"
    config.write_bytes(b"host = '\xff'")
    assert len(complaints(config=config)) == 1


def test_certificate_files_must_be_there(tmp_path):
    (tmp_path / "key.pem").touch()
    flags = {"tls_cert": str(tmp_path / "cert.pem"), "tls_key": str(tmp_path / "key.pem")}
    (said,) = complaints(flags)
    assert said == f"--tls-cert is {tmp_path}/cert.pem: there is no such file"


def test_a_misspelt_variable_is_spoken_of_and_a_foreign_one_is_not():
    (said,) = strange_variables({"CONCLAVE_PROT": "1", "CONCLAVE_TOKEN": "t", "PATH": "/"})
    assert said == "CONCLAVE_PROT is no setting: did you mean CONCLAVE_PORT?"


def test_the_settings_for_load_tests_lift_every_cap():
    settings = load({}, {}, Path("benchmarks/server.toml"))
    caps = [one.name for one in fields(Settings) if one.name.startswith("max_")]
    lifted = [name for name in caps if not name.endswith("_bytes")]
    lifted += [one.name for one in fields(Settings) if one.name.endswith("rate")]
    assert settings.demo
    assert len(lifted) > 10
    assert {name: getattr(settings, name) for name in lifted} == dict.fromkeys(lifted, 0)


def test_mounts_are_read_from_each_source(tmp_path):
    wanted = Settings(mount=("/shop=a.b:c", "/wiki=d:e"))
    file = tmp_path / "c.toml"
    file.write_text('mount = ["/shop=a.b:c", "/wiki=d:e"]', "utf-8")
    assert load({"mount": ["/shop=a.b:c", "/wiki=d:e"]}, {}) == wanted
    assert load({}, {"CONCLAVE_MOUNT": "/shop=a.b:c, /wiki=d:e"}) == wanted
    assert load({}, {}, file) == wanted
