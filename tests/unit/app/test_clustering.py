"""Which engine there is follows from the settings, and what is missing is said with its fix."""

import sys
from pathlib import Path

import pytest

from conclave.app.clustering import make_engine
from conclave.auth.secret import Secret
from conclave.engine.cluster import ClusterEngine
from conclave.engine.local import LocalEngine
from conclave.settings import CannotStart, Settings

SECRET = Secret(Path(), (bytes(range(32)),))


def among_others(redis: str = "redis://cache") -> Settings:
    return Settings(database="postgresql://db/chat", redis=redis)


def test_a_node_is_alone_unless_it_is_told_where_others_are():
    assert isinstance(make_engine(Settings(), SECRET), LocalEngine)
    assert isinstance(make_engine(among_others(), SECRET), ClusterEngine)


def test_without_its_client_the_command_that_installs_it_is_said(monkeypatch):
    monkeypatch.delitem(sys.modules, "conclave.engine.redis", raising=False)
    monkeypatch.setitem(sys.modules, "redis.asyncio.connection", None)
    with pytest.raises(CannotStart, match=r"pip install 'conclave-chat\[redis\]'"):
        make_engine(among_others(), SECRET)


def test_what_only_the_client_finds_wrong_is_said_without_the_address():
    with pytest.raises(CannotStart) as wrong:
        make_engine(among_others("redis://:hunter2@cache?socket_timeout=long"), SECRET)
    assert str(wrong.value) == "--redis is no address: write redis://host:6379"
