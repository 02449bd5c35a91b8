"""Weighing words and meaning, and what is offered."""

from dataclasses import replace

import numpy as np
from sidemand.retrieval.analysed import passage_terms, unpacked
from sidemand.retrieval.fusion import (
    MOST_PASSAGES,
    MOST_PER_SOURCE,
    Ranking,
    Weighed,
    offer,
    rank,
    scores_of,
)
from sidemand.retrieval.ports import Hit, Query
from sidemand.retrieval.queries import query_of
from sidemand.schemas.casework import CASE_DOCUMENT
from sidemand.schemas.identity import DocumentRef

from .retrieval_fakes import CALIBRATION, a_case, asking, case_document, passage


def hit(
    text: str, *, document_id: str = "a", kind: str = "vejledning", means: str | None = None
) -> Hit:
    embedded = passage(text, means=means)
    return Hit(
        document=DocumentRef(tenant="faelles", document_id=document_id),
        version=1,
        title="Titel",
        kind=kind,
        source=None,
        asked_as=(),
        passage=embedded.passage,
        terms=passage_terms("Titel", embedded.passage, ()),
        vector=unpacked(embedded.vector),
    )


def order(query: Query, *hits: Hit) -> list[str]:
    return [each.hit.passage.text for each in rank(query, hits, CALIBRATION).passages]


def test_both_words_and_meaning_raise_a_passage() -> None:
    by_words = hit("Fristen er kort.", means="noget andet")
    by_meaning = hit("Svar hurtigt.", means="frist kort")
    neither = hit("Der betales leje.", means="noget tredje")
    both = hit("Fristen er kort nok.", means="frist kort")
    ranked = order(asking("frist kort"), neither, by_words, by_meaning, both)
    assert ranked[0] == "Fristen er kort nok."
    assert ranked[-1] == "Der betales leje."


def test_a_passage_of_another_model_is_weighed_by_its_words() -> None:
    known = hit("Fristen er kort.", means="frist")
    (weighed,) = rank(asking("frist"), [replace(known, vector=None)], CALIBRATION).passages
    (full,) = rank(asking("frist"), [known], CALIBRATION).passages
    assert 0 < weighed.score < full.score


def test_one_sentence_of_a_long_note_finds_its_passage() -> None:
    sentence = "Må han låne en kørestol?"
    note = f"Borgeren ringede i dag. {sentence} Vejret var fint, og hunden var med."
    with_parts = query_of(case_document(note, None, "Borgeren ringede i dag.", sentence))
    whole = query_of(case_document(note))
    stol = hit("Kommunen låner kørestol ud.", means=sentence)
    parted = rank(with_parts, [stol], CALIBRATION)
    unparted = rank(whole, [stol], CALIBRATION)
    assert parted.passages[0].score > unparted.passages[0].score
    assert parted.answerable > unparted.answerable


def test_nothing_is_weighed_when_nothing_was_found() -> None:
    nothing = rank(asking("frist"), [], CALIBRATION)
    assert (nothing.passages, nothing.answerable) == ((), 0.0)
    assert offer(nothing) == ()


def test_scores_are_shares_in_falling_order() -> None:
    ranked = rank(asking("frist"), [hit("Leje."), hit("Fristen.")], CALIBRATION)
    scores = [each.score for each in ranked.passages]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 1 for score in scores)


def ranking(*scores: float, kind: str = "vejledning", document_id: str = "") -> Ranking:
    weighed = (
        Weighed(hit(f"Tekst {number}.", document_id=document_id or f"d{number}", kind=kind), score)
        for number, score in enumerate(scores)
    )
    return Ranking(tuple(weighed), answerable=0.5, threshold=0.4)


def together(first: Ranking, second: Ranking) -> Ranking:
    return Ranking(first.passages + second.passages, answerable=0.5, threshold=0.4)


def test_nothing_is_offered_below_the_threshold() -> None:
    found = ranking(0.9, 0.3)
    assert len(offer(replace(found, answerable=0.41))) == 2
    assert offer(replace(found, answerable=0.39)) == ()


def test_several_sources_fit() -> None:
    one = ranking(*np.linspace(0.9, 0.8, 10), document_id="en")
    others = ranking(*np.linspace(0.7, 0.5, 30))
    offered = offer(together(one, others))
    sources = [each.document.document_id for each in offered]
    assert len(offered) == MOST_PASSAGES
    assert sources.count("en") == MOST_PER_SOURCE


