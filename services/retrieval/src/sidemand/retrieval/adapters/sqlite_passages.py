"""Passages of knowledge as the SQLite index holds them, kept in memory once they were read.

A number never comes to mean another passage, and a passage under a number never changes: what was
read once holds for as long as its number is found. Reading and decoding the 220 passages that a
case note finds took 10 ms of CPU time, more than finding them.
"""

import json
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

import apsw
from sidemand.retrieval.analysed import PassageTerms, half_precision
from sidemand.retrieval.ports import Hit
from sidemand.schemas.identity import DocumentRef
from sidemand.schemas.text import Passage

_MOST_KEPT: Final = 4_096
"""Passages; one takes about 5 kB."""


@dataclass(frozen=True, slots=True)
class _Read:
    hit: Hit
    model: str
    """SHA-256 of what made its vector."""


class ReadPassages:
    """The passages that were read last, `most` of them. Threads may share it."""

    def __init__(self, most: int = _MOST_KEPT) -> None:
        self._most = most
        self._kept: dict[int, _Read] = {}
        self._changing = threading.Lock()

    def hits(self, db: apsw.Connection, numbers: set[int], model: str) -> Iterator[Hit]:
        """The passages of `numbers`, all of which `db` holds, for vectors of `model`."""
        kept = {number: self._kept.get(number) for number in numbers}
        missing = [number for number, read in kept.items() if read is None]
        kept |= dict(_read(db, missing))
        self._keep(kept)
        for read in kept.values():
            if read is not None:
                yield read.hit if read.model == model else replace(read.hit, vector=None)

    def _keep(self, read: dict[int, _Read | None]) -> None:
        with self._changing:
            for number, each in read.items():
                self._kept.pop(number, None)  # so that it is the newest again
                if each is not None:
                    self._kept[number] = each
            while len(self._kept) > self._most:
                del self._kept[next(iter(self._kept))]


def _read(db: apsw.Connection, numbers: Iterable[int]) -> Iterator[tuple[int, _Read]]:
    rows = db.execute(
        "SELECT p.number, d.model, d.tenant, d.document_id, d.version, d.title, d.kind, d.source, "
        "d.asked_as, p.head, p.body, p.asked, p.vector, "
        "p.passage_id, p.heading_path, p.locator, p.start, p.stop, p.text "
        "FROM passages p JOIN documents d ON d.number = p.document "
        "WHERE p.number IN (SELECT value FROM json_each(?))",
        (json.dumps(list(numbers)),),
    )
    for number, model, tenant, document_id, version, title, kind, source, asked_as, *rest in rows:
        head, body, asked, vector, *passage = rest
        hit = Hit(
            document=DocumentRef(tenant=tenant, document_id=document_id),
            version=version,
            title=title,
            kind=kind,
            source=source,
            asked_as=tuple(json.loads(asked_as)),
            passage=stored_passage(*passage),
            terms=PassageTerms(head, body, asked),
            vector=half_precision(vector),
        )
        yield number, _Read(hit, model)


def stored_passage(
    passage_id: str, headings: str, locator: str | None, start: int, stop: int, text: str
) -> Passage:
    """A passage out of its columns."""
    return Passage(
        passage_id=passage_id,
        heading_path=tuple(json.loads(headings)),
        locator=locator,
        start=start,
        end=stop,
        text=text,
    )
