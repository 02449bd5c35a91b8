"""Where the data to measure on lies, and what is wrong with it when it cannot be read."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")


class DataError(Exception):
    """The data is missing or has another form. The message says which, and what to do."""


def located(data: Path, inside: str) -> Path:
    """`data` itself where it is a file, else the file `inside` that folder. Raises `DataError`."""
    if data.is_file():
        return data
    if not data.is_dir():
        raise DataError(f"{data} is not there: name a file, or the folder that holds {inside}.")
    if not (data / inside).exists():
        raise DataError(f"{data} holds no {inside}: name the folder that does, or a file itself.")
    return data / inside


def read_lines(path: Path, of: Callable[[dict[str, Any]], T]) -> list[T]:
    """What `of` makes of each line of a JSON Lines file. Raises `DataError`, which quotes none."""
    try:
        lines = path.read_text("utf-8").splitlines()
    except OSError as error:
        raise DataError(f"{path} cannot be read ({error.strerror}).") from None
    except UnicodeDecodeError:
        raise DataError(f"{path.name} is not UTF-8: save it as UTF-8.") from None
    return [_read(path, number, line, of) for number, line in enumerate(lines, 1) if line.strip()]


def _read(path: Path, number: int, line: str, of: Callable[[dict[str, Any]], T]) -> T:
    where = f"{path.name}, line {number},"
    try:
        return of(json.loads(line))
    except json.JSONDecodeError:
        raise DataError(f"{where} is no JSON: correct it.") from None
    except KeyError as missing:
        raise DataError(f"{where} has no field {missing}: add it.") from None
    except (TypeError, ValueError, AttributeError):
        raise DataError(f"{where} has another form than its kind of data: correct it.") from None
