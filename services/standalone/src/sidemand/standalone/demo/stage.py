"""What the demo plays with: the sample cases and what is expected of each."""

from dataclasses import dataclass
from pathlib import Path

import yaml
from sidemand.client import CaseEvent, read_case_file
from sidemand.standalone.demo.expectations import Expectation


@dataclass(frozen=True, slots=True)
class SampleCase:
    """A case event, the case system that sends it, and what is expected of the answer."""

    name: str
    event: CaseEvent
    source: str
    expectation: Expectation


def read_sample(path: Path) -> SampleCase:
    """Read a sample case. Raises `ClientError` where it is no case event."""
    case = read_case_file(path)
    written = yaml.safe_load(path.read_text("utf-8"))
    return SampleCase(
        name=path.stem,
        event=case.event,
        source=case.source or "postsag",
        expectation=Expectation.model_validate(written["expect"]),
    )


def read_samples(folder: Path) -> list[SampleCase]:
    """Read all sample cases of a folder, in the order of their names."""
    return [read_sample(path) for path in sorted(folder.glob("*.yaml"))]
