import pytest
from hypothesis import given
from hypothesis import strategies as st
from sidemand.ingestion.readers.cleaning import clean


@pytest.mark.parametrize(
    ("raw", "cleaned"),
    [
        ("sags\u00adbehandling", "sagsbehandling"),
        ("sags\u00ad\n  behandling", "sagsbehandling"),
        ("1\u200b5 hver\ufeffdage", "15 hverdage"),
        ("§\u00a023,\u202fstk.\u00a02", "§ 23, stk. 2"),
        ("en\r\nto\rtre\u2028fire\x0cfem", "en\nto\ntre\nfire\nfem"),
        ("A\u030arhus", "Århus"),
        ("\U000e0069\U000e0067hej\u202e", "hej"),
        ("a  \n\n\n\nb\t\n", "a\n\nb"),
        ("\x00nul\x1b", "nul"),
    ],
)
def test_nothing_invisible_stays(raw: str, cleaned: str) -> None:
    assert clean(raw) == cleaned


@given(st.text())
def test_cleaning_twice_changes_nothing_more(text: str) -> None:
    assert clean(clean(text)) == clean(text)


@given(st.text(alphabet="abcæøåÆØÅ .,;§–»«'\"()0123456789\n"))
def test_every_visible_character_stays(text: str) -> None:
    assert clean(text).split() == text.split()
