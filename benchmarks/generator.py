"""
The load generator, `load.c`, as a function: built when it is older than its source.

`build()` needs a C compiler and nothing else. `run()` returns what it counted and measured; a run
in which anything is missing, doubled or refused raises `Unsound`, so that no figure comes of it.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any

SOURCE = Path(__file__).with_name("load.c")
BUILD = Path(__file__).parents[1] / "build" / "bench"
FLAGS = ("-O2", "-std=c11", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror")


class Unsound(Exception):
    """What was counted is not what was expected; the first argument has the counts."""


def build(into: Path = BUILD) -> Path:
    """Return the program, compiled anew if its source changed."""
    program = into / "load"
    if not program.exists() or program.stat().st_mtime < SOURCE.stat().st_mtime:
        compiler = os.environ.get("CC") or shutil.which("cc")
        if compiler is None:
            raise SystemExit("a C compiler is needed: apt install gcc libc6-dev")
        into.mkdir(parents=True, exist_ok=True)
        # Beside it and then in its place: several may build at once.
        fresh = into / f"load.{os.getpid()}"
        subprocess.run([compiler, *FLAGS, "-o", str(fresh), str(SOURCE)], check=True)
        fresh.replace(program)
    return program


def words(options: dict[str, Any]) -> list[str]:
    """Return *options* as the generator's words: `per_room=3` is `--per-room 3`."""
    given = []
    for name, value in options.items():
        for one in value if isinstance(value, list) else [value]:
            parts = one if isinstance(one, tuple) else (one,)
            given += ["--" + name.replace("_", "-"), *map(str, parts)]
    return given


def say(*steps: tuple[str, str]) -> list[str]:
    """Return the words of what is said at first, and of what is awaited after each."""
    return [word for text, part in steps for word in ("--say", text, "--await", part)]


def run(options: dict[str, Any], more: Iterable[str] = (), within: float = 600) -> dict[str, Any]:
    command = [str(build()), *words(options), *more]
    done = subprocess.run(command, capture_output=True, text=True, timeout=within)
    if done.returncode:
        raise Unsound(f"{done.stderr}{done.stdout}\n{' '.join(command)}")
    counted: dict[str, Any] = json.loads(done.stdout)
    return counted