def test_the_documents_of_the_case_count_as_one_source() -> None:
    of_case = ranking(*np.linspace(0.9, 0.8, 10), kind=CASE_DOCUMENT)
    offered = offer(together(of_case, ranking(0.7)))
    kinds = [each.kind for each in offered]
    assert kinds == [CASE_DOCUMENT] * MOST_PER_SOURCE + ["vejledning"]


def test_the_case_itself_answers_nothing() -> None:
    of_case = hit("Fristen er kort.", kind=CASE_DOCUMENT)
    alone = rank(asking("frist kort"), [of_case], CALIBRATION)
    assert alone.answerable == 0.0
    with_knowledge = rank(asking("frist kort"), [of_case, hit("Fristen er lang.")], CALIBRATION)
    assert with_knowledge.answerable > 0.4


def test_a_case_of_another_municipality_asks_the_same_way() -> None:
    ours = query_of(case_document("frist", a_case("storaadal")))
    theirs = query_of(case_document("frist", a_case("vesterhede")))
    assert ours.parts[0].terms == theirs.parts[0].terms


def test_short_and_long_documents_are_judged_each_in_their_way() -> None:
    short = CALIBRATION.short.model_copy(update={"threshold": 0.1})
    long = CALIBRATION.long.model_copy(update={"threshold": 0.9, "intercept": 2.0})
    calibration = CALIBRATION.model_copy(update={"short": short, "long": long})
    asked = query_of(case_document("Svarfrist?"))
    noted = query_of(case_document("Svarfrist?", None, "Svarfrist?", "Svarfrist?"))
    of_short, of_long = (rank(query, [hit("Svarfrist.")], calibration) for query in (asked, noted))
    assert (of_short.threshold, of_long.threshold) == (0.1, 0.9)
    assert of_long.answerable > of_short.answerable


def test_a_document_is_answered_as_surely_as_its_best_passage() -> None:
    near, far = hit("Fristen er kort.", means="frist kort"), hit("Der betales leje.")
    query = asking("frist kort")
    both = rank(query, [far, near], CALIBRATION).answerable
    assert both == rank(query, [near], CALIBRATION).answerable
    assert both > rank(query, [far], CALIBRATION).answerable


def test_rankings_that_agree_on_what_comes_first_make_a_document_surer_answered() -> None:
    short = CALIBRATION.short.model_copy(update={"agreement": 0.5})
    calibration = CALIBRATION.model_copy(update={"short": short})
    others = [hit(f"Leje nummer {number}.", means="frist") for number in range(10)]
    said_and_meant = hit("Fristen er kort.", means="frist kort")
    only_said = hit("Fristen er kort.", means="noget andet")
    query = asking("frist kort")
    agreed, unagreed = (
        scores_of(query, [each, *others]).of_document(calibration.weights)[1]
        for each in (said_and_meant, only_said)
    )
    assert (agreed, unagreed) == (1, 0)


def test_a_document_whose_words_stand_nowhere_is_less_surely_answered() -> None:
    short = CALIBRATION.short.model_copy(update={"covered": 2.0})
    calibration = CALIBRATION.model_copy(update={"short": short})
    query = asking("frist vuggestue")
    of_case = hit("Barnet går i vuggestue.", kind=CASE_DOCUMENT)
    half, whole = [of_case, hit("Fristen er kort.")], [hit("Fristen er kort i en vuggestue.")]
    shares = [scores_of(query, hits).covered for hits in (half, whole)]
    assert 0 < shares[0] < shares[1] <= 1
    covered, uncovered = (rank(query, hits, calibration).answerable for hits in (whole, half))
    assert covered > uncovered


def test_a_document_that_asks_for_a_price_is_less_surely_answered_without_one() -> None:
    short = CALIBRATION.short.model_copy(update={"lacking": -2.0})
    calibration = CALIBRATION.model_copy(update={"short": short})
    query = asking("Hvad koster en byggetilladelse?")
    with_price, without = hit("En byggetilladelse er 900 kr."), hit("En byggetilladelse er kort.")
    of_case = hit("Borgeren har 900 kr.", kind=CASE_DOCUMENT)
    told, untold = (
        rank(query, hits, calibration).answerable for hits in ([with_price], [without, of_case])
    )
    assert told > untold
    shares = [
        scores_of(query, hits).of_document(calibration.weights)[4]
        for hits in ([with_price], [with_price, without], [without])
    ]
    assert shares == [0.0, 0.5, 1.0]
