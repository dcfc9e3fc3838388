"""One trace from the POST to the timeline: W3C trace context in and out of envelopes."""

from collections.abc import Iterator
from contextlib import contextmanager

from opentelemetry import trace
from opentelemetry.propagate import extract, inject
from opentelemetry.trace import Span, SpanKind

from libs.events.envelope import Envelope

_tracer = trace.get_tracer("drempel.events")


def traceparent_of(span: Span | None = None) -> str | None:
    """The header of this span, or of the current one; None when nothing is traced."""
    carrier: dict[str, str] = {}
    inject(carrier, trace.set_span_in_context(span) if span else None)
    return carrier.get("traceparent")


@contextmanager
def handling(consumer: str, events: list[Envelope]) -> Iterator[dict[object, str | None]]:
    """A span per event for as long as its batch is handled; gives the trace context that follows from each."""
    spans: dict[object, Span] = {}
    for event in events:
        if event.traceparent:
            parent = extract({"traceparent": event.traceparent})
            span = _tracer.start_span(f"{consumer} {event.type}", parent, SpanKind.CONSUMER)
            if span.is_recording():
                span.set_attributes({"messaging.system": "drempel", "drempel.event_id": str(event.id)})
            spans[event.id] = span
    try:
        yield {key: traceparent_of(span) for key, span in spans.items()}
    finally:
        for span in spans.values():
            span.end()
