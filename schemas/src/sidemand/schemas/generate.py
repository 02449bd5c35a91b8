"""Writes the files that are generated from the topics, or says which of them are stale."""

import argparse
import sys
from collections.abc import Sequence

from sidemand.schemas.compatibility import SchemasNotFoundError, Verdict, read_folder, verdicts
from sidemand.schemas.generation.files import (
    NOTICE,
    SCHEMAS,
    GeneratedFiles,
    generated_files,
)
from sidemand.schemas.generation.repository import RepositoryNotFoundError, find_repository
from sidemand.schemas.generation.topic_files import strimzi_manifests
from sidemand.schemas.json_schema import all_schemas

COMMAND = "python -m sidemand.schemas.generate"
STALE = 1
BREAKING = 2
NO_REPOSITORY = 3


def main(arguments: Sequence[str] | None = None) -> int:
    """Write, or check. Exit code 0: up to date, 1: stale, 2: a topic needs a new version."""
    options = _parser().parse_args(arguments)
    if options.manifests:
        sys.stdout.write(strimzi_manifests(NOTICE, options.manifests))
        return 0
    try:
        files = generated_files(find_repository())
    except RepositoryNotFoundError as error:
        sys.stderr.write(f"{error}\n")
        return NO_REPOSITORY
    return _check(files) if options.check else _write(files, breaking=options.accept_breaking)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=COMMAND, description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, name stale files")
    parser.add_argument(
        "--accept-breaking",
        action="store_true",
        help="overwrite a schema in a way that breaks its readers; only before a first release",
    )
    parser.add_argument(
        "--manifests",
        nargs="+",
        metavar="TENANT",
        help="print the Kubernetes topics for these tenants instead",
    )
    return parser


def _check(files: GeneratedFiles) -> int:
    stale = files.stale
    sys.stderr.writelines(f"{path} is stale; run {COMMAND}\n" for path in stale)
    return STALE if stale else 0


def _write(files: GeneratedFiles, *, breaking: bool) -> int:
    refused = [] if breaking else _breaking(files)
    if refused:
        sys.stderr.writelines(f"{verdict}\n" for verdict in refused)
        sys.stderr.write(
            "Nothing was written. Keep these models as they were and declare a topic with the "
            "next version for the new ones (--accept-breaking overwrites, before a first release)\n"
        )
        return BREAKING
    sys.stdout.writelines(f"wrote {path}\n" for path in files.write())
    return 0


def _breaking(files: GeneratedFiles) -> list[Verdict]:
    """Topics whose written schema may not become what it would: readers rely on it."""
    try:
        written = read_folder(files.repository / SCHEMAS)
    except SchemasNotFoundError:
        return []
    found = verdicts(written, all_schemas())
    return [verdict for verdict in found if not verdict.allowed]


if __name__ == "__main__":
    sys.exit(main())
