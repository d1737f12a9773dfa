"""
Builds the parts that exist in C besides: `python scripts/native.py` does it in place.

As hatchling's build hook it puts them into a wheel, or beside the sources of an editable
installation. Nothing needs them: where no compiler is, or `CONCLAVE_NATIVE=0` says so, there
is one line about it, and the server does the same in Python.
"""

import os
import shlex
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from packaging.tags import sys_tags

ROOT = Path(__file__).parent.parent
SOURCES = ("src/conclave/server/_fanout.c",)


def build(root: Path) -> list[Path]:
    """Build all below *root*; return what was made, nothing if something could not be."""
    for source in SOURCES:
        # Older than its source it would run without a word.
        _made_of(root / source).unlink(missing_ok=True)
    if os.environ.get("CONCLAVE_NATIVE") == "0" or os.name != "posix":
        return []
    try:
        return [_compiled(root / source) for source in SOURCES]
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        said = getattr(error, "stderr", None) or str(error)
        why = next((line for line in said.splitlines() if "error" in line), str(error)).strip()
        print(f"conclave: nothing is built in C here ({why}): it runs without", file=sys.stderr)
        return []


def _made_of(source: Path) -> Path:
    # By the stable ABI: one for all versions of CPython from 3.11 on.
    return source.with_suffix(".abi3.so")


def _compiled(source: Path) -> Path:
    made = _made_of(source)
    link = shlex.split(sysconfig.get_config_var("LDSHARED") or "cc -shared")
    include = f"-I{sysconfig.get_path('include')}"
    command = [*link, "-O2", "-fPIC", include, str(source), "-o", str(made)]
    subprocess.run(
        command,
        check=True,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=120,
        # What it misses is looked for by an English word.
        env={**os.environ, "LC_ALL": "C"},
    )
    return made


class Native(BuildHookInterface):
    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        made = build(Path(self.root)) if self.target_name == "wheel" else []
        if made and version != "editable":
            build_data["artifacts"] += [str(one.relative_to(self.root)) for one in made]
            build_data["pure_python"] = False
            build_data["tag"] = f"cp311-abi3-{_platform()}"


def _platform() -> str:
    """Return for what machines a wheel is, in the word that installers here accept."""
    words = (tag.platform for tag in sys_tags())
    # What was linked with this machine's own libraries promises nothing of older ones.
    return next(word for word in words if not word.startswith(("manylinux", "musllinux")))


if __name__ == "__main__":
    print(*build(ROOT), sep="\n")
