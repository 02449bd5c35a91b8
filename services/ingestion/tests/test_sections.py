"""Blocks become a text whose sections are exact slices of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sidemand.ingestion.readers import LONGEST_TEXT, ReadText, UnreadableError, read
from sidemand.ingestion.readers.cleaning import clean
from sidemand.ingestion.readers.outline import Block, compose


def parts(text: ReadText) -> list[tuple[tuple[str, ...], str | None, str]]:
    return [
        (section.heading_path, section.locator, text.text[section.start : section.end])
        for section in text.sections
    ]


def test_a_section_has_the_headings_above_it() -> None:
    read_text = compose(
        [
            Block(text="Forord"),
            Block(text="Frister", level=1),
            Block(text="Alle frister."),
            Block(text="Partshøring", level=2),
            Block(text="Ti hverdage."),
            Block(text="Mere."),
            Block(text="Klage", level=1),
            Block(text="Fire uger."),
        ]
    )

    assert parts(read_text) == [
        ((), None, "Forord"),
        (("Frister",), None, "Alle frister."),
        (("Frister", "Partshøring"), None, "Ti hverdage.\n\nMere."),
        (("Klage",), None, "Fire uger."),
    ]


def test_a_heading_with_nothing_under_it_is_a_section_of_its_own() -> None:
    read_text = compose(
        [Block(text="A", level=1), Block(text="B", level=2), Block(text="C", level=2)]
    )

    assert parts(read_text) == [(("A", "B"), None, "B"), (("A", "C"), None, "C")]


def test_a_text_without_words_is_refused() -> None:
    with pytest.raises(UnreadableError, match="empty"):
        compose([Block(text=" \u200b\n")])


def test_a_text_that_is_too_long_is_refused() -> None:
    with pytest.raises(UnreadableError, match="text_too_long"):
        read("a" * (LONGEST_TEXT + 1), "text/plain")


_words = st.text(alphabet="abcæøå§ .123\n\u00ad\u00a0-", max_size=40)
_blocks = st.lists(
    st.builds(
        Block,
        text=st.one_of(_words, st.sampled_from(["§ 3. En. Stk. 2. To.", "§ 4 a. Tre.", "Stk. 5."])),
        level=st.one_of(st.none(), st.integers(1, 6)),
        tight=st.booleans(),
        locator=st.sampled_from([None, "side 1", "side 2"]),
    ),
    max_size=12,
)


@given(_blocks)
def test_sections_are_slices_in_order_that_neither_overlap_nor_begin_with_space(
    blocks: list[Block],
) -> None:
    try:
        read_text = compose(blocks)
    except UnreadableError:
        return
    before = 0
    for section in read_text.sections:
        words = read_text.text[section.start : section.end]
        assert before <= section.start < section.end <= len(read_text.text)
        assert words == words.rstrip()
        assert words.strip()
        before = section.end


@given(_blocks)
def test_all_running_text_lies_in_a_section(blocks: list[Block]) -> None:
    try:
        read_text = compose(blocks)
    except UnreadableError:
        return
    covered = "\n".join(read_text.text[each.start : each.end] for each in read_text.sections)
    for block in blocks:
        if block.level is None:
            assert all(word in covered for word in clean(block.text).split())


@given(st.text(alphabet="abc æøå.\n\t§1Kapitel ", max_size=200))
def test_plain_text_loses_no_word(text: str) -> None:
    try:
        read_text = read(text, "text/plain")
    except UnreadableError:
        assert not text.strip()
        return
    assert read_text.text.split() == text.split()
