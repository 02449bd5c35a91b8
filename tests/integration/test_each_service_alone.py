"""Each service installs alone: its lock, its own wheel, the members that it needs, nothing else."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from sidemand.testing.processes import SERVICES
from sidemand.testing.workspace import closure_of, members

ROOT = Path(__file__).parents[2]
MEMBERS = members(ROOT)
ENTRY = {service: f"sidemand.{service}.app" for service in SERVICES}
ENTRY["standalone"] = "sidemand.standalone.standalone"

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel of every member, built with this environment's hatchling."""
    folder = tmp_path_factory.mktemp("wheels")
    uv("build", "--all-packages", "--wheel", "--no-build-isolation", "--offline", "-o", folder)
    return folder


@pytest.mark.parametrize("service", ENTRY)
def test_a_service_starts_in_an_environment_of_its_own(
    service: str, wheels: Path, tmp_path: Path
) -> None:
    name = f"sidemand-{service}"
    python = environment(tmp_path / "environment", service)
    uv("pip", "install", "--python", python, "--no-index", "--find-links", wheels, name)
    uv("pip", "check", "--python", python)
    assert installed_members(python) == closure_of(name, MEMBERS).members.keys()
    run(python, "-I", "-c", f"import {ENTRY[service]}", folder=tmp_path)


@pytest.mark.parametrize("name", sorted(MEMBERS))
def test_a_wheel_carries_all_that_its_package_holds(name: str, wheels: Path) -> None:
    source = MEMBERS[name].folder / "src"
    written = {
        path.relative_to(source).as_posix()
        for path in source.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    (wheel,) = wheels.glob(f"{name.replace('-', '_')}-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        assert written <= set(archive.namelist())


def environment(folder: Path, service: str) -> Path:
    """A new environment with exactly the locked packages of `service`; its Python."""
    uv("venv", "--quiet", "--python", sys.executable, folder)
    python = folder / "bin" / "python"
    lock = ROOT / "requirements" / f"{service}.txt"
    install = ("pip", "install", "--python", python, "--require-hashes", "-r", lock)
    try:
        uv(*install, "--offline")
    except AssertionError:  # not everything is in the cache
        uv(*install)
    return python


def installed_members(python: Path) -> set[str]:
    names = run(
        python,
        "-I",
        "-c",
        "from importlib.metadata import distributions\n"
        "print(*{each.name for each in distributions()})",
        folder=python.parent,
    )
    return {name for name in names.split() if name.startswith("sidemand-")}


def uv(*arguments: str | Path) -> None:
    run(Path(sys.executable).with_name("uv"), *arguments, folder=ROOT)


def run(program: Path, *arguments: str | Path, folder: Path) -> str:
    """What a program prints; fails with all that it says."""
    command = [program, *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}"
    return done.stdout
