"""Traces: a message from its client's id to its delivery; off unless asked for, without text."""

import asyncio
import signal
from pathlib import Path

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from tests.support.node_process import ENVIRONMENT, NodeProcess

from conclave.client.wire import connect
from conclave.telemetry.tracing import open_tracing


class Collector:
    """What takes traces over HTTP, on loopback."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self.port = 0

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                lines = head.decode().lower().split("\r\n")
                assert lines[0].startswith("post /v1/traces ")
                size = next(line for line in lines if line.startswith("content-length:"))
                self.bodies.append(await reader.readexactly(int(size.split(":")[1])))
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
                await writer.drain()
        except asyncio.IncompleteReadError:
            writer.close()

    def spans(self) -> list:
        return [
            span
            for body in self.bodies
            for resource in ExportTraceServiceRequest.FromString(body).resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]


def said(span) -> dict:
    values = {one.key: one.value for one in span.attributes}
    return {key: one.string_value or one.int_value for key, one in values.items()}


async def test_a_message_is_traced_from_its_id_to_its_delivery(tmp_path: Path, monkeypatch):
    collector = Collector()
    taking = await asyncio.start_server(collector.take, "127.0.0.1", 0)
    port = taking.sockets[0].getsockname()[1]
    monkeypatch.setitem(ENVIRONMENT, "OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{port}")
    monkeypatch.setitem(ENVIRONMENT, "OTEL_EXPORTER_OTLP_COMPRESSION", "none")
    with NodeProcess(tmp_path / "data", "--demo") as node:
        async with connect(node.url) as wire:
            wire.send("auth", token="user-token-123")
            wire.send("join:room", room="general")
            wire.send("chat", id="my-own-id", room="general", text="nobody's business")
            while (event := await wire.receive()).id != "my-own-id":
                pass
        node.send_signal(signal.SIGTERM)
        assert await asyncio.to_thread(node.wait) == 0
        assert "Traceback" not in node.log.read_text()
    taking.close()
    await taking.wait_closed()
    spans = collector.spans()
    (root,) = [one for one in spans if said(one).get("conclave.client_id") == "my-own-id"]
    trace = {one.name: one for one in spans if one.trace_id == root.trace_id}
    assert set(trace) == {"receive", "decode", "handle", "commit", "tell"}
    assert said(trace["handle"])["conclave.request"] == "chat"
    assert said(trace["commit"])["conclave.entry.seq"] == event.data["seq"]
    assert said(trace["commit"])["conclave.entry.id"] == event.data["message_id"]
    assert said(trace["tell"])["conclave.deliveries"] == 1
    assert trace["decode"].parent_span_id == trace["handle"].parent_span_id == root.span_id
    assert trace["commit"].parent_span_id == trace["handle"].span_id
    assert trace["commit"].end_time_unix_nano <= trace["tell"].start_time_unix_nano
    everything = b"".join(collector.bodies)
    assert b"business" not in everything
    assert b"user-token-123" not in everything


def test_without_the_variables_there_are_no_traces():
    assert open_tracing({}, "1") is None
    assert open_tracing({"OTEL_SERVICE_NAME": "chat"}, "1") is None
    off = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1", "OTEL_SDK_DISABLED": "true"}
    assert open_tracing(off, "1") is None
