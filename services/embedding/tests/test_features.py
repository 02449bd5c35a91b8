import zlib

from hypothesis import given
from hypothesis import strategies as st
from sidemand.embedding.features import FeatureHashing

HASHING = FeatureHashing(buckets=1 << 16)


def row(name: str) -> int:
    return zlib.crc32(name.encode()) % HASHING.buckets


def test_a_words_rows_are_the_hashes_that_the_documentation_names() -> None:
    assert HASHING.word_rows("bil") == (row("Wbil"), row("<bil"), row("bil>"), row("<bil>"))


def test_a_compound_has_the_rows_of_its_parts() -> None:
    assert {row("Whandicap"), row("Wbil")} <= set(HASHING.word_rows("handicapbil"))


def test_a_section_number_is_one_row() -> None:
    assert list(HASHING.text_rows("§ 113 b")) == [row("W§113b")]


def test_stop_words_have_no_rows_and_an_empty_text_has_row_0() -> None:
    assert list(HASHING.text_rows("det er som den")) == [0]


@given(st.text(max_size=80))
def test_every_row_lies_in_the_table(text: str) -> None:
    rows = HASHING.text_rows(text)
    assert 0 <= rows.min() <= rows.max() < HASHING.buckets


def test_no_more_words_are_read_than_the_model_allows() -> None:
    short = FeatureHashing(buckets=64, longest_text=3)
    assert short.content_words("bil hus båd vej") == ["bil", "hus", "båd"]


def test_one_enormous_word_is_read_in_pieces_of_bounded_size() -> None:
    pieces = FeatureHashing(buckets=1000).pieces("x" * 200_000)
    ordinary = FeatureHashing(buckets=1000).pieces("x" * 80)[0]
    assert max(map(len, pieces)) <= 220 * len(ordinary)
    assert sum(map(len, pieces)) == 200_000 // 80 * len(ordinary)
