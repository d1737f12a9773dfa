"""Who does what `docs/self-hosting.md` says, in that order, has a chat and its backups."""

import json
import re
import sqlite3
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from tests.support.empty_machine import EmptyMachine
from tests.support.ports import free_port

PAGE = (Path(__file__).parents[2] / "docs" / "self-hosting.md").read_text("utf-8")
SECTIONS = re.split(r"^##+ ", PAGE, flags=re.MULTILINE)


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[EmptyMachine]:
    made = EmptyMachine(tmp_path, free_port())
    yield made
    made.stop()


def scripts() -> list[tuple[str, str]]:
    """Return (section, its commands) of the page, in order."""
    found = []
    for section in SECTIONS:
        blocks = re.findall(r"^```sh\n(.*?)^```", section, re.MULTILINE | re.DOTALL)
        if blocks:
            found.append((section.partition("\n")[0], "".join(blocks)))
    return found


def said(output: str, section: str) -> str:
    """Return what was printed in *section*."""
    return output.partition(f"== {section}\n")[2].partition("\n== ")[0]


def test_no_command_is_written_in_another_way() -> None:
    assert PAGE.count("```") == 2 * len(re.findall(r"^```sh$", PAGE, re.MULTILINE))
    assert len(scripts()) >= 12


@pytest.mark.slow
def test_whoever_does_all_that_it_says_has_a_chat_and_its_backups(machine, tmp_path) -> None:
    whole = "".join(f"echo; echo '== {name}'\n{commands}" for name, commands in scripts())
    done = machine.run(whole)
    assert done.returncode == 0, done.stdout + done.stderr
    print(done.stdout)

    assert json.loads(said(done.stdout, "The service")) == {"status": "ready"}
    # The log says it at each start, also after the restore and the upgrade.
    link = r"https://chat\.example\.org/#setup=cvl_[\w-]{43}"
    assert len(re.findall(link, said(done.stdout, "The first admin"))) == 1
    assert len(set(re.findall(link, done.stdout))) == 3
    by_hand, before_upgrade = sorted((tmp_path / "var/backups/conclave").iterdir())
    assert said(done.stdout, "Backups").strip() == by_hand.name
    secret = (tmp_path / "var/lib/conclave/secret.key").read_bytes()
    assert (tmp_path / "root/conclave-secret.key").read_bytes() == secret
    assert not (tmp_path / "var/lib/conclave/drill").exists()
    assert list((tmp_path / "var/lib/conclave").glob("conclave.db.before-restore-*"))
    with urllib.request.urlopen(f"http://127.0.0.1:{machine.port}/health", timeout=30) as answer:
        assert answer.status == 200
    for path in (by_hand, before_upgrade):
        with closing(sqlite3.connect(path)) as copy:
            assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_command_that_fails_ends_it(machine) -> None:
    """Else the test above could not fail."""
    assert machine.run("false\ntrue").returncode != 0
    assert machine.run("conclave verify --data /var/lib/conclave").returncode != 0
    assert machine.run("systemctl start conclave").returncode != 0


def test_the_directories_and_files_are_those_of_the_units(machine) -> None:
    done = machine.run("\n".join(commands for _, commands in scripts()[:3]))
    assert done.returncode == 0, done.stderr
    for path in ("var/lib/conclave", "var/backups/conclave"):
        assert (machine.folder / path).stat().st_mode & 0o777 == 0o700
    assert "chat.example.org" in (machine.folder / "etc/conclave/conclave.toml").read_text()


def test_another_name_reaches_every_file(machine) -> None:
    commands = [commands for _, commands in scripts()]
    script = "\n".join(commands).replace("name=chat.example.org", "name=chat.lab.test")
    # Up to the proxies: nothing has to run for that.
    script = script.partition("systemctl daemon-reload")[0] + "\n".join(
        line for line in script.splitlines() if "Caddyfile" in line or "sites-" in line
    )
    done = machine.run("name=chat.lab.test\n" + script)
    assert done.returncode == 0, done.stderr
    for file in ("conclave/conclave.toml", "caddy/Caddyfile", "nginx/sites-enabled/conclave"):
        text = (machine.folder / "etc" / file).read_text()
        settings = "\n".join(
            line for line in text.splitlines() if not line.lstrip().startswith("#")
        )
        assert "chat.lab.test" in settings
        assert "chat.example.org" not in settings
