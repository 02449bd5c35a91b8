"""PDF, written by a writer of thirty lines."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
from sidemand.ingestion.readers import UnreadableError, read

MakePdf = Callable[[Sequence[Sequence[tuple[int, int, int, str]]]], bytes]


def lines(*words: str, size: int = 11, top: int = 780) -> list[tuple[int, int, int, str]]:
    return [(size, 50, top - 13 * number, text) for number, text in enumerate(words)]


def test_lines_become_paragraphs_and_large_type_headings(pdf: MakePdf) -> None:
    page = [
        (18, 50, 800, "Aktindsigt"),
        *lines("Kommunen skal svare inden", "for syv dage (§ 36).", top=760),
        *lines("• et punkt", "• et til", top=700),
        (9, 290, 30, "Side 1 af 1"),
    ]

    found = read(pdf([page]), "application/pdf")

    assert found.text == (
        "Aktindsigt\n\nKommunen skal svare inden for syv dage (§ 36).\n\n- et punkt\n- et til"
    )
    assert [each.heading_path for each in found.sections] == [("Aktindsigt",)]


def test_without_headings_sections_are_pages(pdf: MakePdf) -> None:
    found = read(pdf([lines("Første side."), lines("Anden side.")]), "application/pdf")

    assert [(each.locator, found.text[each.start : each.end]) for each in found.sections] == [
        ("side 1", "Første side."),
        ("side 2", "Anden side."),
    ]


def test_a_sentence_goes_on_over_the_page(pdf: MakePdf) -> None:
    found = read(pdf([lines("Fristen er ti"), lines("hverdage.")]), "application/pdf")

    assert found.text == "Fristen er ti hverdage."


@pytest.mark.parametrize(
    ("before", "after", "whole"),
    [
        ("en sags-", "behandling", "en sagsbehandling"),
        ("stats-", "og regionsloven", "stats- og regionsloven"),
        ("via e-", "mail", "via e-mail"),
        ("EU-", "retten", "EU-retten"),
    ],
)
def test_words_parted_at_the_end_of_a_line_are_whole_again(
    pdf: MakePdf, before: str, after: str, whole: str
) -> None:
    assert read(pdf([lines(before, after)]), "application/pdf").text == whole


def test_law_in_a_pdf_has_its_locators(pdf: MakePdf) -> None:
    found = read(pdf([lines("§ 3. Loven", "gælder. Stk. 2. Ikke her.")]), "application/pdf")

    assert [each.locator for each in found.sections] == ["§ 3, stk. 1", "§ 3, stk. 2"]


def test_a_scanned_pdf_is_refused(pdf: MakePdf) -> None:
    with pytest.raises(UnreadableError, match="pdf_without_text"):
        read(pdf([[], []]), "application/pdf")


@pytest.mark.parametrize("cut", [0, 8, 300])
def test_a_broken_pdf_is_refused(pdf: MakePdf, cut: int) -> None:
    with pytest.raises(UnreadableError, match="pdf_broken"):
        read(pdf([lines("hej")])[:cut], "application/pdf")


def test_threads_may_read_at_the_same_time(pdf: MakePdf) -> None:
    data = pdf([lines(*(f"Linje {number} i filen." for number in range(40)))] * 3)
    with ThreadPoolExecutor(4) as threads:
        texts = set(threads.map(lambda _: read(data, "application/pdf").text, range(8)))

    assert len(texts) == 1
