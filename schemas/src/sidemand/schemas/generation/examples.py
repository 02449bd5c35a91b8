"""The example payloads that lie beside the schemas."""

import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sidemand.schemas.identity import Payload
from sidemand.schemas.topics import Topic

FOLDER: Final = "schemas/examples"
"""Where they lie in the repository: a folder a topic, a file an example."""

_EXAMPLES: Final = uuid.UUID("f5d5d2b0-6d0c-5b8e-9f57-0d2f6a1b7c33")


@dataclass(frozen=True, slots=True)
class Example:
    """One example payload: a JSON document on one line, as kcat sends it."""

    topic: Topic[Payload]
    """Where it belongs."""
    name: str
    """Its file's name without ending."""
    text: str
    """The JSON document."""

    @property
    def path(self) -> str:
        """The file, seen from the repository."""
        return f"{FOLDER}/{self.topic.name}/{self.name}.json"

    @property
    def payload(self) -> Payload:
        """The document as a payload. Raises `ValidationError`, without the input."""
        return self.topic.payload.model_validate_json(self.text)

    @property
    def event_id(self) -> str:
        """An id to send it under, the same every time."""
        return str(uuid.uuid5(_EXAMPLES, f"{self.topic.name}/{self.name}"))

    @property
    def deletion_id(self) -> str:
        """An id to delete the example's document under."""
        return str(uuid.uuid5(_EXAMPLES, f"{self.topic.name}/{self.name}/deleted"))


def examples_of(topic: Topic[Payload], repository: Path) -> tuple[Example, ...]:
    """The topic's examples by name."""
    files = sorted((repository / FOLDER / topic.name).glob("*.json"))
    return tuple(Example(topic, file.stem, file.read_text(encoding="utf-8")) for file in files)
