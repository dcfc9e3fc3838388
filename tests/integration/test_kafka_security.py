"""TLS and SASL on a real broker: every client comes in, and who is refused is told which setting to look at."""

from collections.abc import AsyncIterator, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
from structlog.testing import capture_logs

from deploy.kafka.broker import Kafka, free_ports
from drempel.cli.doctor import kafka as check
from drempel.cli.doctor.finding import Here, Wrong
from libs.chassis.settings import Settings
from libs.events.catalogue import CaseClosed
from libs.events.kafka import audit
from libs.events.kafka.places import Place
from libs.events.kafka.security import Refused
from libs.events.kafka.subscription import KafkaAway, KafkaSubscription
from libs.events.kafka.topic import Topic
from tests import brokers
from tests.certificates import Authority
from tests.contracts.transports import Recorder, drain, new_events, on_kafka

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.kafka,
    pytest.mark.needs(brokers.jars_absent() is None, brokers.jars_absent() or ""),
    pytest.mark.asyncio(loop_scope="module"),
]

USER, PASSWORD = "drempel", "zeer-geheim-wachtwoord"

LISTENERS = """
listeners=PLAINTEXT://127.0.0.1:{plain},TLS://127.0.0.1:{tls},SASL://127.0.0.1:{sasl},CONTROLLER://127.0.0.1:{own}
advertised.listeners=PLAINTEXT://127.0.0.1:{plain},TLS://127.0.0.1:{tls},SASL://127.0.0.1:{sasl}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,TLS:SSL,SASL:SASL_SSL
controller.quorum.voters=1@127.0.0.1:{own}
ssl.keystore.type=PEM
ssl.keystore.location={keystore}
ssl.truststore.type=PEM
ssl.truststore.location={truststore}
listener.name.tls.ssl.client.auth=required
sasl.enabled.mechanisms=SCRAM-SHA-512,PLAIN
listener.name.sasl.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required \
 user_{user}="{password}";
listener.name.sasl.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
"""


@dataclass(frozen=True)
class Secured:
    """A broker with a plain listener, one with TLS and certificates of clients, one with TLS and SASL."""

    folder: Path
    authority: Authority
    stranger: Authority
    plain: int
    tls: int
    sasl: int

    def settings(self, port: int, host: str = "127.0.0.1", **given: object) -> Settings:
        """Of a client that comes to this port; the names of settings are without KAFKA_."""
        named = {f"DREMPEL_KAFKA_{name.upper()}": str(value) for name, value in given.items()}
        return Settings.from_env({"DREMPEL_KAFKA": f"{host}:{port}", **named})

    def with_password(self, **other: object) -> Settings:
        """Of a client that is let in by TLS and SASL; the password comes from a file."""
        file = self.folder / "password"
        file.write_text(f"{PASSWORD}\n")
        given = {"security_protocol": "SASL_SSL", "ca_file": self.authority.file, "user": USER,
                 "sasl_mechanism": "SCRAM-SHA-512", "password_file": file}  # fmt: skip
        return self.settings(self.sasl, **{**given, **other})


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def secured(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Secured]:
    """One broker for all tests."""
    folder = tmp_path_factory.mktemp("secured")
    authority, stranger = Authority.new(folder, "authority"), Authority.new(folder, "stranger")
    cert, key = authority.sign("broker")
    keystore = folder / "broker.pem"
    keystore.write_text(key.read_text() + cert.read_text())
    plain, tls, sasl, own = free_ports([0] * 4)
    more = LISTENERS.format(plain=plain, tls=tls, sasl=sasl, own=own, keystore=keystore, truststore=authority.file,
                            user=USER, password=PASSWORD)  # fmt: skip
    users = [f"SCRAM-SHA-512=[name={USER},password={PASSWORD}]"]
    async with Kafka.running(folder / "kafka", port=plain, more=more, users=users):
        yield Secured(folder, authority, stranger, plain, tls, sasl)


