"""What is encrypted where it lies: only its owner's row, its purpose and this server open it."""

import os

import pytest

from conclave.auth.sealing import CannotUnseal, Seal
from conclave.auth.secret import KEY_FILE, OLD_KEY_FILE, Secret


@pytest.fixture
def secret(tmp_path):
    return Secret.load(tmp_path)


def test_what_was_sealed_is_opened_again(secret):
    seal = Seal(secret, "totp")
    for plain in (b"", b"JBSWY3DPEHPK3PXP", os.urandom(1_000)):
        assert seal.unseal("ada", seal.seal("ada", plain)) == plain


def test_the_same_text_is_sealed_differently_each_time_and_does_not_show(secret):
    sealed = {Seal(secret, "totp").seal("ada", b"JBSWY3DPEHPK3PXP") for _ in range(20)}
    assert len(sealed) == 20
    assert not [one for one in sealed if b"JBSWY3DP" in one]


def test_it_is_not_opened_for_another_owner_purpose_or_server(secret, tmp_path):
    seal = Seal(secret, "totp")
    sealed = seal.seal("ada", b"x")
    (tmp_path / "other").mkdir(mode=0o700)
    others = [
        (seal, "bob"),
        (seal, ""),
        (Seal(secret, "totp2"), "ada"),
        (Seal(Secret.load(tmp_path / "other"), "totp"), "ada"),
    ]
    for other, owner in others:
        with pytest.raises(CannotUnseal):
            other.unseal(owner, sealed)


def test_a_changed_or_cut_one_is_not_opened(secret):
    seal = Seal(secret, "totp")
    sealed = seal.seal("ada", b"JBSWY3DPEHPK3PXP")
    for at in range(len(sealed) * 8):
        bits = bytearray(sealed)
        bits[at // 8] ^= 1 << at % 8
        with pytest.raises(CannotUnseal):
            seal.unseal("ada", bytes(bits))
    for length in range(len(sealed)):
        with pytest.raises(CannotUnseal):
            seal.unseal("ada", sealed[:length])


def test_what_the_old_secret_sealed_is_opened_while_that_is_there(secret, tmp_path):
    seal = Seal(secret, "totp")
    old = seal.seal("ada", b"x")
    (tmp_path / KEY_FILE).rename(tmp_path / OLD_KEY_FILE)
    path = tmp_path / KEY_FILE
    path.write_bytes(os.urandom(32))
    path.chmod(0o600)
    secret.reload()
    new = seal.seal("ada", b"y")
    assert [seal.unseal("ada", one) for one in (old, new)] == [b"x", b"y"]
    (tmp_path / OLD_KEY_FILE).unlink()
    secret.reload()
    assert seal.unseal("ada", new) == b"y"
    with pytest.raises(CannotUnseal):
        seal.unseal("ada", old)


def test_what_is_sealed_under_the_secret_of_now_is_not_sealed_anew(secret):
    seal = Seal(secret, "totp")
    sealed = seal.seal("ada", b"x")
    assert seal.reseal("ada", sealed) is None
    with pytest.raises(CannotUnseal):
        seal.reseal("bob", sealed)


def test_what_was_sealed_under_the_old_secret_outlives_it_when_sealed_anew(secret, tmp_path):
    seal = Seal(secret, "totp")
    sealed = seal.seal("ada", b"x")
    (tmp_path / KEY_FILE).rename(tmp_path / OLD_KEY_FILE)
    (tmp_path / KEY_FILE).write_bytes(os.urandom(32))
    (tmp_path / KEY_FILE).chmod(0o600)
    secret.reload()
    anew = seal.reseal("ada", sealed)
    assert anew is not None
    (tmp_path / OLD_KEY_FILE).unlink()
    secret.reload()
    assert seal.unseal("ada", anew) == b"x"
    with pytest.raises(CannotUnseal):
        seal.unseal("ada", sealed)
