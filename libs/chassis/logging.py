"""Structured logs with a closed list of events and fields. Nothing else passes, so no personal data can.

An event name outside the list, or a field outside the list, is dropped from the line and counted as
`log_refused`: a typing error is visible, a value never leaks.
"""

import logging
import sys
import time
from collections import Counter, deque
from typing import Any, Literal, get_args

import structlog
from structlog.typing import EventDict, WrappedLogger

LogEvent = Literal[
    "service_started",
    "service_stopping",
    "service_stopped",
    "http_request",
    "http_failed",
    "command_refused",
    "batch_taken_apart",
    "consumer_waits",
    "event_parked",
    "relay_waits",
    "kafka_client_abandoned",
    "kafka_consumer_rebuilt",
    "kafka_message_foreign",
    "kafka_refused",
    "delivery_received",
    "delivery_cut_off",
    "brp_away",
    "keys_not_fetched",
    "library_warning",
    "log_refused",
]
"""Every line there can be."""

LogField = Literal[
    "level", "timestamp", "logger", "service", "consumer", "source", "position", "partition", "event_type", "reason",
    "error", "seconds", "size", "method", "route", "status", "milliseconds", "trace_id", "url", "folder", "version",
    "rows", "count", "view", "where", "code", "port", "name",
]  # fmt: skip
"""Every field a line can have."""

ALARM_SECONDS = 3600.0
_alarms: deque[tuple[float, str]] = deque(maxlen=1000)
_EVENTS = frozenset(get_args(LogEvent))
_FIELDS = frozenset(get_args(LogField))


def only_listed(_logger: WrappedLogger, _method: str, line: EventDict) -> EventDict:
    """Drop what is not on the lists."""
    if line.get("event") not in _EVENTS:
        return {"event": "log_refused", "level": line.get("level", "warning"), "timestamp": line.get("timestamp")}
    return {key: value for key, value in line.items() if key == "event" or key in _FIELDS}


def remembered(_logger: WrappedLogger, _method: str, line: EventDict) -> EventDict:
    """Keep in mind that there was an error, or a line that was refused."""
    if line.get("level") in ("error", "critical") or line["event"] == "log_refused":
        _alarms.append((time.monotonic(), line["event"]))
    return line


def alarms() -> dict[str, int]:
    """How often each kind of line was an alarm in the last hour (of the last thousand)."""
    since = time.monotonic() - ALARM_SECONDS
    return dict(Counter(event for when, event in _alarms if when >= since))


TOLD = "drempel: this is in the log"
REPEAT_SECONDS = 10.0


def told(error: BaseException) -> None:
    """From now on this exception is in the log, whoever else sees it pass."""
    error.add_note(TOLD)


def is_told(error: BaseException | None) -> bool:
    """Whether this exception is in the log already."""
    return TOLD in getattr(error, "__notes__", ())


class _Libraries(logging.Handler):
    """Lines of libraries: their logger, level and place, never their text, which may hold values.

    The same line comes at most once in so many seconds: a Kafka client without its broker says the same all the time.
    And that is no alarm: it comes again by itself, and what keeps it away for good is said by us (kafka_refused).
    """

    def __init__(self) -> None:
        super().__init__()
        self._said: dict[tuple[str, int], float] = {}

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info and is_told(record.exc_info[1]):
            return
        place = (record.name, record.lineno)
        if record.created - self._said.get(place, 0.0) < REPEAT_SECONDS:
            return
        self._said[place] = record.created
        kind = record.exc_info[0].__name__ if record.exc_info and record.exc_info[0] else None
        level = min(record.levelno, logging.WARNING) if record.name.startswith("aiokafka") else record.levelno
        structlog.get_logger().log(
            level, "library_warning", name=record.name, where=f"{record.module}:{record.lineno}", error=kind
        )


def set_up(*, stream: Any = None, level: int = logging.INFO) -> None:
    """Configure logging for the process: JSON lines on stderr."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            only_listed,
            remembered,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(file=stream or sys.stderr),
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(handlers=[_Libraries()], level=logging.WARNING, force=True)
