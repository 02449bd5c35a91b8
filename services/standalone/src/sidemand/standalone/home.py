"""Where the embedded form keeps its state, and how its five services are set up on it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import sidemand.embedding.app
import sidemand.generation.app
import sidemand.ingestion.app
import sidemand.redaction.app
import sidemand.retrieval.app
from sidemand.bus import BusSettings, Service
from sidemand.embedding.settings import Settings as EmbeddingSettings
from sidemand.generation.settings import Settings as GenerationSettings
from sidemand.ingestion.settings import Settings as IngestionSettings
from sidemand.redaction.settings import Settings as RedactionSettings
from sidemand.retrieval.settings import Settings as RetrievalSettings

EMBEDDED_PARTITIONS: Final = 4
"""Of each topic. An idle fetch costs time for each partition, and one process needs only one; a
few keep the embedded Kafka's limit of 5 MiB a partition out of the way."""


@dataclass(frozen=True, slots=True)
class Home:
    """A folder for index, ledgers, vault, keys and objects, and one with the registries."""

    folder: Path
    registries: Path
    """Holds `tenants.yaml` and `legal-basis.yaml`."""

    def bus(self, kafka: str, *, embedded: bool) -> BusSettings:
        """Settings of the bus; the embedded Kafka changes a group only after its time-out."""
        settings = BusSettings(kafka=kafka, objects=f"file://{self.folder / 'objects'}")
        if not embedded:
            return settings
        few = {
            "session_timeout_ms": 2000,
            "partitions": EMBEDDED_PARTITIONS,
        }
        return settings.model_copy(update=few)

    def services(self, bus: BusSettings) -> Iterator[Service]:
        """Build the five services; the environment may change what is not set here."""
        self.folder.mkdir(parents=True, exist_ok=True)
        yield sidemand.ingestion.app.create(
            IngestionSettings(
                bus=bus,
                ledger=self._database("ingestion.db"),
                tenants=self.registries / "tenants.yaml",
                legal_basis=self.registries / "legal-basis.yaml",
            )
        )
        yield sidemand.redaction.app.create(
            RedactionSettings(
                bus=bus,
                database=self._database("vault.db"),
                key_file=self.folder / "tenant-keys.json",
            )
        )
        yield sidemand.embedding.app.create(EmbeddingSettings(bus=bus))
        yield sidemand.retrieval.app.create(self.retrieval(bus))
        yield sidemand.generation.app.create(self.generation(bus))

    def retrieval(self, bus: BusSettings) -> RetrievalSettings:
        """Settings of retrieval: which index, and where."""
        return RetrievalSettings(
            bus=bus,
            index_file=self.folder / "index.db",
            ledger=self._database("suggestions.db"),
        )

    def generation(self, bus: BusSettings) -> GenerationSettings:
        """Settings of generation: which writer."""
        return GenerationSettings(bus=bus)

    def _database(self, name: str) -> str:
        return f"sqlite+aiosqlite:///{self.folder / name}"
