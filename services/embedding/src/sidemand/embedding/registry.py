"""The registry entry of an encoder's folder: what it is, and the hash of each of its files."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from sidemand.embedding.ports import ModelError
from sidemand.schemas.text import EmbeddingModel

ENTRY = "model.json"
TOKENIZER = "tokenizer.json"

Precision = Literal["fp32", "fp16", "int8"]
_FileName = Annotated[str, StringConstraints(pattern=r"^\w[\w.-]*$")]
_AGAIN = "build the model again, or bring the folder again"


class RegisteredFile(BaseModel):
    """A file as it was when the model was built."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    size: Annotated[int, Field(ge=0)]
    """Bytes."""
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class Prefixes(BaseModel):
    """What the model wants before a text."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    query: str
    passage: str


class EncoderEntry(BaseModel):
    """What `model.json` says of an encoder. Vectors have `dimension` components and unit length."""

    model_config = ConfigDict(frozen=True, extra="forbid", protected_namespaces=())

    graph: Literal["packed", "padded"]
    """How texts go in: all tokens of a batch in one row, or a row of equal length for each."""
    model_id: Annotated[str, Field(min_length=1)]
    """Name and version; part of every vector."""
    dimension: Annotated[int, Field(gt=0)]
    context: Annotated[int, Field(gt=2)]
    """Tokens that are read at once; a longer text is cut."""
    first_position: Annotated[int, Field(ge=0)] = 0
    """The position of a text's first token, where the graph is packed."""
    padding: Annotated[int, Field(ge=0)] = 0
    """The token that makes rows equally long, where the graph is padded."""
    pooling: Literal["mean", "cls"]
    """How the graph makes one vector of a text's tokens."""
    precision: Precision
    prefixes: Prefixes
    licence: Annotated[str, Field(min_length=1)]
    """Of the weights, as their publisher states it."""
    files: Mapping[_FileName, RegisteredFile]
    """Every file that the service reads."""

    @property
    def model(self) -> EmbeddingModel:
        """What stands on every vector: the hash is the entry's, so of every file and prefix."""
        return EmbeddingModel(
            model_id=self.model_id,
            sha256=hashlib.sha256(_written(self).encode()).hexdigest(),
            dimension=self.dimension,
        )


def registered(path: Path) -> RegisteredFile:
    """What the registry keeps of a file."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return RegisteredFile(size=path.stat().st_size, sha256=digest)


def write_entry(folder: Path, entry: EncoderEntry) -> None:
    """Write `entry` beside the files that it names."""
    (folder / ENTRY).write_text(_written(entry), "utf-8")


def read_entry(folder: Path) -> EncoderEntry:
    """The entry in `folder`, each of its files verified.

    Raises `ModelError`, which names the file and says what to do: for an entry that cannot be
    read, and for a file that is missing, truncated or another than was registered.
    """
    path = folder / ENTRY
    try:
        entry = EncoderEntry.model_validate_json(path.read_bytes())
    except OSError as error:
        raise ModelError(f"cannot read {path}: {_AGAIN}") from error
    except ValidationError as error:
        wrong = ", ".join(
            ".".join(map(str, each["loc"])) or each["type"] for each in error.errors()
        )
        raise ModelError(f"{path} is damaged ({wrong}): {_AGAIN}") from None
    for name, expected in entry.files.items():
        _verify(folder / name, expected)
    return entry


def _verify(path: Path, expected: RegisteredFile) -> None:
    try:
        size = path.stat().st_size
        if size != expected.size:
            raise ModelError(f"{path} has {size} bytes instead of {expected.size}: {_AGAIN}")
        found = registered(path)
    except OSError as error:
        raise ModelError(f"cannot read {path}: {_AGAIN}") from error
    if found != expected:
        raise ModelError(f"{path} is not the file that {ENTRY} describes (sha256): {_AGAIN}")


def _written(entry: EncoderEntry) -> str:
    return entry.model_dump_json(indent=2) + "\n"
