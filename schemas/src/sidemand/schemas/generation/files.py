"""Which files are generated, what they hold, and which of them are stale."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sidemand.schemas.generation.asyncapi import asyncapi
from sidemand.schemas.generation.events_page import events_page
from sidemand.schemas.generation.topic_files import strimzi_manifests, topics_table
from sidemand.schemas.json_schema import JsonSchema, all_schemas

NOTICE: Final = (
    "Generated from schemas/src/sidemand/schemas/topics.py by "
    "`python -m sidemand.schemas.generate`; edits are overwritten."
)

SCHEMAS: Final = "schemas/json"
"""The folder that holds nothing but generated schemas."""


@dataclass(frozen=True, slots=True)
class GeneratedFiles:
    """What the generated files of a repository should hold."""

    repository: Path
    """Its root."""
    texts: Mapping[str, str]
    """Text by path, seen from the root."""

    @property
    def stale(self) -> list[str]:
        """Paths that are missing, hold something else, or belong to no topic any more."""
        differing = [path for path, text in self.texts.items() if self._read(path) != text]
        return differing + self._left_over

    def write(self) -> list[str]:
        """Bring every stale file up to date; says which ones it touched."""
        touched = self.stale
        for path in self._left_over:
            (self.repository / path).unlink()
        for path in touched:
            if path in self.texts:
                self._write(path)
        return touched

    @property
    def _left_over(self) -> list[str]:
        found = sorted((self.repository / SCHEMAS).glob("*"))
        paths = (file.relative_to(self.repository).as_posix() for file in found)
        return [path for path in paths if path not in self.texts]

    def _read(self, path: str) -> str | None:
        file = self.repository / path
        return file.read_bytes().decode() if file.is_file() else None

    def _write(self, path: str) -> None:
        file = self.repository / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(self.texts[path].encode())


def generated_files(repository: Path) -> GeneratedFiles:
    """Generate everything in memory. Raises `ValueError` where a topic has no example."""
    schemas = all_schemas()
    return GeneratedFiles(
        repository,
        {
            **{f"{SCHEMAS}/{name}.json": _schema(schema) for name, schema in schemas.items()},
            "schemas/asyncapi.json": _json(asyncapi(NOTICE)),
            "infra/kafka/topics.tsv": topics_table(NOTICE),
            "infra/k8s/topics.yaml": strimzi_manifests(NOTICE),
            "docs/events.md": events_page(NOTICE, schemas, repository),
        },
    )


def _schema(schema: JsonSchema) -> str:
    return _json({"$comment": NOTICE, **schema})


def _json(document: dict[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"
