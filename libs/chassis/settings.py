"""Settings: environment variables with the prefix DREMPEL_, read once, where the process starts."""

import ipaddress
from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from libs.events.envelope import OIN
from libs.events.kafka.clients import TOPIC, Cluster
from libs.events.kafka.security import DoesNotFit, Mechanism, Protocol, Security

PREFIX = "DREMPEL_"
SERVICES = ("intake", "matching", "routing", "outreach", "escalation", "monitoring")
"""The six, in the order of the chain."""


class SettingsDoNotFit(ValueError):
    """The settings contradict each other, or ask for what this release can't do; the message names them."""


class Settings(BaseModel):
    """All settings of a process. Descriptions become the table in the README."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    data: Path | None = Field(None, description="data folder; unset: the platform's convention")
    port: int = Field(8080, ge=0, le=65535, description="HTTP port; 0 takes a free one")
    host: str = Field("127.0.0.1", description="address to listen on; the local issuer works on loopback only")
    database_url: SecretStr | None = Field(None, description="PostgreSQL; unset: embedded in the data folder")
    database_url_per_service: dict[str, SecretStr] = Field(
        default_factory=dict, description="`DREMPEL_DATABASE_URL_<SERVICE>`: a database for one service"
    )
    keyring_url: SecretStr | None = Field(None, description="database of the keyring; unset: the one database")
    migrate: bool = Field(True, description="no: only `drempel migrate` changes schemas and roles, and the addresses "
                                            "of databases here need no owner's name and password")  # fmt: skip
    kek_file: Path | None = Field(None, description="file with the key-encryption key, 32 bytes as 64 hex digits; "
                                                    "unset: made in the data folder by the first "
                                                    "that migrates")  # fmt: skip
    kafka: str | None = Field(None, description="bootstrap servers; unset: embedded transport")
    kafka_topic: str = Field(TOPIC, pattern=r"^[a-zA-Z0-9._-]{1,200}$", description="topic of all case events")
    kafka_security_protocol: Protocol = Field("PLAINTEXT", description="PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL")
    kafka_ca_file: Path | None = Field(None, description="who may have signed the certificates of the brokers, PEM; "
                                                         "unset: whom the machine trusts")  # fmt: skip
    kafka_cert_file: Path | None = Field(None, description="our own certificate, where brokers ask for one, PEM")
    kafka_key_file: Path | None = Field(None, description="its key, PEM; unset: in the same file")
    kafka_sasl_mechanism: Mechanism | None = Field(None, description="PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512")
    kafka_user: str | None = Field(None, description="our name at the brokers")
    kafka_password: SecretStr | None = Field(None, description="its password")
    kafka_password_file: Path | None = Field(None, description="file with that password, instead")
    brp_url: str | None = Field(None, description="Haal Centraal BRP; unset: the built-in trial environment")
    brp_api_key: SecretStr | None = Field(None, description="credential for the BRP, sent as X-API-KEY")
    brp_personen: Path | None = Field(None, description="persons of the trial environment, JSON list of Persoon; "
                                                        "unset: those of the synthetic region")  # fmt: skip
    shv_bestand: Path | None = Field(None, description="JSON list of the BSNs known at schuldhulpverlening, or an "
                                                       "object with them as keys; unset: nobody is asked")  # fmt: skip
    shv_url: str | None = Field(None, description="who answers which BSNs are known at schuldhulpverlening")
    shv_api_key: SecretStr | None = Field(None, description="credential for that, sent as X-API-KEY")
    partners: Path | None = Field(None, description="JSON list of signal partners; unset: the built-in ones")
    regio: Path | None = Field(None, description="document that names the region; unset: the Drechtsteden")
    issuer: str | None = Field(None, description="issuer of tokens; unset: the local issuer, loopback only")
    jwks_url: str | None = Field(None, description="keys of that issuer")
    intake_signalen: int = Field(128, ge=1, description="single writes of one sender that intake has under way at a "
                                                        "time; more are answered 429")  # fmt: skip
    intake_leveringen: int = Field(16, ge=1, description="the same for its deliveries")
    trace_file: Path | None = Field(None, description="file to which finished spans are written, a JSON line each")
    oin: str = Field(OIN, pattern=r"^[0-9]{20}$", description="OIN of the organisation, in the source of its events")

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> "Settings":
        """Read DREMPEL_*; names that are no setting of the process (those of tests and tools) are left alone."""
        found: dict[str, object] = {}
        per_service: dict[str, str] = {}
        for name, value in environ.items():
            if not name.startswith(PREFIX) or not value:
                continue
            key = name.removeprefix(PREFIX).lower()
            service = key.removeprefix("database_url_")
            if key.startswith("database_url_") and service in SERVICES:
                per_service[service] = value
            elif key in cls.model_fields:
                found[key] = value
        return cls.model_validate({**found, "database_url_per_service": per_service})

    def cluster(self) -> Cluster | None:
        """The Kafka of these settings, and how we connect to it; None without. Raises SettingsDoNotFit."""
        if self.kafka is None:
            return None
        security = Security(self.kafka_security_protocol, self.kafka_ca_file, self.kafka_cert_file,
                            self.kafka_key_file, self.kafka_sasl_mechanism, self.kafka_user,
                            self._kafka_password())  # fmt: skip
        try:
            security.options()
        except DoesNotFit as error:
            raise SettingsDoNotFit(str(error)) from None
        return Cluster(self.kafka, self.kafka_topic, security=security)

    def _kafka_password(self) -> str | None:
        given, path = self.kafka_password, self.kafka_password_file
        if given and path:
            raise SettingsDoNotFit("DREMPEL_KAFKA_PASSWORD and DREMPEL_KAFKA_PASSWORD_FILE: set one of them")
        try:
            return path.read_text().strip() if path else given.get_secret_value() if given else None
        except (OSError, UnicodeDecodeError) as error:
            raise SettingsDoNotFit(f"DREMPEL_KAFKA_PASSWORD_FILE can't be read ({type(error).__name__})") from None

    def check(self) -> None:
        """Refuse what would otherwise be passed over in silence; raises SettingsDoNotFit."""
        self.cluster()
        if self.database_url_per_service and self.kafka is None:
            raise SettingsDoNotFit(
                "without Kafka services read each other's logs in one database: "
                "set DREMPEL_KAFKA, or DREMPEL_DATABASE_URL instead of DREMPEL_DATABASE_URL_<SERVICE>"
            )
        if self.shv_bestand and self.shv_url:
            raise SettingsDoNotFit("DREMPEL_SHV_BESTAND and DREMPEL_SHV_URL: set one of them")
        if self.issuer is None and not _is_loopback(self.host):
            raise SettingsDoNotFit("DREMPEL_HOST is not loopback: set DREMPEL_ISSUER and DREMPEL_JWKS_URL")
        if self.issuer is not None and self.jwks_url is None:
            raise SettingsDoNotFit("DREMPEL_ISSUER needs DREMPEL_JWKS_URL")

    def database_of(self, service: str, shared: str | None) -> str:
        """Address of the database that holds this service: its own, else the one all share. Raises SettingsDoNotFit."""
        if own := self.database_url_per_service.get(service):
            return own.get_secret_value()
        if shared is None:
            raise SettingsDoNotFit(f"set DREMPEL_DATABASE_URL_{service.upper()}, or DREMPEL_DATABASE_URL for all")
        return shared

    def keyring_of(self, shared: str | None) -> str:
        """Address of the database that holds the keyring. Raises SettingsDoNotFit."""
        if self.keyring_url is not None:
            return self.keyring_url.get_secret_value()
        if shared is None:
            raise SettingsDoNotFit(
                "set DREMPEL_KEYRING_URL: services have databases of their own, the keyring has none"
            )
        return shared


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
