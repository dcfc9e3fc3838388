"""The judgment on a policy document: what is wrong with it, where, and the example that shows it.

Refused are: what is no policy document, references to nothing, rows that can never decide, facts for which no row or
term fits, and examples that come out otherwise than the document says.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from services.routing.policy import messages, references
from services.routing.policy.conditions import Voorwaarden
from services.routing.policy.coverage import Coverage, TooIntricate
from services.routing.policy.document import Beleid, Verwacht, Voorbeeld
from services.routing.policy.evaluate import settle
from services.routing.policy.facts import outside
from services.routing.policy.references import Finding
from services.routing.policy.rows import Uitwijkregel
from services.routing.policy.source import NotADocument, Path, read


def check_text(text: bytes) -> list[str]:
    """What is wrong with a document, a sentence each, with its line; empty when it can be published."""
    try:
        source = read(text)
    except NotADocument as error:
        return [f"regel {error.line}: {error.message}"]
    _, found = check_value(source.value)
    return [f"regel {source.line(one.path)}: {one}" for one in sorted(found, key=lambda one: source.line(one.path))]


def check_value(value: Any) -> tuple[Beleid | None, list[Finding]]:
    """The document in a parsed value, and what is wrong with it; None where it is no policy document at all."""
    beleid, found = parse(value)
    return beleid, found or (list(check(beleid)) if beleid else [])


def check_replayable(value: Any) -> tuple[Beleid | None, list[Finding]]:
    """As `check_value`, but for the examples: a draft that decides every signal may be tried before they are right."""
    beleid, found = parse(value)
    return beleid, found or (list(_coverage(beleid)) if beleid else [])


def parse(value: Any) -> tuple[Beleid | None, list[Finding]]:
    """The document in a parsed value, usable for decisions when nothing is found; gaps are not looked for."""
    try:
        beleid = Beleid.model_validate(value)
    except ValidationError as error:
        return None, [Finding(path, message) for path, message in messages.said(error)]
    return beleid, list(references.wrong(beleid))


def check(beleid: Beleid) -> Iterator[Finding]:
    """Dead rows, gaps and failing examples of a well-formed document."""
    holes = _coverage(beleid)
    yield from holes
    if not holes:
        for place, example in enumerate(beleid.voorbeelden):
            yield from _disagreement(beleid, example, ("voorbeelden", place))


def _coverage(beleid: Beleid) -> list[Finding]:
    try:
        return list(_holes(beleid))
    except TooIntricate:
        return [Finding(("regels",), "de voorwaarden zijn te ingewikkeld om te beoordelen: gebruik minder grenzen")]


def _holes(beleid: Beleid) -> Iterator[Finding]:
    coverage = Coverage(beleid)
    for row, point in coverage.dead_rows():
        dead = beleid.rijen[row]
        path: Path = ("regels", next(n for n, one in enumerate(beleid.regels) if one.naam == dead.naam), "als")
        if point is None:
            yield Finding(path, "deze regel past nooit: zijn voorwaarden sluiten elkaar uit")
        else:
            earlier = next(regel for regel in beleid.rijen if regel.fits(point))
            message = f'deze regel beslist nooit: een eerdere regel gaat altijd voor, zoals "{earlier.naam}"'
            if isinstance(earlier, Uitwijkregel):
                message += f" ({earlier.vol})"
            asked = (name for name, value in point.items() if name in dead.asked and value is not None)
            yield Finding(path, message, _shown(point, asked))
    for place in coverage.dead_terms():
        yield Finding(("termijnen", place), "deze termijn geldt nooit")
    rows, terms = [one.guarded for one in beleid.rijen], [one.als for one in beleid.termijnen]
    if (hole := coverage.gap()) is not None:
        yield Finding(("regels",), "niet ieder signaal krijgt een besluit: geen regel past", _gap(beleid, hole, rows))
    if (hole := coverage.term_gap()) is not None:
        yield Finding(("termijnen",), "niet ieder signaal krijgt een termijn", _gap(beleid, hole, terms))


def _gap(beleid: Beleid, point: Mapping[str, Any], every: Sequence[Voorwaarden]) -> Mapping[str, Any]:
    """The facts of a gap: those that are known, and the unknown ones it turns on: known, one of these could hold."""

    def turns_on(name: str) -> bool:
        known = ({**point, name: value} for value in beleid.domains[name].points)
        return any(als.hold(facts) for facts in known for als in every)

    return _shown(point, (name for name, value in point.items() if value is not None or turns_on(name)))


def _shown(point: Mapping[str, Any], names: Iterable[str]) -> Mapping[str, Any]:
    return {outside(name): _word(point[name]) for name in names}


def _word(value: Any) -> str:
    if value is None:
        return "onbekend"
    if isinstance(value, bool):
        return "ja" if value else "nee"
    return str(value)


def _disagreement(beleid: Beleid, voorbeeld: Voorbeeld, path: Path) -> Iterator[Finding]:
    day = voorbeeld.feiten.signaaldatum or beleid.geldig_vanaf
    besluit = settle(beleid, voorbeeld.feiten, vandaag=day, gemeentecode=voorbeeld.gemeentecode)
    came = {"organisatie": besluit.behandelaar.organisatie, "team": besluit.behandelaar.team}
    for name in Verwacht.model_fields:
        wanted = getattr(voorbeeld.verwacht, name)
        got = came[name] if name in came else getattr(besluit, name)
        if wanted is not None and not _same(wanted, got, in_order=name != "contactsoorten"):
            facts = voorbeeld.feiten.model_dump(mode="json", by_alias=True, exclude_unset=True)
            yield Finding(
                (*path, "verwacht", outside(name)),
                f'voorbeeld "{voorbeeld.naam}" geeft {_list(got)} en niet {_list(wanted)} (regel "{besluit.regel}")',
                facts,
            )


def _same(wanted: Any, got: Any, *, in_order: bool) -> bool:
    """Kinds of contact are a union: in which order steps name them says nothing."""
    return bool(wanted == got if in_order else set(wanted) == set(got))


def _list(value: Any) -> str:
    return ", ".join(map(str, value)) or "niets" if isinstance(value, tuple) else _word(value)
