import pytest
from hypothesis import given
from hypothesis import strategies as st
from sidemand.danish.names import genitive, genitive_forms, genitive_stem


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Karen", "Karens"),
        ("Jens", "Jens'"),
        ("Mads", "Mads'"),
        ("Aydın", "Aydıns"),
        ("IBM", "IBM's"),
        ("SAS", "SAS'"),
        ("Max", "Max'"),
        ("Liz", "Liz'"),
        ("Storå Kommune", "Storå Kommunes"),
    ],
)
def test_the_genitive_follows_the_spelling_rules_and_leads_back(name: str, expected: str) -> None:
    assert genitive(name) == expected
    assert genitive_stem(expected) == name


@given(st.text(alphabet="abdesxzæøåıİ AB", min_size=1).filter(lambda name: name == name.strip()))
def test_every_right_genitive_leads_back(name: str) -> None:
    assert genitive_stem(genitive(name)) == name


def test_wrong_but_common_forms_are_known_after_the_right_one() -> None:
    assert genitive_forms("Max") == ("Max'", "Maxs", "Max's")


@pytest.mark.parametrize(("word", "stem"), [("Max’s", "Max"), ("Jens´", "Jens"), ("Karen", None)])
def test_any_apostrophe_marks_a_genitive(word: str, stem: str | None) -> None:
    assert genitive_stem(word) == stem
