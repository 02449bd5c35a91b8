"""Says what is wrong with data that somebody wrote by hand, without repeating it."""

from typing import TypeVar

from pydantic import BaseModel, ValidationError

M = TypeVar("M", bound=BaseModel)

_NAMED_FAULTS = 3


class Invalid(ValueError):
    """Data that does not have the shape of a model; the text names fields and rules."""


def validated(model: type[M], data: object) -> M:
    """Make a `model` of `data` as YAML or JSON gives it. Raises `Invalid`."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise Invalid(_faults(error)) from None


def validated_json(model: type[M], body: bytes) -> M:
    """Make a `model` of a JSON text. Raises `Invalid`."""
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        raise Invalid(_faults(error)) from None


def _faults(error: ValidationError) -> str:
    faults = error.errors(include_input=False, include_url=False, include_context=False)
    named = [_fault(fault["loc"], fault["type"], fault["msg"]) for fault in faults]
    more = len(named) - _NAMED_FAULTS
    return "; ".join(named[:_NAMED_FAULTS]) + (f"; and {more} more" if more > 0 else "")


def _fault(place: tuple[int | str, ...], kind: str, message: str) -> str:
    where = ".".join(str(part) for part in place) or "the whole"
    if kind == "extra_forbidden":
        return f"{where} is not a known key"
    if kind == "missing":
        return f"{where} is missing"
    return f"{where}: {message[:1].lower()}{message[1:]}"
