"""Wall clocks of servers that a test sets while they run; their monotonic clocks go on."""

import shutil
import struct
import subprocess
from pathlib import Path

_SOURCE = Path(__file__).with_name("wall.c")
COMPILER = shutil.which("cc")


def build(place: Path) -> Path:
    """Return what a server must be preloaded with, made in *place*."""
    assert COMPILER is not None
    made = place / "wall.so"
    subprocess.run([COMPILER, "-O2", "-shared", "-fPIC", "-o", made, _SOURCE], check=True)
    return made


class Wall:
    """
    The clock of one server, `ahead` by so many seconds; *preload* is what `build` made.

    Start the server with `variables` in its environment.
    """

    def __init__(self, preload: Path, file: Path, ahead: int = 0) -> None:
        self._file = file
        self.variables = (("LD_PRELOAD", str(preload)), ("WALL_AHEAD", str(file)))
        self.ahead = ahead
        file.write_bytes(struct.pack("=q", ahead))

    def set(self, ahead: int) -> None:
        """Let it jump."""
        self.ahead = ahead
        with self._file.open("r+b") as file:
            file.write(struct.pack("=q", ahead))
