"""Certificates for the tests: authorities of our own, and what they sign."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

ADDRESS = "127.0.0.1"


@dataclass(frozen=True)
class Authority:
    """Who signs; its certificate is in `<name>.pem` of the folder."""

    folder: Path
    name: str
    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @classmethod
    def new(cls, folder: Path, name: str) -> "Authority":
        """Signed by itself."""
        key = ec.generate_private_key(ec.SECP256R1())
        ca = x509.BasicConstraints(ca=True, path_length=0)
        made = _begun(name, name, key).add_extension(ca, critical=True).sign(key, SHA256())
        found = cls(folder, name, key, made)
        found.file.write_bytes(made.public_bytes(Encoding.PEM))
        return found

    @property
    def file(self) -> Path:
        """Whom to trust."""
        return self.folder / f"{self.name}.pem"

    def sign(self, name: str) -> tuple[Path, Path]:
        """A certificate for this machine's loopback address, and its key: PEM."""
        key = ec.generate_private_key(ec.SECP256R1())
        named = x509.SubjectAlternativeName([x509.IPAddress(ip_address(ADDRESS))])
        made = _begun(name, self.name, key).add_extension(named, critical=False).sign(self.key, SHA256())
        cert, private = self.folder / f"{name}.crt", self.folder / f"{name}.key"
        cert.write_bytes(made.public_bytes(Encoding.PEM))
        private.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        return cert, private


def _begun(name: str, issuer: str, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(_name(name))
        .issuer_name(_name(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
    )


def _name(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
