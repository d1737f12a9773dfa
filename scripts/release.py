"""
Make a version ready: its number, its changelog, its wheel and sdist. Nothing leaves the machine.

`python scripts/release.py` shows what the changelog of the next version would say, and changes
nothing. With a version it writes that into the one place which has it, gathers the fragments
and builds; what is left for a person to do it prints. It does not commit, tag or upload.
"""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
PLACE = "src/conclave/__init__.py"
# As Semantic Versioning and PEP 440 both read it.
VERSION = re.compile(r"(\d+)\.(\d+)\.(\d+)(?:(a|b|rc)(\d+))?")
WRITTEN = re.compile(r'^__version__ = "([^"]+)"$', re.MULTILINE)
PROTOCOL, SPEC = "docs/protocol.md", "docs/released.json"
BROKEN = re.compile(
    r"(^## What breaks\n.*?\n\n)(?:\* .*?\n\n|Since then .*?\n\n)(?=## )", re.MULTILINE | re.DOTALL
)
NOTHING = "Since then nothing has broken."
UNRELEASED = re.compile(r"\n## \[[^\]]+\] - unreleased\n")

LEFT = """\
{version} is ready in dist/. What is left to do:
  make check && make test-all && make dist-check
  git add --all && git commit --message "Release {version}"
  git tag --annotate v{version} --message "Conclave {version}"
  .venv/bin/twine upload dist/conclave_chat-*
"""


def main(words: list[str]) -> int:
    if not words:
        return run("draft", "--draft")
    (version,) = words
    if problem := refusal(version, (ROOT / PLACE).read_text("utf-8")):
        print(f"release: {problem}", file=sys.stderr)
        return 1
    prepare(version)
    print(LEFT.format(version=version))
    return 0


def refusal(version: str, source: str) -> str | None:
    """Return why *version* cannot be the next one, or None if it can."""
    if not VERSION.fullmatch(version):
        return f"{version!r} is no version: 1.2.3, or 1.2.3rc1"
    now = written(source)
    # What was never released is not taken yet.
    if order(version) < order(now):
        return f"{version} would come before {now}"
    return None


def written(source: str) -> str:
    """Return the version that *source* has: in exactly one line."""
    (version,) = WRITTEN.findall(source)
    return str(version)


def order(version: str) -> tuple[int, int, int, str, int]:
    """Return what versions are sorted by: one that is finished comes after its candidates."""
    found = VERSION.fullmatch(version)
    assert found is not None, version
    major, minor, patch, stage, number = found.groups()
    return int(major), int(minor), int(patch), stage or "~", int(number or 0)


def prepare(version: str) -> None:
    place, changelog = ROOT / PLACE, ROOT / "CHANGELOG.md"
    place.write_text(WRITTEN.sub(f'__version__ = "{version}"', place.read_text("utf-8")), "utf-8")
    if run(version, "--yes"):
        raise SystemExit("release: towncrier failed; git restore brings back what was there")
    changelog.write_text(folded(changelog.read_text("utf-8")), "utf-8")
    describe()
    subprocess.run([ROOT / "scripts/dist.sh"], check=True)


def describe() -> None:
    """Write the protocol as it is released now; from then on nothing has broken."""
    spec = ["spec", "--format", "jsonschema", "--out", ROOT / SPEC]
    subprocess.run([sys.executable, "-m", "conclave", *spec], check=True)
    page = ROOT / PROTOCOL
    page.write_text(unbroken(page.read_text("utf-8")), "utf-8")


def unbroken(page: str) -> str:
    """Return *page* without what broke since the release before: the changelog has it."""
    return BROKEN.sub(rf"\1{NOTHING}\n\n", page)


def run(version: str, how: str) -> int:
    command = [sys.executable, "-m", "towncrier", "build", how, "--version", version]
    return subprocess.run(command, cwd=ROOT).returncode


def folded(changelog: str) -> str:
    """
    Return *changelog* with what stands under an unreleased heading moved to the newest one.

    That heading is from before there were fragments, and written by hand.
    """
    if not (old := UNRELEASED.search(changelog)):
        return changelog
    before, after = changelog[: old.start()], changelog[old.end() :]
    head, mark, newest = before.rpartition("\n## ")
    title, _, new = newest.partition("\n")
    end = found.start() + 1 if (found := re.search(r"\n## ", after)) else len(after)
    kinds = parts(after[:end])
    for kind, entries in parts(new).items():
        kinds[kind] = "\n".join(filter(None, (kinds.get(kind, ""), entries)))
    body = "\n\n".join(f"### {kind}\n\n{entries}" for kind, entries in kinds.items())
    rest = f"\n{after[end:]}" if after[end:] else ""
    return f"{head}{mark}{title}\n\n{body}\n{rest}"


def parts(text: str) -> dict[str, str]:
    """Return the entries under each `### Kind` of *text*."""
    found = re.split(r"^### (.*)\n", text, flags=re.MULTILINE)[1:]
    return dict(zip(found[::2], (entries.strip("\n") for entries in found[1::2]), strict=True))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
