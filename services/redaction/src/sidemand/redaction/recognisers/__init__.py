"""Recognisers of identifiers: one module each, all read the normalised text."""

from collections.abc import Callable, Iterator

from sidemand.redaction.recognisers import (
    account,
    address,
    age,
    birth_date,
    case_number,
    columns,
    cpr,
    cvr,
    email,
    initials,
    labelled,
    long_number,
    network,
    organisation,
    phone,
    plate,
    spoken,
    told_name,
    user_name,
)
from sidemand.redaction.spans import Span

Recogniser = Callable[[str], Iterator[Span]]
"""Finds one sort of identifier in a normalised text; offsets are those of that text."""

RECOGNISERS: tuple[Recogniser, ...] = (
    cpr.find,
    cvr.find,
    phone.find,
    email.find,
    address.find,
    account.find,
    plate.find,
    case_number.find,
    birth_date.find,
    age.find,
    columns.find,
    initials.find,
    labelled.find,
    network.find,
    organisation.find,
    spoken.find,
    told_name.find,
    user_name.find,
    long_number.find,
)


def find_identifiers(text: str) -> Iterator[Span]:
    """Everything that has the written form of an identifier; spans may overlap."""
    for recogniser in RECOGNISERS:
        yield from recogniser(text)
