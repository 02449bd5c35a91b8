"""Calibrates retrieval: fits how its scores are weighed to training questions.

Only questions on provisions that the encoder never saw count. Whether a document is answered at
all is learnt from these questions, asked of all law, of a part of it that holds their answer, and
of a part that does not; from questions that no law answers; and from long case notes in which such
questions stand among sentences on something else.
"""

import random
import tempfile
import zlib
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
from sidemand.client.knowledge import Skipped, knowledge_at, provision_of
from sidemand.danish.sentences import sentences
from sidemand.embedding.ports import Embedder
from sidemand.evaluation.data import located, read_lines
from sidemand.evaluation.retrieval import (
    Question,
    case_document,
    embedded,
    provision,
    read_training,
)
from sidemand.retrieval.adapters.sqlite import SqliteIndex
from sidemand.retrieval.analysed import FloatArray
from sidemand.retrieval.calibration import Answerability, Calibration, MadeFrom, Weights
from sidemand.retrieval.fitting import Judged, fit_answerability, fit_weights
from sidemand.retrieval.fusion import Scores, scores_of
from sidemand.retrieval.ports import Hit, PassageIndex, Query
from sidemand.retrieval.queries import query_of
from sidemand.schemas.identity import SHARED_TENANT

_REFUSED: Final = 0.05
"""Share of the answerable questions of each kind that a threshold may refuse."""
_SHELVES: Final = 5
"""Small knowledge bases into which all acts are divided."""
_NOTES_ON_A_PROVISION: Final = 3
_NOTES_WITHOUT_ANSWER: Final = 400
_FEWEST_SENTENCES: Final = 4
_MOST_SENTENCES: Final = 14
"""Sentences on something else in a long note."""
_FEWEST_QUESTIONS: Final = 2
_MOST_QUESTIONS: Final = 4
"""Questions in a long note: what a case is about stands in more than one of its sentences."""


@dataclass(frozen=True, slots=True)
class _Library:
    """All acts in one index, and each act once more in one of several small ones."""

    whole: PassageIndex
    shelves: tuple[PassageIndex, ...]
    documents: int

    def with_answer(self, question: Question) -> PassageIndex:
        return self.shelves[_shelf(min(question.relevant)[0])]

    def without_answer(self, question: Question) -> PassageIndex:
        taken = {_shelf(act) for act, _ in question.relevant}
        return next(index for at, index in enumerate(self.shelves) if at not in taken)


@dataclass(frozen=True, slots=True)
class _Found:
    question: Question
    query: Query
    hits: list[Hit]
    scores: Scores

    def judged(self) -> Judged:
        """What was found without what counts for nothing."""
        named = [provision(hit) for hit in self.hits]
        counts = np.array([each not in self.question.tolerated for each in named])
        relevant = np.array([each in self.question.relevant for each in named])
        return Judged(self.scores.of_passages()[counts], relevant[counts])


async def calibrate(data: Path, embedder: Embedder) -> Calibration:
    """Fit a calibration to the training questions of the shared data. Raises `DataError`."""
    answerable, unanswerable = read_training(data)
    law = located(data, "law/municipal.jsonl.gz")
    notes = _Notes(_texts(located(data, "pii")))
    long_answerable = list(notes.on_provisions(answerable))
    long_unanswerable = list(notes.without_answer(unanswerable))
    async with _library(law, embedder) as library:
        asked = _Asked(library, embedder)
        found = [await asked.of_all(each) for each in answerable]
        found_long = [await asked.of_all(each) for each in long_answerable]
        weights = fit_weights([each.judged() for each in (*found, *found_long)])
        return Calibration(
            made_from=MadeFrom(
                model_id=embedder.model.model_id,
                model_sha256=embedder.model.sha256,
                documents=library.documents,
                answerable=len(answerable),
                unanswerable=len(unanswerable),
                long_documents=len(long_answerable) + len(long_unanswerable),
            ),
            weights=weights,
            short=await asked.answerability(weights, found, unanswerable),
            long=await asked.answerability(weights, found_long, long_unanswerable),
        )


