"""What a trace has of a message: that it was stored and told, and nothing of what it says."""

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from tests.schedules.hand_time import run
from tests.schedules.relay_world import HALL
from tests.unit.relay.parts import come, node

from conclave.model import Draft
from conclave.protocol.errors import Reject
from conclave.relay.traced import TracedRelay


def test_a_commit_and_a_telling_are_spans_and_a_refusal_leaves_no_words() -> None:
    spans = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(spans))

    async def main() -> None:
        at = node()
        parts = (at.store, at.engine, at.halls, at.attendance, at.news)
        relay = TracedRelay(provider.get_tracer("conclave"), *parts)
        assert not relay.begins, "its spans stand around what is awaited"
        ada, _ = await come(at, "ada", "bob")
        assert not relay.begins, "its spans stand around what is awaited"
        said = Draft(room=HALL, user="bob", name="Bob", client_id="1", text="a secret")
        await relay.send(said)
        assert ada.got == ["entry 1"]
        at.store.away.add("bob")
        with pytest.raises(Reject):
            await relay.send(Draft(room=HALL, user="bob", name="Bob", client_id="2", text="more"))

    run(main())
    commit, tell, refused = spans.get_finished_spans()
    assert (commit.name, tell.name, refused.name) == ("commit", "tell", "commit")
    assert commit.attributes == {
        "conclave.entry.type": "message",
        "conclave.entry.seq": 1,
        "conclave.entry.id": "m1",
    }
    assert tell.attributes == {"conclave.deliveries": 2}
    assert (dict(refused.attributes or {}), refused.events) == ({}, ())
    assert not any("secret" in span.to_json() for span in (commit, tell, refused))
