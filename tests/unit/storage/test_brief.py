"""Short transactions whose few connections are all in use."""

from types import SimpleNamespace
from typing import Any

import pytest

from conclave.protocol.errors import Code, Reject
from conclave.storage.postgres import brief


def test_who_waits_for_a_connection_in_vain_is_refused_like_by_a_busy_database(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def connection(*_: object) -> Any:
        return SimpleNamespace(rollback=lambda: None, close=lambda: None)

    monkeypatch.setattr(brief, "_WITHIN_S", 0.01)
    monkeypatch.setattr(brief, "_driven", connection)
    busy = brief.Brief("postgresql://nowhere")
    held = [busy._pool.connect() for _ in range(brief._CONNECTIONS)]
    with pytest.raises(Reject) as no:
        busy.do(lambda _cursor: None)
    assert no.value.code == Code.BUSY
    for one in held:
        one.close()
    busy.close()
