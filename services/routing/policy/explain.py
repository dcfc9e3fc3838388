"""Why a signal goes this way, in plain Dutch: row, facts, ground, term, and what would have changed it."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from services.routing.policy.changes import Change, length
from services.routing.policy.conditions import Voorwaarden
from services.routing.policy.document import Beleid
from services.routing.policy.verdict import Verdict
from services.routing.policy.wording import condition, dutch_date, fact, handler, route

Values = Mapping[str, Any]
_BASIC = ("signaalpartner", "soort", "bedrag", "leeftijd")


def explain(
    beleid: Beleid, values: Values, verdict: Verdict, nearest: Sequence[tuple[Change, str]], start: date
) -> tuple[str, ...]:
    """The sentences, most important first; each of the nearest changes comes with its own."""
    return (
        _outcome(verdict),
        _row(beleid, verdict),
        _facts(verdict, values),
        *(f'Regel "{row.naam}" is overgeslagen: {why}.' for row, why in beleid.verdicts.barred(values, verdict)),
        f"Grondslag: {verdict.regel.grondslag or beleid.bron}.",
        *_term(verdict, start),
        *(f"Aanwijzing: {one.rstrip('.')}." for one in verdict.regel.dan.aanwijzingen),
        *(sentence for _, sentence in nearest),
    )


def _outcome(verdict: Verdict) -> str:
    dan = verdict.regel.dan
    if not dan.oppakken:
        return f"Het signaal wordt niet opgepakt: {dan.reden}."
    who = handler(verdict)
    return f"Het signaal wordt opgepakt met prioriteit {dan.prioriteit} door {who}: {route(verdict)}."


def _row(beleid: Beleid, verdict: Verdict) -> str:
    rule = verdict.regel
    asked = "; ".join(_conditions(rule.als)) or "alles wat niet onder een eerdere regel valt"
    said = f" ({rule.omschrijving.rstrip('.')})" if rule.omschrijving else ""
    since = dutch_date(beleid.geldig_vanaf)
    return f'Regel "{rule.naam}"{said} van {beleid.naam}, versie {beleid.versie}, geldig vanaf {since}: {asked}.'


def _conditions(als: Voorwaarden) -> Iterator[str]:
    for name, asked in als.asked.items():
        yield condition(name, asked)
    if als.een_van:
        yield "een van: " + " of ".join(" en ".join(_conditions(group)) for group in als.een_van)
    if als.geen_van:
        yield "geen van: " + " of ".join(" en ".join(_conditions(group)) for group in als.geen_van)


def _facts(verdict: Verdict, values: Values) -> str:
    asked = dict.fromkeys((*_BASIC, *(name for name, _ in verdict.regel.als.every())))
    return "Feiten: " + "; ".join(fact(name, values[name]) for name in asked) + "."


def _term(verdict: Verdict, start: date) -> Iterator[str]:
    due = verdict.due(start)
    if due is not None:
        term = verdict.termijn
        yield (
            f"Een eerste gesprek uiterlijk op {dutch_date(due)}: {length(term)} na {dutch_date(start)} "
            f"({term.grondslag})."
        )
