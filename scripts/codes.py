"""
Write web/client/codes.js from protocol/errors.py, the one table of codes.

`--check` writes nothing and exits 1 when the file is not what it would write.
"""

import json
import sys
from pathlib import Path

from conclave.protocol.errors import (
    AUTH_TIMEOUT_REASON,
    RETRYABLE,
    STOPPED_REASON,
    Close,
    Code,
    may_come_back,
)

TARGET = Path(__file__).parent.parent / "src/conclave/web/client/codes.js"

HEAD = """\
/**
 * The codes of errors and closes, and what they advise.
 *
 * Written by scripts/codes.py from protocol/errors.py: change it there.
 */
"""

TAIL = """\
/**
 * Whether a client may reconnect after this close, with backoff and jitter.
 *
 * @param {number} code
 * @param {string} [reason]
 */
export function mayComeBack(code, reason = "") {
  if (code === CLOSE.POLICY) return reason === AUTH_TIMEOUT_REASON;
  return COME_BACK.has(code) || (code >= FIRST_COME_BACK && code <= LAST_COME_BACK);
}
"""


def lasting_range() -> tuple[int, int]:
    """Return the first and last code of the private range (4000 to 4999) that invites back."""
    invited = [code for code in range(4000, 5000) if may_come_back(code)]
    first, last = invited[0], invited[-1]
    if invited != list(range(first, last + 1)):
        raise SystemExit("the codes that invite back are no longer one range: extend codes.js")
    return first, last


def constant(name: str, value: object, about: str | None = None, wrap: str = "{}") -> str:
    text = json.dumps(value, indent=2 if isinstance(value, dict) else None)
    comment = f"/** {about} */\nexport " if about else ""
    return f"{comment}const {name} = {wrap.format(text)};\n"


def written() -> str:
    low = [code for code in range(1000, 4000) if may_come_back(code)]
    first, last = lasting_range()
    closes = {close.name: int(close) for close in Close}
    frozen, as_set = "Object.freeze({})", "new Set({})"
    return "\n".join(
        [
            HEAD,
            constant("CODES", [str(c) for c in Code], "Why a request was refused.", frozen),
            constant(
                "RETRYABLE",
                sorted(str(c) for c in RETRYABLE),
                "The same request may succeed later, unchanged.",
                as_set,
            ),
            constant("CLOSE", closes, "Close codes, by what they mean.", frozen),
            constant("AUTH_TIMEOUT_REASON", AUTH_TIMEOUT_REASON),
            constant(
                "STOPPED_REASON", STOPPED_REASON, "With GOING_AWAY: the server was told to stop."
            ),
            constant("COME_BACK", low, wrap=as_set),
            constant("FIRST_COME_BACK", first),
            constant("LAST_COME_BACK", last),
            TAIL,
        ]
    )


def main() -> int:
    text = written()
    if "--check" in sys.argv[1:]:
        current = TARGET.exists() and TARGET.read_text("utf-8") == text
        print("codes.js is current" if current else "codes.js is stale: python scripts/codes.py")
        return 0 if current else 1
    TARGET.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
