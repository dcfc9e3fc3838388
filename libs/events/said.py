"""How many events of each type each service says, as a metric: counted once they are in a log for good."""

from collections import Counter
from collections.abc import Iterable

from opentelemetry import metrics

from libs.events.ports import Entry

_said = metrics.get_meter("drempel.events").create_counter(
    "drempel.events.said", "{event}", "events recorded in the log of a service"
)


def count_said(service: str, entries: Iterable[Entry]) -> None:
    """Count what a transaction of this service recorded; to be called after its commit."""
    for kind, number in Counter(entry.envelope.type for entry in entries).items():
        _said.add(number, {"service": service, "type": kind})
