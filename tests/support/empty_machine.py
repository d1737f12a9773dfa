"""
A machine that pretends to be empty: its commands write below one directory, nowhere else.

Absolute paths of a script are moved there, and what only a real machine has is played:
packages are installed by doing nothing, `systemctl` starts what the installed units say.
Everything of ours is real.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parents[2]
CHECKOUT = "/usr/local/src/conclave"
# What the machine has of its own; all else is this machine's.
_OWN = re.compile(r"(?<![\w./-])(/opt/conclave|/usr/local/bin|/etc|/var/lib|/var/backups|/root)\b")
_PORT = re.compile(r"\b3000\b")

_PLAYED = {
    "apt-get": "exit 0",
    "useradd": "exit 0",
    "ufw": "exit 0",
    "certbot": "exit 0",
    # As `install`, for a user that there is not; and what is installed is moved as well.
    "install": 'exec "$PYTHON" -m tests.support.empty_machine install "$@"',
    "systemctl": 'exec "$PYTHON" -m tests.support.empty_machine systemctl "$@"',
    "journalctl": 'exec "$PYTHON" -m tests.support.empty_machine journalctl "$@"',
    "runuser": '[ "$1 $2 $3" = "-u conclave --" ] || exit 1; shift 3; exec "$@"',
    # Which version is asked for is up to those who have seen its files.
    "nginx": '[ "$1" = -t ] && [ -s "$MACHINE/etc/nginx/sites-enabled/conclave" ]',
    "python3": '[ "$1 $2" = "-m venv" ] && "$PYTHON" -m tests.support.empty_machine venv "$3"',
}


class EmptyMachine:
    """Runs scripts in *folder* as if it were the root of a machine."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder = folder
        self.port = port
        self.bin = folder / "played"
        self.bin.mkdir()
        for name, words in _PLAYED.items():
            self._put(self.bin / name, words)
        for place in ("usr/local/bin", "etc/systemd/system", "etc/caddy", "var/lib", "root"):
            (folder / place).mkdir(parents=True)
        for place in ("sites-available", "sites-enabled"):
            (folder / "etc" / "nginx" / place).mkdir(parents=True)
        if shutil.which("caddy") is None:
            self._put(self.bin / "caddy", "exit 0")

    @staticmethod
    def _put(path: Path, words: str) -> None:
        path.write_text(f"#!/bin/bash\n{words}\n")
        path.chmod(0o755)

    @property
    def environment(self) -> dict[str, str]:
        path = f"{self.folder}/usr/local/bin:{self.bin}:{os.environ['PATH']}"
        return {
            "PATH": path,
            "HOME": str(self.folder / "root"),
            "PYTHON": sys.executable,
            "PYTHONPATH": str(ROOT),
            "MACHINE": str(self.folder),
            "MACHINE_PORT": str(self.port),
        }

    def run(self, script: str) -> subprocess.CompletedProcess[str]:
        """Run *script* in one shell that stops at the first command that fails."""
        moved = move(script, self.environment)
        return subprocess.run(
            ["bash", "-euo", "pipefail", "-c", moved],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=20,
            cwd=self.folder,
        )

    def stop(self) -> None:
        """Stop what `systemctl` has started."""
        subprocess.run([self.bin / "systemctl", "stop", "conclave"], env=self.environment)


def move(text: str, environment: Mapping[str, str]) -> str:
    """Return *text* with the machine's own paths below its folder, and its port free."""
    folder = environment["MACHINE"]
    text = _OWN.sub(rf"{folder}\1", text)
    return _PORT.sub(environment["MACHINE_PORT"], text.replace(CHECKOUT, str(ROOT)))


# ── the commands it plays, each in a process of its own ─────────────────────────────────


def install(*words: str) -> int:
    kept = list(words)
    for option in ("-o", "-g"):
        if option in kept:
            at = kept.index(option)
            assert kept[at + 1] == "conclave"
            del kept[at : at + 2]
    if subprocess.run(["/usr/bin/install", *kept]).returncode:
        return 1
    if "-d" not in kept and "secret" not in kept[-2]:
        target = Path(kept[-1])
        target = target / Path(kept[-2]).name if target.is_dir() else target
        target.write_text(move(target.read_text(), os.environ))
    return 0


def venv(folder: str) -> int:
    """Make what `pip install` would: the command, of the environment that tests run in."""
    place = Path(folder) / "bin"
    place.mkdir(parents=True)
    pip = 'shift; while [ $# -gt 0 ]; do case $1 in --requirement) shift; test -f "$1";; --*) ;; '
    pip += '*) test -f "$1/pyproject.toml";; esac || exit 1; shift; done'
    for name, words in (("conclave", f'exec {sys.executable} -m conclave "$@"'), ("pip", pip)):
        EmptyMachine._put(place / name, words)
    return 0


def systemctl(verb: str, *words: str) -> int:
    now = verb != "enable" or "--now" in words
    for unit in (word for word in words if not word.startswith("--")):
        name = unit if "." in unit else f"{unit}.service"
        if name in ("caddy.service", "nginx.service"):
            continue
        text = (_machine() / "etc/systemd/system" / name).read_text()
        if name.endswith(".timer") or not now:
            continue
        if verb in ("stop", "restart"):
            _stop(name)
        if verb in ("start", "restart", "enable") and not _start(name, text):
            return 1
    return 0


def _machine() -> Path:
    return Path(os.environ["MACHINE"])


def _start(name: str, text: str) -> bool:
    """Start the unit, and wait until it is ready, or over if it is `oneshot`."""
    (command,) = re.findall(r"^ExecStart=(.*)$", text, re.MULTILINE)
    pairs = re.findall(r"^Environment=(.*)$", text, re.MULTILINE)
    more = dict(pair.split("=", 1) for pair in pairs)
    before = _journal().stat().st_size if _journal().exists() else 0
    with _journal().open("ab") as log:
        process = subprocess.Popen(
            command.split(),
            env={**os.environ, **more},
            stdout=log,
            stderr=log,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
    if "Type=oneshot" in text:
        return process.wait(60) == 0
    (_machine() / f"{name}.pid").write_text(str(process.pid))
    while b"Stop it" not in _journal().read_bytes()[before:]:
        if process.poll() is not None:
            return False
        time.sleep(0.02)
    return True


def _stop(name: str) -> None:
    file = _machine() / f"{name}.pid"
    if not file.exists():
        return
    number = int(file.read_text())
    file.unlink()
    os.kill(number, signal.SIGTERM)
    # A child of nobody here: it is over when it cannot be signalled, or only its parent waits.
    while Path(f"/proc/{number}/stat").exists():
        if Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
            return
        time.sleep(0.02)


def _journal() -> Path:
    return _machine() / "journal"


def journalctl(*words: str) -> int:
    assert words[:4] == ("--unit", "conclave", "--output", "cat")
    pattern = re.compile(words[words.index("--grep") + 1] if "--grep" in words else "")
    lines = _journal().read_text().splitlines()
    print("\n".join(line for line in lines if pattern.search(line)))
    return 0


if __name__ == "__main__":
    played = {"install": install, "venv": venv, "systemctl": systemctl, "journalctl": journalctl}
    sys.exit(played[sys.argv[1]](*sys.argv[2:]))
