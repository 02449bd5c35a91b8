"""Tables of a model's fields in Markdown, from its JSON Schema."""

from collections.abc import Iterator
from typing import Any, Final

from sidemand.schemas.json_schema import JsonSchema

_FORMATS: Final = {
    "uuid": "UUID",
    "date-time": "time with offset",
    "date": "date",
    "base64url": "base64",
}
_NOUNS: Final = {"string": "text", "integer": "whole number", "boolean": "true or false"}
_HEAD: Final = "| field | type | | meaning |\n|---|---|---|---|\n"


def field_table(schema: JsonSchema) -> str:
    """Write a row for each field of the model that `schema` describes."""
    needed = schema.get("required", [])
    rows = (
        f"| `{name}` | {type_words(field)} | {_presence(field, name in needed)} "
        f"| {_cell(field.get('description', ''))} |\n"
        for name, field in schema.get("properties", {}).items()
    )
    return _HEAD + "".join(rows)


def type_words(schema: JsonSchema) -> str:
    """Say in words what a value may be; other models are linked."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if "anyOf" in schema:
        return " or ".join(type_words(alternative) for alternative in schema["anyOf"])
    if "const" in schema:
        return f"always `{_literal(schema['const'])}`"
    if "enum" in schema:
        return "one of " + ", ".join(f"`{value}`" for value in schema["enum"])
    if schema.get("type") == "array":
        kind = "non-empty list" if schema.get("minItems") else "list"
        return f"{kind} of {type_words(schema['items'])}"
    return _scalar(schema)


def _scalar(schema: JsonSchema) -> str:
    type_: str = schema.get("type", "anything")
    noun: str = _FORMATS.get(schema.get("format", "")) or _NOUNS.get(type_, type_)
    limits = ", ".join(_limits(schema))
    return f"{noun} ({limits})" if limits else noun


def _limits(schema: JsonSchema) -> Iterator[str]:
    lowest = schema.get("minimum", schema.get("exclusiveMinimum"))
    if "maximum" in schema:
        yield f"{lowest} to {schema['maximum']}"
    elif lowest is not None:
        yield f"{'more than' if 'exclusiveMinimum' in schema else 'at least'} {lowest}"
    if schema.get("minLength"):
        yield "not empty"
    if "maxLength" in schema:
        yield f"at most {schema['maxLength']} characters"
    if "pattern" in schema:
        yield f"`{_cell(schema['pattern'])}`"


def _presence(field: JsonSchema, required: bool) -> str:
    if required:
        return "required"
    default = field.get("default")
    return "optional" if default in (None, [], "") else f"default `{_literal(default)}`"


def _literal(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
