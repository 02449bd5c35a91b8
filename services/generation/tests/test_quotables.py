"""What is quoted makes sense by itself."""

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sidemand.generation.quotables import Quotable, quotables
from sidemand.schemas.casework import RankedPassage

Passages = Callable[..., RankedPassage]


@pytest.fixture
def quotables_of(passage: Passages) -> Callable[[str], list[Quotable]]:
    return lambda text: quotables(passage(text))


def test_every_sentence_that_stands_alone_is_one(
    quotables_of: Callable[[str], list[Quotable]],
) -> None:
    text = (
        "Sagen afgøres senest 7 arbejdsdage efter modtagelsen. "
        "Afslag skal begrundes, og borgeren skal have klagevejledning."
    )
    first, second = quotables_of(text)
    assert first.text == "Sagen afgøres senest 7 arbejdsdage efter modtagelsen."
    assert second.text.startswith("Afslag skal begrundes")


@pytest.mark.parametrize(
    "leaning",
    [
        "Det gælder også, når oplysningen er givet mundtligt i telefonen eller på et møde.",
        "Skriv hvorfor på sagen.",
    ],
)
def test_a_sentence_that_leans_on_the_one_before_is_quoted_with_it(
    quotables_of: Callable[[str], list[Quotable]], leaning: str
) -> None:
    text = f"Fristen er 10 hverdage, fra brevet er fremme hos borgeren. {leaning}"
    assert [found.text for found in quotables_of(text)] == [text]


def test_a_question_is_quoted_with_its_answer(
    quotables_of: Callable[[str], list[Quotable]],
) -> None:
    text = "Er forældrene samlevende? Begge forældres indkomst regnes med i grundlaget for tilskud."
    assert [found.text for found in quotables_of(text)] == [text]


def test_a_suggested_letter_is_not_torn_apart(
    quotables_of: Callable[[str], list[Quotable]],
) -> None:
    text = (
        "Skriv: »Vi har fået nye oplysninger i din sag, som kan få betydning. Har du bemærkninger "
        "til dem, så skriv eller ring til os inden fristens udløb.«"
    )
    assert [found.text for found in quotables_of(text)] == [text]


def test_an_item_keeps_the_words_that_introduce_its_list(
    quotables_of: Callable[[str], list[Quotable]],
) -> None:
    first, second, after = quotables_of(
        "Alle punkter skal være opfyldt:\n\n"
        "1. Barnet er under 18 år.\n2. Udgiften er nødvendig.\n\n"
        "En diagnose er hverken nok eller nødvendig i sig selv."
    )
    assert (first.form, first.text) == ("step", "Barnet er under 18 år.")
    assert second.lead_text == "Alle punkter skal være opfyldt:"
    assert (after.form, after.lead) == ("sentence", None)


def test_a_row_keeps_the_head_of_its_table(
    quotables_of: Callable[[str], list[Quotable]],
) -> None:
    (row,) = quotables_of("Bevilling | Godkendes af\nTil og med 32 timer | Teamlederen")
    assert (row.form, row.text) == ("row", "Til og med 32 timer | Teamlederen")
    assert row.lead_text == "Bevilling | Godkendes af"


def test_headings_are_no_statements(quotables_of: Callable[[str], list[Quotable]]) -> None:
    (only,) = quotables_of("Svarfrist\n\nFristen er 10 hverdage, fra brevet er fremme.")
    assert only.text.startswith("Fristen er")


def test_a_long_enumeration_of_the_law_is_taken_item_by_item(
    quotables_of: Callable[[str], list[Quotable]],
) -> None:
    items = [f"{number}) oplysninger af art {'x' * 90} {number}," for number in range(1, 6)]
    text = f"§ 4. Kommunen kan indhente {' '.join(items)}"
    found = quotables_of(text)
    assert [quotable.form for quotable in found] == ["item"] * 5
    assert found[4].lead_text == "§ 4. Kommunen kan indhente"
    assert found[4].text == items[4].removeprefix("5) ")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.text(alphabet="ab.Æ ?:|»«-1)\n§", max_size=120))
def test_whatever_the_text_every_stretch_is_verbatim_and_in_order(
    quotables_of: Callable[[str], list[Quotable]], text: str
) -> None:
    found = quotables_of(text)
    assert all(quotable.text and quotable.text in text for quotable in found)
    assert [quotable.span.start for quotable in found] == sorted(q.span.start for q in found)
