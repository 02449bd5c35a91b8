"""Where the repository lies that the generated files belong to."""

from pathlib import Path


class RepositoryNotFoundError(Exception):
    """The package runs without its repository around it."""


def find_repository() -> Path:
    """Find the checkout that this module was imported from. Raises `RepositoryNotFoundError`."""
    for folder in Path(__file__).resolve().parents:
        if (folder / "schemas" / "examples").is_dir() and (folder / "pyproject.toml").is_file():
            return folder
    raise RepositoryNotFoundError(
        "sidemand.schemas is installed without its repository; run this in a checkout where "
        "it is installed with `uv pip install -e schemas`"
    )
