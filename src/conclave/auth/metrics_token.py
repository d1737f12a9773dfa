"""
The token of whoever reads metrics: the first line of a file that the operator names.

It is of use for nothing else. Who compares it with what somebody brings keeps a digest.
"""

from pathlib import Path
from typing import Final

from conclave.settings import CannotStart

# As many letters as a stranger cannot try: `openssl rand -hex 16` has twice as many.
LEAST: Final = 16
_MOST: Final = 256


def read_metrics_token(path: Path) -> str:
    """Return the token in *path*; raises `CannotStart`. Reads a file: call it in a thread."""
    try:
        text = path.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it has more than ASCII"
        raise CannotStart(f"the metrics token {path} cannot be read: {why}") from error
    token = text.partition("\n")[0].strip()
    if not LEAST <= len(token) <= _MOST or not token.isprintable() or " " in token:
        anew = f"openssl rand -hex 16 > {path}"
        raise CannotStart(
            f"the metrics token {path} is no word of {LEAST} to {_MOST} letters: {anew}"
        )
    return token
