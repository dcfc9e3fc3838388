"""Events that were recorded are counted by service and type."""

import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader

from libs.events import said
from tests.contracts.transports import new_events


def test_what_was_recorded_is_counted_by_service_and_type(monkeypatch: pytest.MonkeyPatch) -> None:
    reader = InMemoryMetricReader()
    counter = MeterProvider([reader]).get_meter("test").create_counter("drempel.events.said")
    monkeypatch.setattr(said, "_said", counter)
    said.count_said("outreach", new_events(3))
    said.count_said("outreach", new_events(2))
    found = reader.get_metrics_data()
    assert found is not None
    (point,) = found.resource_metrics[0].scope_metrics[0].metrics[0].data.data_points
    assert dict(point.attributes) == {"service": "outreach", "type": "CaseClosed"}
    assert point.value == 5  # type: ignore[union-attr]
