"""The members of this workspace, as their `pyproject.toml` declares them."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name


@dataclass(frozen=True, slots=True)
class Member:
    """A distribution of this repository, such as `sidemand-bus` in `libs/bus`."""

    folder: Path
    name: str
    dependencies: tuple[Requirement, ...]
    extras: Mapping[str, tuple[Requirement, ...]]

    @classmethod
    def at(cls, folder: Path) -> Member:
        """The member whose `pyproject.toml` lies in `folder`."""
        project = tomllib.loads((folder / "pyproject.toml").read_text("utf-8"))["project"]
        extras = project.get("optional-dependencies", {})
        return cls(
            folder,
            canonicalize_name(project["name"]),
            _requirements(project.get("dependencies", ())),
            {extra: _requirements(lines) for extra, lines in extras.items()},
        )

    @property
    def package(self) -> Path:
        """The folder of its import package."""
        return self.folder / "src" / "sidemand" / self.name.removeprefix("sidemand-")

    def needs(self, extras: Iterable[str] = ()) -> Iterator[Requirement]:
        """What it declares, with the given extras."""
        yield from self.dependencies
        for extra in extras:
            yield from self.extras[extra]


@dataclass(frozen=True, slots=True)
class Closure:
    """What has to be installed for a member: members of the repository, and others' packages."""

    members: Mapping[str, Member]
    third_party: tuple[Requirement, ...]


def members(repository: Path) -> dict[str, Member]:
    """All members by name."""
    folders = [repository / "schemas"]
    for group in ("libs", "services"):
        folders += sorted(folder.parent for folder in repository.glob(f"{group}/*/pyproject.toml"))
    return {member.name: member for member in map(Member.at, folders)}


def closure_of(name: str, all_members: Mapping[str, Member]) -> Closure:
    """The member `name`, the members that it needs directly or by way of others, and the rest."""
    needed: dict[str, Member] = {}
    third_party: dict[str, Requirement] = {}
    waiting = [Requirement(name)]
    seen: set[str] = set()
    while waiting:
        requirement = waiting.pop()
        if str(requirement) in seen:
            continue
        seen.add(str(requirement))
        member = all_members.get(canonicalize_name(requirement.name))
        if member is None:
            third_party[str(requirement)] = requirement
        else:
            needed[member.name] = member
            waiting += member.needs(requirement.extras)
    return Closure(needed, tuple(third_party.values()))


def _requirements(lines: Iterable[str]) -> tuple[Requirement, ...]:
    return tuple(map(Requirement, lines))
