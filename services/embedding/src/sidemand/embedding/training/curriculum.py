"""What the encoder is shown, in order: the law's own sentences, then questions people ask."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import NDArray
from sidemand.embedding.training.contrast import Contrast
from sidemand.embedding.training.encoder import Words

CLOZE_PASSES, CLOZE_BATCH = 3, 512
QUESTION_PASSES, QUESTION_BATCH = 8, 128
SLOWER_EACH_PASS = 0.9
"""What the learning rates are multiplied by after each pass over the questions."""
TERM_BATCH = 48
_LONGEST_PASSAGE = 150
_FIRST_HARD, _LAST_HARD = 2, 14


@dataclass(frozen=True, slots=True)
class Article:
    """A provision as word numbers: its act's title and its sentences."""

    title: Words
    sentences: tuple[Words, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """A query as word numbers, and its provisions as positions among the passages."""

    words: Words
    right: tuple[int, ...]
    hard: tuple[int, ...]
    """Passages that look right to BM25 and are not."""


@dataclass(frozen=True, slots=True)
class Synonyms:
    """An official term with definition, and everyday words for it."""

    official: Words
    everyday: tuple[Words, ...]


@dataclass(frozen=True, slots=True)
class Lessons:
    """All training texts as word numbers."""

    articles: Sequence[Article]
    passages: Sequence[Words]
    asked: Sequence[int]
    """Passages that some question is on: only these are ever shown as wrong."""
    questions: Sequence[Question]
    synonyms: Sequence[Synonyms]


def hard_negatives(
    scores: NDArray[np.float32], right: Sequence[int], asked: Collection[int]
) -> tuple[int, ...]:
    """Passages of `asked` that BM25 ranks high and that are not right, without the very first.

    The first ones are often right as well, only not marked. A passage that no question is on would
    only ever be wrong, and the encoder would learn to keep away from it, whatever is asked.
    """
    ranked = (int(place) for place in np.argsort(-scores, kind="stable"))
    wrong = (place for place in ranked if place in asked and place not in right)
    return tuple(islice(wrong, _FIRST_HARD, _LAST_HARD))


def inverse_cloze(articles: Sequence[Article], rng: np.random.Generator) -> Iterator[Contrast]:
    """One pass over the law: a part of one sentence asks for the rest of its provision.

    (Lee, Chang and Toutanova 2019.) A fifth of the sentences stay in, so that same words count.
    """
    order = rng.permutation(len(articles))
    for start in range(0, len(order) - CLOZE_BATCH + 1, CLOZE_BATCH):
        pairs = [_cloze(articles[i], rng) for i in order[start : start + CLOZE_BATCH]]
        yield Contrast([asked for asked, _ in pairs], [rest for _, rest in pairs])


def _cloze(article: Article, rng: np.random.Generator) -> tuple[Words, Words]:
    asked, rest = article.title, list(article.sentences)
    if len(rest) > 1:
        chosen = int(rng.integers(len(rest)))
        asked = rest[chosen]
        if rng.random() >= 0.2:
            del rest[chosen]
    with_title = [article.title] if rng.random() < 0.5 else []
    return _cropped(asked, rng), np.concatenate([*with_title, *rest])[:_LONGEST_PASSAGE]


def _cropped(words: Words, rng: np.random.Generator) -> Words:
    if len(words) <= 6:
        return words
    start = int(rng.integers(0, len(words) - 4))
    return words[start : start + int(rng.integers(3, 14))]


def questions_with_hard_negatives(lessons: Lessons, rng: np.random.Generator) -> Iterator[Contrast]:
    """One pass over the questions, each batch with everyday words for official terms beside it."""
    order = rng.permutation(len(lessons.questions))
    for start in range(0, len(order) - QUESTION_BATCH + 1, QUESTION_BATCH):
        chosen = [lessons.questions[i] for i in order[start : start + QUESTION_BATCH]]
        yield _question_batch(lessons, chosen, rng)


def _question_batch(
    lessons: Lessons, chosen: Sequence[Question], rng: np.random.Generator
) -> Contrast:
    own = [_one_of(question.right, rng) for question in chosen]
    wrong = [_one_of(question.hard, rng) for question in chosen]
    anything = [_one_of(lessons.asked, rng) for _ in chosen]
    pairs = [
        (_some_words(lessons.synonyms[i], rng), lessons.synonyms[i].official)
        for i in rng.integers(0, len(lessons.synonyms), TERM_BATCH)
    ]
    places = np.array([*own, *[-1] * len(pairs), *wrong, *anything])
    excluded = np.zeros((len(chosen) + len(pairs), len(places)), bool)
    for row, question in enumerate(chosen):
        excluded[row] = np.isin(places, question.right)
        excluded[row, row] = False
    return Contrast(
        [*(question.words for question in chosen), *(said for said, _ in pairs)],
        [
            *(lessons.passages[place] for place in own),
            *(official for _, official in pairs),
            *(lessons.passages[place] for place in (*wrong, *anything)),
        ],
        excluded,
    )


def _one_of(places: Sequence[int], rng: np.random.Generator) -> int:
    return places[int(rng.integers(len(places)))]


def _some_words(synonyms: Synonyms, rng: np.random.Generator) -> Words:
    """One or two of the everyday ways to say it."""
    count = min(len(synonyms.everyday), 2)
    picked = rng.choice(len(synonyms.everyday), count, replace=False)
    return np.concatenate([synonyms.everyday[i] for i in picked])
