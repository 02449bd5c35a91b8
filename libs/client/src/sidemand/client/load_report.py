"""What a load of knowledge says: how far it is, and in the end what became of each document."""

from dataclasses import dataclass, field

from sidemand.client.knowledge.source import Skipped
from sidemand.schemas.identity import DocumentRef
from sidemand.schemas.knowledge import KnowledgeIndexed


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a load has come."""

    settled: int
    """Documents with a receipt, or passed over."""
    total: int | None
    """Documents in all, where the source can tell."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A document that was published and not taken in."""

    document: DocumentRef
    reason: str
    """In Danish, with what to do."""


@dataclass(slots=True)
class LoadReport:
    """What became of the documents of a load."""

    indexed: int = 0
    """New or changed, and searchable now."""
    unchanged: int = 0
    """An equal or newer version was there already."""
    refused: list[Refused] = field(default_factory=list)
    """Published, and not taken in."""
    skipped: list[Skipped] = field(default_factory=list)
    """Never published."""
    passages: int = 0
    """Searchable passages of the new and changed documents."""
    masked: int = 0
    """Places in them that were masked for good."""
    seconds: float = 0.0
    """From the first document read to the last receipt."""

    @property
    def settled(self) -> int:
        """Documents of which it is known what became of them."""
        return self.indexed + self.unchanged + len(self.refused) + len(self.skipped)

    @property
    def documents_per_second(self) -> float:
        """Documents with a receipt, over the whole load."""
        published = self.indexed + self.unchanged + len(self.refused)
        return published / self.seconds if self.seconds else 0.0

    def count(self, receipt: KnowledgeIndexed) -> None:
        """Enter a receipt."""
        if receipt.outcome == "indexed":
            self.indexed += 1
            self.passages += receipt.passages
            self.masked += receipt.masked
        elif receipt.outcome == "refused":
            self.refused.append(Refused(receipt.document, receipt.reason or ""))
        else:
            self.unchanged += 1
