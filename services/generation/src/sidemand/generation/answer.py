"""What a language model answers with, and how it is read."""

from collections.abc import Iterable
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError


class MalformedAnswer(Exception):
    """The answer is not what was agreed. `fault` says what is wrong and quotes nothing of it."""

    def __init__(self, fault: str) -> None:
        super().__init__(fault)
        self.fault = fault


class AnsweredQuote(BaseModel):
    """Words of a source, as the model gives them."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    source: str
    quote: str


class AnsweredStatement(BaseModel):
    """A sentence with its quotes, as the model gives them."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    text: str
    quotes: Annotated[tuple[AnsweredQuote, ...], Field(min_length=1)]


class Answer(BaseModel):
    """The whole answer."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    statements: tuple[AnsweredStatement, ...]


def answer_schema(labels: Iterable[str]) -> dict[str, object]:
    """The JSON Schema of an answer that can only name the sources `labels`.

    Kept to what strict structured output allows: every property required, no other ones.
    """
    quote = _object(source={"type": "string", "enum": list(labels)}, quote={"type": "string"})
    statement = _object(text={"type": "string"}, quotes={"type": "array", "items": quote})
    return _object(statements={"type": "array", "items": statement})


def read_answer(content: str) -> Answer:
    """Read the model's `content`; text before and after the JSON object is forgiven.

    Raises `MalformedAnswer`.
    """
    start, end = content.find("{"), content.rfind("}")
    if start < 0 or end < start:
        raise MalformedAnswer("svaret indeholder intet JSON-objekt")
    try:
        return Answer.model_validate_json(content[start : end + 1])
    except ValidationError as invalid:
        faults = invalid.errors(include_input=False, include_url=False, include_context=False)
        raise MalformedAnswer(_worded(faults[0]["loc"], faults[0]["type"])) from None


def _object(**properties: dict[str, object]) -> dict[str, object]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _worded(location: tuple[int | str, ...], kind: str) -> str:
    """Say where the answer differs from the schema, without repeating any of it."""
    if kind == "json_invalid":
        return "svaret er ikke gyldig JSON"
    place = ".".join(str(part) for part in location)
    return f"svaret følger ikke skemaet ved {place} ({kind})"
