"""
Traces by OpenTelemetry, off unless its own variables say where they go.

`OTEL_EXPORTER_OTLP_ENDPOINT` switches them on; sampling, headers and names are what
OpenTelemetry's variables say, too. Its libraries (`conclave-chat[traces]`) are loaded only
then. What is traced, and that no text of a message is, is said by those who do it.
"""

from collections.abc import Mapping
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final

import structlog

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import Tracer

log = structlog.get_logger(__name__)

SWITCHES: Final = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
_SERVICE: Final = "conclave"


class Tracing:
    """Hands out one tracer; `close` sends what waits, and ends it. Call that in a thread."""

    def __init__(self, provider: "TracerProvider") -> None:
        self._provider = provider
        self.tracer: Tracer = provider.get_tracer(_SERVICE)

    def close(self) -> None:
        self._provider.shutdown()


def open_tracing(environ: Mapping[str, str], version: str) -> Tracing | None:
    """Return what traces, if *environ* says where to; None otherwise."""
    wanted = any(environ.get(name) for name in SWITCHES)
    if not wanted or environ.get("OTEL_SDK_DISABLED", "").lower() == "true":
        return None
    if find_spec("opentelemetry") is None:
        log.warning("no_traces", advice="pip install 'conclave-chat[traces]'")
        return None
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    said = {"service.name": environ.get("OTEL_SERVICE_NAME", _SERVICE), "service.version": version}
    provider = TracerProvider(resource=Resource.create(said))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    log.info("traces", to=next(environ[name] for name in SWITCHES if environ.get(name)))
    return Tracing(provider)
