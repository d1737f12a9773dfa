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

ROOT = Path(__file__).parent.parent
SOURCES = ("src/conclave/server/_fanout.c",)


def build(root: Path) -> list[Path]:
    """Build all below *root*; return what was made, nothing if something could not be."""
    if os.environ.get("CONCLAVE_NATIVE") == "0" or os.name != "posix":
        return []
    try:
        return [_compiled(root / source) for source in SOURCES]
    except (OSError, subprocess.CalledProcessError) as error:
        said = getattr(error, "stderr", None) or str(error)
        why = next((line for line in said.splitlines() if "error" in line), str(error)).strip()
        print(f"conclave: nothing is built in C here ({why}): it runs without", file=sys.stderr)
        return []


def _compiled(source: Path) -> Path:
    # By the stable ABI: one for all versions of CPython from 3.11 on.
    made = source.with_suffix(".abi3.so")
    link = shlex.split(sysconfig.get_config_var("LDSHARED") or "cc -shared")
    include = f"-I{sysconfig.get_path('include')}"
    command = [*link, "-O2", "-fPIC", include, str(source), "-o", str(made)]
    subprocess.run(command, check=True, capture_output=True, text=True)
    return made


class Native(BuildHookInterface):
    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        made = build(Path(self.root)) if self.target_name == "wheel" else []
        if made and version != "editable":
            build_data["artifacts"] += [str(one.relative_to(self.root)) for one in made]
            build_data["pure_python"] = False
            platform = sysconfig.get_platform().replace("-", "_").replace(".", "_")
            build_data["tag"] = f"cp311-abi3-{platform}"


if __name__ == "__main__":
    print(*build(ROOT), sep="\n")
