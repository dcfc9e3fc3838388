"""The region document: which municipalities the organisation serves, with whom, and its signal partners.

The Drechtsteden document names the parties of the working agreements of Drechtsteden and Alblasserwaard.
Which municipalities a corporation works in, which social service serves whom, and rounded numbers of
inhabitants are general knowledge, not taken from that document.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

from pydantic import Field, TypeAdapter, model_validator

from libs.events.values import Gemeentecode, PartnerKey, Signaalpartner, Value

_HERE = Path(__file__).parent


class Woonplaats(Value):
    """A place inside a municipality and the numbers (four digits) of its postcodes."""

    naam: str
    postcodegebieden: tuple[str, ...] = Field(min_length=1)


class Gemeente(Value):
    """A municipality of the region; `inwoners` is rounded and only scales what is synthetic."""

    code: Gemeentecode
    naam: str
    inwoners: int = Field(default=0, ge=0)
    woonplaatsen: tuple[Woonplaats, ...] = ()


class Organisatie(Value):
    """An organisation of the region and the municipalities it works for."""

    naam: str
    gemeentecodes: tuple[Gemeentecode, ...] = Field(min_length=1)


class Corporatie(Organisatie):
    """A housing corporation; `key` is the one it has as a signal partner."""

    key: PartnerKey


class SocialeDienst(Organisatie):
    """A social service: debt counselling, and the crisis procedure once an eviction is announced."""

    crisisaanpak: str | None = None


class SociaalTeam(Organisatie):
    """A social team (casusregie in the working agreements), and who answers for it."""

    namens: str | None = None


class Meldpunt(Organisatie):
    """A contact point for care and nuisance (MPZO) and the organisation that runs it."""

    organisatie: str


class Partner(Value):
    """A signal partner: its key, name, type (DDAS EnumSignaalpartner) and chamber of commerce number.

    One that is not connected (`aangesloten`) sends nothing itself: caseworkers type in its signals.
    """

    key: PartnerKey
    naam: str
    type: Signaalpartner
    kvk_nummer: str = Field(pattern=r"^[0-9]{8}$")
    aangesloten: bool = True


class Regio(Value):
    """The region as DREMPEL_REGIO describes it."""

    naam: str
    gemeenten: tuple[Gemeente, ...] = Field(min_length=1)
    corporaties: tuple[Corporatie, ...] = ()
    sociale_diensten: tuple[SocialeDienst, ...] = ()
    sociale_teams: tuple[SociaalTeam, ...] = ()
    meldpunten: tuple[Meldpunt, ...] = ()

    @model_validator(mode="after")
    def _only_own_municipalities(self) -> Self:
        if len(self.gemeentecodes) != len(self.gemeenten):
            raise ValueError("gemeenten: a code occurs twice")
        for field in ("corporaties", "sociale_diensten", "sociale_teams", "meldpunten"):
            served = {code for one in getattr(self, field) for code in one.gemeentecodes}
            if served - self.gemeentecodes:
                raise ValueError(f"{field}: serves a municipality outside the region")
        return self

    @classmethod
    def load(cls, path: Path | None = None) -> Self:
        """Read the document at `path` (UTF-8 JSON), or the Drechtsteden when there is none.

        Raises OSError when it cannot be read and pydantic.ValidationError when it is not a region document.
        """
        return cls.model_validate_json((path or _HERE / "drechtsteden.json").read_bytes())

    @property
    def gemeentecodes(self) -> frozenset[str]:
        """Codes of the municipalities that belong to the region."""
        return frozenset(gemeente.code for gemeente in self.gemeenten)

    def van_postcode(self, postcode: str) -> str | None:
        """Code of the municipality that has the four digits of this postcode; None when none or several do."""
        cijfers = postcode.strip()[:4]
        codes = [een.code for een in self.gemeenten if any(cijfers in p.postcodegebieden for p in een.woonplaatsen)]
        return codes[0] if len(codes) == 1 else None

    def gemeente(self, code: str) -> Gemeente | None:
        """The municipality with this code, None outside the region."""
        return next((gemeente for gemeente in self.gemeenten if gemeente.code == code), None)


_PARTNERS = TypeAdapter(tuple[Partner, ...])


def load_partners(path: Path | None = None) -> tuple[Partner, ...]:
    """Read the list of signal partners (DREMPEL_PARTNERS), or the invented list when there is none.

    Raises OSError when it cannot be read, pydantic.ValidationError on a wrong shape, ValueError on a key twice.
    """
    partners = _PARTNERS.validate_json((path or _HERE / "partners.json").read_bytes())
    if len({partner.key for partner in partners}) != len(partners):
        raise ValueError("partners: a key occurs twice")
    return partners


@dataclass(frozen=True, slots=True)
class Region:
    """What every service knows of its surroundings: the region document and the signal partners."""

    regio: Regio
    partners: tuple[Partner, ...]

    @classmethod
    def load(cls, regio: Path | None = None, partners: Path | None = None) -> Self:
        """Read both documents, or what comes with the package; errors as of the two loaders."""
        return cls(Regio.load(regio), load_partners(partners))

    @property
    def gemeentecodes(self) -> frozenset[str]:
        """Codes of the municipalities that belong to the region."""
        return self.regio.gemeentecodes

    def partner(self, key: str) -> Partner | None:
        """The signal partner with this key."""
        return next((partner for partner in self.partners if partner.key == key), None)
