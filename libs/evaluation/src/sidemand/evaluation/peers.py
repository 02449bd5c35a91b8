"""Peers of redaction: programs that say where personal data stands in a text."""

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from sidemand.evaluation.data import DataError
from sidemand.evaluation.redaction import MarkedText, RedactionFigures, compare
from sidemand.redaction.spans import Entity, Kind, Mention

PEERS: Final = Path("infra/peers")
"""Where the programs lie, seen from the repository."""


def measure_peer(name: str, documents: Sequence[MarkedText]) -> RedactionFigures:
    """The figures of a peer on the same texts; its speed without its start. Raises `DataError`.

    A peer's kinds are not told apart: for the figures it is enough that something is found.
    """
    program = PEERS / name
    if not program.is_file():
        raise DataError(
            f"There is no {program}: name a peer that stands in {PEERS}, and call this in a clone "
            "of Sidemand's repository."
        )
    texts = json.dumps([document.text for document in documents])
    ran = subprocess.run(  # noqa: S603 - a program of this repository
        [program], input=texts, capture_output=True, text=True, check=False
    )
    if ran.returncode != 0:
        raise DataError(f"{program} ended with {ran.returncode}: {ran.stderr.strip()[-300:]}")
    told = json.loads(ran.stdout)
    found = [[_mention(*span) for span in spans] for spans in told["found"]]
    return compare(documents, found, told["seconds"])


def _mention(start: int, end: int, kind: str) -> Mention:
    return Mention(start, end, Entity(Kind.NUMBER, kind, kind))
