"""The synthetic region: the same for the same seed, set to the published figures, and as the contract says."""

import json
import os
import subprocess
import sys
from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from drempel.region import calibration as c
from drempel.region.acts import Act, werkdag
from drempel.region.bsn import elfproef
from drempel.region.consulenten import Opdracht, acceptatie, bereikkans, plan
from drempel.region.personen import Bevolking, persons_file
from drempel.region.signalen import Maand, Signaalstroom, periodes
from drempel.region.telling import Telling
from drempel.region.uitval import besluit
from libs.chassis.region import Region
from libs.chassis.werkdagen import plus_werkdagen
from libs.events.values import Contactsoort, Signaalpartner, Stap
from services.intake.aanlevering import Fout, lees

REGION = Region.load()
BEGIN = date(2025, 1, 1)


def speel(seed: int = 1, schaal: float = 0.02, maanden: int = 12) -> tuple[Signaalstroom, list[Maand], int]:
    bevolking = Bevolking(REGION.regio, seed=seed, schaal=schaal, peildatum=BEGIN)
    stroom = Signaalstroom(bevolking, REGION.partners, seed=seed, maanden=maanden)
    return stroom, [stroom.maand(periode) for periode in periodes("2025-01", maanden)], bevolking.inwoners


HASH = """
import hashlib, sys
from tests.unit.test_region import speel
from drempel.region.personen import persons_file
from pathlib import Path
som = hashlib.sha256(persons_file(Path(sys.argv[2]), seed=int(sys.argv[1]), schaal=0.01).read_bytes())
for maand in speel(int(sys.argv[1]))[1]:
    for levering in maand.leveringen:
        som.update(levering.bestandsnaam.encode() + levering.inhoud())
    som.update(repr(maand.acts).encode())
print(som.hexdigest())
"""


def hash_in_a_process(seed: int, folder: Path, hashseed: str) -> str:
    command = [sys.executable, "-c", HASH, str(seed), str(folder)]
    env = {**os.environ, "PYTHONHASHSEED": hashseed, "PYTHONPATH": str(Path.cwd())}
    return subprocess.run(command, env=env, capture_output=True, text=True, check=True).stdout


def test_the_same_seed_gives_the_same_bytes_in_another_process(tmp_path: Path) -> None:
    first = hash_in_a_process(1, tmp_path / "a", "1")
    assert first == hash_in_a_process(1, tmp_path / "b", "2")
    assert first != hash_in_a_process(2, tmp_path / "a", "1")


@pytest.mark.parametrize("seed", [3, 4])
def test_the_figures_are_those_of_the_field(seed: int) -> None:
    _, maanden, inwoners = speel(seed, schaal=0.2)
    telling = Telling(inwoners)
    for maand in maanden:
        telling.tel(maand)
    cijfers = telling.cijfers()
    assert cijfers["per 1000 per maand"] == pytest.approx(4.4, rel=0.01)
    assert cijfers["piek"] == pytest.approx(1.21, abs=0.03)
    for soort, aandeel in c.PARTNERMIX.items():
        assert cijfers[f"mix {soort}"] == pytest.approx(aandeel, abs=1.5)
    assert cijfers["meervoudig"] == pytest.approx(11, abs=1)
    assert 45 <= cijfers["recidive"] <= 49
    assert 22 <= cijfers["eindelevering van energie"] <= 25
    assert 200 <= cijfers["mediaan bedrag"] <= 400
    assert telling.herzendingen
    assert telling.correcties


def oordeel(record: dict[str, Any], soort: Signaalpartner, dag: date) -> str:
    try:
        lees(json.loads(json.dumps(record, default=float), parse_float=Decimal), soort, dag)
        return ""
    except Fout as fout:
        return fout.veld


def test_every_row_passes_or_is_refused_as_it_was_made() -> None:
    velden: Counter[str] = Counter()
    for maand in speel(5, schaal=0.1)[1]:
        for levering in maand.leveringen:
            for plaats, record in enumerate(levering.records):
                fout = oordeel(record, levering.partner.type, levering.datum)
                assert bool(fout) == (plaats in levering.geweigerd), (levering.bestandsnaam, plaats, fout)
                velden[fout] += 1
                if not fout:
                    assert record["signaaldatum"][:7] == levering.periode
                    assert record["signaaldatum"] <= levering.datum.isoformat()
    assert {"socialeIncasso.schriftelijkeHerinnering", "client.achternaam", "signaaldatum"} <= velden.keys()


