"""
Pack the JavaScript client for npm: `python scripts/npm_pack.py [DIRECTORY]`, or `make npm`.

The modules go as they are. Their declarations are written by tsc from their JSDoc, those of the
protocol by `conclave spec`; the version is that of the server. Nothing is fetched or published.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from conclave import App, __version__
from conclave.controllers.vocabulary import vocabulary
from conclave.protocol.spec.definitions import schema_of
from conclave.protocol.spec.typescript import typescript

ROOT = Path(__file__).parent.parent
CLIENT = ROOT / "src/conclave/web/client"
TSC = ROOT / "node_modules/.bin/tsc"
DECLARE = (
    "--allowJs",
    "--declaration",
    "--emitDeclarationOnly",
    "--strict",
    "--skipLibCheck",
    "--target",
    "es2023",
    "--module",
    "esnext",
    "--moduleResolution",
    "bundler",
    "--lib",
    "es2023,dom,dom.iterable",
)


def lay_out(place: Path) -> None:
    """Put what belongs into the package into *place*."""
    shutil.copytree(CLIENT, place / "client")
    for path in (ROOT / "npm").glob("*.js"):
        # There they stand beside the client.
        text = path.read_text("utf-8").replace("../src/conclave/web/client/", "./client/")
        (place / path.name).write_text(text, "utf-8")
    about = json.loads((ROOT / "npm/package.json").read_text("utf-8"))
    text = json.dumps({**about, "version": __version__}, indent=2)
    (place / "package.json").write_text(text + "\n", "utf-8")
    (place / "protocol.d.ts").write_text(
        typescript(schema_of(vocabulary(App()), __version__), __version__), "utf-8"
    )
    shutil.copy(ROOT / "npm/README.md", place)
    shutil.copy(ROOT / "LICENSE", place)
    subprocess.run([TSC, *DECLARE, "index.js"], cwd=place, check=True)


def pack(to: Path) -> Path:
    """Write the tarball into the directory *to*; return its path."""
    to.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place:
        lay_out(Path(place))
        command = ["npm", "pack", "--silent", "--offline", "--pack-destination", to.resolve()]
        ran = subprocess.run(command, cwd=place, check=True, capture_output=True, text=True)
    return to / ran.stdout.split()[-1]


if __name__ == "__main__":
    print(pack(Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "dist")))