@dataclass(frozen=True, slots=True)
class _Asked:
    """Asks the library."""

    library: _Library
    embedder: Embedder

    async def of_all(self, question: Question) -> _Found:
        query = await self._query(question)
        hits = await self.library.whole.search(query)
        return _Found(question, query, hits, scores_of(query, hits))

    async def answerability(
        self, weights: Weights, found: Sequence[_Found], unanswerable: Sequence[Question]
    ) -> Answerability:
        """Fit to answerable questions by their kind, and to three kinds of unanswerable ones."""
        answered: dict[str, list[FloatArray]] = defaultdict(list)
        unanswered: dict[str, list[FloatArray]] = defaultdict(list)
        for each in found:
            question = each.question
            there = self.library.with_answer(question)
            elsewhere = self.library.without_answer(question)
            answered[question.kind].append(each.scores.of_document(weights))
            answered[question.kind] += await self._scores(there, each.query, weights)
            unanswered["elsewhere"] += await self._scores(elsewhere, each.query, weights)
        for number, question in enumerate(unanswerable):
            query = await self._query(question)
            shelf = self.library.shelves[number % _SHELVES]
            unanswered["whole"] += await self._scores(self.library.whole, query, weights)
            unanswered["shelf"] += await self._scores(shelf, query, weights)
        return fit_answerability(
            [np.stack(kind) for kind in answered.values()],
            [np.stack(kind) for kind in unanswered.values()],
            _REFUSED,
        )

    async def _scores(
        self, index: PassageIndex, query: Query, weights: Weights
    ) -> list[FloatArray]:
        """Its scores; none where nothing was found, which needs no threshold."""
        hits = await index.search(query)
        return [scores_of(query, hits).of_document(weights)] if hits else []

    async def _query(self, question: Question) -> Query:
        return query_of(await case_document(question.text, self.embedder, question.title))


@asynccontextmanager
async def _library(law: Path, embedder: Embedder) -> AsyncIterator[_Library]:
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        names = ["whole", *(f"shelf-{number}" for number in range(_SHELVES))]
        whole, *shelves = [SqliteIndex(folder / f"{name}.db") for name in names]
        for index in (whole, *shelves):
            await index.open()
            stack.push_async_callback(index.close)
        documents = 0
        for document in knowledge_at(law, SHARED_TENANT):
            if isinstance(document, Skipped):
                continue
            documents += 1
            act, _ = provision_of(document.document.document_id) or ("", "")
            ready = await embedded(document, embedder)
            for index in (whole, shelves[_shelf(act)]):
                await index.apply(ready)
        yield _Library(whole, tuple(shelves), documents)


def _shelf(act: str) -> int:
    return zlib.crc32(act.encode()) % _SHELVES


class _Notes:
    """Long case notes, the same ones at every run."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts = texts
        self._chance = random.Random(0)

    def on_provisions(self, questions: Iterable[Question]) -> Iterator[Question]:
        """Notes that ask several of `questions` on one provision; some cases have a title."""
        on: dict[frozenset[tuple[str, str]], list[Question]] = defaultdict(list)
        for question in questions:
            on[question.relevant].append(question)
        for of_one in on.values():
            titles = [each.text for each in of_one if each.kind == "keywords"]
            asked = [each for each in of_one if each.kind != "keywords"]
            for _ in range(_NOTES_ON_A_PROVISION if len(asked) >= _FEWEST_QUESTIONS else 0):
                title = self._chance.choice([*titles, ""])
                yield replace(self._note(asked), title=title)

    def without_answer(self, questions: Sequence[Question]) -> Iterator[Question]:
        """Notes that ask some of `questions`, which nothing answers."""
        for _ in range(_NOTES_WITHOUT_ANSWER):
            yield self._note(questions)

    def _note(self, questions: Sequence[Question]) -> Question:
        number = self._chance.randint(_FEWEST_QUESTIONS, min(_MOST_QUESTIONS, len(questions)))
        asked = self._chance.sample(questions, number)
        text = self._chance.choice(self._texts)
        most = self._chance.randint(_FEWEST_SENTENCES, _MOST_SENTENCES)
        said = [span.of(text) for span in sentences(text)][:most]
        for each in asked:
            said.insert(self._chance.randint(0, len(said)), each.text)
        tolerated = frozenset[tuple[str, str]]().union(*(each.tolerated for each in asked))
        return Question("\n".join(said), f"{number} asked", asked[0].relevant, tolerated)


def _texts(folder: Path) -> list[str]:
    """Case texts for training."""
    return [
        text
        for path in sorted(folder.glob("train_*.jsonl"))
        for text in read_lines(path, lambda line: str(line["text"]))
    ]
