"""What is searched for on behalf of a case document."""

from datetime import UTC, date, datetime

from sidemand.retrieval.analysed import heading_key, passage_terms, query_terms
from sidemand.retrieval.lexical import lexical_scores, term_weights, weight_of
from sidemand.retrieval.queries import MOST_PARTS, PART_DEPTH, WHOLE_DEPTH, query_of, reach_of

from .retrieval_fakes import case_document, passage


def test_tokens_of_persons_are_not_searched_for() -> None:
    assert query_terms("⟦PERSON_7K⟧ søger en kørestol") == query_terms("søger en kørestol")


def test_each_term_is_searched_for_once() -> None:
    assert len(query_terms("frist, fristen og fristerne")) == 1


def test_rules_count_by_the_day_in_denmark() -> None:
    document = case_document("frist").model_copy(
        update={"occurred_at": datetime(2026, 3, 31, 22, 30, tzinfo=UTC)}
    )
    assert reach_of(document).on == date(2026, 4, 1)


def test_the_title_of_the_case_is_searched_for_with_the_whole() -> None:
    document = case_document("Hvad er reglen?", None, "Hvad er reglen?")
    titled = document.model_copy(update={"title": "Lån af kørestol"})
    whole, part = query_of(titled).parts
    assert set(query_terms("kørestol")) <= set(whole.terms)
    assert not set(query_terms("kørestol")) & set(part.terms)


def test_of_many_parts_the_most_telling_are_searched_for_in_their_order() -> None:
    parts = [f"Kørestolen nummer {number} blev udlånt" for number in range(MOST_PARTS)]
    document = case_document("Alt.", None, "Hej igen", *parts)
    whole, *searched = query_of(document).parts
    assert whole.depth == WHOLE_DEPTH
    assert [part.depth for part in searched] == [PART_DEPTH] * (MOST_PARTS - 1)
    kept = [part.terms for part in searched]
    assert query_terms("Hej igen") not in kept
    in_order = [query_terms(each) for each in parts]
    assert kept == [each for each in in_order if each in kept]


def test_headings_are_compared_without_case_and_extra_space() -> None:
    assert heading_key("  Frister  og\nSVAR ") == heading_key("frister og svar")


def test_rare_terms_say_more_than_frequent_ones() -> None:
    frequent, rare = query_terms("kommune")[0], query_terms("kørestol")[0]
    assert weight_of(frequent) < weight_of(rare) < weight_of("aldrigset")
    assert len(term_weights()) > 10_000


def test_a_passage_scores_by_the_terms_that_it_shares_with_a_part() -> None:
    said = [
        passage_terms("Titel", passage(text).passage, ())
        for text in ("Kørestole udlånes.", "Leje betales.")
    ]
    scores = lexical_scores([query_terms("kørestol"), query_terms("leje")], said)
    assert scores.shape == (2, 2)
    assert scores[0, 0] > 0
    assert scores[1, 1] > 0
    assert scores[0, 1] == scores[1, 0] == 0


def test_a_question_attached_by_an_editor_counts_less_than_the_words_themselves() -> None:
    text = passage("Kørestole udlånes.").passage
    other = passage("Hjælpemidler udlånes.").passage
    own = passage_terms("Titel", text, ())
    asked = passage_terms("Titel", other, ("Må man låne en kørestol?",))
    none = passage_terms("Titel", other, ())
    (by_own,), (by_asked,), (by_none,) = lexical_scores(
        [query_terms("kørestol")], [own, asked, none]
    )
    assert by_own > by_asked > by_none
