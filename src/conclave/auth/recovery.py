"""
Recovery codes: for who has lost the second factor; each is good once.

80 random bits need no slow hash and no key: they hold though the server's secret is lost,
and nobody tries them all.
"""

import hashlib
import re
import secrets
from typing import Final

CODES: Final = 10
_GROUPS: Final = 4
_GROUP_CHARS: Final = 4
# Crockford's: without letters that look like digits.
_ALPHABET: Final = "0123456789abcdefghjkmnpqrstvwxyz"
_LOOK_ALIKE: Final = str.maketrans("oil", "011")
_CODE: Final = re.compile(f"[{_ALPHABET}]{{{_GROUPS * _GROUP_CHARS}}}")


def new_codes() -> tuple[str, ...]:
    """Return codes to be shown once; keep only what `digest` makes of them."""
    return tuple(_new_code() for _ in range(CODES))


def _new_code() -> str:
    groups = (
        "".join(secrets.choice(_ALPHABET) for _ in range(_GROUP_CHARS)) for _ in range(_GROUPS)
    )
    return "-".join(groups)


def digest(user: str, code: str) -> bytes | None:
    """Return what is kept of *code* of *user*, however it was typed; None: it can be none."""
    plain = re.sub(r"[\s-]", "", code).lower().translate(_LOOK_ALIKE)
    if not _CODE.fullmatch(plain):
        return None
    return hashlib.sha256(f"{user}\0{plain}".encode()).digest()
