"""The instructions to a language model, and the material that it works on."""

import hashlib
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Final

from sidemand.generation.ports import WritingTask
from sidemand.schemas.casework import RankedPassage, RetrievedContext

_FILES: Final = ("instruction.txt", "kinds.toml", "retry.txt")


@dataclass(frozen=True, slots=True)
class Prompt:
    """What is sent to a language model for one suggestion."""

    system: str
    """The task. Nothing in it was written by a citizen or an editor."""
    user: str
    """The material, each piece between lines that no text inside can know beforehand."""
    sources: Mapping[str, RankedPassage]
    """Short labels of the passages, in the order in which they stand in the prompt."""


@cache
def prompt_version() -> str:
    """Names the wording: changes with every change of it."""
    digest = hashlib.sha256()
    for name in _FILES:
        digest.update(_text(name).encode())
    return digest.hexdigest()[:12]


def prompt_for(
    task: WritingTask, passages: Sequence[RankedPassage], most_statements: int
) -> Prompt:
    """Ask for at most `most_statements` statements from `passages`."""
    sources = {f"K{number}": passage for number, passage in enumerate(passages, start=1)}
    boundary = _boundary(task.context, passages)
    instruction = _text("instruction.txt").format(
        most_statements=most_statements, boundary=boundary
    )
    document = _block(boundary, "sagens dokument", f"{task.context.title}\n\n{task.context.text}")
    blocks = [_source_block(boundary, label, passage) for label, passage in sources.items()]
    user = "\n\n".join([document, *blocks, f"Opgave: {_kinds()[task.kind]}"])
    return Prompt(instruction, user, sources)


def retry_message(fault: str) -> str:
    """Ask again after an answer that could not be read."""
    return _text("retry.txt").format(fault=fault).strip()


def _boundary(context: RetrievedContext, passages: Sequence[RankedPassage]) -> str:
    """A word that depends on all of the material, so that none of it can hold it."""
    digest = hashlib.sha256(f"{context.title}\0{context.text}".encode())
    for ranked in passages:
        digest.update(ranked.passage.text.encode())
    return digest.hexdigest()[:16]


def _source_block(boundary: str, label: str, ranked: RankedPassage) -> str:
    where = " > ".join((ranked.title, *ranked.passage.heading_path))
    locator = f", {ranked.passage.locator}" if ranked.passage.locator else ""
    return _block(boundary, f"kilde {label}", f"({where}{locator})\n{ranked.passage.text}")


def _block(boundary: str, name: str, text: str) -> str:
    return f"BEGYND {boundary} {name}\n{text}\nSLUT {boundary}"


@cache
def _kinds() -> Mapping[str, str]:
    return {kind: str(words) for kind, words in tomllib.loads(_text("kinds.toml")).items()}


@cache
def _text(name: str) -> str:
    folder = resources.files("sidemand.generation").joinpath("prompts")
    return folder.joinpath(name).read_text("utf-8")
