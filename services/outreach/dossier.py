"""One case as its facts add up: its signals, its meldingen, and their rows on the work list. Pure.

A row depends on no order between sources, so it is the same for every interleaving of their logs.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter

from libs.events.catalogue import (
    CaseClosed,
    ContactAttempted,
    Event,
    HandlerAssigned,
    HelpAccepted,
    HelpDeclined,
    HelpEnded,
    SelfReported,
)
from libs.events.values import Contactsoort, Stap
from services.outreach.domain import Melding, Zaak, decider
from services.outreach.planning import Poging, Werk
from services.outreach.rust import Contacten
from services.outreach.stand import Stand, dreigt, dringend
from services.outreach.termijnen import ONTRUIMING, Termijn, laatste_dag

AANMELDING = "Aanmelding"
"""As what kind of signal a household that came by itself is kept, once it has a case."""

_HULP: Mapping[type[Event], str] = {HelpAccepted: "Aanvaard", HelpDeclined: "Afgewezen", HelpEnded: "Beëindigd"}


@dataclass(frozen=True, slots=True)
class Signaal:
    """One signal as four services told of it; each part is the last that one of them said."""

    signaal_id: UUID
    gekoppeld: Mapping[str, Any]
    aangeleverd: Mapping[str, Any]
    ingetrokken: Mapping[str, Any] | None = None
    besluit: Mapping[str, Any] | None = None

    @property
    def melding_id(self) -> UUID:
        """The melding it belongs to."""
        return UUID(self.gekoppeld["meldingId"])

    def geldend_besluit(self) -> Mapping[str, Any] | None:
        """The routing decision, unless it is about the case the signal was in before."""
        return self.besluit if self.besluit and self.besluit["zaakId"] == self.gekoppeld["zaakId"] else None

    def rij(self) -> dict[str, Any]:
        """As shown, without anything personal."""
        bekend = {**self.gekoppeld, **self.aangeleverd}
        besluit = self.geldend_besluit()
        return {
            "signaalId": str(self.signaal_id),
            **{naam: bekend.get(naam) for naam in ("partner", "signaalpartner", "soort", "signaaldatum")},
            "bedrag": float(bekend["bedrag"]) if bekend.get("bedrag") is not None else None,
            "crisissignaal": bool(bekend.get("crisissignaal")),
            "ingetrokken": self.ingetrokken["reden"] if self.ingetrokken else None,
            "opgepakt": besluit["oppakken"] if besluit else None,
            "regel": besluit["regel"] if besluit else None,
        }


@dataclass(frozen=True, slots=True)
class Dossier:
    """A case: what others said (`stand`, `signalen`, running clocks) and what outreach itself said, as in its log."""

    zaak_id: UUID
    gemeentecode: str
    stand: Stand
    signalen: list[Signaal]
    eigen: list[Event]
    termijnen: Sequence[Termijn] = ()

    @property
    def personen(self) -> list[UUID]:
        """Whom the signals are about."""
        return sorted({UUID(s.gekoppeld["persoonId"]) for s in self.signalen})

    def zaak(self) -> Zaak:
        """What decides about acts."""
        per_melding: dict[UUID, set[UUID]] = defaultdict(set)
        periode: dict[UUID, str] = {}
        for signaal in self.signalen:
            per_melding[signaal.melding_id].add(signaal.signaal_id)
            periode[signaal.melding_id] = signaal.gekoppeld["periode"]
        meldingen = {m: Melding(periode[m], frozenset(gevonden)) for m, gevonden in per_melding.items()}
        einde = self.stand["einde"]["reden"] if self.stand["einde"] else None
        gevraagd, dreigend = bool(self.aanmeldingen()), dreigt(self.stand)
        return decider(
            Zaak(self.zaak_id, self.gemeentecode, meldingen, einde, gevraagd=gevraagd, dreigt=dreigend)
        ).fold(self.eigen)

    def rijen(self) -> Iterator[dict[str, Any]]:
        """A row for every open melding. While an eviction threatens a case is never without one: its last melding has
        a row then, also when it is closed."""
        zaak = self.zaak()
        laatste = zaak.bedoeld(None) if dreigt(self.stand) and zaak.einde is None else None
        for melding_id in zaak.open_meldingen() or [melding for melding in [laatste] if melding]:
            yield self._rij(zaak, melding_id)

    def hulp(self) -> str | None:
        """What the household last said of help, or that it ended; by the day of it, then as it was told."""
        gezegd: list[Any] = sorted((e for e in self.eigen if type(e) in _HULP), key=lambda e: e.datum)
        return _HULP[type(gezegd[-1])] if gezegd else None

    def behandelaar(self) -> dict[str, Any] | None:
        """Who was put in charge, last; None while only a route names somebody."""
        toegewezen = [e.behandelaar for e in self.eigen if isinstance(e, HandlerAssigned)]
        return toegewezen[-1].model_dump(mode="json", by_alias=True) if toegewezen else None

    def medewerker_id(self) -> UUID | None:
        """Who of that team was put in charge, last, by a pseudonym."""
        toegewezen = [e.medewerker_id for e in self.eigen if isinstance(e, HandlerAssigned)]
        return toegewezen[-1] if toegewezen else None

    def contact(self) -> dict[str, Any]:
        """What a plan has to know of the whole case: last contacts, and whether it goes on."""
        loopt = self.stand["einde"] is None and not any(isinstance(e, CaseClosed) for e in self.eigen)
        return self.contacten().bewaard() | {"loopt": loopt}

    def contacten(self) -> Contacten:
        """The last days of contact in this case."""
        return Contacten.van(self.eigen, self.aanmeldingen().values())

    def dringend(self) -> bool:
        """Whether contact is sought as often as needed, whatever spares a household."""
        return dringend(self.stand, self.contacten().gesproken)

    def aanmeldingen(self) -> dict[UUID, date]:
        """When the household came by itself: told in the case, or found by matching to be of it."""
        gezegd = {e.aanmelding_id: e.datum for e in self.eigen if isinstance(e, SelfReported)}
        gevonden = [s for s in self.signalen if s.gekoppeld["soort"] == AANMELDING]
        return gezegd | {s.signaal_id: date.fromisoformat(s.gekoppeld["signaaldatum"]) for s in gevonden}

    def plan(self, rij: Mapping[str, Any]) -> dict[str, Any] | None:
        """What is planned from, beside this row; None where nothing is to be done, along a route or for an eviction."""
        klaar = rij["gesloten"] or rij["ingetrokken"] or rij["hulp"] == _HULP[HelpAccepted]
        langs_route, bij_ontruiming = bool(rij["stappen"]) and not klaar, self._sinds_aanzegging(rij)
        if not langs_route and bij_ontruiming is None:
            return None
        signalen = [s for s in self.signalen if str(s.melding_id) == rij["meldingId"] and not s.ingetrokken]
        opgepakt = [s for s in signalen if (s.geldend_besluit() or {}).get("oppakken")]
        pogingen = [e for e in self.eigen if isinstance(e, ContactAttempted) and str(e.melding_id) == rij["meldingId"]]
        return {
            "vanaf": max((s.gekoppeld["signaaldatum"] for s in opgepakt), default=None) or _aanzegdatum(rij),
            **tot(rij),
            "langsRoute": langs_route,
            "dringend": self.dringend(),
            "medewerkerId": str(self.medewerker_id() or "") or None,
            "pogingen": [_geplande_poging(poging) for poging in pogingen],
            "sindsAanzegging": bij_ontruiming,
        }

    def _sinds_aanzegging(self, rij: Mapping[str, Any]) -> list[dict[str, Any]] | None:
        """Attempts of the whole case since an eviction was announced, on one row of it; None where that asks nothing.

        The household is always visited then (Breda), whatever became of its meldingen and of help.
        """
        if not dreigt(self.stand) or rij["meldingId"] != str(self.zaak().bedoeld(None)):
            return None
        pogingen = [e for e in self.eigen if isinstance(e, ContactAttempted) and str(e.datum) >= _aanzegdatum(rij)]
        return [_geplande_poging(poging) for poging in pogingen]

    def _rij(self, zaak: Zaak, melding_id: UUID) -> dict[str, Any]:
        signalen = [s for s in self.signalen if s.melding_id == melding_id]
        besluiten = [s.geldend_besluit() for s in signalen]
        route = route_van([s for s in signalen if not s.ingetrokken] or signalen)
        pogingen = [f for f in self.eigen if isinstance(f, ContactAttempted) and f.melding_id == melding_id]
        laatste = max(reversed(pogingen), key=lambda poging: poging.datum, default=None)
        route["behandelaar"] = self.behandelaar() or route["behandelaar"]
        opgepakt = [b["oppakken"] for b in besluiten if b]
        rij = {
            "zaakId": str(self.zaak_id),
            "meldingId": str(melding_id),
            "gemeentecode": zaak.gemeentecode,
            "periode": zaak.meldingen[melding_id].periode,
            "gesloten": not zaak.is_open(melding_id),
            "status": "Opgepakt" if any(opgepakt) else "Niet opgepakt" if opgepakt else "Nog niet opgepakt",
            "ingetrokken": all(s.ingetrokken for s in signalen),
            **route,
            "pogingen": len(pogingen),
            "laatstePoging": _poging(laatste) if laatste else None,
            "bereikt": any(poging.bereikt for poging in pogingen),
            "hulp": self.hulp(),
            "signaleringPlus": self.stand["signaleringPlus"],
            "deurwaarder": self.stand["deurwaarder"],
            "ontruiming": self.stand["ontruiming"],
            "signalen": [s.rij() for s in signalen],
        }
        return met_klokken(rij, self.termijnen)


def met_klokken(rij: Mapping[str, Any], termijnen: Sequence[Termijn]) -> dict[str, Any]:
    """The row with the last day for contact and whose that is; the day of the route stands beside it."""
    eigen = {UUID(rij["meldingId"]), *(UUID(signaal["signaalId"]) for signaal in rij["signalen"])}
    beleid = date.fromisoformat(rij["beleidsdatum"]) if rij["beleidsdatum"] else None
    dag = laatste_dag(termijnen, eigen, beleid)
    return {**rij, "uiterlijkeDatum": str(dag[0]) if dag else None, "termijnbron": dag[1] if dag else None}


def tot(rij: Mapping[str, Any]) -> dict[str, str]:
    """The last day of its tasks and whose it is: that of the row, or before it that of the eviction.

    Where neither has one (an eviction put off until further notice) what it asks for is due since it was announced.
    """
    ontruiming = rij["ontruiming"].get("ontruimingsdatum") if dreigt(rij) else None
    dagen = [(rij["uiterlijkeDatum"], rij["termijnbron"]), (ontruiming, ONTRUIMING)]
    bekend = [dag for dag in dagen if dag[0]] or [(_aanzegdatum(rij), ONTRUIMING)]
    uiterlijk, bron = min(bekend)
    return {"uiterlijk": uiterlijk, "bron": bron}


def _aanzegdatum(rij: Mapping[str, Any]) -> str:
    aangezegd: str = rij["ontruiming"]["aanzegdatum"]
    return aangezegd


def route_van(signalen: Sequence[Signaal]) -> dict[str, Any]:
    """What routing asks for these signals together: the steps of the most urgent decision, the kinds of all."""
    besluiten = [(s.geldend_besluit() or {}) for s in signalen]
    gekozen = [b for b in besluiten if b.get("oppakken")]
    gekozen.sort(key=lambda b: (b["prioriteit"], b["uiterlijkeDatum"], b["signaalId"]))
    eerste = gekozen[0] if gekozen else {}
    soorten = {soort for besluit in gekozen for soort in besluit["contactsoorten"]}
    return {
        "prioriteit": eerste.get("prioriteit"),
        "beleidsdatum": min((b["uiterlijkeDatum"] for b in gekozen), default=None),
        "contactsoorten": [soort for soort in Contactsoort if soort in soorten],
        "stappen": list(eerste.get("stappen", ())),
        "behandelaar": eerste.get("behandelaar"),
    }


def werk(rij: Mapping[str, Any], plan: Mapping[str, Any]) -> Werk:
    """A row and its plan, for the planner."""
    return Werk(
        stappen=_STAPPEN.validate_python(rij["stappen"] if plan["langsRoute"] else ()),
        vanaf=date.fromisoformat(plan["vanaf"]),
        uiterlijk=date.fromisoformat(plan["uiterlijk"]),
        pogingen=_POGINGEN.validate_python(plan["pogingen"]),
        dringend=plan["dringend"],
        bron=plan["bron"],
        sinds_aanzegging=_POGINGEN.validate_python(plan["sindsAanzegging"])
        if plan["sindsAanzegging"] is not None
        else None,
    )


_STAPPEN: TypeAdapter[tuple[Stap, ...]] = TypeAdapter(tuple[Stap, ...])
_POGINGEN: TypeAdapter[tuple[Poging, ...]] = TypeAdapter(tuple[Poging, ...])


def _geplande_poging(poging: ContactAttempted) -> dict[str, Any]:
    found = {naam: getattr(poging, naam) for naam in ("soort", "bereikt", "middel", "dagdeel", "tijdstip")}
    return {"datum": str(poging.datum)} | {naam: waarde for naam, waarde in found.items() if waarde}


def _poging(poging: ContactAttempted) -> dict[str, Any]:
    return {"soort": poging.soort, "datum": str(poging.datum), "bereikt": poging.bereikt}
