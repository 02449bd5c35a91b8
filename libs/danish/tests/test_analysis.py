import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sidemand.danish.analysis import STOP_WORDS, analyse, terms, without_tokens
from sidemand.danish.compounds import split
from sidemand.danish.words import fold, words


@given(st.text())
def test_folding_a_folded_text_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text())
def test_words_of_words_are_the_same_words(text: str) -> None:
    once = words(text)
    assert words(" ".join(once)) == once


@given(st.text(alphabet="abcdeæøå §-.1234567890\u00ad\u200b", max_size=60))
def test_terms_are_single_tokens_for_any_text(text: str) -> None:
    assert analyse(text).split() == terms(text)


@given(st.text(alphabet="kommune sagæøå", max_size=40))
def test_invisible_characters_change_no_term(text: str) -> None:
    assert terms("\u00ad".join(text)) == terms(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("§ 113 b", ["§113b"]),
        ("§113B", ["§113b"]),
        ("Paragraf 9", ["§9"]),
        ("§§ 10, 13 og 14 a-14 c", ["§10", "§13", "§14a", "§14c"]),
        ("§ 5 i loven", ["§5", "i", "loven"]),
        ("§ 5 i, stk. 2", ["§5i", "stk", "2"]),
        ("10.000 kr.", ["10000", "kr"]),
        ("EU's og IBM’s", ["eu", "og", "ibm"]),
        ("\uff11\uff12 måneder", ["12", "måneder"]),
        ("forældre\u00admyndig\u200bhed", ["forældremyndighed"]),
    ],
)
def test_words_read_the_text_as_a_caseworker_does(text: str, expected: list[str]) -> None:
    assert words(text) == expected


def test_decomposed_letters_are_the_same_as_composed_ones() -> None:
    assert terms(unicodedata.normalize("NFD", "Århus på Øen")) == terms("Århus på Øen")


def test_inflected_forms_share_a_term() -> None:
    assert terms("kommunerne") == terms("kommunens") == terms("Kommune")


@pytest.mark.parametrize(
    ("compound", "parts"),
    [
        ("handicapbil", ("handicap", "bil")),
        ("forvaltningsloven", ("forvaltning", "lov")),
        ("kontanthjælp", ("kontant", "hjælp")),
        ("partshøring", ("part", "høring")),
    ],
)
def test_a_compound_divides_into_its_parts(compound: str, parts: tuple[str, str]) -> None:
    assert split(compound) == parts


@pytest.mark.parametrize("word", ["bestemmelse", "virksomhed", "medlem", "forhold", "afgørelse"])
def test_a_word_that_only_looks_like_a_compound_stays_whole(word: str) -> None:
    assert split(word) == ()


def test_a_compound_and_its_parts_written_apart_meet() -> None:
    assert set(terms("handicap bil")) <= set(terms("handicapbiler"))


def test_stop_words_are_folded_and_leave_no_term() -> None:
    assert all(words(word) == [word] for word in STOP_WORDS)
    assert terms("Hvad er det, som man kan?") == []


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Skal ⟦PERSON_7K2MX4⟧s svar med?", "Skal  s svar med?"),
        ("⟦PERSON_7K2MX4⟧⟦CPR_3D8QW2⟧", "  "),
        ("⟦⟦PERSON_7K2MX4⟧ og ⟦ alene", "⟦  og ⟦ alene"),
    ],
)
def test_of_a_token_nothing_is_left_to_be_searched_for(text: str, left: str) -> None:
    assert without_tokens(text) == left
