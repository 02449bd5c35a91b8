"""The house rules: what a service looks like inside, how long things are, what nothing may name."""

import ast
import os
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from sidemand.testing.processes import SERVICES
from sidemand.testing.workspace import members

ROOT = Path(__file__).parents[2]
MEMBERS = members(ROOT)

INSIDE = {"__init__", "__main__", "app", "settings", "handlers", "ports", "adapters"}
NO_DOMAIN_NOUN = re.compile(r"utils?|helpers?|commons?|misc|managers?|processors?|base")
BUILT = {"build", "var", "node_modules", "__pycache__"}
FOREIGN_ADDRESS = re.compile(
    r"pypi[.]org|pythonhosted[.]org|registry[.]npmjs|proxy[.]golang[.]org|golang[.]org/dl"
    r"|repo1?[.]maven[.]|maven[-]central|conda[.]anaconda|(?:docker|ghcr|quay)[.]io/"
    r"|--(?:extra-)?index[-]url|--[r]egistry"
)
MACHINE_PATH = re.compile(r"(?<![\w.$}/-])/(?:home|root|Users|work|mnt|media)/\w|[A-Z]:\\\\?Users")


@cache
def files() -> tuple[Path, ...]:
    """Every file of the repository that a person or a generator wrote."""
    found = []
    for folder, subfolders, names in os.walk(ROOT):
        subfolders[:] = [
            name
            for name in subfolders
            if name not in BUILT
            and not name.endswith(".egg-info")
            and (not name.startswith(".") or name == ".ci")
        ]
        found += [Path(folder) / name for name in names if name != "uv.lock"]
    return tuple(sorted(found))


@cache
def modules() -> dict[Path, ast.Module]:
    """Every Python module, parsed."""
    return {path: ast.parse(path.read_bytes()) for path in files() if path.suffix == ".py"}


def functions(module: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(module):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def lines_of(path: Path) -> int:
    return len(path.read_bytes().splitlines())


def shown(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def words_in(name: str) -> set[str]:
    """`BaseEventManager` and `base_event_manager` are both base, event and manager."""
    return set(re.findall(r"[a-z0-9]+", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()))


def test_the_walk_sees_the_whole_house() -> None:
    assert {"schemas", "libs", "services", "tests", "docs", "infra", "requirements"} <= {
        path.relative_to(ROOT).parts[0] for path in files()
    }
    assert len(MEMBERS) >= 14


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_has_its_six_parts(service: str) -> None:
    package = MEMBERS[f"sidemand-{service}"].package
    parts = {path.stem for path in package.iterdir() if path.suffix == ".py" or path.is_dir()}
    assert parts >= INSIDE, f"{service} lacks {sorted(INSIDE - parts)}"
    assert (package / "adapters" / "__init__.py").is_file()


@pytest.mark.parametrize("service", SERVICES)
def test_wiring_stays_short(service: str) -> None:
    app = MEMBERS[f"sidemand-{service}"].package / "app.py"
    assert lines_of(app) <= 80, f"{shown(app)} has {lines_of(app)} lines; move work to handlers"


def test_every_name_of_a_file_says_what_it_holds() -> None:
    vague = [
        shown(path)
        for path in files()
        for part in path.relative_to(ROOT).parts
        if any(NO_DOMAIN_NOUN.fullmatch(word) for word in words_in(part))
    ]
    assert vague == [], "name what is in it, with a word of the field"


def test_every_name_of_a_class_says_what_it_is() -> None:
    vague = [
        f"{shown(path)}: {node.name}"
        for path, module in modules().items()
        for node in ast.walk(module)
        if isinstance(node, ast.ClassDef)
        and any(NO_DOMAIN_NOUN.fullmatch(word) for word in words_in(node.name))
    ]
    assert vague == [], "name what it is, with a word of the field"


def test_no_module_is_longer_than_400_lines() -> None:
    long = {shown(path): lines_of(path) for path in modules() if lines_of(path) > 400}
    assert long == {}, "split by what belongs together"


def test_no_function_is_longer_than_50_lines() -> None:
    long = {
        f"{shown(path)}: {function.name}": length
        for path, module in modules().items()
        for function in functions(module)
        if (length := (function.end_lineno or 0) - function.lineno + 1) > 50
    }
    assert long == {}, "give its steps names"


@pytest.mark.parametrize("name", sorted(MEMBERS))
def test_a_member_is_typed_tested_and_says_what_it_is_for(name: str) -> None:
    member = MEMBERS[name]
    assert (member.package / "py.typed").is_file()
    assert list((member.folder / "tests").glob("test_*.py")), f"{name} has no tests"
    assert ast.get_docstring(modules()[member.package / "__init__.py"])


def test_the_namespace_belongs_to_nobody() -> None:
    owners = [shown(path) for path in files() if path.match("src/sidemand/__init__.py")]
    assert owners == [], "sidemand is shared by all members (PEP 420)"


@pytest.mark.parametrize(
    ("found", "of"),
    [
        pytest.param(FOREIGN_ADDRESS, "the host of a registry", id="the host of a registry"),
        pytest.param(MACHINE_PATH, "a path of one machine", id="a path of one machine"),
    ],
)
def test_no_file_names(found: re.Pattern[str], of: str) -> None:
    named = [
        f"{shown(path)}:{number}"
        for path in files()
        for number, line in enumerate(_text(path).splitlines(), 1)
        if found.search(line)
    ]
    assert named == [], f"no file names {of}"


def _text(path: Path) -> str:
    body = path.read_bytes()
    return "" if b"\0" in body[:8000] else body.decode("utf-8", "replace")
