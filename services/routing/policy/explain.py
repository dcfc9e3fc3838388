"""Why a signal goes this way, in plain Dutch: row, facts, ground, term, and what would have changed it."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from services.routing.policy.changes import Wijziging
from services.routing.policy.document import Beleid
from services.routing.policy.verdict import Verdict
from services.routing.policy.wording import dutch_date, fact

Values = Mapping[str, Any]
_BASIC = ("signaalpartner", "soort", "bedrag", "leeftijd")


def explain(
    beleid: Beleid, values: Values, verdict: Verdict, nearest: Sequence[Wijziging], start: date
) -> tuple[str, ...]:
    """The sentences, most important first."""
    return (
        _outcome(verdict),
        _row(beleid, verdict),
        _facts(verdict, values),
        *(f'Regel "{row.naam}" is overgeslagen: {why}.' for row, why in beleid.verdicts.barred(values, verdict)),
        f"Grondslag: {verdict.regel.grondslag or beleid.bron}.",
        *_term(verdict, start),
        *(
            ("Bij voorkeur door de consulent die dit huishouden eerder sprak.",)
            * bool(verdict.regel.dan.zelfde_consulent)
        ),
        *(f"Aanwijzing: {one.rstrip('.')}." for one in verdict.regel.dan.aanwijzingen),
        *(change.zin for change in nearest),
    )


def _outcome(verdict: Verdict) -> str:
    dan = verdict.regel.dan
    if not dan.oppakken:
        return f"Het signaal wordt niet opgepakt: {dan.reden}."
    return f"Het signaal wordt opgepakt met prioriteit {dan.prioriteit} door {verdict.handler}: {verdict.route}."


def _row(beleid: Beleid, verdict: Verdict) -> str:
    rule = verdict.regel
    said = f" ({rule.omschrijving.rstrip('.')})" if rule.omschrijving else ""
    since = dutch_date(beleid.geldig_vanaf)
    return f'Regel "{rule.naam}"{said} van {beleid.naam}, versie {beleid.versie}, geldig vanaf {since}: {rule.asks}.'


def _facts(verdict: Verdict, values: Values) -> str:
    asked = dict.fromkeys((*_BASIC, *verdict.regel.asked))
    return "Feiten: " + "; ".join(fact(name, values.get(name, 0)) for name in asked) + "."


def _term(verdict: Verdict, start: date) -> Iterator[str]:
    due = verdict.due(start)
    if due is not None:
        term = verdict.termijn
        yield (
            f"Een eerste gesprek uiterlijk op {dutch_date(due)}: {term.length} na {dutch_date(start)} "
            f"({term.grondslag})."
        )
