"""Facts, conditions and outcomes in plain Dutch."""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from libs.events.values import Behandelaar, Stap
from services.routing.policy.conditions import AMOUNTS, Grenzen, Voorwaarden
from services.routing.policy.facts import BENUT

NAMES = {
    "signaalpartner": "signaalpartner",
    "soort": "soort signaal",
    "bedrag": "bedrag",
    "vorig_bedrag": "vorig bedrag",
    "totaalbedrag": "totaalbedrag in de periode",
    "bedrag_andere_signalen": "bedrag van de andere signalen in de periode",
    "aantal_signalen_zelfde_periode": "aantal signalen in de periode",
    "aantal_partners_zelfde_periode": "aantal soorten partners in de periode",
    "leeftijd": "leeftijd",
    "maanden_achterstand": "maanden achterstand",
    "aantal_eerdere_signalen": "aantal eerdere signalen",
    "maanden_sinds_vorig_signaal": "maanden sinds het vorige signaal",
    "maanden_sinds_contact": "maanden sinds het laatste contact",
    "maanden_sinds_poging": "maanden sinds de laatste poging",
    "maanden_op_rij": "maanden op rij met een signaal",
    "keren_zelf_betaald": "keren dat het alsnog zelf werd betaald",
    "signalen_deze_maand": "signalen van de gemeente eerder in de periode",
    "eerder_eindresultaat": "resultaat van de vorige melding",
    "ouderdom_vordering": "ouderdom van de vordering in dagen",
    "dagen_tot_einde_levering": "dagen tot het einde van de levering",
    "huishouden": "huishouden",
    "gebied": "gebied",
    "eerder_contactsoort": "soort eerder contact",
    "eerder_contactresultaat": "resultaat van eerder contact",
}
"""What a number or a choice is called in a sentence."""

FLAGS = {
    "minderjarige_kinderen": (
        "minderjarige kinderen",
        "met minderjarige kinderen",
        "zonder minderjarige kinderen",
    ),
    "match_zelfde_periode": (
        "match in dezelfde periode",
        "met een ander signaal in dezelfde periode",
        "zonder ander signaal in dezelfde periode",
    ),
    "match_met_huur": (
        "match met een verhuurder",
        "met een match met een verhuurder",
        "zonder match met een verhuurder",
    ),
    "recidive": ("recidive", "bij recidive", "zonder recidive"),
    "herhaald": ("herhaalde melding", "bij een herhaalde melding", "zonder herhaalde melding"),
    "eerder_opgepakt": (
        "eerdere melding opgepakt",
        "als de eerdere melding was opgepakt,",
        "als de eerdere melding niet was opgepakt,",
    ),
    "eerder_contact": ("eerder contact", "met eerder contact", "zonder eerder contact"),
    "contact_sinds_vorig_signaal": (
        "contact sinds de vorige melding van deze achterstand",
        "met contact sinds de vorige melding van deze achterstand",
        "zonder contact sinds de vorige melding van deze achterstand",
    ),
    "signalering_plus": (
        "Signalering+ loopt",
        "als Signalering+ liep,",
        "als Signalering+ niet liep,",
    ),
    "hulp_aanvaard": ("eerder hulp aanvaard", "met eerder aanvaarde hulp", "zonder eerder aanvaarde hulp"),
    "hulp_afgewezen": ("eerder hulp afgewezen", "met eerder afgewezen hulp", "zonder eerder afgewezen hulp"),
    "crisissignaal": ("crisissignaal", "met een crisissignaal", "zonder crisissignaal"),
    "warme_overdracht": ("warme overdracht", "met een warme overdracht", "zonder warme overdracht"),
    "ontruiming_aangezegd": (
        "ontruiming aangezegd",
        "met een aangezegde ontruiming",
        "zonder aangezegde ontruiming",
    ),
    "bekend_bij_schuldhulpverlening": (
        "bekend bij schuldhulpverlening",
        "bij bekendheid bij schuldhulpverlening",
        "zonder bekendheid bij schuldhulpverlening",
    ),
    "bedrag_gestegen": ("bedrag gestegen", "bij een gestegen bedrag", "zonder stijging van het bedrag"),
    "bedrag_gedaald": ("bedrag gedaald", "bij een gedaald bedrag", "zonder daling van het bedrag"),
    "zelfde_signaalpartner": (
        "zelfde signaalpartner als eerder",
        "bij dezelfde signaalpartner als eerder",
        "bij een andere signaalpartner dan eerder",
    ),
    "telefoon_bruikbaar": (
        "telefoonnummer bruikbaar",
        "met een bruikbaar telefoonnummer",
        "zonder bruikbaar telefoonnummer",
    ),
    "email_bruikbaar": (
        "e-mailadres bruikbaar",
        "met een bruikbaar e-mailadres",
        "zonder bruikbaar e-mailadres",
    ),
}
"""A flag as a fact, when it had been so, and when it had not."""

