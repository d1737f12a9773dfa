"""A relay whose commits and tellings are spans of a trace; what was said is in none."""

from collections.abc import Iterable
from typing import Any

from opentelemetry.trace import Tracer

from conclave.model import Draft, Entry, Receipt
from conclave.relay.relay import Relay


class TracedRelay(Relay):
    def __init__(self, tracer: Tracer, *parts: Any) -> None:
        super().__init__(*parts)
        self._tracer = tracer

    @property
    def begins(self) -> bool:
        # Its spans stand around what is awaited.
        return False

    async def append(self, draft: Draft) -> Receipt:
        # Exceptions are not recorded: their words may be somebody's.
        with self._tracer.start_as_current_span(
            "commit", record_exception=False, set_status_on_exception=False
        ) as span:
            receipt = await super().append(draft)
            span.set_attribute("conclave.entry.type", draft.type)
            span.set_attribute("conclave.entry.seq", receipt.seq)
            span.set_attribute("conclave.entry.id", receipt.id)
            return receipt

    def tell(self, entries: Iterable[Entry]) -> None:
        with self._tracer.start_as_current_span(
            "tell", record_exception=False, set_status_on_exception=False
        ) as span:
            before = self.deliveries
            super().tell(entries)
            span.set_attribute("conclave.deliveries", self.deliveries - before)
