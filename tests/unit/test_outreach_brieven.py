"""Letters as text and as PDF: every Dutch name comes through, nothing in a text is read as more than text."""

import io
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from libs.events.afspraken import Uitvoering
from libs.events.values import Persoon
from services.outreach import pdf
from services.outreach.brieven import TEKSTEN, Briefsoort, bladen, tekst_van

DAY = date(2025, 3, 3)
REGELS = Uitvoering(contactregels=("Bel 14 078", "Stadhuis, Spuiboulevard 300"))


def persoon(naam: str = "Ç. Çelik-Zoë", **fields: Any) -> Persoon:
    given = {"adres": "Kanariepad 10", "postcode": "3311AB", "woonplaats": "Dordrecht"} | fields
    return Persoon(burgerservicenummer="999912345", naam=naam, **given)


def pages(soort: Briefsoort, *personen: Persoon, alineas: tuple[str, ...] | None = None) -> list[str]:
    found = bladen(soort, alineas or TEKSTEN[soort], personen, "Gemeente Dordrecht", REGELS, DAY)
    reader = PdfReader(io.BytesIO(pdf.drukken(found)))
    return [" ".join(page.extract_text().split()) for page in reader.pages]


@pytest.mark.parametrize(
    "naam",
    ["Ç. Çelik, Zoë", "J. van der Ploeg-Ångström", "Şahin Yıldız", "Đorđe Łuczak-Žižka", "Renée d'Hôtel", "Ĳsseling"],
)  # fmt: skip
def test_a_name_comes_through_as_it_is_written(naam: str) -> None:
    (text,) = pages(Briefsoort.BRIEF, persoon(naam))
    assert f"{naam} Kanariepad 10 3311AB Dordrecht" in text
    assert f"Beste {naam}," in text
    assert "Gemeente Dordrecht, 3 maart 2025" in text
    assert text.endswith("Met vriendelijke groet, Gemeente Dordrecht Bel 14 078 Stadhuis, Spuiboulevard 300")


def test_a_page_for_each_person_and_no_bsn() -> None:
    found = pages(Briefsoort.BRIEF, persoon("A. Een"), persoon("B. Twee"))
    assert [("A. Een" in text, "B. Twee" in text) for text in found] == [(True, False), (False, True)]
    assert "999912345" not in "".join(found)


@pytest.mark.parametrize("soort", [Briefsoort.KAARTJE, Briefsoort.GELE_KAART])
def test_a_card_names_no_reason_and_no_address(soort: Briefsoort) -> None:
    (text,) = pages(soort, persoon("A. Een"))
    assert "Beste A. Een," in text
    assert not [word for word in ("rekening", "schuld", "betaal", "Kanariepad", "geld") if word in text.lower()]


def test_the_yellow_card_is_yellow() -> None:
    yellow, white = (
        pdf.drukken(bladen(soort, ("x",), [persoon()], "G", REGELS, DAY))
        for soort in (Briefsoort.GELE_KAART, Briefsoort.KAARTJE)
    )
    drawn = [PdfReader(io.BytesIO(made)).pages[0].get_contents().get_data() for made in (yellow, white)]  # type: ignore[union-attr]
    assert [b"1 .894118 .360784 rg" in data for data in drawn] == [True, False]


HOSTILE = "<b>vet</b> &amp; <para/> {gemeente} {0.__class__} %s (haakje) \\ \x00\x1b‮omgekeerd\n<script>"


def test_nothing_in_a_name_is_more_than_text() -> None:
    (text,) = pages(Briefsoort.BRIEF, persoon(HOSTILE))
    assert "Beste <b>vet</b> &amp; <para/> {gemeente} {0.__class__} %s (haakje) \\ omgekeerd <script>," in text


def test_a_text_fills_in_two_names_and_nothing_else() -> None:
    (text,) = pages(Briefsoort.BRIEF, persoon("A. Een"), alineas=("{naam} {gemeente} {datum} {naam.x} {{naam}}",))
    assert "A. Een Gemeente Dordrecht {datum} {naam.x} {A. Een}" in text


def test_a_long_text_goes_on_on_the_next_page() -> None:
    found = pages(Briefsoort.KAARTJE, persoon(), alineas=("woord " * 150,) * 5)
    assert len(found) > 1
    assert sum(text.count("woord") for text in found) == 750


def test_without_the_font_of_the_system_the_letter_is_made_all_the_same(tmp_path: Path) -> None:
    pdf._fonts.cache_clear()
    plain, _ = pdf._fonts((tmp_path,))
    try:
        assert pdf.printable("Çelik, Zoë, Şahin, Žižka", plain) == "Çelik, Zoë, Şahin, Žižka"
        assert pdf.printable("Erdős 漢", plain) == "Erdos ?"
    finally:
        pdf._fonts.cache_clear()


def test_which_text_goes() -> None:
    own = Uitvoering(brieven={"aanbod": ("Eigen tekst",), "jongeren": ("Voor jongeren",), "kaartje": ("Kaart",)})
    assert tekst_van(Briefsoort.BRIEF, "aanbod", own) == ("Eigen tekst",)
    assert tekst_van(Briefsoort.BRIEF, "jongeren", own) == ("Voor jongeren",)
    assert tekst_van(Briefsoort.BRIEF, "jongeren", REGELS) is None
    assert tekst_van(Briefsoort.KAARTJE, None, own) == ("Kaart",)
    assert tekst_van(Briefsoort.BRIEF, None, own) == TEKSTEN["brief"]
    assert tekst_van(Briefsoort.BRIEF, "aanbod-en-contact", REGELS) == TEKSTEN["aanbod-en-contact"]
