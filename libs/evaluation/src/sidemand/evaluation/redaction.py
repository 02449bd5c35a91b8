"""Measures redaction: what is found, what leaks, what is masked that should not be.

Reads case texts with marked personal data (`{"id", "text", "spans": [{start, end, type, entity}]}`,
one a line) and case events with known parties (YAML, as the demo's samples).
"""

import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypedDict

from sidemand.evaluation.data import read_lines
from sidemand.redaction.names import words_of
from sidemand.redaction.ports import Redactor
from sidemand.redaction.rewriting import rewrite
from sidemand.redaction.spans import Mention
from sidemand.redaction.special import SPECIAL_KINDS

SPECIAL: Final = ("SPECIAL_", "CRIME", "SOCIAL_PROBLEM")
"""Beginnings of the types that tell about a person without naming one."""
_SOMEBODY: Final = "⟦PERSON⟧"
"""Stands for every token: retrieval leaves them out of what it searches for."""


@dataclass(frozen=True, slots=True)
class MarkedSpan:
    """A piece of personal data as a person marked it."""

    start: int
    end: int
    type: str
    entity: str

    @property
    def special(self) -> bool:
        """Whether it belongs to the special categories, crime or social problems."""
        return self.type.startswith(SPECIAL)


@dataclass(frozen=True, slots=True)
class MarkedText:
    """A case text with everything in it that is personal data."""

    id: str
    text: str
    spans: tuple[MarkedSpan, ...]


class RedactionFigures(TypedDict):
    """What `sidemand-eval redaction --json` prints; shares are 0 to 1."""

    entity_recall: float
    person_recall: float
    special_recall: float
    """Statements of special categories that are found, masked or not: half of the words."""
    cpr_leaks: int
    clean_documents: float
    precision: float
    masked_ordinary_share: float
    kb_per_second: float
    types: dict[str, float]


@dataclass(slots=True)
class _Counts:
    hit: Counter[str] = field(default_factory=Counter)
    total: Counter[str] = field(default_factory=Counter)
    clean: int = 0
    spans: int = 0
    right: int = 0
    masked_ordinary: int = 0
    ordinary: int = 0
    leaks: list[str] = field(default_factory=list)


def read_marked(path: Path) -> list[MarkedText]:
    """The marked texts of a JSON Lines file. Raises `DataError`."""
    return read_lines(path, _marked)


def _marked(line: dict[str, Any]) -> MarkedText:
    spans = (MarkedSpan(s["start"], s["end"], s["type"], s["entity"]) for s in line["spans"])
    return MarkedText(line["id"], line["text"], tuple(spans))


def measure(documents: Sequence[MarkedText], finder: Redactor) -> RedactionFigures:
    """Find personal data in `documents` without knowing any party, and compare with the marks."""
    started = time.perf_counter()
    found = [finder.find(document.text) for document in documents]
    return compare(documents, found, time.perf_counter() - started)


def compare(
    documents: Sequence[MarkedText], found: Iterable[Sequence[Mention]], seconds: float
) -> RedactionFigures:
    """Compare what was `found` in each of `documents`, within so many seconds, with the marks."""
    counts = _Counts()
    for document, mentions in zip(documents, found, strict=True):
        _compare(document, mentions, counts)
    size = sum(len(d.text.encode()) for d in documents) / 1000
    return _figures(counts, len(documents), size / seconds)


def leaks(documents: Sequence[MarkedText], finder: Redactor) -> Iterator[tuple[str, str, str]]:
    """Every marked span that is not wholly covered: document, type and the span in its context."""
    for document in documents:
        covered = _covered(document.text, masked(finder.find(document.text)))
        for span in document.spans:
            if not span.special and not _is_covered(document.text, span, covered):
                yield document.id, span.type, _in_context(document.text, span.start, span.end)


