"""What a knowledge source gives: documents to publish, and what it had to pass over."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from sidemand.schemas.knowledge import KnowledgePublished


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something that could not be made into a document, while the rest could."""

    where: str
    """File, and line within it, such as `love.jsonl, line 7`."""
    reason: str
    """What is wrong and what to do."""

    def __str__(self) -> str:
        return f"{self.where}: {self.reason}"


class KnowledgeSource(Protocol):
    """Documents, read one by one as they are asked for."""

    def __iter__(self) -> Iterator[KnowledgePublished | Skipped]:
        """Each document, or why there is none. Raises `ClientError` where nothing can be read."""

    def __len__(self) -> int:
        """How many of both there will be, as far as can be told beforehand."""
