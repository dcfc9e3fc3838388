"""Personal data under a key per subject: readable while the key lives, noise after erasure.

A ``Sealed`` is one string ``v1.<subject>.<event>.<base64url(nonce + ciphertext)>``, AES-256-GCM with
subject and event as additional data, so a block can't be moved to another event or another person.
The subject is a signal at intake and a person after matching; the keyring links them. Nobody opens a
Sealed without a key from the keyring, and no fold ever opens one.
"""

import base64
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic import BaseModel, GetCoreSchemaHandler, TypeAdapter
from pydantic_core import CoreSchema, core_schema

from libs.events.errors import Erased, Unreadable
from libs.events.ids import read_uuid

T = TypeVar("T")

_FORMAT = "v1"
_ID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_SHAPE = rf"{_FORMAT}\.{_ID}\.{_ID}\.[A-Za-z0-9_=-]+"
_NONCE_BYTES = 12  # NIST SP 800-38D: 96 bits; a key seals far fewer than 2^32 blocks


class Sealed(Generic[T]):
    """A value of type T that only a holder of the subject's key can read.

    Not a dataclass: pydantic passes over the schema method of a generic one and would store its three fields. It
    keeps the text and takes it apart when asked: views read millions of them and never do.
    """

    __slots__ = ("_text",)

    def __init__(self, subject: UUID, event: UUID, block: str) -> None:
        self._text = f"{_FORMAT}.{subject}.{event}.{block}"

    @classmethod
    def parse(cls, text: str) -> "Sealed[T]":
        """Read the stored form; raises ValueError when it is not one."""
        if re.fullmatch(_SHAPE, text) is None:
            raise ValueError("not a sealed block")
        return cls._of(text)

    @classmethod
    def _of(cls, text: str) -> "Sealed[T]":
        found = cls.__new__(cls)
        found._text = text
        return found

    @property
    def subject(self) -> UUID:
        """Whose key it takes."""
        return read_uuid(self._text.split(".")[1])

    @property
    def event(self) -> UUID:
        """Where it belongs."""
        return read_uuid(self._text.split(".")[2])

    @property
    def block(self) -> str:
        """Nonce and ciphertext, base64url."""
        return self._text.split(".")[3]

    def __str__(self) -> str:
        return self._text

    def __repr__(self) -> str:
        return f"Sealed({self.subject})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sealed) and self._text == other._text

    def __hash__(self) -> int:
        return hash(self._text)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        text = core_schema.str_schema(pattern=f"^{_SHAPE}$")
        from_text = core_schema.no_info_after_validator_function(cls._of, text)
        return core_schema.json_or_python_schema(
            json_schema=from_text,
            python_schema=core_schema.union_schema([core_schema.is_instance_schema(Sealed), from_text]),
            serialization=core_schema.plain_serializer_function_ser_schema(str),
        )


def _bound_to(subject: UUID, event: UUID) -> bytes:
    return subject.bytes + event.bytes


def seal(key: bytes, subject: UUID, event: UUID, value: Any) -> Sealed[Any]:
    """Seal a JSON value or a pydantic model under the 32-byte key of its subject."""
    text = value.model_dump_json(by_alias=True) if isinstance(value, BaseModel) else json.dumps(value)
    nonce = os.urandom(_NONCE_BYTES)
    cipher = AESGCM(key).encrypt(nonce, text.encode(), _bound_to(subject, event))
    return Sealed(subject, event, base64.urlsafe_b64encode(nonce + cipher).decode())


def unseal(key: bytes, sealed: Sealed[T], kind: type[T]) -> T:
    """Read a Sealed; raises Unreadable when the key, the subject or the event is not the one it was made with."""
    raw = base64.urlsafe_b64decode(sealed.block)
    try:
        text = AESGCM(key).decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], _bound_to(sealed.subject, sealed.event))
    except InvalidTag:
        raise Unreadable("a sealed block does not fit its event or its key") from None
    return TypeAdapter(kind).validate_json(text)


@dataclass(frozen=True, slots=True, repr=False)
class Keys:
    """The keys of some subjects, held for the length of one request or one batch."""

    by_subject: Mapping[UUID, bytes]

    def seal(self, subject: UUID, event: UUID, value: Any) -> Sealed[Any]:
        """Seal under the subject's key; raises Erased when it has none."""
        return seal(self._key(subject), subject, event, value)

    def open(self, sealed: Sealed[T], kind: type[T]) -> T:
        """Read one block; raises Erased when the subject's key was destroyed."""
        return unseal(self._key(sealed.subject), sealed, kind)

    def _key(self, subject: UUID) -> bytes:
        try:
            return self.by_subject[subject]
        except KeyError:
            raise Erased(subject) from None
