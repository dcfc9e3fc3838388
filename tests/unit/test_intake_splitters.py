"""Bytes to rows: any chunking gives the same rows, and a broken row spoils itself only."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.events.errors import Invalid
from services.intake.splitters import SPLITTERS, Afgebroken, Onleesbaar, Splitter
from services.intake.splitters.lijst import JsonLevering
from services.intake.splitters.rows import ROW_BYTES, NdjsonLevering
from services.intake.splitters.tabel import CsvLevering
from tests.intake import CSV, JSON, NDJSON, csv_van, ndjson, signaal


def gesneden(splitter: Splitter, body: bytes, sizes: list[int]) -> list[Any]:
    """The rows, and at the end what the body ended with."""
    found: list[Any] = []
    at = 0
    try:
        for size in sizes:
            found += splitter.feed(body[at : at + size])
            at += size
        found += splitter.feed(body[at:])
        for rij in splitter.end():
            found.append(rij)
    except (Afgebroken, Invalid) as end:
        found.append(type(end))
    return found


def rijen(splitter: Splitter, body: bytes) -> list[Any]:
    return gesneden(splitter, body, [])


NASTY = {"kenmerk": 'a"b\\"[]{},;\n', "client": {"achternaam": "Özdemir \\", "email": "]}"}}
BODIES: list[tuple[str, bytes]] = [
    (CSV, csv_van([signaal(), signaal(kenmerk='x";y\nz', bedrag=1.5)])),
    (CSV, csv_van([signaal()], separator=",", encoding="cp1252", end="\n")),
    (CSV, b'kenmerk;soort\n5" buis;a\n"open;b\nc;d\n"e ""f"" g";h\n;\n\n\x81;x\n"x"y;z\na;b;c\nlaatste;r'),
    (NDJSON, b"\xef\xbb\xbf" + ndjson([signaal(), NASTY]) + b"\n\nnull\n{\n" + b'{"kenmerk": 1}'),
    (JSON, json.dumps({"signalen": [signaal(), NASTY, None, [1, {"a": "]"}], 5, "x,y"]}).encode()),
    (JSON, b'\xef\xbb\xbf { "signalen" : [ {"a": 1}}, {"b": "\\\\"} , , {"c": "\\"" }]  } '),
    (JSON, b'{"signalen": []}'),
    (JSON, b'{"signalen": [{"a": "half'),
]


@pytest.mark.parametrize(("soort", "body"), BODIES)
def test_every_chunk_size_gives_the_same_rows(soort: str, body: bytes) -> None:
    expected = rijen(SPLITTERS[soort](), body)
    for size in range(1, len(body)):
        assert gesneden(SPLITTERS[soort](), body, [size] * (len(body) // size)) == expected, size


@given(st.sampled_from(BODIES), st.lists(st.integers(0, 200)))
def test_any_chunking_gives_the_same_rows(case: tuple[str, bytes], sizes: list[int]) -> None:
    soort, body = case
    assert gesneden(SPLITTERS[soort](), body, sizes) == rijen(SPLITTERS[soort](), body)


@given(st.sampled_from(sorted(SPLITTERS)), st.binary(max_size=300), st.sampled_from(BODIES), st.integers(0, 100))
def test_rubbish_is_rows_or_refused_never_an_exception(
    soort: str, rubbish: bytes, case: tuple[str, bytes], at: int
) -> None:
    body = case[1][:at] + rubbish + case[1][at:]
    found = rijen(SPLITTERS[soort](), body)
    assert all(isinstance(rij, dict | Onleesbaar) or rij in (Afgebroken, Invalid) for rij in found)


@given(st.lists(st.dictionaries(st.text(max_size=5), st.one_of(st.text(), st.integers(-5, 5), st.none()), max_size=4)))
def test_what_was_written_is_what_is_read(written: list[dict[str, Any]]) -> None:
    clean = [row for row in written if not any("\ud800" <= c <= "\udfff" for k in row for c in k + str(row[k]))]
    assert rijen(JsonLevering(), json.dumps({"signalen": clean}).encode()) == clean
    assert rijen(NdjsonLevering(), b"".join(json.dumps(row).encode() + b"\n" for row in clean)) == clean


def test_csv_and_ndjson_and_json_say_the_same() -> None:
    [uit_csv] = rijen(CsvLevering(), csv_van([signaal()]))
    assert uit_csv["bedrag"] == "812,4"
    assert uit_csv["client"]["achternaam"] == "Dijk"
    assert "huisletter" not in uit_csv["client"]
    assert rijen(NdjsonLevering(), ndjson([signaal()]))[0]["client"] == signaal()["client"]


def test_a_broken_csv_row_spoils_itself_only() -> None:
    body = b'kenmerk;soort\n5" buis;a\n"open;b\nc;d\n"e ""f"" g";h\na;b;c\n"twee\nregels";x\n\x81;x\nlaatste;r\n'
    codes = [rij.code if isinstance(rij, Onleesbaar) else rij["kenmerk"] for rij in rijen(CsvLevering(), body)]
    assert codes == ['5" buis', "geenCsv", "c", 'e "f" g', "aantalVelden", "twee\nregels", "codering", "laatste"]


def test_windows_1252_is_read_in_csv_only() -> None:
    [rij] = rijen(CsvLevering(), "kenmerk;client.achternaam\nK;Müller€\n".encode("cp1252"))
    assert rij["client"]["achternaam"] == "Müller€"
    assert rijen(NdjsonLevering(), '{"a": "Müller"}\n'.encode("cp1252")) == [Onleesbaar("geenJson")]


@pytest.mark.parametrize("soort", sorted(SPLITTERS))
def test_an_endless_row_is_held_in_bounded_memory(soort: str) -> None:
    splitter = SPLITTERS[soort]()
    begin = {CSV: b"kenmerk;soort\n", NDJSON: b"", JSON: b'{"signalen": ['}[soort]
    goed = {CSV: b"K;x", NDJSON: b'{"kenmerk": "K"}', JSON: b'{"kenmerk": "K"}'}[soort]
    between = b"," if soort == JSON else b"\n"
    found = list(splitter.feed(begin + b'{"a": "'))
    for _ in range(200):
        found += splitter.feed(b"y" * ROW_BYTES)
        held = [v for v in vars(splitter).values() if isinstance(v, bytes | bytearray)]
        held += [vars(splitter)["_regels"]._rest] if "_regels" in vars(splitter) else []
        assert sum(map(len, held)) <= 3 * ROW_BYTES
    found += splitter.feed(b'"}' + between + goed + (b"]}" if soort == JSON else b"\n"))
    assert [rij.code if isinstance(rij, Onleesbaar) else rij["kenmerk"] for rij in found] == ["regelTeLang", "K"]
    assert list(splitter.end()) == []


@pytest.mark.parametrize(
    ("soort", "body"),
    [(CSV, b""), (CSV, b"\n\n"), (CSV, b"soort;bedrag\n"), (CSV, b"kenmerk;kenmerk\n"), (CSV, b"kenmerk;onbekend\n"),
     (CSV, b'"kenmerk;soort\n'), (JSON, b""), (JSON, b"[]"), (JSON, b'{"signalen": {}}'), (JSON, b'{"x": 1}'),
     (JSON, b'{"signalen": []}{}'), (JSON, b'{"signalen": [], "signalen": []}'), (JSON, b"x" * 2000)],
)  # fmt: skip
def test_a_file_that_is_no_file_is_refused(soort: str, body: bytes) -> None:
    assert rijen(SPLITTERS[soort](), body) == [Invalid]
