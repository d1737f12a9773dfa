"""The server's secret: made once, refused when it is none, changed without a break."""

import os
import secrets
import stat
from pathlib import Path

import pytest

from conclave.auth.secret import KEY_FILE, OLD_KEY_FILE, Secret, load_key
from conclave.settings import CannotStart


def write(path: Path, content: bytes, mode: int = 0o600) -> None:
    path.write_bytes(content)
    path.chmod(mode)


def refusal(directory: Path) -> str:
    with pytest.raises(CannotStart) as why:
        Secret.load(directory)
    said = str(why.value)
    assert "\n" not in said
    return said


def test_it_is_made_once_of_32_random_bytes_for_the_owner_only(tmp_path):
    first = Secret.load(tmp_path)
    path = tmp_path / KEY_FILE
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(path.read_bytes()) == 32
    assert Secret.load(tmp_path).derive("x") == first.derive("x")
    assert [entry.name for entry in tmp_path.iterdir()] == [KEY_FILE]


def test_two_servers_have_two_secrets(tmp_path):
    made = set()
    for number in range(20):
        (tmp_path / str(number)).mkdir()
        made.add(Secret.load(tmp_path / str(number)).derive("x"))
    assert len(made) == 20


def test_half_a_secret_from_a_crash_is_made_anew(tmp_path):
    write(tmp_path / f"{KEY_FILE}.new", b"half")
    Secret.load(tmp_path)
    assert len((tmp_path / KEY_FILE).read_bytes()) == 32
    assert [entry.name for entry in tmp_path.iterdir()] == [KEY_FILE]


def test_each_purpose_has_a_key_of_its_own(tmp_path):
    secret = Secret.load(tmp_path)
    keys = {secret.derive(purpose) for purpose in ("csrf", "totp", "csr", "csrf2")}
    assert len(keys) == 4
    assert {len(key) for key in keys} == {32}
    assert (tmp_path / KEY_FILE).read_bytes() not in keys


def test_a_derived_key_is_that_of_rfc_5869(tmp_path):
    # So that no later version derives others: what is encrypted must stay readable.
    write(tmp_path / KEY_FILE, bytes(range(128, 160)))
    assert Secret.load(tmp_path).derive("totp").hex() == (
        "4f55bdeec980ea9832c4cd35abf465c3830e29ff3c8d3c0873a13c8c5bd852ff"
    )


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "only 0"),
        (secrets.token_bytes(31), "only 31"),
        (secrets.token_bytes(33), "more"),
        (secrets.token_bytes(4096), "more"),
        (bytes(32), "not random"),
        (b"\xff" * 32, "not random"),
        (b"\x00\x01\x02\x03\xff\xfe\xfd\xfc" * 4, "not random"),
        (b"changemechangemechangemechangeme", "not random"),
        (b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdef", "not random"),
        (secrets.token_hex(16).encode(), "not random"),
    ],
    # Random ones cannot name themselves: all who run tests beside each other need the same.
    ids=["empty", "short", "long", "4 KiB", "zeros", "ones", "repeated", "a word", "a row", "hex"],
)
def test_what_is_no_secret_is_refused_with_the_way_to_a_new_one(content, said, tmp_path):
    write(tmp_path / KEY_FILE, content)
    told = refusal(tmp_path)
    assert said in told
    assert "head -c 32 /dev/urandom" in told
    assert (tmp_path / KEY_FILE).read_bytes() == content


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660, 0o620, 0o602, 0o610, 0o777])
def test_one_that_others_can_read_or_change_is_refused(mode, tmp_path):
    write(tmp_path / KEY_FILE, secrets.token_bytes(32), mode)
    told = refusal(tmp_path)
    assert f"{mode:04o}" in told
    assert f"chmod 600 {tmp_path / KEY_FILE}" in told


@pytest.mark.parametrize("name", [KEY_FILE, OLD_KEY_FILE])
def test_the_old_one_is_examined_as_the_new_one_is(name, tmp_path):
    Secret.load(tmp_path)
    write(tmp_path / name, b"short")
    assert f"{tmp_path / name} holds only 5" in refusal(tmp_path)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_one_that_belongs_to_another_user_is_refused(tmp_path):
    write(tmp_path / KEY_FILE, secrets.token_bytes(32))
    os.chown(tmp_path / KEY_FILE, 12345, 12345)
    assert "belongs to another user" in refusal(tmp_path)


def test_what_is_no_file_is_refused_without_waiting(tmp_path):
    os.mkfifo(tmp_path / KEY_FILE, 0o600)
    assert "is no file" in refusal(tmp_path)
    (tmp_path / KEY_FILE).unlink()
    (tmp_path / KEY_FILE).symlink_to(tmp_path / "nowhere")
    assert "cannot read the secret" in refusal(tmp_path)


def test_an_old_one_alone_is_a_change_that_was_not_finished(tmp_path):
    write(tmp_path / OLD_KEY_FILE, secrets.token_bytes(32))
    assert "secret.key is missing while secret.key.old is there" in refusal(tmp_path)
    assert not (tmp_path / KEY_FILE).exists()


def test_the_same_secret_twice_is_no_change(tmp_path):
    Secret.load(tmp_path)
    write(tmp_path / OLD_KEY_FILE, (tmp_path / KEY_FILE).read_bytes())
    assert "the same secret" in refusal(tmp_path)


def test_while_the_old_one_is_there_both_hold_and_the_new_one_makes(tmp_path):
    secret = Secret.load(tmp_path)
    before = secret.derive("csrf")
    assert secret.derive_each("csrf") == (before,)
    os.rename(tmp_path / KEY_FILE, tmp_path / OLD_KEY_FILE)
    write(tmp_path / KEY_FILE, secrets.token_bytes(32))
    secret.reload()
    now = secret.derive("csrf")
    assert now != before
    assert secret.derive_each("csrf") == (now, before)
    (tmp_path / OLD_KEY_FILE).unlink()
    secret.reload()
    assert secret.derive_each("csrf") == (now,)


def test_a_bad_change_changes_nothing(tmp_path):
    secret = Secret.load(tmp_path)
    before = secret.derive("csrf")
    write(tmp_path / KEY_FILE, b"short")
    with pytest.raises(CannotStart):
        secret.reload()
    assert secret.derive_each("csrf") == (before,)


def test_its_representation_tells_nothing(tmp_path):
    secret = Secret.load(tmp_path)
    assert repr(secret) == str(secret) == "<Secret>"


def test_where_no_file_can_be_made_the_reason_is_told(tmp_path):
    assert "cannot make the secret" in refusal(tmp_path / "nowhere")
    with pytest.raises(CannotStart, match=r"cannot make the secret .*: No such file or directory"):
        load_key(tmp_path / "nowhere" / "backup.key")


def test_a_key_beside_the_secret_is_made_once_and_stays(tmp_path):
    made = load_key(tmp_path / "backup.key")
    assert len(made) == 32
    assert stat.S_IMODE((tmp_path / "backup.key").stat().st_mode) == 0o600
    assert load_key(tmp_path / "backup.key") == made


def test_it_says_whether_it_is_being_changed(tmp_path):
    secret = Secret.load(tmp_path)
    assert not secret.is_changing
    os.rename(tmp_path / KEY_FILE, tmp_path / OLD_KEY_FILE)
    write(tmp_path / KEY_FILE, secrets.token_bytes(32))
    secret.reload()
    assert secret.is_changing
