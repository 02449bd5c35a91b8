"""KLE: the municipalities' common numbering of subjects. Its list is licensed and not here."""

import re
from typing import Annotated, Final

from pydantic import AfterValidator

_NUMBER: Final = re.compile(r"\d{2}(\.\d{2}(\.\d{2})?)?")


def is_kle(number: str) -> bool:
    """Whether `number` has the form of a main group, group or subject: 27, 27.36, 27.36.04."""
    return bool(_NUMBER.fullmatch(number)) and number.isascii()


def lies_under(number: str, group: str) -> bool:
    """Whether the KLE `number` is `group` or belongs to it."""
    return number == group or number.startswith(f"{group}.")


def _checked(number: str) -> str:
    if not is_kle(number):
        raise ValueError("a KLE number is written 27, 27.36 or 27.36.04")
    return number


Kle = Annotated[str, AfterValidator(_checked)]
"""A KLE number of any of its three levels."""
