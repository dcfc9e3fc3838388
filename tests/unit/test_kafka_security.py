"""Settings of TLS and SASL that do not go together, or can't be read, are refused in a sentence without a secret."""

from pathlib import Path

import pytest
from structlog.testing import capture_logs

from libs.chassis.settings import Settings, SettingsDoNotFit
from libs.events.errors import Transient
from libs.events.kafka.clients import Cluster
from libs.events.kafka.places import PostgresPlaces
from libs.events.kafka.security import Security
from libs.events.kafka.subscription import KafkaSubscription

SASL = {"SECURITY_PROTOCOL": "SASL_SSL", "SASL_MECHANISM": "SCRAM-SHA-512", "USER": "drempel", "PASSWORD": "geheim"}


def given(**settings: str) -> Settings:
    """A process with these settings of Kafka."""
    return Settings.from_env({"DREMPEL_KAFKA": "hier:9092", **{f"DREMPEL_KAFKA_{n}": v for n, v in settings.items()}})


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"SECURITY_PROTOCOL": "SASL_SSL"}, "DREMPEL_KAFKA_SASL_MECHANISM"),
        ({**SASL, "PASSWORD": ""}, "DREMPEL_KAFKA_PASSWORD"),
        ({**SASL, "SECURITY_PROTOCOL": "SSL"}, "needs DREMPEL_KAFKA_SECURITY_PROTOCOL=SASL_SSL"),
        ({"USER": "drempel", "PASSWORD": "geheim"}, "needs DREMPEL_KAFKA_SECURITY_PROTOCOL=SASL_SSL"),
        ({"CA_FILE": "ca.pem"}, "need DREMPEL_KAFKA_SECURITY_PROTOCOL=SSL"),
        ({"SECURITY_PROTOCOL": "SSL", "KEY_FILE": "key.pem"}, "DREMPEL_KAFKA_KEY_FILE needs"),
        ({"SECURITY_PROTOCOL": "SSL", "CA_FILE": "nergens.pem"}, "DREMPEL_KAFKA_CA_FILE can't be read"),
        ({"SECURITY_PROTOCOL": "SSL", "CERT_FILE": "nergens.pem"}, "DREMPEL_KAFKA_CERT_FILE .*can't be used"),
        ({**SASL, "PASSWORD_FILE": "nergens"}, "set one of them"),
        ({**SASL, "PASSWORD": "", "PASSWORD_FILE": "nergens"}, "DREMPEL_KAFKA_PASSWORD_FILE can't be read"),
    ],
)
def test_what_does_not_go_together_is_refused(settings: dict[str, str], says: str) -> None:
    with pytest.raises(SettingsDoNotFit, match=says) as refused:
        given(**settings).check()
    assert "geheim" not in str(refused.value)


def test_the_password_is_in_no_text_of_the_settings(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("geheim\n")
    for settings in (given(**SASL), given(**{**SASL, "PASSWORD": "", "PASSWORD_FILE": str(file)})):
        cluster = settings.cluster()
        assert cluster is not None
        assert cluster.security.password == "geheim"
        assert cluster.security.options()["sasl_plain_password"] == "geheim"
        assert "geheim" not in f"{settings!r} {cluster!r} {cluster.security!r} {settings.model_dump()}"


async def test_a_file_that_can_no_longer_be_read_is_an_alarm_that_names_its_setting(tmp_path: Path) -> None:
    cluster = Cluster("127.0.0.1:9", security=Security("SSL", ca_file=tmp_path / "weg.pem"))
    subscription = KafkaSubscription(cluster, "test", ["intake"], PostgresPlaces(None, "monitoring", "test"))
    with capture_logs() as lines, pytest.raises(Transient):
        await subscription.next(0.1)
    (line,) = [line for line in lines if line["event"] == "kafka_refused"]
    assert line["reason"] == "DREMPEL_KAFKA_CA_FILE can't be read (FileNotFoundError)"


def test_without_kafka_or_without_security_nothing_changes() -> None:
    assert Settings.from_env({}).cluster() is None
    cluster = given().cluster()
    assert cluster is not None
    assert cluster.security.options() == {"security_protocol": "PLAINTEXT"}
