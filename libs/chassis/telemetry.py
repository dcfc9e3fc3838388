"""OpenTelemetry: one trace follows a signal from the POST to the timeline, and metrics say how far consumers are.

Both go to an OTLP collector when the standard OTEL_EXPORTER_OTLP_ENDPOINT is set, and spans to the file of
DREMPEL_TRACE_FILE. Without either nothing is recorded and nothing is paid. Attributes are ours and closed:
no URL, no query, no SQL, so no personal data.
"""

import asyncio
import json
import os
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import structlog
from opentelemetry import metrics, trace
from opentelemetry.metrics import CallbackOptions, Meter, Observation
from opentelemetry.propagate import extract
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.trace import SpanKind, Status, StatusCode
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from libs.chassis.database import AWAY

log = structlog.get_logger()
_tracer = trace.get_tracer("drempel.http")

SHUTDOWN_MS = 2_000
"""Longest wait at a stop for a collector that does not answer."""

LOOK_SECONDS = 5.0
"""From one look at the consumers to the next; exporting has its own pace (OTEL_METRIC_EXPORT_INTERVAL)."""


class FileExporter(SpanExporter):
    """Finished spans as JSON lines: trace, span, parent, name, begin and end in nanoseconds."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Append the spans to the file."""
        with self._path.open("a") as file:
            for span in spans:
                context, parent = span.get_span_context(), span.parent
                if context is None:
                    continue
                line = {
                    "trace": f"{context.trace_id:032x}",
                    "span": f"{context.span_id:016x}",
                    "parent": f"{parent.span_id:016x}" if parent else None,
                    "name": span.name,
                    "begin": span.start_time,
                    "eind": span.end_time,
                }
                file.write(json.dumps(line) + "\n")
        return SpanExportResult.SUCCESS


def set_up(name: str, trace_file: Path | None) -> TracerProvider | None:
    """Configure tracing for the process; None when nobody wants spans."""
    endpoint = os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT")
    if not endpoint and not trace_file:
        return None
    provider = TracerProvider(resource=Resource.create({"service.name": f"drempel-{name}"}))
    if endpoint:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

        provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    if trace_file:
        provider.add_span_processor(BatchSpanProcessor(FileExporter(trace_file), schedule_delay_millis=500))
    trace.set_tracer_provider(provider)
    return provider


def set_up_metrics(name: str) -> MeterProvider | None:
    """Configure metrics for the process; None when nobody wants them."""
    if not os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT"):
        return None
    from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter

    resource = Resource.create({"service.name": f"drempel-{name}"})
    provider = MeterProvider([PeriodicExportingMetricReader(OTLPMetricExporter())], resource=resource)
    metrics.set_meter_provider(provider)
    return provider


class Consumers:
    """What /health/ready says of consumers, as metrics; `look` asks the same question."""

    def __init__(self, look: Callable[[], Awaitable[Mapping[str, Mapping[str, Any]]]], meter: Meter) -> None:
        self._look = look
        self._last: Mapping[str, Mapping[str, Any]] = {}
        for name, field, unit, says in (
            ("drempel.consumer.lag", "lag", "{event}", "events not handled yet"),
            ("drempel.consumer.lag.seconds", "seconden", "s", "age of the oldest event not handled yet"),
            ("drempel.consumer.parked", "geparkeerd", "{event}", "events set aside, or waiting behind one that is"),
        ):
            meter.create_observable_gauge(name, [self._observing(field)], unit, says)
        said = "events handled since the start of the process"
        meter.create_observable_counter("drempel.consumer.events", [self._observing("verwerkt")], "{event}", said)

    async def run(self, stop: asyncio.Event) -> None:
        """Look again and again until told to stop; without a database nothing is known, and nothing is said."""
        while not stop.is_set():
            try:
                self._last = await self._look()
            except AWAY:
                self._last = {}
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), LOOK_SECONDS)

    def _observing(self, field: str) -> Callable[[CallbackOptions], Iterable[Observation]]:
        def observe(_: CallbackOptions) -> Iterable[Observation]:
            return [Observation(c[field], {"consumer": name}) for name, c in self._last.items() if field in c]

        return observe


def consumers(look: Callable[[], Awaitable[Mapping[str, Mapping[str, Any]]]]) -> Consumers | None:
    """The metrics of these consumers; None when nobody wants them."""
    if not isinstance(metrics.get_meter_provider(), MeterProvider):
        return None
    return Consumers(look, metrics.get_meter("drempel"))


class Observed:
    """One server span and one log line per request, under the name of its route, not of its path."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one ASGI request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status = 500

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        begin = time.perf_counter()
        headers = {key.decode("latin1"): value.decode("latin1") for key, value in scope["headers"]}
        with _tracer.start_as_current_span("http", extract(headers), SpanKind.SERVER) as span:
            try:
                await self._app(scope, receive, watched)
            finally:
                route = route_of(scope)
                span.update_name(f"{scope['method']} {route}")
                if status >= 500:
                    span.set_status(Status(StatusCode.ERROR))
                milliseconds = round((time.perf_counter() - begin) * 1000, 1)
                log.info("http_request", method=scope["method"], route=route, status=status, milliseconds=milliseconds)


def route_of(scope: dict[str, Any] | Scope) -> str:
    """The route's template, with the prefix of its service; never the path, which may hold what was typed."""
    route = scope.get("drempel.route")
    return str(route) if route else "(none)"
