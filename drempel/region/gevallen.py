"""Cases a careful official knows: who may be taken for whom, who left, who died, and what can't be told.

Each makes its own people at addresses of their own, the client as a partner wrote it down, and the only right answer
(or, as `mag`, the right answers).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from drempel.region.adressen import Adres
from drempel.region.buurt import NERGENS, PEILDATUM, Buurt, Geval, Json, brp, is_, velden
from drempel.region.huishoudens import Huishouden, Huishoudsoort, Inwoner
from drempel.region.personen import persoon

UITVAL: tuple[Json, ...] = ({"uitval": "niet te bepalen"},)
ELDERS: tuple[Json, ...] = ({"andereGemeente": NERGENS.code},)


def _een(b: Buurt, waar: Adres | None = None) -> tuple[Huishouden, Inwoner]:
    thuis = b.thuis(Huishoudsoort.ALLEENSTAAND, waar)
    return thuis, thuis.leden[0]


def _met(thuis: Huishouden, *leden: Inwoner) -> Huishouden:
    return replace(thuis, leden=(*thuis.leden, *leden))


def tweeling(b: Buurt) -> Geval:
    """Twins at one address are told apart by their initials."""
    thuis, lid = _een(b)
    ander = replace(lid, burgerservicenummer=b.bsn(), voornamen=("Quirijn" if lid.man else "Quinta",))
    return Geval(velden(thuis, lid), is_(lid), brp(_met(thuis, ander)))


def tweeling_eender(b: Buurt) -> Geval:
    """Twins with the same initials: nobody can tell."""
    thuis, lid = _een(b)
    ander = replace(lid, burgerservicenummer=b.bsn())
    return Geval(velden(thuis, lid), UITVAL, brp(_met(thuis, ander)))


def tweeling_zonder_letters(b: Buurt) -> Geval:
    """Twins, and the partner wrote no initials."""
    geval = tweeling(b)
    return replace(geval, client=geval.client | {"voorletters": None}, mag=UITVAL)


def _ouder_en_kind(b: Buurt) -> tuple[Huishouden, Inwoner, Inwoner]:
    thuis, ouder = _een(b)
    ouder = replace(ouder, geboortedatum=ouder.geboortedatum.replace(year=1960))
    kind = replace(ouder, burgerservicenummer=b.bsn(), geboortedatum=date(1992, 4, 17))
    return replace(thuis, leden=(ouder, kind)), ouder, kind


def ouder(b: Buurt) -> Geval:
    """Parent and grown-up child with the same initials: the birth date tells."""
    thuis, wie, _ = _ouder_en_kind(b)
    return Geval(velden(thuis, wie), is_(wie), brp(thuis))


def kind(b: Buurt) -> Geval:
    """The same, and it is the child."""
    thuis, _, wie = _ouder_en_kind(b)
    return Geval(velden(thuis, wie), is_(wie), brp(thuis))


def ouder_of_kind(b: Buurt) -> Geval:
    """The same, without a birth date."""
    thuis, wie, _ = _ouder_en_kind(b)
    return Geval(velden(thuis, wie, geboortedatum=None), UITVAL, brp(thuis))


def ouder_en_minderjarige(b: Buurt) -> Geval:
    """A minor with the parent's initials has no contract."""
    thuis, wie = _een(b)
    klein = replace(wie, burgerservicenummer=b.bsn(), geboortedatum=date(2014, 5, 6))
    return Geval(velden(thuis, wie, geboortedatum=None), is_(wie), brp(_met(thuis, klein)))


def _naamgenoot(b: Buurt, lid: Inwoner, waar: Adres, **anders: Any) -> Huishouden:
    thuis, _ = _een(b, waar)
    return replace(thuis, leden=(replace(lid, burgerservicenummer=b.bsn(), **anders),))


