"""Acts from a law file: a line an act, a document a provision.

The file is JSON Lines, plain or gzipped, each line with `act_id` (`year:number`), `title`,
`issued`, `eli` and `provisions`, a list of `ref`, `section` and `text`. `ref` is unique within its
act, and the name by which evaluations know a provision; `section` is not, since the commencement
clauses of amending acts count from § 1 again.
"""

import gzip
import json
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import IO, Annotated, Final, cast

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from sidemand.client.errors import ClientError
from sidemand.client.knowledge.source import Skipped
from sidemand.client.validation import Invalid, validated
from sidemand.schemas.identity import SHARED_TENANT
from sidemand.schemas.knowledge import KnowledgePublished
from sidemand.schemas.text import Content

_GZIP: Final = b"\x1f\x8b"
_EPOCH: Final = date(1970, 1, 1)
_PREFIX: Final = "lov:"
_ACT: Final = re.compile(r"lov:(?P<act>\d{4}:[^:]+):(?P<ref>.+)")
_ESCAPED: Final = re.compile(r"[^a-z0-9:-]")
_ESCAPES: Final = re.compile(r"_(?P<capital>[a-z])|\.(?P<code>[0-9a-f]+)\.")
_SEVERAL: Final = re.compile(r"\d[a-zæøå]?\s*[-–]\s*\d")
_LETTER: Final = re.compile(r"(\d)([A-Za-zæøåÆØÅ])")
_INVISIBLE: Final = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff"))
"""Soft hyphens, zero-width spaces and joiners: they come from the typesetting of the law."""
_LICENCE: Final = "ophavsretsloven § 9"


class Provision(BaseModel):
    """A paragraph of an act."""

    model_config = ConfigDict(hide_input_in_errors=True)

    ref: Annotated[str, StringConstraints(min_length=1)]
    section: str | None = None
    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class Act(BaseModel):
    """A line of a law file."""

    model_config = ConfigDict(hide_input_in_errors=True)

    act_id: Annotated[str, StringConstraints(pattern=r"^\d{4}:[^:]+$")]
    title: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
    issued: date
    eli: str | None = None
    provisions: Annotated[tuple[object, ...], Field(min_length=1)]


class LawFile:
    """The provisions of a law file as documents that all tenants share."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __iter__(self) -> Iterator[KnowledgePublished | Skipped]:
        for where, line in self._lines():
            if isinstance(line, Skipped):
                yield line
                continue
            try:
                act = validated(Act, json.loads(line))
            except (ValueError, RecursionError) as error:
                yield Skipped(where, f"{_fault(error)}; the act is left out")
                continue
            yield from _documents(act, where)

    def __len__(self) -> int:
        # A provision is an object with a text; counting them so is ten times faster than reading.
        return sum(
            1 if isinstance(line, Skipped) else max(line.count(b'"text":'), 1)
            for _, line in self._lines()
        )

    def _lines(self) -> Iterator[tuple[str, bytes | Skipped]]:
        """Each line that is not empty, with its place. Where the file breaks off, that is said."""
        number = 0
        try:
            with _open(self._path) as file:
                for number, line in enumerate(file, start=1):
                    if line.strip():
                        yield f"{self._path.name}, line {number}", line
        except (EOFError, zlib.error, gzip.BadGzipFile):
            where = f"{self._path.name}, line {number + 1}"
            reason = "the gzip file is damaged from here on: copy it anew, and load it again"
            yield where, Skipped(where, reason)
        except OSError as error:
            raise ClientError(
                f"{self._path} cannot be read ({error.strerror}): check path and rights."
            ) from None


def provision_id(act_id: str, ref: str) -> str:
    """Name the document of a provision. `provision_of` is the way back.

    Lower case as document ids are: `4A` becomes `4_a`; any other sign its code point, `.2013.`.
    """
    return _PREFIX + _ESCAPED.sub(_escape, f"{act_id}:{ref}")


def provision_of(document_id: str) -> tuple[str, str] | None:
    """Give act and ref of a provision's document; none for any other document."""
    match = _ACT.fullmatch(document_id)
    if match is None:
        return None
    return _unescaped(match["act"]), _unescaped(match["ref"])


@contextmanager
def _open(path: Path) -> Iterator[IO[bytes]]:
    """Open plain and gzipped files alike, by what they hold rather than by their name."""
    with path.open("rb") as raw:
        if raw.peek(2)[:2] != _GZIP:
            yield raw
            return
        with gzip.GzipFile(fileobj=raw) as unpacked:
            yield cast("IO[bytes]", unpacked)


def _fault(error: Exception) -> str:
    return str(error) if isinstance(error, Invalid) else "the line is no JSON in UTF-8"


def _documents(act: Act, where: str) -> Iterator[KnowledgePublished | Skipped]:
    refs: set[str] = set()
    sections: set[str] = set()
    for number, raw in enumerate(act.provisions, start=1):
        place = f"{where}, provision {number}"
        try:
            provision = validated(Provision, raw)
            if provision.ref in refs:
                raise Invalid("the act has this ref twice; the first one counts")
            document = _document(act, provision, repeated=provision.section in sections)
        except Invalid as error:
            yield Skipped(place, str(error))
            continue
        refs.add(provision.ref)
        sections.add(provision.section or "")
        yield document


def _document(act: Act, provision: Provision, *, repeated: bool) -> KnowledgePublished:
    text = provision.text.translate(_INVISIBLE)
    name = {"tenant": SHARED_TENANT, "document_id": provision_id(act.act_id, provision.ref)}
    return validated(
        KnowledgePublished,
        {
            "document": name,
            "version": (act.issued - _EPOCH).days,
            "title": _title(act, provision, repeated=repeated),
            "kind": "lov",
            "valid_from": act.issued,
            "source": act.eli,
            "licence": _LICENCE,
            "content": Content(text=text),
        },
    )


def _title(act: Act, provision: Provision, *, repeated: bool) -> str:
    """Name the provision as a reader would: act and §."""
    title = act.title.translate(_INVISIBLE)
    section = (provision.section or "").translate(_INVISIBLE)
    if not section:
        return title
    sign = "§§" if _SEVERAL.search(section) else "§"
    spaced = _LETTER.sub(r"\1 \2", section)
    clause = " (ikrafttrædelsesbestemmelse)" if repeated else ""
    return f"{title} {sign} {spaced}{clause}"


def _escape(sign: re.Match[str]) -> str:
    found = sign[0]
    return f"_{found.lower()}" if "A" <= found <= "Z" else f".{ord(found):x}."


def _unescaped(text: str) -> str:
    return _ESCAPES.sub(_unescape, text)


def _unescape(sign: re.Match[str]) -> str:
    return sign["capital"].upper() if sign["capital"] else chr(int(sign["code"], 16))
