"""The shared sample region through a running Drempel: issue 2, "It shows"."""

import asyncio
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.samples import (
    Loaded,
    Sample,
    gemeentecodes,
    judge,
    send,
    send_all,
    what_was_found,
    wrong_flags,
    wrong_verdicts,
)
from tests.installation import Installation, installed

KINDS = {
    "contactpogingen": "ContactAttempted", "hulpacceptaties": "HelpAccepted", "intrekkingen": "SignalWithdrawn",
    "deurwaarderoverdrachten": "DeurwaarderTransferred", "ontruimingen": "EvictionScheduled",
}  # fmt: skip
"""The last part of a path, and the event an act under it leads to."""

pytestmark = [pytest.mark.shared, pytest.mark.postgres, pytest.mark.slow]


async def test_a_year_of_deliveries_we_did_not_write(shared: Path, tmp_path: Path) -> None:
    sample = Sample(shared / "samples")
    async with installed(tmp_path / "data", sample.settings) as drempel:
        loaded = await send_all(drempel, sample)
        assert wrong_verdicts(sample, loaded) == []
        await drempel.rest()
        await the_matches_agree_with_the_truth(drempel, sample, loaded)
        await nothing_is_lost(drempel, loaded)
        await the_same_file_again_changes_nothing(drempel, sample)
        ontruimingen = await the_acts_are_posted(drempel, sample, loaded)
        await drempel.rest()
        await the_timelines_show_them(drempel, sample, loaded, ontruimingen)
        verified = await drempel.json("verify")
        assert verified["ok"], verified["views"]
        assert verified["state"] == await drempel.whole()
        assert await drempel.down() == 0


async def the_matches_agree_with_the_truth(drempel: Installation, sample: Sample, loaded: Loaded) -> None:
    """At least 97 % of the unambiguous, nobody linked to a wrong person, all flags as they stand."""
    last = {(r["partner"], r["kenmerk"], r["periode"]): r for r in sample.truth["rijen"] if r.get("match")}
    found = await what_was_found(drempel, loaded.signals.values())
    verdicts: Counter[tuple[bool, str]] = Counter()
    different, flags = [], []
    for key, row in last.items():
        verdict = judge(row, found[loaded.signals[key]])
        verdicts["mag" not in row, verdict] += 1
        flags += wrong_flags(row, found[loaded.signals[key]])
        if verdict != "goed":
            different.append(f"{verdict} {row['bestand']}:{row['regel']} {row['match']} {row.get('ruis')}")
    clear = sum(n for (unambiguous, _), n in verdicts.items() if unambiguous)
    assert verdicts[True, "fout"] == verdicts[False, "fout"] == 0, different
    assert verdicts[True, "goed"] / clear >= 0.97, different
    assert len(flags) <= 0.03 * clear, flags


async def nothing_is_lost(drempel: Installation, loaded: Loaded) -> None:
    """Accepted = matched + in the review queue + no resident + deceased; the queue shows its part."""
    found = await what_was_found(drempel, loaded.signals.values())
    by_status = Counter(one.matching["status"] for one in found.values())
    assert sum(by_status.values()) == len(set(loaded.signals.values()))
    assert by_status["In behandeling"] == 0
    queue = await drempel.pages("/matching/v1/uitval", "uitval", drempel.als("coordinator", *gemeentecodes()))
    assert {row["signaalId"] for row in queue} == {s for s, one in found.items() if one.matching["status"] == "Uitval"}


async def the_same_file_again_changes_nothing(drempel: Installation, sample: Sample) -> None:
    again = Loaded()
    file = max(sample.files(), key=lambda f: f["totaal"])
    await send(drempel, sample, file, again)
    assert again.counts[file["bestand"]]["aangenomen"] == again.counts[file["bestand"]]["gecorrigeerd"] == 0


