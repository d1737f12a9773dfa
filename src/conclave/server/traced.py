"""
A connection whose requests are traces: received, decoded, handled; the relay adds the rest.

A request that is refused before its turn, as by a rate, is in no trace.
"""

from collections.abc import Awaitable, Callable
from functools import partial

from opentelemetry.context import Context, attach, detach
from opentelemetry.trace import Span, SpanKind, Tracer, set_span_in_context

from conclave.controllers.dispatch import Route
from conclave.server.connection import Connection
from conclave.server.requests import Job, TimedRequest
from conclave.server.shell import Shell


class TracedConnection(Connection):
    __slots__ = ("_tracer",)

    def __init__(self, tracer: Tracer, shell: Shell, address: str) -> None:
        super().__init__(shell, address)
        self._tracer = tracer

    def _decode(self, text: bytes) -> tuple[Job, str | None]:
        # Each begins a trace of its own, whoever is being handled at the moment.
        root = self._tracer.start_span("receive", context=Context(), kind=SpanKind.SERVER)
        context = set_span_in_context(root)
        with self._tracer.start_as_current_span("decode", context=context):
            job, id_ = super()._decode(text)
        root.set_attribute("conclave.connection", self.id)
        root.set_attribute("conclave.client_id", id_ or "")
        return Job(job.turn, partial(_within, root, context, job.run), job.costs), id_

    async def _handle(self, route: Route, request: TimedRequest) -> None:
        with self._tracer.start_as_current_span(
            "handle", record_exception=False, set_status_on_exception=False
        ) as span:
            span.set_attribute("conclave.request", request.event.type)
            await super()._handle(route, request)


async def _within(root: Span, context: Context, run: Callable[[], Awaitable[None]]) -> None:
    token = attach(context)
    try:
        await run()
    finally:
        detach(token)
        root.end()
