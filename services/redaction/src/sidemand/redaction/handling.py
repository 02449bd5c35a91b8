"""What a tenant wants done with special categories: keep, generalise or mask them.

By default they are kept: casework is about health and social problems, and what ties them to a
person (names, numbers, addresses) is masked anyway.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from sidemand.redaction.spans import Kind


class Handling(StrEnum):
    """What is done with a statement."""

    KEEP = "keep"
    GENERALISE = "generalise"
    """Its category stands in its place, for good."""
    MASK = "mask"
    """A token stands in its place, which the vault can undo."""


GENERAL_WORDS: Final[Mapping[Kind, str]] = {
    Kind.HEALTH: "[helbredsoplysning]",
    Kind.UNION: "[fagforeningsforhold]",
    Kind.RELIGION: "[religiøst forhold]",
    Kind.ETHNICITY: "[etnisk oprindelse]",
    Kind.SEXUALITY: "[seksuelt forhold]",
    Kind.POLITICS: "[politisk forhold]",
    Kind.CRIME: "[strafbart forhold]",
    Kind.SOCIAL: "[socialt forhold]",
}
"""What a caseworker reads where a statement was generalised."""

TenantHandling = Mapping[Kind, Handling]
"""One tenant's wishes; a category that is not named is kept."""

KEEP_ALL: Final[Mapping[str, TenantHandling]] = {}
"""No tenant wants anything else."""