@pytest.mark.parametrize("way", ["scram", "plain", "certificate"])
async def test_relay_consumer_and_operator_come_in(secured: Secured, postgres: Path, way: str) -> None:
    cert, key = secured.authority.sign("client")
    settings = {
        "scram": secured.with_password(),
        "plain": secured.with_password(sasl_mechanism="PLAIN"),
        "certificate": secured.settings(
            secured.tls, security_protocol="SSL", ca_file=secured.authority.file, cert_file=cert, key_file=key
        ),
    }[way]
    cluster = settings.cluster()
    assert cluster is not None
    async with on_kafka(postgres, cluster.bootstrap, partitions=3, security=cluster.security) as transport:
        await transport.append(new_events(20, subjects=5))
        recorder = Recorder(hears=frozenset({CaseClosed.name()}))
        await drain(await transport.processor(recorder))
        assert await transport.reader.loop.fetchval("SELECT sum(position) FROM monitoring.checkpoint") > 0
        async with Topic.opened(transport.cluster) as topic:
            assert (await audit.walked(topic)).events == 20


WRONG = {
    "another authority": ("DREMPEL_KAFKA_CA_FILE", lambda s: s.with_password(ca_file=s.stranger.file)),
    "nobody's authority": ("DREMPEL_KAFKA_CA_FILE", lambda s: s.settings(s.tls, security_protocol="SSL")),
    "another name": ("DREMPEL_KAFKA", lambda s: s.with_password(host="localhost")),
    "another password": ("DREMPEL_KAFKA_USER", lambda s: s.with_password(password_file="", password="fout-geheim")),
    "another mechanism": ("DREMPEL_KAFKA_SASL_MECHANISM", lambda s: s.with_password(sasl_mechanism="SCRAM-SHA-256")),
    "no certificate": ("DREMPEL_KAFKA_CERT_FILE", lambda s: s.settings(
        s.tls, security_protocol="SSL", ca_file=s.authority.file)),
    "no TLS": ("DREMPEL_KAFKA_SECURITY_PROTOCOL", lambda s: s.settings(s.sasl)),
    "TLS where there is none": ("DREMPEL_KAFKA_SECURITY_PROTOCOL", lambda s: s.settings(
        s.plain, security_protocol="SSL", ca_file=s.authority.file)),
}  # fmt: skip


@pytest.mark.parametrize("wrong", WRONG)
async def test_who_is_refused_is_told_which_setting_to_look_at_and_no_secret(secured: Secured, wrong: str) -> None:
    setting, given = WRONG[wrong]
    settings = given(secured)
    cluster = settings.cluster()
    with pytest.raises(Refused) as refused:
        async with cluster.producer():
            pass
    with pytest.raises(Wrong) as found:
        await check.topic(Here(settings, secured.folder))
    assert setting in str(refused.value)
    assert found.value.says == f"does not let us in: {refused.value.args[0]}"
    for text in (str(refused.value), repr(cluster), repr(settings), found.value.says):
        assert "geheim" not in text


async def test_a_service_that_is_refused_says_so_in_its_log_and_waits(secured: Secured) -> None:
    cluster = secured.with_password(password_file="", password="fout-geheim").cluster()
    assert cluster is not None
    consumer = KafkaSubscription(cluster, "test.refused", ["intake"], Nowhere())
    with capture_logs() as lines, pytest.raises(KafkaAway):
        await consumer.next(0.1)
    (line,) = [line for line in lines if line["event"] == "kafka_refused"]
    assert (line["log_level"], "DREMPEL_KAFKA_USER" in line["reason"]) == ("error", True)
    assert "geheim" not in str(lines)


class Nowhere:
    """Places of a consumer that never began."""

    async def positions(self, partitions: Collection[int]) -> dict[Place, int]:
        return {}

    async def offsets(self) -> dict[int, int]:
        return {}

    async def save(self, offsets: Mapping[int, int]) -> None:
        """Nothing to remember."""
