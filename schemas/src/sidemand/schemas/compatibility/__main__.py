"""Says for every topic whether its schema changed, and whether it may: `--against` what was."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from sidemand.schemas.compatibility.verdicts import (
    SchemasNotFoundError,
    read_folder,
    read_git,
    verdicts,
)
from sidemand.schemas.generation.repository import find_repository
from sidemand.schemas.json_schema import JsonSchema, all_schemas

BREAKING = 1
NOTHING_TO_COMPARE = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Print a verdict a topic. Exit code 1: one needs a new version, 2: nothing to compare."""
    parser = argparse.ArgumentParser(prog="python -m sidemand.schemas.compatibility")
    parser.add_argument(
        "--against",
        required=True,
        metavar="REFERENCE",
        help="a git reference, such as HEAD or v0.1.0, or a folder of schemas",
    )
    try:
        old = _read(parser.parse_args(arguments).against)
    except SchemasNotFoundError as error:
        sys.stderr.write(f"{error}\n")
        return NOTHING_TO_COMPARE
    found = verdicts(old, all_schemas())
    sys.stdout.writelines(f"{verdict}\n" for verdict in found)
    return 0 if all(verdict.allowed for verdict in found) else BREAKING


def _read(reference: str) -> dict[str, JsonSchema]:
    folder = Path(reference)
    return read_folder(folder) if folder.is_dir() else read_git(find_repository(), reference)


if __name__ == "__main__":
    sys.exit(main())