def naamgenoot_in_de_straat(b: Buurt) -> Geval:
    """Two of one name in one street: the house number tells, also without a birth date."""
    thuis, lid = _een(b)
    ander = replace(thuis.adres, huisnummer=thuis.adres.huisnummer + 2, volgnummer=thuis.adres.volgnummer + 1)
    buren = _naamgenoot(b, lid, ander, geboortedatum=date(1971, 2, 3))
    datum = b.rng.choice((None, lid.geboortedatum.isoformat()))
    return Geval(velden(thuis, lid, geboortedatum=datum), is_(lid), brp(thuis, buren))


def naamgenoot_in_het_gebouw(b: Buurt) -> Geval:
    """Two of one name behind one number with different letters; the partner left the letter out, the date tells."""
    waar = b.adres(huisletter="A", huisnummertoevoeging=None)
    thuis, lid = _een(b, waar)
    boven = replace(waar, huisletter="B", volgnummer=waar.volgnummer + 1)
    buren = _naamgenoot(b, lid, boven, geboortedatum=date(1971, 2, 3))
    return Geval(velden(thuis, lid, huisletter=None), is_(lid), brp(thuis, buren))


def naamgenoot_zonder_letter(b: Buurt) -> Geval:
    """The same without a birth date: nobody can tell."""
    geval = naamgenoot_in_het_gebouw(b)
    return replace(geval, client=geval.client | {"geboortedatum": None}, mag=UITVAL)


def naamgenoot_elders(b: Buurt) -> Geval:
    """Somebody else with this name was born on this day, elsewhere: the address tells."""
    thuis, lid = _een(b)
    return Geval(velden(thuis, lid), is_(lid), brp(thuis, _naamgenoot(b, lid, b.adres(NERGENS))))


def naamgenoten_elders(b: Buurt) -> Geval:
    """Two with this name and day, neither at the address that was given."""
    thuis, lid = _een(b)
    ander, leeg = _naamgenoot(b, lid, b.adres()), b.adres()
    wie = velden(replace(thuis, adres=leeg), lid)
    return Geval(wie, UITVAL, brp(thuis, ander))


def opvolger_met_die_naam(b: Buurt) -> Geval:
    """Who lives there now has the name, not the birth date; whom it is about left the region."""
    nu, bewoner = _een(b)
    weg = _naamgenoot(b, bewoner, b.adres(NERGENS), geboortedatum=date(1983, 10, 27))
    wie = velden(nu, weg.leden[0])
    return Geval(wie, ELDERS, brp(nu, weg))


def opvolger_van_dezelfde_maand(b: Buurt) -> Geval:
    """The same, born in the same month: the one who left agrees better, so nobody is taken for the other."""
    geval = opvolger_met_die_naam(b)
    nu = {"type": "Datum", "datum": "1983-10-21", "langFormaat": "21 oktober 1983"}
    bewoner, weg = geval.mensen
    return replace(geval, mag=(*ELDERS, *UITVAL), mensen=(bewoner | {"geboorte": {"datum": nu}}, weg))


def ander_met_die_naam(b: Buurt) -> Geval:
    """Who lives there has the name and another birth date and initials: nobody we know."""
    nu, bewoner = _een(b)
    return Geval(velden(nu, bewoner, geboortedatum="1951-07-19", voorletters="Q."), UITVAL, brp(nu))


def partners_met_een_letter(b: Buurt) -> Geval:
    """A couple with the same initial that both use one name: the birth date tells."""
    thuis = b.thuis(Huishoudsoort.STEL)
    een, ander = thuis.leden
    ander = replace(ander, voornamen=een.voornamen, naamgebruik="P", geboortedatum=date(1979, 11, 23))
    samen = replace(thuis, leden=(een, ander), verbintenis=date(2010, 6, 1))
    wie = velden(samen, ander, achternaam=een.geslachtsnaam, voorvoegsel=een.voorvoegsel or None)
    return Geval(wie, is_(ander), brp(samen))


def partners_zonder_datum(b: Buurt) -> Geval:
    """The same without a birth date."""
    geval = partners_met_een_letter(b)
    bsns = ({"uitval": "partner"}, *({"bsn": mens["burgerservicenummer"]} for mens in geval.mensen[:1]))
    return replace(geval, client=geval.client | {"geboortedatum": None}, mag=bsns)


