"""
Looks for secrets in what is committed: tokens of ours, keys, and texts that look random.

`python scripts/secrets_scan.py [FILES]` looks at all files of the repository, or at those
given. A text that is no secret stands in `KNOWN` with its reason. It knows nothing of
history: what was committed once is to be revoked, not deleted.
"""

import math
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent

# Each kind of token of ours has its letter: `cvt_` for programs, `cvs_` for sessions …
# Wherever it stands: in a database another value may end just before it.
OURS = re.compile(rb"cv[a-z]_[A-Za-z0-9_-]{40,}")
FORMS = {
    "a token of this server": OURS,
    "a private key": re.compile(rb"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----"),
    "a key of AWS": re.compile(rb"\bAKIA[0-9A-Z]{16}\b"),
    "a token of GitHub": re.compile(rb"\bgh[pousr]_[A-Za-z0-9]{36,}"),
    "a token of Slack": re.compile(rb"\bxox[abpr]-[A-Za-z0-9-]{10,}"),
    "a JSON web token": re.compile(rb"\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,}"),
}
WORD = re.compile(rb"[A-Za-z0-9+_-]{24,}=*")
# Bits a character: texts that people write have less.
RANDOM_BASE64 = 4.3
RANDOM_HEX = 3.0
HEX_LENGTH = 32

# Checksums of what others publish, and nothing else.
SKIPPED = {
    "package-lock.json",
    "benchmarks/peers/package-lock.json",
    "src/conclave/web/vendor/vendor.json",
    "src/conclave/web/emoji/sources.json",
    "constraints.txt",
    "requirements.lock",
}
KNOWN = {
    "cvt_PMgfRk0V1L0lZZY3m0gS8VYCPNxZ0VbZxUeBvR7hQ1s": "the example of the docs",
    "cvr_0123456789012345678901234567890123456789abc": "the example of the docs",
    "HTTP_503_SERVICE_UNAVAILABLE": "a name",
    "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=": "the example of RFC 6455",
    "4f55bdeec980ea9832c4cd35abf465c3830e29ff3c8d3c0873a13c8c5bd8": "a key derived in a test",
    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9": "a header without a secret",
    "BNcRdreALRFXTkOOUHK1EtK2wtaz5Ry4YfYCA_0QTpQtUbVlUls0VJXg7A8u": "a public key",
    "PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==": "a script that must not run",
    "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk": "the example of RFC 7515",
}


def committed() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
    return [ROOT / name for name in listed.stdout.decode().split("\0") if name]


def findings(path: Path) -> Iterator[str]:
    """Yield what looks like a secret in the file, each as a line for people."""
    name = str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)
    if name in SKIPPED or not path.is_file():
        return
    content = path.read_bytes()
    binary = b"\0" in content
    for number, line in enumerate(content.split(b"\n"), 1):
        for what, text in suspects(line, binary=binary):
            if not is_known(text):
                yield f"{name}:{number}: {what}: {text[:12]}…, or say in KNOWN why it is none"


def suspects(line: bytes, *, binary: bool = False) -> Iterator[tuple[str, str]]:
    """Yield what each suspicious word of *line* looks like, and the word."""
    for what, form in FORMS.items():
        for found in form.findall(line):
            yield what, found.decode("ascii")
    if binary:
        return  # everything looks random in a database
    for word in WORD.findall(line):
        if looks_random(word):
            yield "random text", word.decode("ascii")


def is_known(text: str) -> bool:
    # A hexadecimal digest may be longer than the part that was listed.
    return any(text == known or text.startswith(known) for known in KNOWN)


def looks_random(word: bytes) -> bool:
    if re.fullmatch(rb"[0-9a-f]+", word):
        return len(word) >= HEX_LENGTH and bits(word) > RANDOM_HEX
    kinds = (rb"\d", rb"[a-z]", rb"[A-Z]")
    return bits(word) > RANDOM_BASE64 and all(re.search(kind, word) for kind in kinds)


def bits(word: bytes) -> float:
    """Return the entropy of *word* in bits a character."""
    return -sum(n / len(word) * math.log2(n / len(word)) for n in Counter(word).values())


def main(names: list[str]) -> int:
    paths = [Path(name).resolve() for name in names] or committed()
    found = [line for path in paths for line in findings(path)]
    for line in found:
        print(line)
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
