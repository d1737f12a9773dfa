"""Providers as operators write them: what is read, and what is said of what is wrong."""

import pytest

from conclave.auth.oidc.provider import read_providers
from conclave.settings import CannotStart

GOOD = 'issuer = "https://id.example.org"\nclient_id = "conclave"\nname = "House"\n'


@pytest.fixture
def write(tmp_path):
    def write(content, name="house"):
        path = tmp_path / f"{name}.toml"
        path.write_text(content)
        return path

    return write


def refusal(*paths):
    with pytest.raises(CannotStart) as why:
        read_providers(paths)
    return str(why.value)


def test_a_provider_is_called_as_its_file_unless_it_says_another_id(write):
    one, other = read_providers([write(GOOD), write(other_issuer('id = "work"'), "b")])
    assert (one.id, one.issuer, one.client.id) == ("house", "https://id.example.org", "conclave")
    assert (one.client.secret, one.client.in_form) == (None, False)
    assert other.id == "work"


def other_issuer(more=""):
    return GOOD.replace("id.example.org", "id2.example.org") + more


def test_two_of_one_id_or_issuer_are_one_too_many(write):
    first = write(GOOD)
    twice = write(other_issuer('id = "house"'), "b")
    assert "two providers have the id 'house'" in refusal(first, twice)
    same = write(GOOD, "c")
    assert "two providers have the issuer 'https://id.example.org'" in refusal(first, same)


def test_the_secret_is_the_line_in_a_file_beside_it(write, tmp_path):
    secret = tmp_path / "house.secret"
    path = write(GOOD + 'client_secret_file = "house.secret"\nclient_auth = "client_secret_post"\n')
    assert f"cannot read the secret {secret}: No such file" in refusal(path)
    secret.write_bytes(b"s3cret\r\n")
    secret.chmod(0o644)
    assert f"chmod 600 {secret}" in refusal(path)
    secret.chmod(0o600)
    (provider,) = read_providers([path])
    assert (provider.client.secret, provider.client.in_form) == ("s3cret", True)
    for content in (b"", b"\n", b"two\nlines\n", b"\x00\x01"):
        secret.write_bytes(content)
        assert f"{secret} holds no client secret" in refusal(path)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ('client_secret = "x"', "holds a secret: put it into a file"),
        ("= 5", "says no provider"),
        ('colour = "red"', "says no provider: Object contains unknown field `colour`"),
        ('accounts = "all"', "says no provider: Invalid enum value 'all'"),
        ('id = "Work"', "id is 'Work'"),
        ('id = "' + "x" * 33 + '"', "id is 'xxx"),
        ('scopes = ["profile"]', "scopes have no openid"),
        ('allowed_domains = ["example.org", "@Example.org"]', "has '@Example.org'"),
        ('link_by_name = true\nname_claim = "email"', "needs exactly one of allowed_domains"),
        (
            'link_by_name = true\nname_claim = "email"\nallowed_domains = ["a.org", "b.org"]',
            "needs exactly one of allowed_domains",
        ),
    ],
)
def test_what_is_wrong_is_said_in_one_line_with_its_file(write, more, said):
    path = write(GOOD + more)
    told = refusal(path)
    assert told.startswith(str(path))
    assert said in told


@pytest.mark.parametrize(
    ("line", "other", "said"),
    [
        ("https://id.example.org", "http://id.example.org", "issuer is 'http://id.example.org'"),
        ("https://id.example.org", "https://id.example.org?a", "issuer is"),
        ('"House"', '""', "name is ''"),
        ('"House"', '"' + "x" * 41 + '"', "name is 'xxx"),
        ('"House"', '"a\\u0007b"', "name is"),
        ('"conclave"', '""', "client_id is empty"),
    ],
)
def test_what_must_be_there_is_judged(write, line, other, said):
    assert said in refusal(write(GOOD.replace(line, other)))


def test_names_by_mail_count_where_all_are_of_one_domain(write):
    more = 'link_by_name = true\nname_claim = "email"\nallowed_domains = ["example.org"]'
    (provider,) = read_providers([write(GOOD + more)])
    assert provider.link_by_name


def test_a_file_that_cannot_be_read_is_said(write, tmp_path):
    missing = tmp_path / "none.toml"
    assert f"cannot read the provider {missing}: No such file" in refusal(missing)
    binary = write("")
    binary.write_bytes(b"\xff\xfe")
    assert "says no provider" in refusal(binary)


def test_a_provider_on_this_machine_is_asked_without_tls_where_that_is_said(write):
    local = GOOD.replace("https://id.example.org", "http://127.0.0.1:8080")
    assert "issuer is" in refusal(write(local))
    (provider,) = read_providers([write(local + "insecure_loopback = true")])
    assert provider.may_ask("http://127.0.0.1:8080/token")
    assert not provider.may_ask("http://192.0.2.1/token")