def ex_partner(b: Buurt) -> Geval:
    """Divorced, and still under contract by the name of the former partner."""
    thuis = b.thuis(Huishoudsoort.STEL)
    een, lid = thuis.leden
    alleen = replace(thuis, leden=(lid,), verbintenis=None)
    mens = persoon(alleen, lid)
    oud = {"naam": {"geslachtsnaam": een.geslachtsnaam} | ({"voorvoegsel": een.voorvoegsel} if een.voorvoegsel else {}),
           "ontbindingHuwelijkPartnerschap": {"datum": {"type": "Datum", "datum": "2020-02-03"}}}  # fmt: skip
    wie = velden(alleen, lid, achternaam=een.geslachtsnaam, voorvoegsel=een.voorvoegsel or None)
    return Geval(wie, is_(lid), (mens | {"partners": [oud]},))


def geheim(b: Buurt) -> Geval:
    """Kept from third parties; the municipality may know."""
    thuis, lid = _een(b)
    return Geval(velden(thuis, lid), is_(lid), brp(replace(thuis, geheim=True)))


def _opgeschort(reden: str, mag: Sequence[Json], **anders: Any) -> Callable[[Buurt], Geval]:
    def maak(b: Buurt) -> Geval:
        thuis, lid = _een(b)
        waarom = {"opschortingBijhouding": {"reden": {"code": reden, "omschrijving": reden}}}
        return Geval(velden(thuis, lid), tuple(mag), (persoon(thuis, lid) | waarom | anders,))

    return maak


_BUITENLAND = {"type": "VerblijfplaatsBuitenland", "verblijfadres": {"regel1": "Rue 1", "land": {"code": "5002"}}}
_RNI = {"rni": [{"deelnemer": {"code": "0201", "omschrijving": "Belastingdienst"}}], "verblijfplaats": _BUITENLAND,
        "gemeenteVanInschrijving": {"code": "1999", "omschrijving": "RNI"}}  # fmt: skip


def onbekend_waarheen(b: Buurt) -> Geval:
    """Left, and nobody knows where to: no residence is registered."""
    thuis, lid = _een(b)
    mens = persoon(thuis, lid) | {"verblijfplaats": {"type": "VerblijfplaatsOnbekend"}}
    return Geval(velden(thuis, lid), UITVAL, (mens,))


def overleden(b: Buurt) -> Geval:
    """Died; the partner still lives there."""
    thuis = b.thuis(Huishoudsoort.STEL)
    dood = replace(thuis.leden[0], overleden=PEILDATUM - timedelta(days=b.rng.randint(1, 900)))
    wie = velden(thuis, dood, geboortedatum=dood.geboortedatum.isoformat())
    mag = ({"overleden": dood.burgerservicenummer},)
    return Geval(wie, mag, brp(replace(thuis, leden=(dood, thuis.leden[1]))))


def verhuisd(b: Buurt) -> Geval:
    """Moved inside the region: found at the new address, whoever lives at the old one."""
    thuis, lid = _een(b)
    nu, _ = _een(b)
    return Geval(velden(replace(thuis, adres=nu.adres), lid), is_(lid), brp(thuis, nu))


def weggetrokken(b: Buurt) -> Geval:
    """Moved out of the region."""
    thuis, lid = _een(b, b.adres(NERGENS))
    nu, _ = _een(b)
    return Geval(velden(replace(thuis, adres=nu.adres), lid), ELDERS, brp(thuis, nu))


def briefadres(b: Buurt) -> Geval:
    """Registered at a letter address, where others live."""
    nu, _ = _een(b)
    thuis, lid = _een(b, nu.adres)
    mens = persoon(thuis, lid)
    mens["verblijfplaats"] = mens["verblijfplaats"] | {"functieAdres": {"code": "B", "omschrijving": "briefadres"}}
    return Geval(velden(thuis, lid), is_(lid), (*brp(nu), mens))


