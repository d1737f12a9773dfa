"""What is generated or copied for the browser is what its sources say."""

import hashlib
import json
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
VENDOR = ROOT / "src/conclave/web/vendor"


def test_the_codes_of_the_browser_are_those_of_the_server():
    ran = subprocess.run(
        [sys.executable, "scripts/codes.py", "--check"], cwd=ROOT, capture_output=True, text=True
    )
    assert ran.returncode == 0, ran.stdout


def test_each_vendored_module_is_the_one_that_was_checked():
    listed = json.loads((VENDOR / "vendor.json").read_text("utf-8"))
    files = {name: digest for about in listed.values() for name, digest in about["files"].items()}
    assert files.keys() == {path.relative_to(VENDOR).as_posix() for path in VENDOR.rglob("*.js")}
    for name, digest in files.items():
        assert hashlib.sha256((VENDOR / name).read_bytes()).hexdigest() == digest, name


def test_each_vendored_package_has_its_licence_and_the_version_of_the_lock():
    lock = json.loads((ROOT / "package-lock.json").read_text("utf-8"))["packages"]
    for name, about in json.loads((VENDOR / "vendor.json").read_text("utf-8")).items():
        assert about["version"] == lock[f"node_modules/{name}"]["version"]
        assert about["integrity"] == lock[f"node_modules/{name}"]["integrity"]
        licence = name.replace("@", "").replace("/", "-") + ".LICENSE"
        assert (VENDOR / licence).stat().st_size > 500


def test_all_imports_of_the_browser_are_relative():
    imports = re.compile(r"""(?:\bfrom|\bimport)\s*\(?\s*["']([.@\w][^"',]*)["']""")
    for path in (ROOT / "src/conclave/web").rglob("*.js"):
        for name in imports.findall(path.read_text("utf-8")):
            assert name.startswith("."), f"{path}: {name}"
            assert (path.parent / name).resolve().is_file(), f"{path}: {name}"


def test_the_lock_names_no_registry():
    assert "resolved" not in (ROOT / "package-lock.json").read_text("utf-8")


def test_the_page_makes_nodes_of_texts_never_of_markup():
    for path in (ROOT / "src/conclave/web").rglob("*.js"):
        if VENDOR in path.parents:
            continue
        source = path.read_text("utf-8")
        for word in (
            "innerHTML",
            "outerHTML",
            "insertAdjacentHTML",
            "dangerouslySet",
            "document.write",
            "eval(",
        ):
            assert word not in source, f"{path}: {word}"
        assert " style=" not in source, path


def test_the_emoji_are_the_ones_that_were_made_from_their_sources():
    emoji = ROOT / "src/conclave/web/emoji"
    made = json.loads((emoji / "sources.json").read_text("utf-8"))
    assert made["files"].keys() == {path.name for path in emoji.glob("*.js")}
    for name, digest in made["files"].items():
        assert hashlib.sha256((emoji / name).read_bytes()).hexdigest() == digest, name
    script = (ROOT / "scripts/emoji.mjs").read_text("utf-8")
    for source in made["sources"]:
        assert f'"{source["name"]}": "{source["version"]}"' in script
        assert source["integrity"].startswith("sha512-")
    assert {path.name for path in emoji.glob("*.LICENSE")} == {"cldr.LICENSE", "emojibase.LICENSE"}
