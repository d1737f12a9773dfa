"""What is sent of a script is what it says: only comments are left away, token by token."""

import shutil
import subprocess
from pathlib import Path

import pytest

from conclave.http.assets import WEB
from conclave.http.lean import lean

ROOT = Path(__file__).parent.parent.parent


def differences(scripts: dict[str, bytes], folder: Path) -> str:
    """Compare *scripts* with what is sent of them by the tokens that a parser finds."""
    if shutil.which("node") is None or not (ROOT / "node_modules/acorn").is_dir():
        pytest.skip("no Node here: apt install nodejs npm")
    pairs = []
    for n, content in enumerate(scripts.values()):
        whole, sent = folder / f"{n}.whole.js", folder / f"{n}.sent.js"
        whole.write_bytes(content)
        sent.write_bytes(lean(content))
        pairs += [str(whole), str(sent)]
    ran = subprocess.run(
        ["node", "tests/web/tokens.mjs", *pairs], cwd=ROOT, capture_output=True, text=True
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def test_every_script_of_the_page_is_sent_as_it_is(tmp_path: Path):
    scripts = {str(path): path.read_bytes() for path in WEB.rglob("*.js")}
    assert len(scripts) > 150
    assert any(lean(content) != content for content in scripts.values())
    assert differences(scripts, tmp_path) == ""


@pytest.mark.parametrize(
    "script", [b"const a = `\n// said\n`;\n", b"const a = `\n  /* said */\n`;\n"]
)
def test_a_template_that_looks_like_a_comment_would_be_found(script: bytes, tmp_path: Path):
    assert differences({"": script}, tmp_path) != ""


def test_style_sheets_keep_all_that_is_no_comment():
    for path in (WEB / "app/css").glob("*.css"):
        content = path.read_text("utf-8")
        # No string of a sheet holds what begins a comment; then it is simple.
        kept = [line for line in lean(content.encode()).decode().split("\n") if line.strip()]
        inside, wanted = False, []
        for line in content.split("\n"):
            starts = line.strip().startswith("/*")
            inside = inside or starts
            if not inside and line.strip():
                wanted.append(line)
            if inside and line.rstrip().endswith("*/"):
                inside = False
            elif inside and starts and "*/" in line:
                inside = False
                wanted.append(line)
        assert kept == wanted, path.name