def stappen(acts: list[Act]) -> dict[tuple[str | None, str | None], list[tuple[date, str]]]:
    per_achterstand: dict[tuple[str | None, str | None], list[tuple[date, str]]] = {}
    for act in acts:
        if act.rol != "partner":
            continue
        woord = act.body.get("fase") or act.body.get("afloop") or ("Aangezegd" if "aanzegdatum" in act.body else "")
        if woord:
            per_achterstand.setdefault((act.partner, act.kenmerk), []).append((act.datum, woord))
    return per_achterstand


@pytest.mark.parametrize("maanden", [2, 3, 4, 5, 12])
@pytest.mark.parametrize("seed", range(6))
def test_every_region_however_small_has_an_eviction_carried_out_and_one_averted(seed: int, maanden: int) -> None:
    _, gespeeld, _ = speel(seed, schaal=0.002, maanden=maanden)
    alle = stappen([act for maand in gespeeld for act in maand.acts])
    weg = ["Overgedragen", "Dagvaarding", "Vonnis", "Aangezegd"]
    einde = (date(2025, 1, 1) + timedelta(days=31 * maanden)).replace(day=1)
    klaar = [s for s in alle.values() if [w for _, w in s[:4]] == weg and s[-1][0] < einde]
    assert all(stap == sorted(stap, key=lambda s: s[0]) for stap in alle.values())
    assert all(dag.weekday() < 5 for stap in alle.values() for dag, _ in stap)
    assert {"Uitgevoerd", "Voorkomen"} <= {s[-1][1] for s in klaar}


def test_what_partners_do_comes_after_their_signal_and_help_stops_a_bailiff() -> None:
    stroom, maanden, _ = speel(6)
    eerste = {
        (v.partner.key, r["kenmerk"], v.periode): r["signaaldatum"]
        for maand in maanden
        for v in maand.leveringen
        for r in v.records
    }
    acts = [act for maand in maanden for act in maand.acts]
    assert all(act.datum.isoformat() > eerste[act.partner or "", act.kenmerk, act.periode or ""] for act in acts)
    assert any("reden" in act.body for act in acts)
    ladders = [a for a in stroom.achterstanden.values() if a.ladder and not a.vast]
    assert ladders

    anders = Signaalstroom(Bevolking(REGION.regio, seed=6, schaal=0.02, peildatum=BEGIN), REGION.partners, seed=6)
    geholpen: list[Act] = []
    for periode in periodes("2025-01", 12):
        geholpen += anders.maand(periode).acts
        for achterstand in anders.achterstanden.values():
            achterstand.geholpen = True
    fasen = [act.body.get("fase") or act.body.get("afloop") for act in geholpen]
    assert "Teruggenomen" in fasen
    assert fasen.count("Uitgevoerd") == 1, "only the one that is fixed"


def test_the_persons_are_written_once_and_are_a_household(tmp_path: Path) -> None:
    pad = persons_file(tmp_path, schaal=0.002)
    toen = pad.stat().st_mtime_ns
    assert persons_file(tmp_path, schaal=0.002) == pad
    assert pad.stat().st_mtime_ns == toen
    assert persons_file(tmp_path, schaal=0.002, seed=2) != pad
    assert {p.suffix for p in tmp_path.iterdir()} == {".json"}
    personen = {p["burgerservicenummer"]: p for p in json.loads(pad.read_text())}
    assert all(map(elfproef, personen))
    kinderen = [(p, personen[k["burgerservicenummer"]]) for p in personen.values() for k in p.get("kinderen", ())]
    assert kinderen
    assert all(ouder["adressering"] == kind["adressering"] for ouder, kind in kinderen)
    assert all(ouder["geboorte"]["datum"]["datum"] < kind["geboorte"]["datum"]["datum"] for ouder, kind in kinderen)


WEGEN = (Stap(contactsoorten=tuple(c.POGINGMIX), keuze="een van", maximum=4),)


def opdracht(nummer: int, leeftijd: int, **anders: Any) -> Opdracht:
    return Opdracht(
        f"{nummer}/2025-03", "zaak", "melding", "0505", **{"stappen": WEGEN, "leeftijd": leeftijd, **anders}
    )


