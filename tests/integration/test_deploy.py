"""The files of `deploy/`: what they name exists, and what they set is what the server takes."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from tests.support.containerfile import read, words_of
from tests.support.node_process import NodeProcess

from conclave.cli.sources import load
from conclave.settings import Settings, warnings

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").iterdir())
INSTALLED = "/opt/conclave/bin/conclave"
OURS = Path(sys.executable).with_name("conclave")
# Of 10, in tenths: what systemd calls «safe» ends at 2.
MOST_EXPOSED = 15

needs_systemd = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="apt install systemd"
)


@pytest.fixture
def units(tmp_path: Path) -> list[str]:
    """The units, as they would be with the server installed where this environment is."""
    for unit in UNITS:
        text = unit.read_text().replace(INSTALLED, str(OURS))
        (tmp_path / unit.name).write_text(text)
    return [str(tmp_path / unit.name) for unit in UNITS]


def analyze(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["systemd-analyze", *words],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "SYSTEMD_COLORS": "0"},
    )


@needs_systemd
def test_systemd_finds_nothing_wrong_with_the_units(units) -> None:
    done = analyze("verify", *units)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@needs_systemd
def test_systemd_finds_what_is_wrong(units, tmp_path) -> None:
    (tmp_path / "conclave.service").write_text("[Service]\nExecStart=/nowhere/conclave\nNo=1\n")
    done = analyze("verify", *units)
    assert "/nowhere/conclave" in done.stderr
    assert "Unknown key 'No'" in done.stderr


@needs_systemd
@pytest.mark.parametrize("unit", [unit.name for unit in UNITS if unit.suffix == ".service"])
def test_a_service_can_do_little_but_its_work(unit, units, tmp_path) -> None:
    words = ["security", "--offline=true", "--no-pager"]
    done = analyze(*words, f"--threshold={MOST_EXPOSED}", str(tmp_path / unit))
    print(done.stdout[-200:])
    assert done.returncode == 0, done.stdout
    assert analyze(*words, "--threshold=1", str(tmp_path / unit)).returncode != 0


@needs_systemd
def test_the_timer_is_due_every_night() -> None:
    timer = (DEPLOY / "systemd" / "conclave-backup.timer").read_text()
    when = re.search(r"OnCalendar=(.+)", timer)[1]
    done = analyze("calendar", "--iterations=3", when)
    assert done.returncode == 0
    assert done.stdout.count(" 03:15:00 ") >= 3


def unit_of(name: str) -> dict[str, list[str]]:
    text = (DEPLOY / "systemd" / name).read_text()
    found: dict[str, list[str]] = {}
    for key, value in re.findall(r"^(\w+)=(.*)$", text, re.MULTILINE):
        found.setdefault(key, []).append(value)
    return found


def test_units_files_and_settings_agree_on_places() -> None:
    settings = load({}, {}, DEPLOY / "conclave.toml")
    serve, backup = unit_of("conclave.service"), unit_of("conclave-backup.service")
    assert str(settings.data) == f"/var/lib/{serve['StateDirectory'][0]}"
    config = "/etc/conclave/conclave.toml"
    assert serve["ExecStart"] == [f"{INSTALLED} serve --config {config}"]
    assert backup["Environment"] == [f"CONCLAVE_CONFIG={config}"]
    (command,) = backup["ExecStart"]
    folder = re.fullmatch(rf"{INSTALLED} backup (\S+) --keep \d+", command)[1]
    # The running server is who writes the copy, so both may write there.
    assert serve["ReadWritePaths"] == [f"-{folder}"]
    assert backup["ReadWritePaths"] == [f"{settings.data} {folder}"]
    assert serve["User"] == backup["User"] == ["conclave"]


def test_the_example_settings_are_good_and_the_proxies_fit_them() -> None:
    settings = load({}, {}, DEPLOY / "conclave.toml")
    assert warnings(settings) == []
    assert settings.behind_proxy
    written = tomllib.loads((DEPLOY / "conclave.toml").read_text())
    assert set(written) == {"public_url", "behind_proxy", "host", "port", "data"}
    address = f"{settings.host}:{settings.port}"
    for proxy in ("nginx/conclave.conf", "caddy/Caddyfile"):
        text = (DEPLOY / proxy).read_text()
        assert address in text
        assert settings.public_url[0].removeprefix("https://") in text


def test_what_the_units_say_of_time_fits_what_the_server_promises() -> None:
    serve = unit_of("conclave.service")
    assert serve["Type"] == ["notify"]
    assert int(serve["WatchdogSec"][0]) >= 10
    assert int(serve["TimeoutStopSec"][0]) > 5, "a stop takes up to 5 s"
    assert serve["KillMode"] == ["mixed"], "workers that are told twice hurry"
    assert serve["RestartPreventExitStatus"] == ["2"]
    assert int(serve["LimitNOFILE"][0]) > 2 * Settings().max_connections


# ── the Containerfile: read, not built; there is no container engine where tests run ─────


def test_its_images_are_named_with_the_version_that_tests_run_on() -> None:
    build, final = read(DEPLOY / "Containerfile")
    version = ".".join(map(str, sys.version_info[:2]))
    assert build.image == final.image == f"docker.io/library/python:{version}-slim-bookworm"


def test_all_that_it_copies_is_there_and_not_left_out() -> None:
    build, final = read(DEPLOY / "Containerfile")
    ignored = (ROOT / ".containerignore").read_text().splitlines()
    assert "*" in ignored, "what is not named stays out"
    for words in build.of("COPY"):
        *sources, _ = words.split()
        for source in sources:
            assert (ROOT / source).exists(), source
            assert f"!{source}" in ignored
    (copied,) = final.of("COPY")
    stage, source, target = copied.split()
    assert stage == f"--from={build.name}"
    assert ["python3", "-m", "venv", source] in build.commands
    assert source == target, "paths in an environment are absolute"


def test_what_is_installed_from_it_is_all_that_the_wheel_needs() -> None:
    build, _ = read(DEPLOY / "Containerfile")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    named = {project["readme"], *project["license-files"], "pyproject.toml", "src"}
    copied = {source for words in build.of("COPY") for source in words.split()[:-1]}
    assert named <= copied
    needed, ours = [words for words in build.commands if words[0].endswith("/pip")]
    assert "--require-hashes" in needed
    assert needed[needed.index("--requirement") + 1] in copied
    # Nothing comes that has no hash, nor what builds it.
    assert {"--no-deps", "--no-build-isolation", "."} <= set(ours)


def test_every_command_it_runs_exists_on_debian() -> None:
    for stage in read(DEPLOY / "Containerfile"):
        for words in stage.commands:
            made = words[0].startswith("/opt/conclave/bin/")
            path = f"{os.environ['PATH']}:/usr/sbin:/sbin"
            assert made or shutil.which(words[0], path=path), words[0]
            assert subprocess.run(["bash", "-nc", " ".join(words)]).returncode == 0


def test_what_it_starts_is_the_command_as_nobody_in_particular() -> None:
    _, final = read(DEPLOY / "Containerfile")
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]
    (entry,) = final.of("ENTRYPOINT")
    assert words_of(entry) == [INSTALLED]
    assert Path(INSTALLED).name in scripts
    assert words_of(final.of("CMD")[0]) == ["serve"]
    uid, gid = final.of("USER")[0].split(":")
    assert min(int(uid), int(gid)) >= 10_000
    assert final.steps.index(("USER", f"{uid}:{gid}")) > final.steps.index(
        ("COPY", final.of("COPY")[0])
    )
    (made,) = [words for words in final.commands if words[0] == "install"]
    assert made[-1] == final.environment["CONCLAVE_DATA"] == final.of("VOLUME")[0]


def test_a_server_starts_with_what_it_sets_and_its_health_is_seen(tmp_path, monkeypatch) -> None:
    _, final = read(DEPLOY / "Containerfile")
    settings = load({}, final.environment)
    assert settings.behind_proxy
    assert final.of("EXPOSE") == [str(settings.port)]
    ours = {name: value for name, value in final.environment.items() if name != "PATH"}
    environment = {**os.environ, **ours, "CONCLAVE_PUBLIC_URL": "https://chat.example.org"}
    # Loopback only: this is a test.
    environment["CONCLAVE_HOST"] = "127.0.0.1"
    monkeypatch.setattr("tests.support.node_process.ENVIRONMENT", environment)
    (check,) = final.of("HEALTHCHECK")
    python, *words = words_of(check.partition("CMD ")[2])
    assert Path(python).parent == Path(INSTALLED).parent
    with NodeProcess(tmp_path / "data") as node:
        code = words[1].replace(":3000/", f":{node.port}/")
        assert code != words[1]
        assert subprocess.run([sys.executable, words[0], code]).returncode == 0
    assert subprocess.run([sys.executable, words[0], code], stderr=-3).returncode != 0
