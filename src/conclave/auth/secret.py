"""
The server's own secret: 32 random bytes in `DATA/secret.key`, made at the first start.

Keys for each purpose are derived from it, so that none of them is ever used for two things.
While `secret.key.old` lies beside it, what was made with that one holds too: so a secret is
changed without anybody noticing. Nothing is encrypted or signed here, and nobody is known.
"""

import hmac
import os
import re
import secrets
import stat
from pathlib import Path
from typing import Final

from conclave.settings import CannotStart

KEY_FILE: Final = "secret.key"
# What was the secret until it was changed; taken away when nothing made with it must hold.
OLD_KEY_FILE: Final = "secret.key.old"
KEY_BYTES: Final = 32

_ANEW: Final = "head -c 32 /dev/urandom"
# Of 32 random bytes about 30 differ; that fewer than 16 do happens once in 10 to the 17.
_FEWEST_DIFFERENT: Final = 16
# 32 random bytes are all printable once in 10 to the 13; what a person typed always is.
_TYPED: Final = re.compile(rb"[\t\n\r -~]*")
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


class Secret:
    """
    Derives the keys of this server; `load` makes one.

    Derive at each use, and keep no derived key: `reload` changes them while the server
    runs. It costs nothing from the second time on.
    """

    def __init__(self, directory: Path, keys: tuple[bytes, ...]) -> None:
        self._directory = directory
        self._keys = keys
        self._derived: dict[str, tuple[bytes, ...]] = {}

    @classmethod
    def load(cls, directory: Path) -> "Secret":
        """
        Read the secret of the data directory *directory*, made if it has none.

        Hold the directory's lock. Raises `CannotStart` for one that is no secret. Reads
        files: call it in a thread.
        """
        _make_unless_there(directory)
        return cls(directory, _keys_of(directory))

    @property
    def is_changing(self) -> bool:
        """Whether an old secret still holds beside the new one."""
        return len(self._keys) > 1

    def reload(self) -> None:
        """
        Read the files anew, after they were changed; raises `CannotStart` and changes nothing.

        Reads files: call it in a thread.
        """
        self._keys = _keys_of(self._directory)
        # Another, not an empty one: a thread may be about to put a key of before into it.
        self._derived = {}

    def derive(self, purpose: str) -> bytes:
        """Return 32 bytes for *purpose* alone, such as `csrf`: with these, make what is new."""
        return self.derive_each(purpose)[0]

    def derive_each(self, purpose: str) -> tuple[bytes, ...]:
        """
        Return the key that `derive` does, and then that of the old secret if there is one.

        What came back or was kept is good if it is good under any of them.
        """
        known = self._derived
        if (keys := known.get(purpose)) is None:
            keys = known[purpose] = tuple(_derive(key, purpose) for key in self._keys)
        return keys

    def __repr__(self) -> str:
        return "<Secret>"


def _derive(key: bytes, purpose: str) -> bytes:
    # HKDF, RFC 5869: the key is random already, so no salt is needed; `info` keeps purposes
    # apart. As long as one block of the hash, it needs no library, which is 8 MB at each start.
    info = b"conclave/" + purpose.encode()
    extracted = hmac.digest(bytes(KEY_BYTES), key, "sha256")
    return hmac.digest(extracted, info + b"\x01", "sha256")


def _keys_of(directory: Path) -> tuple[bytes, ...]:
    paths = [directory / KEY_FILE]
    # Not `exists`: a link that leads nowhere is a mistake to be told.
    if os.path.lexists(directory / OLD_KEY_FILE):
        paths.append(directory / OLD_KEY_FILE)
    keys = tuple(map(_read, paths))
    if len(set(keys)) < len(keys):
        raise CannotStart(f"{paths[1]} is the same secret as {KEY_FILE}: remove it")
    return keys


def load_key(path: Path) -> bytes:
    """
    Return the random bytes of *path*, made where there is no such file.

    For a key that is not derived from the secret, as it must outlive it. Hold the lock of the
    directory. Raises `CannotStart`. Reads files: call it in a thread.
    """
    if not os.path.lexists(path):
        try:
            _make(path)
        except OSError as error:
            raise CannotStart(f"cannot make the secret {path}: {error.strerror}") from error
    return _read(path)


def _make_unless_there(directory: Path) -> None:
    path = directory / KEY_FILE
    if os.path.lexists(path):
        return
    if os.path.lexists(directory / OLD_KEY_FILE):
        # Somebody moves files about: a new one now would be a third.
        raise CannotStart(
            f"{path} is missing while {OLD_KEY_FILE} is there: finish changing it with "
            f"`{_ANEW} > {path}`, mode 0600, or move the old one back"
        )
    try:
        _make(path)
    except OSError as error:
        raise CannotStart(f"cannot make the secret {path}: {error.strerror}") from error


def _make(path: Path) -> None:
    """Write a new secret under another name first, so that no crash leaves half of one."""
    half = path.with_name(f"{path.name}.new")
    half.unlink(missing_ok=True)
    file = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        os.write(file, secrets.token_bytes(KEY_BYTES))
        os.fsync(file)
    finally:
        os.close(file)
    # It replaces nothing: a secret that came to be in between stays.
    os.link(half, path)
    half.unlink()
    directory = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def _read(path: Path) -> bytes:
    try:
        file = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError as error:
        raise CannotStart(f"cannot read the secret {path}: {error.strerror}") from error
    try:
        _examine_file(path, os.fstat(file))
        key = os.read(file, KEY_BYTES + 1)
    finally:
        os.close(file)
    _examine_key(path, key)
    return key


def _examine_file(path: Path, found: os.stat_result) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise CannotStart(f"the secret {path} is no file: remove it, and a new one is made")
    if found.st_uid not in (os.geteuid(), 0):
        raise CannotStart(f"the secret {path} belongs to another user: `chown` it to this one")
    if found.st_mode & _OTHERS:
        raise CannotStart(
            f"the secret {path} can be read or changed by other users "
            f"(mode {stat.S_IMODE(found.st_mode):04o}): `chmod 600 {path}`, "
            "and make a new one if others were on this machine"
        )


def _examine_key(path: Path, key: bytes) -> None:
    if len(key) != KEY_BYTES:
        amount = "more" if len(key) > KEY_BYTES else f"only {len(key)}"
        wrong = f"holds {amount} where {KEY_BYTES} bytes must be"
    elif len(set(key)) < _FEWEST_DIFFERENT or _TYPED.fullmatch(key):
        wrong = "is not random"
    else:
        return
    raise CannotStart(f"the secret {path} {wrong}: `{_ANEW} > {path}`, or remove it for a new one")
