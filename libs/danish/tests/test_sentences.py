from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sidemand.danish.sentences import sentences


def split(text: str) -> list[str]:
    return [span.of(text) for span in sentences(text)]


@given(st.text(alphabet="abcÆ§123. \n-:)!?stk", max_size=120))
def test_spans_cover_all_that_is_no_white_space_in_order(text: str) -> None:
    spans = sentences(text)
    assert all(span.of(text) == span.of(text).strip() != "" for span in spans)
    assert all(one.end <= next_one.start for one, next_one in pairwise(spans))
    assert "".join("".join(span.of(text).split()) for span in spans) == "".join(text.split())


@pytest.mark.parametrize(
    "sentence",
    [
        "Efter § 9, stk. 1, jf. forvaltningslovens § 19, skal kommunen bl.a. høre parten.",
        "Fristen er den 3. maj 2025 kl. 10.30.",
        "Ring på tlf. 12 34 56 78, f.eks. til Ida (ca. 5 min.).",
        "Det følger af stk. 1, nr. 2, litra a, 1. pkt., jf. kap. 3.",
        "Borger L.H. fik 12,5 pct. eller 1.250 kr. mere pr. måned.",
        "§ 12 a. Loven gælder.",
        "Stk. 2-4. (Udelades)",
        "1. Tag kopi af afgørelsen",
    ],
)
def test_a_full_stop_in_an_abbreviation_a_number_or_a_mark_ends_nothing(sentence: str) -> None:
    assert split(sentence) == [sentence]


def test_sentences_end_before_the_next_one() -> None:
    first, second, third = "Beløbet er 500 kr.", "Det gælder efter § 9.", "Kommunen kan klage m.v."
    assert split(f"{first} {second} {third} Så er sagen slut!") == [
        first,
        second,
        third,
        "Så er sagen slut!",
    ]


def test_the_mark_of_a_stk_belongs_to_its_sentence() -> None:
    text = "§ 2. Loven gælder for alle. Stk. 2. Det gælder dog kun, jf. stk. 1. Stk. 3. Ophævet."
    assert split(text) == [
        "§ 2. Loven gælder for alle.",
        "Stk. 2. Det gælder dog kun, jf. stk. 1.",
        "Stk. 3. Ophævet.",
    ]


def test_headings_and_list_items_stand_alone_and_broken_lines_do_not_divide() -> None:
    text = (
        "# Frister\n\nKommunen svarer inden for en frist,\nsom den har sat.\nHusk:\n- brev\n- kopi"
    )
    assert split(text) == [
        "# Frister",
        "Kommunen svarer inden for en frist,\nsom den har sat.",
        "Husk:",
        "- brev",
        "- kopi",
    ]


def test_a_citizen_who_writes_without_capitals_is_understood() -> None:
    assert split("må de det? jeg har fået afslag. hvad gør jeg") == [
        "må de det?",
        "jeg har fået afslag.",
        "hvad gør jeg",
    ]


def test_empty_text_has_no_sentences() -> None:
    assert sentences(" \n ") == []
