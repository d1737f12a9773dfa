"""`deploy/compose`: read, not run; there is no container engine where tests run."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from tests.support.containerfile import read

from conclave.cli.sources import load
from conclave.settings import problems

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "deploy" / "compose"
FILE = FOLDER / "compose.yaml"
NODES = ("one", "two")
# Of the Compose Specification, as check-jsonschema 0.39.0 has it (Apache License 2.0).
SCHEMA = Path(__file__).parents[1] / "data" / "compose-spec.json"


@pytest.fixture(scope="module")
def composed() -> dict[str, Any]:
    found = yaml.safe_load(FILE.read_text())
    assert isinstance(found, dict)
    return found


def wrong(composed: dict[str, Any]) -> list[str]:
    schema = json.loads(SCHEMA.read_text())
    return [one.message for one in jsonschema.Draft202012Validator(schema).iter_errors(composed)]


def test_it_is_what_the_specification_says_and_a_mistake_would_be_found(composed) -> None:
    assert wrong(composed) == []
    postgres = {**composed["services"]["postgres"], "helthcheck": {}}
    assert wrong({**composed, "services": {**composed["services"], "postgres": postgres}})


def test_all_that_it_names_is_there(composed) -> None:
    services = composed["services"]
    for one in services.values():
        assert set(one.get("depends_on", ())) <= set(services)
        assert set(one.get("secrets", ())) <= set(composed["secrets"])
        assert set(one["networks"]) <= set(composed["networks"])
        named = [mount.split(":")[0] for mount in one.get("volumes", ())]
        assert {name for name in named if not name.startswith("./")} <= set(composed["volumes"])


def test_its_nodes_are_one_chat_and_have_time_to_send_people_away(composed) -> None:
    trusted = composed["services"]["nginx"]["networks"]["inside"]["ipv4_address"]
    _, image = read(ROOT / "deploy" / "Containerfile")
    for name in NODES:
        node = composed["services"][name]
        said = {**image.environment, **node["environment"]}
        said = {key: re.sub(r"\$\{CHAT:.*?\}", "localhost", text) for key, text in said.items()}
        settings = load(
            {}, {**said, "CONCLAVE_DATABASE": "postgresql://conclave@postgres/conclave"}
        )
        assert problems(settings) == []
        assert settings.proxies == (trusted,)
        assert settings.redis == "redis://valkey:6379"
        assert int(node["stop_grace_period"].removesuffix("s")) > 15
        keys = {mount.split(":")[1] for mount in node["volumes"] if "keys/" in mount}
        assert {Path(key).name for key in keys} == {"secret.key", "push.key", "webhooks.key"}
        assert {Path(key).parent for key in keys} == {Path(image.environment["CONCLAVE_DATA"])}


def test_what_is_installed_besides_is_what_tests_run_on(composed) -> None:
    pinned = (ROOT / "constraints.txt").read_text().splitlines()
    inline = composed["services"]["one"]["build"]["dockerfile_inline"]
    for name, version in re.findall(r'"([a-z]+)(?:\[binary\])?==([\d.]+)"', inline):
        assert f"{name}=={version}" in pinned


def test_the_commands_above_it_make_the_site_of_nginx(tmp_path) -> None:
    lines = [line[4:] for line in FILE.read_text().splitlines() if line.startswith("#   sed ")]
    assert len(lines) == 2
    (tmp_path / "compose" / "site").mkdir(parents=True)
    (tmp_path / "nginx").symlink_to(ROOT / "deploy" / "nginx")
    script = "set -eu; CHAT=chat.example.net\n" + "\n".join(lines)
    subprocess.run(["bash", "-c", script], cwd=tmp_path / "compose", check=True, timeout=20)
    site = (tmp_path / "compose" / "site" / "conclave.conf").read_text()
    nodes = (tmp_path / "compose" / "site" / "nodes.conf").read_text()
    assert "upstream" not in site
    assert "example.org" not in site.replace("# Put your name in place of chat.example.org", "")
    assert [f"server {name}:3000 " in nodes for name in NODES] == [True, True]
