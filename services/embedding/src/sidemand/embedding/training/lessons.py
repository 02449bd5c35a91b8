"""From the corpus to what the encoder is shown."""

from collections.abc import Sequence

import numpy as np
from scipy.sparse import csr_array
from sidemand.embedding.training.curriculum import (
    Article,
    Lessons,
    Question,
    Synonyms,
    hard_negatives,
)
from sidemand.embedding.training.data import Corpus, Provision, Query, Term, Vocabulary
from sidemand.embedding.training.encoder import DIMENSION, Floats, StaticEncoder


def make_lessons(
    corpus: Corpus, queries: Sequence[Query], lexical: Floats, vocabulary: Vocabulary
) -> Lessons:
    """Read all texts; `lexical` holds the BM25 scores of `queries` × municipal provisions."""
    places = {provision.key: place for place, provision in enumerate(corpus.municipal)}
    articles = (_article(provision, vocabulary) for provision in corpus.acts)
    asked = {places[key] for query in queries for key in query.relevant}
    questions = (
        Question(vocabulary.read(query.text), right, hard_negatives(scores, right, asked))
        for query, scores in zip(queries, lexical, strict=True)
        for right in [tuple(places[key] for key in query.relevant)]
    )
    synonyms = (_synonyms(term, vocabulary) for term in corpus.terms)
    return Lessons(
        articles=[article for article in articles if article.sentences],
        passages=[vocabulary.read(f"{each.title}\n{each.text}") for each in corpus.municipal],
        asked=sorted(asked),
        questions=[question for question in questions if len(question.words)],
        synonyms=[entry for entry in synonyms if entry.everyday],
    )


def beginner(lessons: Lessons, vocabulary: Vocabulary, rng: np.random.Generator) -> StaticEncoder:
    """An encoder that has learnt nothing yet but that rare words say more."""
    features = feature_matrix(vocabulary)
    encoder = StaticEncoder(features, DIMENSION, rng)
    encoder.log_weights[:, 0] = rarity(lessons.articles, features)
    return encoder


def feature_matrix(vocabulary: Vocabulary) -> csr_array:
    """The table rows of each word: words × buckets, how often the word has the row."""
    rows = [vocabulary.hashing.word_rows(word) for word in vocabulary.numbers]
    ends = np.cumsum([0, *map(len, rows)])
    flat = np.array([row for each in rows for row in each], np.int64)
    shape = (len(rows), vocabulary.hashing.buckets)
    matrix = csr_array((np.ones(len(flat), np.float32), flat, ends), shape)
    matrix.sum_duplicates()
    return matrix


def rarity(articles: Sequence[Article], features: csr_array) -> Floats:
    """The logarithm of each row's inverse document frequency, around 0: where weights begin."""
    counts = np.zeros(features.shape[0], np.float32)
    for article in articles:
        counts[np.unique(np.concatenate(article.sentences))] += 1
    frequencies = np.maximum(features.T @ counts, 1)
    rare = np.log(np.maximum(np.log(len(articles) / frequencies), 0.05))
    centred: Floats = (rare - rare.mean()).astype(np.float32)
    return centred


def _article(provision: Provision, vocabulary: Vocabulary) -> Article:
    title = vocabulary.read(provision.title)
    return Article(title, tuple(vocabulary.read_sentences(provision.text)))


def _synonyms(term: Term, vocabulary: Vocabulary) -> Synonyms:
    said = (vocabulary.read(text) for text in term.everyday)
    return Synonyms(vocabulary.read(term.official), tuple(words for words in said if len(words)))
