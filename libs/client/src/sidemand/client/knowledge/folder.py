"""Documents from a folder: Markdown with front matter, plain text, HTML, DOCX and PDF.

A file without front matter may have its keys in a YAML file of the same name beside it:
`takster.pdf` and `takster.yaml`. What no key says, the file does: its name is the id, its date is
the version and the first day on which it applies.
"""

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

from sidemand.client.errors import ClientError
from sidemand.client.knowledge.front_matter import FrontMatter, divided, parsed
from sidemand.client.knowledge.source import Skipped
from sidemand.client.validation import Invalid, validated
from sidemand.schemas.knowledge import KnowledgePublished
from sidemand.schemas.text import Content, MediaType

MEDIA_TYPES: Final[Mapping[str, MediaType]] = {
    ".md": "text/markdown",
    ".markdown": "text/markdown",
    ".txt": "text/plain",
    ".html": "text/html",
    ".htm": "text/html",
    ".pdf": "application/pdf",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}
"""What can be loaded, by the end of the file's name."""

LARGEST: Final = 8_000_000
"""Bytes of a file; ingestion reads no larger one."""

_KEYS: Final = frozenset({".yaml", ".yml"})
_HEADING: Final = re.compile(r"^#{1,6}[ \t]+(?P<title>.+?)[ \t#]*$", re.MULTILINE)
_DANISH: Final = str.maketrans({"æ": "ae", "ø": "oe", "å": "aa"})
_NOT_IN_ID: Final = re.compile(r"[^a-z0-9._]+")


class Folder:
    """The documents of a folder and of the folders in it, or of a single file."""

    def __init__(self, path: Path, tenant: str) -> None:
        """`tenant` owns the documents that name no other."""
        self._path = path
        self._tenant = tenant
        self._files = _files(path)

    def __iter__(self) -> Iterator[KnowledgePublished | Skipped]:
        seen: dict[tuple[str, str], str] = {}
        for file in self._files:
            where = str(file.relative_to(self._path)) if file != self._path else file.name
            try:
                document = self._document(file)
                named = (document.tenant, document.subject)
                if named in seen:
                    raise Invalid(f"its id is already that of {seen[named]}: give it another `id`")
            except Invalid as error:
                yield Skipped(where, str(error))
                continue
            seen[named] = where
            yield document

    def __len__(self) -> int:
        return len(self._files)

    def _document(self, file: Path) -> KnowledgePublished:
        media_type = MEDIA_TYPES.get(file.suffix.lower())
        if media_type is None:
            raise Invalid(_unknown_kind(file))
        body = _bytes(file)
        if media_type == "text/markdown":
            keys, text = divided(_text(body))
            heading = _HEADING.search(text)
            title = heading["title"] if heading else None
            content = Content(media_type=media_type, text=text)
            return self._published(file, keys or _keys_beside(file), content, title)
        if media_type.startswith("text/"):
            content = Content(media_type=media_type, text=_text(body))
        else:
            content = Content(media_type=media_type, data=body)
        return self._published(file, _keys_beside(file), content, None)

    def _published(
        self, file: Path, keys: FrontMatter, content: Content, heading: str | None
    ) -> KnowledgePublished:
        changed = datetime.fromtimestamp(file.stat().st_mtime, UTC)
        carried = keys.model_dump(exclude={"id", "tenant"})
        name = {"tenant": keys.tenant or self._tenant, "document_id": keys.id or id_of(file)}
        carried |= {
            "document": name,
            "title": keys.title or heading or _words(file),
            "version": keys.version or max(int(changed.timestamp()), 1),
            "valid_from": keys.valid_from or _first_day(changed.date(), keys.valid_to),
            "content": content,
        }
        return validated(KnowledgePublished, carried)


def id_of(file: Path) -> str:
    """Make a document id of a file's name: `Børn & unge.pdf` becomes `boern-unge`."""
    plain = unicodedata.normalize("NFKC", file.stem).lower().translate(_DANISH)
    ascii_only = unicodedata.normalize("NFKD", plain).encode("ascii", "ignore").decode()
    return _NOT_IN_ID.sub("-", ascii_only).strip("-._")


def _files(path: Path) -> list[Path]:
    if not path.exists():
        raise ClientError(f"{path} does not exist: check the path.")
    if path.is_file():
        return [path]
    visible = [
        file
        for file in path.rglob("*")
        if file.is_file() and not any(part.startswith(".") for part in file.relative_to(path).parts)
    ]
    documents = {file.with_suffix("") for file in visible if file.suffix.lower() in MEDIA_TYPES}
    found = sorted(file for file in visible if not _holds_keys(file, documents))
    if not found:
        kinds = " ".join(MEDIA_TYPES)
        raise ClientError(f"There is no file in {path}: put documents there, of the kinds {kinds}.")
    return found


def _holds_keys(file: Path, documents: Collection[Path]) -> bool:
    """Whether `file` lies beside one of the `documents`, which are named without their ending."""
    return file.suffix.lower() in _KEYS and file.with_suffix("") in documents


def _unknown_kind(file: Path) -> str:
    if file.suffix.lower() in _KEYS:
        return "no document of the same name lies beside these keys"
    return f"a file of the kind {file.suffix or '(none)'} is not read, but {' '.join(MEDIA_TYPES)}"


def _bytes(file: Path) -> bytes:
    try:
        if file.stat().st_size > LARGEST:
            raise Invalid(f"it is larger than {LARGEST // 1_000_000} MB: divide it")
        body = file.read_bytes()
    except OSError as error:
        raise Invalid(f"it cannot be read ({error.strerror}): check the rights") from None
    if not body.strip():
        raise Invalid("it is empty")
    return body


def _text(body: bytes) -> str:
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Invalid("it is not UTF-8: save it as UTF-8") from None


def _keys_beside(file: Path) -> FrontMatter:
    for ending in sorted(_KEYS):
        beside = file.with_suffix(ending)
        if beside.exists():
            try:
                return parsed(_text(_bytes(beside)))
            except Invalid as error:
                raise Invalid(f"{beside.name}: {error}") from None
    return FrontMatter()


def _first_day(changed: date, valid_to: date | None) -> date:
    return min(changed, valid_to) if valid_to else changed


def _words(file: Path) -> str:
    words = re.sub(r"[-_\s]+", " ", file.stem).strip()
    return words[:1].upper() + words[1:] or file.name
