"""The keys of another system: which files are taken, and what is said of the others."""

import pytest
from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import RSAAlgorithm
from tests.support.jwts import SECRET, Issuer

from conclave.auth.jwt_keys import read_keys
from conclave.settings import CannotStart


@pytest.fixture(scope="module")
def issuer(tmp_path_factory):
    return Issuer(tmp_path_factory.mktemp("keys"))


def test_a_file_decides_the_one_algorithm_it_is_for(issuer):
    keys = read_keys(issuer.files)
    assert [key.name for key in keys] == ["RS256", "ES256", "EdDSA", "HS256"]


def test_the_line_break_at_the_end_of_a_secret_is_not_part_of_it(issuer, tmp_path):
    path = tmp_path / "key"
    path.write_bytes(SECRET + b"\r\n")
    path.chmod(0o600)
    assert read_keys([path])[0].key == SECRET


def pem(key):
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def wrong(issuer):
    yield b"", "holds 0 bytes"
    yield b"x" * 31, "holds 31 bytes"
    yield SECRET[:31] + b"\n" * 9, "holds 31 bytes"
    yield b"x" * 64, "not random"
    yield b"0123456789" * 10_000, "too large"
    yield issuer.private("rsa"), "private key"
    yield issuer.private("ec"), "private key"
    yield b"-----BEGIN PUBLIC KEY-----\nx\n-----END PUBLIC KEY-----\n", "no public key in PEM"
    yield b"-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n", "no public key in PEM"
    yield pem(rsa.generate_private_key(65_537, 1_024)), "another kind"
    yield pem(ec.generate_private_key(ec.SECP384R1())), "another kind"
    yield pem(ec.generate_private_key(ec.SECP256K1())), "another kind"
    yield pem(dsa.generate_private_key(2_048)), "another kind"


def test_what_is_no_good_key_is_refused_with_its_fix(issuer, tmp_path):
    for content, says in wrong(issuer):
        path = tmp_path / "key"
        path.unlink(missing_ok=True)
        path.write_bytes(content)
        path.chmod(0o600)
        with pytest.raises(CannotStart, match=says) as error:
            read_keys([path])
        assert str(path) in str(error.value)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602, 0o610])
def test_a_secret_that_others_may_read_or_change_is_refused(tmp_path, mode):
    path = tmp_path / "key"
    path.write_bytes(SECRET)
    path.chmod(mode)
    with pytest.raises(CannotStart, match="chmod 600"):
        read_keys([path])


def test_a_file_that_is_not_there_is_said(tmp_path):
    with pytest.raises(CannotStart, match="No such file"):
        read_keys([tmp_path / "missing"])


def test_a_key_set_in_a_file_is_taken_and_one_that_is_none_is_refused(issuer, tmp_path):
    path = tmp_path / "jwks.json"
    member = RSAAlgorithm.to_jwk(rsa.generate_private_key(65_537, 2_048).public_key())
    path.write_text(f'\n{{"keys": [{member}]}}')
    (key,) = read_keys([path])
    assert key.name == "RS256"
    for content, says in (
        ("{", "is no set of public keys"),
        ('{"keys": {}}', "must be a list"),
        ('{"keys": []}', "it has no key"),
        ('{"keys": ["x"]}', "a key is no object"),
    ):
        path.write_text(content)
        with pytest.raises(CannotStart, match=says) as error:
            read_keys([path])
        assert str(path) in str(error.value)