_MONTHS = (
    "januari", "februari", "maart", "april", "mei", "juni",
    "juli", "augustus", "september", "oktober", "november", "december",
)  # fmt: skip


def called(name: str) -> str:
    """What a number or a choice is called, the use of a maximum included."""
    return f"inzet onder het maximum {name[len(BENUT) :]}" if name.startswith(BENUT) else NAMES[name]


def euro(amount: Decimal) -> str:
    """€ 1.234,50"""
    return "€ " + f"{amount:,.2f}".translate(str.maketrans(",.", ".,"))


def dutch_date(day: date) -> str:
    """3 maart 2025"""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def listed(words: list[str], last: str = "en") -> str:
    """Mail, Telefoon en Brief"""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {last} {words[-1]}"


def number(name: str, value: Any) -> str:
    """A number with its unit."""
    return euro(value) if name in AMOUNTS else str(value)


def apart(name: str, now: Any, then: Any) -> str:
    """How far a number is from another: € 10,01 minder, 3 meer, 7 jaar jonger."""
    if name == "leeftijd":
        return f"{abs(then - now)} jaar {'ouder' if then > now else 'jonger'}"
    return f"{number(name, abs(then - now))} {'meer' if then > now else 'minder'}"


def _yes(value: bool) -> str:
    return "ja" if value else "nee"


def fact(name: str, value: Any) -> str:
    """A fact as it is."""
    if name in FLAGS:
        return f"{FLAGS[name][0]}: {'onbekend, dat telt als nee' if value is None else _yes(value)}"
    return f"{called(name)} {'onbekend' if value is None else number(name, value)}"


def condition(name: str, asked: Any) -> str:
    """What a row asks of a fact."""
    if isinstance(asked, Grenzen):
        return f"{called(name)} {_range(name, asked)}"
    if isinstance(asked, bool):
        return f"{FLAGS[name][0]}: {_yes(asked)}"
    return f"{called(name)} {listed([str(one) for one in asked], 'of')}"


def _range(name: str, asked: Grenzen) -> str:
    if asked.vanaf is not None and asked.vanaf == asked.tot_en_met:
        return f"precies {number(name, asked.vanaf)}"
    words = {"vanaf": "vanaf", "meer_dan": "meer dan", "minder_dan": "minder dan", "tot_en_met": "tot en met"}
    edges = ((word, getattr(asked, edge)) for edge, word in words.items())
    said = " en ".join(f"{word} {number(name, edge)}" for word, edge in edges if edge is not None)
    return said.replace(" en tot en met ", " tot en met ")


def conditions(als: Voorwaarden) -> Iterator[str]:
    """What a group asks, each condition and each nested group by itself."""
    for name, asked in als.asked.items():
        yield condition(name, asked)
    if als.een_van:
        yield "een van: " + " of ".join(" en ".join(conditions(group)) for group in als.een_van)
    if als.geen_van:
        yield "geen van: " + " of ".join(" en ".join(conditions(group)) for group in als.geen_van)


def route(steps: Sequence[Stap]) -> str:
    """The steps of a route: Brief; een van Telefoon of Huisbezoek (2 tot 3 keer)."""
    return "; ".join(_step(step) for step in steps)


def _step(step: Stap) -> str:
    words = [str(kind) for kind in step.contactsoorten]
    one_of = step.keuze == "een van" and len(words) > 1
    text = f"een van {listed(words, 'of')}" if one_of else listed(words)
    more = [
        _times(step),
        step.middel or "",
        f"door {step.uitvoerder}" if step.uitvoerder else "",
        f"{step.na_dagen} dagen later" if step.na_dagen else "",
        f"brief {step.brief}" if step.brief else "",
        str(step.dagdeel or "").lower(),
        "ook buiten kantooruren" if step.buiten_kantooruren else "",
        {True: "aangekondigd", False: "onaangekondigd", None: ""}[step.aangekondigd],
    ]
    said = ", ".join(word for word in more if word)
    return f"{text} ({said})" if said else text


def _times(step: Stap) -> str:
    if step.minimum == 0:
        return f"zo nodig, ten hoogste {step.maximum} keer" if step.maximum else "zo nodig"
    if step.maximum is not None:
        return f"{step.minimum} tot {step.maximum} keer" if step.maximum > step.minimum else f"{step.minimum} keer"
    return f"ten minste {step.minimum} keer" if step.minimum > 1 else ""


def handler(who: Behandelaar) -> str:
    """Organisation and team."""
    return f"{who.organisatie}, {who.team}" if who.team else who.organisatie