def halve_geboortedatum(b: Buurt) -> Geval:
    """The BRP knows the year (and month) of birth only."""
    thuis, lid = _een(b)
    dag, mens = lid.geboortedatum, persoon(thuis, lid)
    maand = {"type": "JaarMaandDatum", "jaar": dag.year, "maand": dag.month, "langFormaat": "x"}
    mens["geboorte"] = {"datum": b.rng.choice((maand, {"type": "JaarDatum", "jaar": dag.year, "langFormaat": "x"}))}
    return Geval(velden(thuis, lid, geboortedatum=f"{dag.year}-01-01"), is_(lid), (mens,))


def flat(b: Buurt) -> Geval:
    """More people behind one number than the BRP names; the suffix or the birth date tells."""
    waar = b.adres(huisletter=None, huisnummertoevoeging="1")
    woningen = [
        _een(b, replace(waar, huisnummertoevoeging=str(n + 1), volgnummer=waar.volgnummer + n))[0] for n in range(14)
    ]
    thuis = b.rng.choice(woningen)
    zonder = b.rng.choice(({"geboortedatum": None}, {"huisnummertoevoeging": None}, {}))
    return Geval(velden(thuis, thuis.leden[0], **zonder), is_(thuis.leden[0]), brp(*woningen))


def bedrijf(b: Buurt) -> Geval:
    """A private contract in the name of the trade of who lives there: somebody has to look."""
    thuis, lid = _een(b)
    naam = b.rng.choice(("Kapsalon {}", "Bakkerij {} B.V.", "Klusbedrijf {}", "{} Schilderwerken V.O.F.", "{} & Zn"))
    datum = b.rng.choice((None, None, lid.geboortedatum.isoformat()))
    wie = velden(thuis, lid, achternaam=naam.format(lid.geslachtsnaam), voorletters=None, geboortedatum=datum)
    return Geval(wie, UITVAL, brp(thuis))


def niemand(b: Buurt) -> Geval:
    """Nobody by that name, there or anywhere."""
    thuis, lid = _een(b)
    wie = velden(thuis, lid, achternaam="Zwartendijkveld", voorletters="Q.", geboortedatum="1947-12-29")
    return Geval(wie, UITVAL, brp(thuis))


GEVALLEN: Mapping[str, Callable[[Buurt], Geval]] = {
    "tweeling": tweeling, "tweeling eender": tweeling_eender, "tweeling zonder letters": tweeling_zonder_letters,
    "ouder": ouder, "kind": kind, "ouder of kind": ouder_of_kind, "ouder en minderjarige": ouder_en_minderjarige,
    "naamgenoot in de straat": naamgenoot_in_de_straat, "naamgenoot in het gebouw": naamgenoot_in_het_gebouw,
    "naamgenoot zonder letter": naamgenoot_zonder_letter, "naamgenoot elders": naamgenoot_elders,
    "naamgenoten elders": naamgenoten_elders, "opvolger met die naam": opvolger_met_die_naam,
    "opvolger van dezelfde maand": opvolger_van_dezelfde_maand, "ander met die naam": ander_met_die_naam,
    "partners met een letter": partners_met_een_letter,
    "partners zonder datum": partners_zonder_datum, "ex-partner": ex_partner, "geheim": geheim,
    "geëmigreerd": _opgeschort("E", ELDERS, verblijfplaats=_BUITENLAND), "RNI": _opgeschort("R", ELDERS, **_RNI),
    "ministerieel": _opgeschort("M", ELDERS), "fout": _opgeschort("F", UITVAL), "gewist": _opgeschort("W", UITVAL),
    "onbekend waarheen": onbekend_waarheen, "overleden": overleden, "verhuisd": verhuisd,
    "weggetrokken": weggetrokken, "briefadres": briefadres, "halve geboortedatum": halve_geboortedatum, "flat": flat,
    "bedrijf": bedrijf, "niemand": niemand,
}  # fmt: skip
"""By name."""