async def the_acts_are_posted(drempel: Installation, sample: Sample, loaded: Loaded) -> dict[str, str]:
    """Everything in events.json, in order; gives the id of each eviction."""
    found = await what_was_found(drempel, loaded.signals.values())
    evictions: dict[str, str] = {}
    for act in sample.events():
        signaal = loaded.signals[key_of(act)]
        ids = {"signaalId": signaal, "zaakId": found[signaal].matching.get("zaakId", ""),
               "id": evictions.get(act.get("ontruiming", ""), "")}  # fmt: skip
        headers = _headers(drempel, act)
        body = json.loads(_filled(json.dumps(act["body"]), ids))
        answer = await drempel.http.post(_filled(act["pad"], ids), json=body, headers=headers)
        assert answer.status_code in (200, 201), (act, answer.text)
        if act["pad"] == "/escalation/v1/ontruimingen":
            evictions[act["ontruiming"]] = answer.json()["id"]
    return evictions


async def the_timelines_show_them(
    drempel: Installation, sample: Sample, loaded: Loaded, evictions: dict[str, str]
) -> None:
    """Every act is in the timeline of its case; one household goes the whole way to the outcome of an eviction."""
    found = await what_was_found(drempel, loaded.signals.values())
    headers = drempel.als("beheer", *gemeentecodes())
    timelines: dict[str, list[dict[str, Any]]] = {}
    for act in sample.events():
        zaak = found[loaded.signals[key_of(act)]].matching.get("zaakId")
        if zaak and zaak not in timelines:
            answer = await drempel.http.get(f"/monitoring/v1/zaken/{zaak}/tijdlijn", headers=headers)
            timelines[zaak] = answer.raise_for_status().json()["gebeurtenissen"]
    with_case = [act for act in sample.events() if found[loaded.signals[key_of(act)]].matching.get("zaakId")]
    expected = Counter(KINDS.get(act["pad"].split("/")[-1]) for act in with_case)
    shown = Counter(event["type"] for timeline in timelines.values() for event in timeline)
    for kind in KINDS.values():
        assert shown[kind] == expected[kind], (kind, shown[kind], expected[kind])
    assert any(_whole_way(timeline) for timeline in timelines.values())
    for timeline in timelines.values():
        moments = [event["opTijdstip"] for event in timeline]
        assert moments == sorted(moments)


def key_of(act: dict[str, Any]) -> tuple[str, str, str]:
    """Partner, kenmerk and periode an act is about."""
    return act["partner"], act["kenmerk"], act["periode"]


def _whole_way(timeline: list[dict[str, Any]]) -> bool:
    kinds = [event["type"] for event in timeline]
    outcome = {"EvictionAverted", "EvictionCarriedOut"} & set(kinds)
    return kinds.count("DeurwaarderTransferred") >= 2 and "EvictionScheduled" in kinds and bool(outcome)


def _headers(drempel: Installation, act: dict[str, Any]) -> dict[str, str]:
    if act["rol"] == "partner":
        return drempel.als("partner", partner=act["partner"])
    return drempel.als(act["rol"], act["gemeentecode"])


def _filled(text: str, ids: dict[str, str]) -> str:
    for name, value in ids.items():
        text = text.replace(f"{{{name}}}", value)
    return text


async def test_kills_in_the_middle_of_a_load_leave_no_trace(shared: Path, tmp_path: Path) -> None:
    sample = Sample(shared / "samples")
    files = sample.files()[:40]
    states = []
    for name, kills in (("rustig", ()), ("gestoord", (7, 15, 29))):
        async with installed(tmp_path / name, sample.settings) as drempel:
            for place, file in enumerate(files):
                if place in kills:
                    await _killed_while_sending(drempel, sample, file, delay=0.002 * place)
                await send(drempel, sample, file, Loaded())
            await drempel.rest()
            states.append(await drempel.whole())
    assert states[0] == states[1]


async def _killed_while_sending(drempel: Installation, sample: Sample, file: dict[str, Any], delay: float) -> None:
    sending = asyncio.create_task(send(drempel, sample, file, Loaded()))
    await asyncio.sleep(delay)
    await drempel.kill()
    await asyncio.wait({sending})
    sending.cancelled() or sending.exception()
    await drempel.up()
