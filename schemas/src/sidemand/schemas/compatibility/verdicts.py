"""What became of every topic's schema since a folder of schemas, or a commit, was written."""

import json
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sidemand.schemas.compatibility.judge import Change, changes
from sidemand.schemas.json_schema import JsonSchema

FOLDER: Final = "schemas/json"
"""Where the committed schemas lie in the repository, one file a topic."""


class SchemasNotFoundError(Exception):
    """There is nothing to compare with; the text says what to do."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one topic's schema."""

    topic: str
    """Its name, without tenant."""
    changes: tuple[Change, ...] = ()
    """In field order."""
    is_new: bool = False
    """Nobody reads or writes it yet."""
    is_gone: bool = False
    """It is not declared any more."""

    @property
    def allowed(self) -> bool:
        """Whether the topic may keep its version."""
        return not self.is_gone and all(change.allowed for change in self.changes)

    def __str__(self) -> str:
        return "\n".join((f"{self.topic}: {self._word()}", *self._lines()))

    def _word(self) -> str:
        if self.is_new:
            return "new"
        if self.is_gone:
            return "gone; a topic may only go when nobody writes it and its retention is over"
        if not self.changes:
            return "unchanged"
        return "allowed" if self.allowed else f"needs {next_version(self.topic)}"

    def _lines(self) -> Iterator[str]:
        for change in self.changes:
            yield f"  {'allowed ' if change.allowed else 'breaking'} {change}"


def next_version(topic: str) -> str:
    """Name the topic that a breaking change needs: `….v1` → `….v2`."""
    name, _, version = topic.rpartition(".v")
    return f"{name}.v{int(version) + 1}"


def verdicts(old: Mapping[str, JsonSchema], new: Mapping[str, JsonSchema]) -> list[Verdict]:
    """Compare the schemas of all topics, both by topic name; new and gone topics come last."""
    both = [Verdict(name, tuple(changes(old[name], new[name]))) for name in new if name in old]
    added = [Verdict(name, is_new=True) for name in new if name not in old]
    gone = [Verdict(name, is_gone=True) for name in old if name not in new]
    return [*both, *added, *gone]


def read_folder(folder: Path) -> dict[str, JsonSchema]:
    """Read the schemas in `folder` by topic. Raises `SchemasNotFoundError` where there are none."""
    found = {file.stem: json.loads(file.read_bytes()) for file in sorted(folder.glob("*.v*.json"))}
    if not found:
        raise SchemasNotFoundError(
            f"no schemas <topic>.json in {folder}; name a folder like {FOLDER}, or a git reference"
        )
    return found


def read_git(repository: Path, reference: str) -> dict[str, JsonSchema]:
    """Read the schemas committed at `reference`. Raises `SchemasNotFoundError`."""
    program = shutil.which("git")
    if program is None:
        raise SchemasNotFoundError("git is not installed; name a folder of schemas instead")
    git = _Git(program, repository)
    try:
        listed = git.run("ls-tree", "--name-only", reference, f"{FOLDER}/")
        paths = [path for path in listed.splitlines() if path.endswith(".json")]
        found = {
            Path(path).stem: json.loads(git.run("show", f"{reference}:{path}")) for path in paths
        }
    except subprocess.CalledProcessError as error:
        raise SchemasNotFoundError(
            f"{reference} is neither a folder nor something that git knows here: "
            f"{error.stderr.strip()}"
        ) from error
    if not found:
        raise SchemasNotFoundError(f"there are no schemas in {FOLDER} at {reference}")
    return found


@dataclass(frozen=True, slots=True)
class _Git:
    program: str
    repository: Path

    def run(self, *arguments: str) -> str:
        done = subprocess.run(  # noqa: S603 - a fixed program, no shell
            [self.program, "-C", str(self.repository), *arguments],
            capture_output=True,
            check=True,
            encoding="utf-8",
        )
        return done.stdout
