from hypothesis import given
from hypothesis import strategies as st
from sidemand.embedding.chunking import WORDS_ALLOWED, WORDS_WANTED, cut_passages, text_to_embed
from sidemand.schemas.text import Section

SENTENCE = "Kommunen skal svare borgeren inden den frist, som den selv har fastsat. "


def sections(text: str, *parts: tuple[str | None, str]) -> list[Section]:
    """Sections of `text` with their locators, in the order of `parts`."""
    found = []
    start = 0
    for locator, words in parts:
        start = text.index(words, start)
        found.append(Section(locator=locator, start=start, end=start + len(words)))
        start += len(words)
    return found


def test_the_stk_of_a_short_provision_are_one_passage() -> None:
    text = "§ 9. Parten kan klage. Stk. 2. Fristen er 4 uger."
    (passage,) = cut_passages(
        text,
        sections(
            text,
            ("§ 9, stk. 1", "§ 9. Parten kan klage."),
            ("§ 9, stk. 2", "Stk. 2. Fristen er 4 uger."),
        ),
    )
    assert (passage.text, passage.locator) == (text, "§ 9")


def test_the_stk_of_a_long_provision_are_grouped_and_say_which_they_are() -> None:
    first, second, third = ("A " * 100).strip(), ("B " * 100).strip(), ("C " * 50).strip()
    text = f"{first} {second} {third}"
    passages = cut_passages(
        text,
        sections(text, ("§ 9, stk. 1", first), ("§ 9, stk. 2", second), ("§ 9, stk. 3", third)),
    )
    assert [passage.locator for passage in passages] == ["§ 9, stk. 1", "§ 9, stk. 2-3"]


def test_two_provisions_never_share_a_passage() -> None:
    text = "§ 1. Kort. § 2. Kort."
    passages = cut_passages(text, sections(text, ("§ 1", "§ 1. Kort."), ("§ 2", "§ 2. Kort.")))
    assert [passage.text for passage in passages] == ["§ 1. Kort.", "§ 2. Kort."]


def test_two_headings_never_share_a_passage() -> None:
    text = "Kort. Kort."
    one = Section(heading_path=("A",), start=0, end=5)
    other = Section(heading_path=("B",), start=6, end=11)
    assert len(cut_passages(text, [one, other])) == 2


def test_a_long_section_is_divided_between_sentences_into_even_parts() -> None:
    text = (SENTENCE * 20).strip()
    passages = cut_passages(text, [Section(start=0, end=len(text))])
    counts = [len(passage.text.split()) for passage in passages]
    assert all(passage.text.endswith("fastsat.") for passage in passages)
    assert max(counts) <= WORDS_WANTED
    assert max(counts) - min(counts) <= 2 * len(SENTENCE.split())


def test_a_sentence_without_end_is_cut() -> None:
    text = ("ord " * 1000).strip()
    passages = cut_passages(text, [Section(start=0, end=len(text))])
    assert max(len(passage.text.split()) for passage in passages) <= WORDS_ALLOWED


def test_one_enormous_word_is_cut_into_passages_that_hold_all_of_it() -> None:
    text = "x" * 100_000
    passages = cut_passages(text, [Section(start=0, end=len(text))])
    assert max(len(passage.text) for passage in passages) <= 80 * WORDS_ALLOWED
    assert "".join(passage.text for passage in passages) == text


@given(
    st.lists(
        st.tuples(st.text(alphabet="ab. \n", max_size=900), st.sampled_from(["§ 1, stk. 1", None])),
        max_size=6,
    )
)
def test_every_word_of_a_section_lies_in_one_passage(
    parts: list[tuple[str, str | None]],
) -> None:
    text = "".join(words for words, _ in parts)
    cut: list[Section] = []
    for words, locator in parts:
        start = cut[-1].end if cut else 0
        cut.append(Section(locator=locator, start=start, end=start + len(words)))
    passages = cut_passages(text, cut)
    assert all(passage.text == text[passage.start : passage.end] for passage in passages)
    assert "".join("".join(passage.text.split()) for passage in passages) == "".join(text.split())
    assert len({passage.passage_id for passage in passages}) == len(passages)


def test_an_unchanged_passage_keeps_its_id_when_the_text_before_it_grows() -> None:
    (before,) = cut_passages("Fast.", [Section(start=0, end=5)])
    (after,) = cut_passages("Nyt. Fast.", [Section(start=5, end=10)])
    assert before.passage_id == after.passage_id


def test_a_document_without_sections_has_no_passages() -> None:
    assert cut_passages("Tekst", []) == []


def test_title_and_headings_are_embedded_with_the_text() -> None:
    (passage,) = cut_passages("Fast.", [Section(heading_path=("Frister",), start=0, end=5)])
    assert text_to_embed("Klage", passage) == "Klage\nFrister\nFast."
