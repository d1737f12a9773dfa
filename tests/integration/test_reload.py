"""SIGHUP: settings that may change while a server runs, and those that wait for a restart."""

import asyncio
import json
import signal
from pathlib import Path

import pytest
from tests.support.node_process import NodeProcess

from conclave import testing
from conclave.app.service import reload
from conclave.client.upgrade import Refused
from conclave.protocol.errors import Code, Reject
from conclave.settings import CannotStart, Settings


class Written:
    """What `reread` returns: the settings of a server, with some changed."""

    def __init__(self, server: testing.Server) -> None:
        self.settings = server._running.settings

    def change(self, **changes: object) -> None:
        self.settings = Settings(**{**vars(self.settings), **changes})

    def __call__(self) -> Settings:
        return self.settings


async def test_a_reload_takes_new_limits_and_sends_nobody_away():
    async with testing.serve(max_connections=3) as server:
        written = Written(server)
        async with server.client() as one, server.client() as another:
            written.change(max_connections=1, retention_days=7, max_http=50)
            await reload(server._running, written)
            with pytest.raises(Refused, match="503"):
                async with server.client():
                    pass
            written.change(max_connections=4)
            await reload(server._running, written)
            async with server.client():
                await one.ask("heartbeat", timestamp=1)
                await another.ask("heartbeat", timestamp=2)
        assert server._running.renewing.settings.retention_days == 7


async def test_what_is_wrong_is_refused_whole(logs):
    def wrong() -> Settings:
        raise CannotStart("max_connections is -1: choose 0 or more")

    async with testing.serve(max_connections=3) as server:
        await reload(server._running, wrong)
        assert server._running.renewing.settings.max_connections == 3
    (failed,) = [line for line in logs if line["event"] == "reload_failed"]
    assert (failed["of"], failed["because"]) == (
        "settings",
        "max_connections is -1: choose 0 or more",
    )


async def test_what_fails_in_another_way_keeps_the_rest_from_nothing(logs):
    def broken() -> Settings:
        raise Reject(Code.UNAVAILABLE)

    async with testing.serve() as server:
        await reload(server._running, broken)
    failed = [line["of"] for line in logs if line["event"] == "reload_failed"]
    assert failed == ["settings"]
    assert "metrics_token" in [line["of"] for line in logs if line["event"] == "reloaded"]


async def test_what_wants_a_restart_is_named_and_not_taken(logs):
    async with testing.serve(auth_timeout=5.0) as server:
        written = Written(server)
        written.change(auth_timeout=1.0, max_connections=7)
        await reload(server._running, written)
        now = server._running.renewing.settings
        assert (now.auth_timeout, now.max_connections) == (5.0, 7)
    (named,) = [line for line in logs if line["event"] == "restart_needed"]
    assert named["settings"] == ["auth_timeout"]
    (told,) = [line for line in logs if line["event"] == "settings_changed"]
    assert told["changed"] == {"max_connections": "10000 → 7"}


async def test_sighup_reads_the_file_of_a_running_server(tmp_path: Path):
    config = tmp_path / "conclave.toml"
    config.write_text("max_connections = 5\n")
    with NodeProcess(tmp_path / "data", "--demo", "--config", str(config)) as node:
        for text, event in (
            ("max_connections = 6\n", "settings_changed"),
            ("max_connections = 6\nno_setting = 1\n", "reload_failed"),
        ):
            config.write_text(text)
            node.send_signal(signal.SIGHUP)
            async with asyncio.timeout(10):
                while not (lines := said(node, event)):
                    await asyncio.sleep(0.05)
            assert len(lines) == 1
        assert "no_setting" in lines[0]["because"]
        assert said(node, "settings_changed")[0]["changed"] == {"max_connections": "5 → 6"}


def said(node: NodeProcess, event: str) -> list[dict]:
    lines = [json.loads(one) for one in node.log.read_text().splitlines() if one.startswith("{")]
    return [one for one in lines if one["event"] == event]
