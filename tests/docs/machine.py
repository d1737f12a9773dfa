"""
A machine on which the commands of the docs run, page by page, beside a server that runs.

It is the empty machine of docs/self-hosting.md, set up as that page says, with people and
rooms that the other pages speak of. Commands that go on for ever are ended when they have
shown what they do; servers are started on a free port of loopback.
"""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import trustme
from tests.support.empty_machine import ROOT, EmptyMachine
from tests.support.warm import Warm

# More that is the machine's own, and what stands for something that only its owner knows.
_FOLDERS = re.compile(r"(?<![\w./-])(/backups|/elsewhere)\b")
# Each ends by itself here, having shown that it works.
_ENDLESS = re.compile(r"^(?:\S*/)?conclave (?:serve|audit .*--follow|tail .*--follow)")

# An application, as docs/extending.md has one.
_POLLS = "from conclave import App\nfrom examples.dice import Dice\n\napp = App(Dice)\n"

_SETUP = """
install -d -o conclave -g conclave -m 0700 /var/lib/conclave /var/backups/conclave
install -d -m 0755 /etc/conclave /backups
install -m 0644 {checkout}/deploy/conclave.toml /etc/conclave/conclave.toml
sed -i s/chat.example.org/chat.lab.test/ /etc/conclave/conclave.toml
for unit in conclave.service conclave-backup.service conclave-backup.timer; do
    install -m 0644 {checkout}/deploy/systemd/$unit /etc/systemd/system/
done
systemctl daemon-reload
systemctl enable --now conclave.service
for one in ann bob mallory; do conclave user create $one >/dev/null; done
conclave user create ada --role bot >/dev/null
conclave token create ann --json >ann.json
conclave token create ada >/dev/null
conclave token list ada --json >ada.json
"""
_ROOMS = """
for room in general den plans ops hall random; do conclave send $room "first of $room"; done
for one in bob mallory; do
    export CONCLAVE_TOKEN=$(conclave token create $one)
    conclave send general "here is $one"
done
curl --silent --output session --header 'content-type: application/json' \
    --data '{{"name": "ann", "password": "not hers, that one"}}' http://127.0.0.1:3000/api/v1/sessions
command conclave tail general --follow >/dev/null &
sleep 1
conclave connection --json >connections.json
kill $!
conclave backup /backups/conclave-2026-11-23.db
"""


class DocsMachine(EmptyMachine):
    """Runs what stands in `sh` and `console` blocks."""

    def __init__(self, folder: Path, port: int) -> None:
        super().__init__(folder, port)
        self._warm = Warm(folder)
        for place in ("usr/local/bin/conclave", "opt/conclave/bin/conclave"):
            self._warm.install(folder / place)
        self._play()
        # What `pip install .` looks for.
        (folder / "pyproject.toml").symlink_to(ROOT / "pyproject.toml")
        (folder / "conclave.toml").symlink_to(ROOT / "deploy/conclave.toml")
        (folder / "mine").mkdir()
        (folder / "mine/polls.py").write_text(_POLLS)
        self._known: dict[str, str] = {}
        try:
            self._set_up()
        except BaseException:
            self.stop()
            raise

    def _play(self) -> None:
        self._put(
            self.bin / "make",
            f'exec {shutil.which("make")} -n -C {ROOT} "$@" >/dev/null',
        )
        self._put(self.bin / "ended", f'exec {sys.executable} -m tests.docs.ended "$@"')
        self._put(self.bin / "journalctl", 'echo "disk: a sector is bad"')
        venv = 'mkdir -p "$3/bin"; cp "$MACHINE/usr/local/bin/conclave" "$3/bin/conclave"'
        pip = 'printf "#!/bin/bash\\ntest -f \\"\\${@: -1}/pyproject.toml\\"\\n" >"$3/bin/pip"'
        self._put(self.bin / "python3", f'{venv}; {pip}; chmod 755 "$3/bin/pip"')
        if shutil.which("jq") is None:
            self._put(self.bin / "jq", "exec cat")

    def _set_up(self) -> None:
        self._certificate()
        self._must(_SETUP.format(checkout="/usr/local/src/conclave"))
        self.ann = json.loads((self.folder / "ann.json").read_text())["token"]
        (ada,) = re.findall(r'"id": ?"(\w+)"', (self.folder / "ada.json").read_text())
        self._known = {"01M829XWF40000000000000004": ada, "cvt_…": self.ann}
        self._must(_ROOMS.format())
        open_now = (self.folder / "connections.json").read_text()
        self._known["3f9a01c2"] = re.findall(r'"id": ?"(\w+)"', open_now)[0]

    def _certificate(self) -> None:
        authority = trustme.CA()
        made = authority.issue_cert("chat.example.org")
        made.private_key_pem.write_to_path(self.folder / "privkey.pem")
        made.cert_chain_pems[0].write_to_path(self.folder / "fullchain.pem")
        public = subprocess.run(
            ["openssl", "genrsa", "2048"], capture_output=True, check=True
        ).stdout
        subprocess.run(
            ["openssl", "rsa", "-pubout", "-out", self.folder / "id.pem"],
            input=public, capture_output=True, check=True,
        )  # fmt: skip

    def _must(self, script: str) -> None:
        done = self.run(script)
        assert done.returncode == 0, done.stdout + done.stderr

    @property
    def environment(self) -> dict[str, str]:
        told = {
            "CONCLAVE_DATA": str(self.folder / "var/lib/conclave"),
            "CONCLAVE_URL": f"ws://127.0.0.1:{self.port}/ws",
        }
        if hasattr(self, "ann"):
            told["CONCLAVE_TOKEN"] = self.ann
        return {**super().environment, **told}

    def run(self, script: str) -> subprocess.CompletedProcess[str]:
        return super().run(self.moved(script))

    def moved(self, script: str) -> str:
        """Return *script* with what is somebody's own filled in, and an end to what has none."""
        for example, ours in self._known.items():
            script = script.replace(example, ours)
        script = re.sub(r"CONCLAVE_URL=\S+", f"CONCLAVE_URL=ws://127.0.0.1:{self.port}/ws", script)
        if hasattr(self, "ann"):
            script = script.replace("CONCLAVE_TOKEN=…", f"CONCLAVE_TOKEN={self.ann}")
        script = re.sub(
            r"^(curl .*)https://chat\.example\.org",
            rf"\1http://127.0.0.1:{self.port}",
            script,
            flags=re.MULTILINE,
        )
        # Nobody outside reaches this machine, and the doctor says so.
        doctor = r"^(conclave doctor --config \S+)$"
        script = re.sub(doctor, r"\1 || test $? = 1", script, flags=re.MULTILINE)
        # As who is asked answers.
        script = re.sub(r"^(conclave erase \w+)$", r"\1 --yes", script, flags=re.MULTILINE)
        script = _FOLDERS.sub(rf"{self.folder}\1", script.replace("\\\n", " "))
        return "\n".join(map(self._ending, script.splitlines()))

    @staticmethod
    def _ending(line: str) -> str:
        return f"ended {line}" if _ENDLESS.match(line) else line

    def stop(self) -> None:
        super().stop()
        self._warm.stop()
