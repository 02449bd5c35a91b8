"""Compares two JSON Schemas of one payload, field by field."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any, Final, Literal

from sidemand.schemas.json_schema import JsonSchema

Kind = Literal[
    "field added",
    "reworded",
    "required field added",
    "field removed",
    "newly required",
    "no longer required",
    "default changed",
    "type removed",
    "type added",
    "enum value removed",
    "enum value added",
    "narrowed",
    "widened",
    "changed",
]
"""What can happen to a field. Only the first two are allowed within a version."""

_ALLOWED: Final[frozenset[Kind]] = frozenset({"field added", "reworded"})

_WORDS: Final = ("title", "description", "examples", "deprecated")
_NAMES: Final = ("$schema", "$id", "$comment", "$defs", "$ref", "discriminator")
_UPPER_BOUNDS: Final = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
_LOWER_BOUNDS: Final = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
_WALKED: Final = ("type", "enum", "const", "default", "properties", "required", "anyOf", "oneOf")
_NESTED: Final = ("items", "additionalProperties")
_UNDERSTOOD: Final = frozenset(
    (*_WORDS, *_NAMES, *_UPPER_BOUNDS, *_LOWER_BOUNDS, *_WALKED, *_NESTED)
)
_ABSENT: Final = object()


@dataclass(frozen=True, slots=True)
class Change:
    """A difference between two schemas of one payload."""

    path: str
    """The field, such as `parties[].name`; `$` for the payload itself."""
    kind: Kind
    """What happened to it."""
    detail: str = ""
    """From what to what, where that helps."""

    @property
    def allowed(self) -> bool:
        """Whether the topic may keep its version."""
        return self.kind in _ALLOWED

    def __str__(self) -> str:
        return f"{self.path}: {self.kind}" + (f" ({self.detail})" if self.detail else "")


def changes(old_schema: JsonSchema, new_schema: JsonSchema) -> list[Change]:
    """Every difference that a producer, a consumer or a reader could notice, in field order.

    Both are schemas as Pydantic writes them, with `$defs`. A keyword that the judge does not
    understand counts as breaking when it differs: the safe answer is a new version.
    """
    comparison = _Comparison(old_schema, new_schema)
    return list(dict.fromkeys(comparison.of("$", old_schema, new_schema)))


class _Comparison:
    """Walks two schemas side by side; knows where their `$ref` lead."""

    def __init__(self, old_root: JsonSchema, new_root: JsonSchema) -> None:
        self._old_root = old_root
        self._new_root = new_root
        self._within: set[tuple[str, str]] = set()

    def of(self, path: str, old: JsonSchema, new: JsonSchema) -> Iterator[Change]:
        """Compare what stands at `path`. A model that holds itself is compared once."""
        references = (old.get("$ref", ""), new.get("$ref", ""))
        if all(references) and references in self._within:
            return
        self._within.add(references)
        yield from self._resolved(
            path, _resolve(old, self._old_root), _resolve(new, self._new_root)
        )
        self._within.discard(references)

    def _resolved(self, path: str, old: JsonSchema, new: JsonSchema) -> Iterator[Change]:
        if any(old.get(word) != new.get(word) for word in _WORDS):
            yield Change(path, "reworded")
        old_choices, new_choices = _alternatives(old), _alternatives(new)
        if old_choices is None and new_choices is None:
            yield from self._single(path, old, new)
        else:
            yield from self._choices(
                path, old_choices or [_wordless(old)], new_choices or [_wordless(new)]
            )

    def _choices(self, path: str, old: list[JsonSchema], new: list[JsonSchema]) -> Iterator[Change]:
        """Compare `X | Y` with `Y | Z`: alternatives of one type pair up in their order."""
        old_by_type = _by_type(old, self._old_root)
        new_by_type = _by_type(new, self._new_root)
        for type_ in dict.fromkeys((*old_by_type, *new_by_type)):
            pairs = zip_longest(old_by_type.get(type_, []), new_by_type.get(type_, []))
            for before, after in pairs:
                if before is None:
                    yield Change(path, "type added", type_)
                elif after is None:
                    yield Change(path, "type removed", type_)
                else:
                    yield from self.of(path, before, after)

    def _single(self, path: str, old: JsonSchema, new: JsonSchema) -> Iterator[Change]:
        if old.get("type") != new.get("type"):
            yield Change(path, "changed", f"type {old.get('type')} → {new.get('type')}")
            return
        yield from _values(path, old, new)
        yield from _bounds(path, old, new)
        yield from _other_keywords(path, old, new)
        for keyword in _NESTED:
            yield from self._nested(path, old.get(keyword, True), new.get(keyword, True))
        yield from self._fields(path, old, new)

    def _nested(
        self, path: str, old: JsonSchema | bool, new: JsonSchema | bool
    ) -> Iterator[Change]:
        """Compare what a list or a mapping holds."""
        if isinstance(old, dict) and isinstance(new, dict):
            yield from self.of(f"{path}[]", old, new)
        elif old != new:
            yield Change(f"{path}[]", "changed")

    def _fields(self, path: str, old: JsonSchema, new: JsonSchema) -> Iterator[Change]:
        before, after = old.get("properties", {}), new.get("properties", {})
        needed_before, needed_after = old.get("required", []), new.get("required", [])
        closed = old.get("additionalProperties") is False
        for name in dict.fromkeys((*before, *after)):
            field = name if path == "$" else f"{path}.{name}"
            if name not in after:
                yield Change(field, "field removed")
            elif name not in before:
                yield _added(field, required=name in needed_after, refused=closed)
            else:
                yield from _requirement(field, name in needed_before, name in needed_after)
                if name not in needed_before and name not in needed_after:
                    yield from _default(field, before[name], after[name])
                yield from self.of(field, before[name], after[name])


def _resolve(schema: JsonSchema, root: JsonSchema) -> JsonSchema:
    """Follow `$ref`; what stands beside it (a description, a default) goes first."""
    while "$ref" in schema:
        name = schema["$ref"].removeprefix("#/$defs/")
        beside = {keyword: value for keyword, value in schema.items() if keyword != "$ref"}
        schema = {**root["$defs"][name], **beside}
    return schema


def _alternatives(schema: JsonSchema) -> list[JsonSchema] | None:
    found: list[JsonSchema] | None = schema.get("anyOf") or schema.get("oneOf")
    return found


def _by_type(alternatives: list[JsonSchema], root: JsonSchema) -> dict[str, list[JsonSchema]]:
    grouped: dict[str, list[JsonSchema]] = {}
    for alternative in alternatives:
        type_ = str(_resolve(alternative, root).get("type", "anything"))
        grouped.setdefault(type_, []).append(alternative)
    return grouped


def _wordless(schema: JsonSchema) -> JsonSchema:
    """The schema as one alternative of several: words and default stand above those."""
    beside = (*_WORDS, "default")
    return {keyword: value for keyword, value in schema.items() if keyword not in beside}


def _default(path: str, old: JsonSchema, new: JsonSchema) -> Iterator[Change]:
    """Compare what an omitted field means."""
    before, after = old.get("default", _ABSENT), new.get("default", _ABSENT)
    if not _same(before, after):
        yield Change(path, "default changed")


def _values(path: str, old: JsonSchema, new: JsonSchema) -> Iterator[Change]:
    """Compare enumerations; a `const` is an enumeration of one."""
    before, after = _enumerated(old), _enumerated(new)
    if before is None or after is None:
        if after is not None:
            yield Change(path, "narrowed", f"to {after}")
        if before is not None:
            yield Change(path, "widened", f"from {before}")
        return
    yield from (
        Change(path, "enum value removed", str(value)) for value in before if value not in after
    )
    yield from (
        Change(path, "enum value added", str(value)) for value in after if value not in before
    )


def _enumerated(schema: JsonSchema) -> list[Any] | None:
    if "const" in schema:
        return [schema["const"]]
    values: list[Any] | None = schema.get("enum")
    return values


def _bounds(path: str, old: JsonSchema, new: JsonSchema) -> Iterator[Change]:
    for keyword in (*_UPPER_BOUNDS, *_LOWER_BOUNDS):
        before, after = old.get(keyword), new.get(keyword)
        if before == after:
            continue
        tighter = after is not None and (
            before is None or (after < before if keyword in _UPPER_BOUNDS else after > before)
        )
        yield Change(path, "narrowed" if tighter else "widened", f"{keyword} {before} → {after}")


def _other_keywords(path: str, old: JsonSchema, new: JsonSchema) -> Iterator[Change]:
    """Pattern, format and whatever else: nobody can tell whether one includes the other."""
    for keyword in sorted({*old, *new} - _UNDERSTOOD):
        if not _same(old.get(keyword, _ABSENT), new.get(keyword, _ABSENT)):
            yield Change(path, "changed", keyword)


def _added(field: str, *, required: bool, refused: bool) -> Change:
    if required:
        return Change(field, "required field added")
    if refused:
        return Change(field, "widened", "consumers of today refuse unknown fields here")
    return Change(field, "field added")


def _requirement(field: str, before: bool, after: bool) -> Iterator[Change]:
    if before != after:
        yield Change(field, "newly required" if after else "no longer required")


def _same(before: object, after: object) -> bool:
    """Equal, and not merely in Python's way, where `True == 1`."""
    return before == after and type(before) is type(after)
