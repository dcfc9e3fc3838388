"""Who the brokers are and who we are: TLS and SASL, for every client alike.

Files are read when a client is made, so that a renewed certificate is used by the next one. What does not fit is said
in a sentence that names the setting, never a secret.
"""

import asyncio
import ssl
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from aiokafka.conn import collect_hosts, create_conn
from aiokafka.errors import (
    AuthenticationFailedError,
    IllegalSaslStateError,
    KafkaConnectionError,
    KafkaError,
    SaslAuthenticationFailed,
    UnsupportedSaslMechanismError,
)

from libs.events.errors import Transient

Protocol = Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"]
Mechanism = Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"]

KNOCK_SECONDS = 5.0
AGAIN_SECONDS = 0.5
ENDED = (KafkaConnectionError, ConnectionResetError, BrokenPipeError)
"""The connection ended and nobody said why."""


class DoesNotFit(Transient):
    """What is set for TLS or SASL can't be used (now: a file may be being renewed); the message names the setting."""


class Refused(KafkaConnectionError):  # type: ignore[misc]
    """Broker and client do not trust each other; the message names the setting to look at."""


@dataclass(frozen=True)
class Security:
    """How clients connect. Without anything: no encryption, and no name."""

    protocol: Protocol = "PLAINTEXT"
    ca_file: Path | None = None
    cert_file: Path | None = None
    key_file: Path | None = None
    mechanism: Mechanism | None = None
    user: str | None = None
    password: str | None = field(default=None, repr=False)

    def options(self) -> dict[str, Any]:
        """What every client is made with. Raises DoesNotFit."""
        self._together()
        found: dict[str, Any] = {"security_protocol": self.protocol}
        if self.protocol.endswith("SSL"):
            found["ssl_context"] = self._context()
        if self.protocol.startswith("SASL"):
            found |= {"sasl_mechanism": self.mechanism, "sasl_plain_username": self.user,
                      "sasl_plain_password": self.password}  # fmt: skip
        return found

    def _together(self) -> None:
        """Refuse what would otherwise be passed over in silence."""
        names = (self.mechanism, self.user, self.password)
        if self.protocol.startswith("SASL") and not all(names):
            raise DoesNotFit(
                "DREMPEL_KAFKA_SECURITY_PROTOCOL with SASL needs DREMPEL_KAFKA_SASL_MECHANISM, DREMPEL_KAFKA_USER and "
                "DREMPEL_KAFKA_PASSWORD (or DREMPEL_KAFKA_PASSWORD_FILE)"
            )
        if not self.protocol.startswith("SASL") and any(names):
            raise DoesNotFit("a user of Kafka needs DREMPEL_KAFKA_SECURITY_PROTOCOL=SASL_SSL")
        if not self.protocol.endswith("SSL") and (self.ca_file or self.cert_file):
            raise DoesNotFit("certificates for Kafka need DREMPEL_KAFKA_SECURITY_PROTOCOL=SSL or SASL_SSL")
        if self.key_file and not self.cert_file:
            raise DoesNotFit("DREMPEL_KAFKA_KEY_FILE needs DREMPEL_KAFKA_CERT_FILE")

    def _context(self) -> ssl.SSLContext:
        try:
            context = ssl.create_default_context(cafile=self.ca_file)
        except OSError as error:  # ssl.SSLError is one
            raise DoesNotFit(f"DREMPEL_KAFKA_CA_FILE can't be read ({type(error).__name__})") from None
        if self.cert_file:
            try:
                context.load_cert_chain(self.cert_file, self.key_file, password=_none)
            except (OSError, ValueError) as error:
                raise DoesNotFit(
                    f"DREMPEL_KAFKA_CERT_FILE or DREMPEL_KAFKA_KEY_FILE can't be used ({type(error).__name__})"
                ) from None
        return context

    async def refusal(self, bootstrap: str) -> str | None:
        """Why the first broker that listens does not let us in; None when it does, or when none listens.

        The client itself only says that it found no broker.
        """
        for host, port, _ in collect_hosts(bootstrap):
            try:
                await self._knock(host, port)
            except ENDED:
                if not await self._ends_again(host, port):
                    continue
                return f"broker {host}:{port}: {_OTHERWISE}"
            except (ssl.SSLError, KafkaError) as error:
                return f"broker {host}:{port}: {_because(error)}"
            except (OSError, TimeoutError):
                continue
            return None
        return None

    async def _ends_again(self, host: str, port: int) -> bool:
        """Whether it ends the connection a second time: a broker that stops or starts does so once."""
        await asyncio.sleep(AGAIN_SECONDS)
        try:
            await self._knock(host, port)
        except ENDED:
            return True
        except (OSError, TimeoutError, KafkaError):
            return False
        return False

    async def _knock(self, host: str, port: int) -> None:
        """Come in as a client does, and leave."""
        options = self.options()
        if context := options.get("ssl_context"):
            await _listen(host, port, context)
        made = create_conn(host, port, request_timeout_ms=int(KNOCK_SECONDS * 1000), **options)
        (await asyncio.wait_for(made, KNOCK_SECONDS + 1)).close()


async def _listen(host: str, port: int, context: ssl.SSLContext) -> None:
    """TLS by itself: a broker that wants a certificate of ours says so after the handshake, before we said anything."""
    opened = asyncio.open_connection(host, port, ssl=context)
    reader, writer = await asyncio.wait_for(opened, KNOCK_SECONDS)
    try:
        await asyncio.wait_for(reader.read(1), AGAIN_SECONDS)
    except TimeoutError:
        return  # it waits for us to begin
    finally:
        writer.transport.abort()


def _none() -> str:
    """There is nobody to ask for the password of a key."""
    return ""


_BECAUSE: tuple[tuple[type[Exception], str], ...] = (
    (ssl.SSLCertVerificationError, "its certificate is not signed by who is in DREMPEL_KAFKA_CA_FILE"),
    (ssl.SSLError, "no agreement on TLS: does it speak TLS on this port (DREMPEL_KAFKA_SECURITY_PROTOCOL), and does it "
                   "want a certificate of ours (DREMPEL_KAFKA_CERT_FILE)?"),
    (UnsupportedSaslMechanismError, "it does not take DREMPEL_KAFKA_SASL_MECHANISM"),
    (IllegalSaslStateError, "it does not take DREMPEL_KAFKA_SASL_MECHANISM"),
    (AuthenticationFailedError, "it does not accept DREMPEL_KAFKA_USER with its password"),
    (SaslAuthenticationFailed, "it does not accept DREMPEL_KAFKA_USER with its password"),
)  # fmt: skip
_OTHERWISE = (
    "it ended the connection: does it want TLS, SASL or a certificate of ours? DREMPEL_KAFKA_SECURITY_PROTOCOL and "
    "DREMPEL_KAFKA_CERT_FILE say how we come"
)
_CERTIFICATE = {62: "its certificate is of another name than the one in DREMPEL_KAFKA", 10: "its certificate expired"}
"""By OpenSSL's numbers for what is wrong with a certificate."""


def _because(error: Exception) -> str:
    """Why, and which setting to look at."""
    known = _CERTIFICATE.get(getattr(error, "verify_code", 0))
    return known or next((says for kind, says in _BECAUSE if isinstance(error, kind)), _OTHERWISE)