def overmasked(documents: Sequence[MarkedText], finder: Redactor) -> Iterator[tuple[str, str, str]]:
    """Every masked span that touches nothing marked: document, kind, the span in its context."""
    for document in documents:
        marked = _covered(document.text, [(s.start, s.end) for s in document.spans])
        for mention in finder.find(document.text):
            special = mention.entity.kind in SPECIAL_KINDS
            if not special and not any(marked[mention.start : mention.end]):
                context = _in_context(document.text, mention.start, mention.end)
                yield document.id, mention.entity.kind, context


def _in_context(text: str, start: int, end: int) -> str:
    return f"{text[max(0, start - 30) : start]}[[{text[start:end]}]]{text[end : end + 15]}"


def masked(mentions: Iterable[Mention]) -> list[tuple[int, int]]:
    """What is masked unless a tenant wants more: everything but special categories."""
    return [(m.start, m.end) for m in mentions if m.entity.kind not in SPECIAL_KINDS]


def behind_the_gate(text: str, finder: Redactor) -> str:
    """What services behind the gate see of `text`: a token in the place of all that is masked."""
    return rewrite(text, ((start, end, _SOMEBODY) for start, end in masked(finder.find(text)))).text


def _compare(document: MarkedText, mentions: Sequence[Mention], counts: _Counts) -> None:
    text = document.text
    found = masked(mentions)
    covered = _covered(text, found)
    told = _covered(text, [(m.start, m.end) for m in mentions])
    marked = _covered(text, [(s.start, s.end) for s in document.spans])
    entities: dict[tuple[str, str], list[MarkedSpan]] = defaultdict(list)
    for span in document.spans:
        entities[span.type, span.entity].append(span)
    leaked = False
    for (kind, _), spans in entities.items():
        if spans[0].special:
            hit = all(_is_half_covered(text, span, told) for span in spans)
        else:
            hit = all(_is_covered(text, span, covered) for span in spans)
        counts.total[kind] += 1
        counts.hit[kind] += hit
        leaked |= not hit and not spans[0].special
    counts.clean += not leaked
    counts.spans += len(found)
    counts.right += sum(any(marked[start:end]) for start, end in found)
    ordinary = [i for i, c in enumerate(text) if c.isalnum() and not marked[i]]
    counts.ordinary += len(ordinary)
    counts.masked_ordinary += sum(covered[i] for i in ordinary)


def _covered(text: str, spans: Iterable[tuple[int, int]]) -> list[bool]:
    covered = [False] * len(text)
    for start, end in spans:
        covered[start:end] = [True] * (end - start)
    return covered


def _is_covered(text: str, span: MarkedSpan, covered: list[bool]) -> bool:
    return all(covered[i] or not text[i].isalnum() for i in range(span.start, span.end))


def _is_half_covered(text: str, span: MarkedSpan, covered: list[bool]) -> bool:
    words = [(w.start, w.end) for w in words_of(text[span.start : span.end])]
    hit = sum(all(covered[span.start + a : span.start + b]) for a, b in words)
    return 2 * hit >= len(words)


def _figures(counts: _Counts, documents: int, speed: float) -> RedactionFigures:
    direct = [kind for kind in counts.total if not kind.startswith(SPECIAL)]
    special = [kind for kind in counts.total if kind.startswith(SPECIAL)]
    return RedactionFigures(
        entity_recall=_share(counts, direct),
        person_recall=_share(counts, ["PERSON"]),
        special_recall=_share(counts, special),
        cpr_leaks=counts.total["CPR"] - counts.hit["CPR"],
        clean_documents=counts.clean / max(1, documents),
        precision=counts.right / max(1, counts.spans),
        masked_ordinary_share=counts.masked_ordinary / max(1, counts.ordinary),
        kb_per_second=speed,
        types={kind: _share(counts, [kind]) for kind in sorted(counts.total)},
    )


def _share(counts: _Counts, kinds: Sequence[str]) -> float:
    total = sum(counts.total[kind] for kind in kinds)
    return sum(counts.hit[kind] for kind in kinds) / total if total else 1.0