@pytest.mark.parametrize(("leeftijd", "rij"), [(20, 0), (40, 1), (60, 2), (80, 3)])
def test_who_is_reached_by_which_channel_follows_the_table_of_ages(leeftijd: int, rij: int) -> None:
    """Divosa, onder de loep 2025: of the attempts that reached somebody, the share of each channel by age."""
    verwacht = {soort: c.POGINGMIX[soort] * bereikkans(soort, leeftijd) for soort in c.POGINGMIX}
    tabel = c.BEREIKT_NAAR_LEEFTIJD[rij][1]
    for soort, kans in verwacht.items():
        assert kans / sum(verwacht.values()) * sum(tabel.values()) == pytest.approx(tabel[soort.value])
    assert bereikkans(Contactsoort.TELEFOON, leeftijd) > 2 * bereikkans(Contactsoort.HUISBEZOEK, leeftijd)


def test_reach_and_acceptance_of_many_meldingen_are_near_the_published() -> None:
    uit = [plan(1, opdracht(nummer, 40), BEGIN) for nummer in range(4000)]
    bereikt = sum(any(act.body.get("bereikt") for act in acts) for acts, _ in uit)
    geholpen = sum(hulp for _, hulp in uit)
    assert bereikt / 4000 == pytest.approx(0.20, abs=0.03)
    assert geholpen / bereikt == pytest.approx(0.35, abs=0.04)
    visit, phone, letter = (
        acceptatie(s, 40) for s in (Contactsoort.HUISBEZOEK, Contactsoort.TELEFOON, Contactsoort.BRIEF)
    )
    assert visit > letter > phone
    plus = [plan(1, opdracht(nummer, 40, plus=True), BEGIN) for nummer in range(1000)]
    assert sum(any(act.body.get("bereikt") for act in acts) for acts, _ in plus) / 1000 == pytest.approx(0.613, abs=0.2)


def test_a_caseworker_stops_when_somebody_is_reached_and_ends_the_melding_once() -> None:
    for nummer in range(300):
        acts, hulp = plan(1, opdracht(nummer, 30), BEGIN)
        assert (acts, hulp) == plan(1, opdracht(nummer, 30), BEGIN)
        assert [act.datum for act in acts] == sorted(act.datum for act in acts)
        soorten = [act.pad.rpartition("/")[2] for act in acts]
        bereikt = [act.body["bereikt"] for act in acts if "bereikt" in act.body]
        assert bereikt.count(True) <= 1
        assert soorten.count("afsluitingen") == 1 + any("zaak" in act.body for act in acts)
        assert ("hulpacceptaties" in soorten) == hulp
        assert all(act.datum.weekday() < 5 for act in acts if act.pad.endswith("contactpogingen"))


def test_who_is_threatened_is_sought_at_once_and_spoken_with_within_three_working_days() -> None:
    """Most are reached; of who is not, the melding stays open past the term, so that its breach is seen."""
    gesproken = 0
    for nummer in range(400):
        acts, hulp = plan(1, opdracht(nummer, 30, dreigt=True), BEGIN)
        assert (acts, hulp) == plan(1, opdracht(nummer, 30, dreigt=True), BEGIN)
        assert acts[0].datum == werkdag(BEGIN)
        gesprekken = [act for act in acts if act.pad.endswith("gesprekken")]
        if not gesprekken:
            assert acts[-1].datum > plus_werkdagen(BEGIN, 3)
            continue
        gesproken += 1
        assert gesprekken[0].datum <= plus_werkdagen(BEGIN, 3)
        soorten = [act.pad.rpartition("/")[2] for act in acts]
        assert "beschikkingen" in soorten or "afwijzingen" in soorten, "no decision stays due"
    assert 380 < gesproken < 400


def test_who_will_be_evicted_is_never_reached() -> None:
    plannen = [plan(1, opdracht(nummer, 40, bereikbaar=0.0), BEGIN) for nummer in range(100)]
    assert not any(act.body.get("bereikt") for acts, _ in plannen for act in acts)


def test_an_official_links_whom_the_register_knows_and_answers_the_others() -> None:
    stroom = speel(7)[0]
    besluiten = [(a, besluit(1, a, "2025-01", 1)) for a in stroom.achterstanden.values()]
    gezien = {b["besluit"]: a for a, b in besluiten if b}
    assert gezien["Gekoppeld"].burgerservicenummer
    assert gezien["Geen inwoner"].burgerservicenummer is None
    assert any(b is None for _, b in besluiten)
