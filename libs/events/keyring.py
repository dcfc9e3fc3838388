"""Keyring: one key per subject, links between subjects, and erasure.

A subject is a signal, a person, a case, a delivery or a text. `link` says that a subject belongs to another: a
signal to the person it is about, a person to the household's case, free text to everyone it may speak of. Erasing a
signal or a person destroys the keys of that person, of all its signals and of the texts; erasing a case does so for
everyone in it.
Keys are wrapped (AES-GCM, the subject as additional data) by a key from outside the database.
"""

import hmac
import os
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from libs.events.errors import WrongKey
from libs.events.sealed import Keys


class Soort(StrEnum):
    """What a subject is."""

    SIGNAAL = "signaal"
    PERSOON = "persoon"
    ZAAK = "zaak"
    LEVERING = "levering"
    TEKST = "tekst"


class Kek:
    """The key from outside the database (32 bytes): wraps subject keys, and derives the others by purpose."""

    def __init__(self, secret: bytes) -> None:
        if len(secret) != 32:
            raise ValueError("the key-encryption key must be 32 bytes")
        self._secret = secret
        self._derived: dict[str, bytes] = {}
        self._wrapping = AESGCM(self.derive("wrap"))

    def derive(self, purpose: str) -> bytes:
        """32 bytes for one purpose (HKDF-SHA256), so that no key serves two."""
        if purpose not in self._derived:
            self._derived[purpose] = HKDF(SHA256(), 32, None, f"drempel/{purpose}".encode()).derive(self._secret)
        return self._derived[purpose]

    def blind(self, purpose: str) -> "BlindIndex":
        """A keyed index over values that must be found again but not read."""
        return BlindIndex(self.derive(f"blind/{purpose}"))

    def wrap(self, subject: UUID, key: bytes) -> bytes:
        """The form in which a key is stored."""
        nonce = os.urandom(12)
        return nonce + self._wrapping.encrypt(nonce, key, subject.bytes)

    def unwrap(self, subject: UUID, wrapped: bytes) -> bytes:
        """The key again. Raises WrongKey when it was wrapped by another, or for another subject."""
        try:
            return self._wrapping.decrypt(wrapped[:12], wrapped[12:], subject.bytes)
        except InvalidTag:
            raise WrongKey("the key-encryption key does not fit the keys in the database") from None


class BlindIndex:
    """HMAC-SHA256 over parts joined unambiguously. Index whole combinations, never one guessable field."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def of(self, *parts: str) -> bytes:
        """32 bytes that are equal exactly when all parts are."""
        encoded = [part.encode() for part in parts]
        text = b"".join([piece for part in encoded for piece in (len(part).to_bytes(4, "big"), part)])
        return hmac.digest(self._key, text, "sha256")


class Keyring(Protocol):
    """Where keys are kept. A service without a grant gets NoGrant."""

    async def create(self, subjects: Sequence[UUID], soort: Soort) -> Keys:
        """New keys, committed before anything is sealed with them; a subject that has one keeps it."""
        ...

    async def keys(self, subjects: Sequence[UUID]) -> Keys:
        """The keys that still exist; an erased subject is simply absent."""
        ...

    async def link(self, parents: Mapping[UUID, UUID]) -> None:
        """Each subject belongs to this one from now on."""
        ...

    async def erase(self, subject: UUID) -> set[UUID]:
        """Destroy all linked keys; gives the subjects that had one."""
        ...
