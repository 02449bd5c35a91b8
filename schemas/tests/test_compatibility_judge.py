"""The judge knows which change of a schema keeps its topic's version."""

from enum import StrEnum
from typing import Annotated, Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from pydantic import BaseModel, ConfigDict, Field, create_model
from sidemand.schemas.compatibility import Change, changes
from sidemand.schemas.json_schema import JsonSchema, all_schemas


class Street(BaseModel):
    name: str
    number: int = 1


class StreetWithTown(Street):
    town: str = ""


class StreetWithoutNumber(BaseModel):
    name: str


class Colour(StrEnum):
    RED = "red"


class Tree(BaseModel):
    children: "list[Tree]" = []
    height: int = 0


class TallTree(BaseModel):
    children: "list[TallTree]" = []
    height: Annotated[int, Field(ge=10)] = 10


class Closed(BaseModel):
    model_config = ConfigDict(extra="forbid")


def test_the_same_schema_has_no_changes() -> None:
    for schema in all_schemas().values():
        assert changes(schema, schema) == []


def test_a_field_with_default_may_be_added() -> None:
    found = changes(_model(a=(str, ...)), _model(a=(str, ...), b=(str, "x")))
    assert found == [Change("b", "field added")]
    assert found[0].allowed


def test_a_field_of_a_new_model_with_default_may_be_added() -> None:
    found = changes(_model(a=(str, ...)), _model(a=(str, ...), b=(Street | None, None)))
    assert found == [Change("b", "field added")]


def test_the_order_of_fields_and_enumerations_does_not_matter() -> None:
    before = _model(a=(Literal["x", "y"], ...), b=(int, 1))
    after = _model(b=(int, 1), a=(Literal["y", "x"], ...))
    assert changes(before, after) == []


def test_other_words_are_allowed() -> None:
    before = _model(a=(str, Field(description="Before.")))
    after = _model(a=(str, Field(description="After.")))
    assert changes(before, after) == [Change("a", "reworded")]
    assert all(change.allowed for change in changes(before, after))


def test_a_model_may_get_another_name() -> None:
    renamed = create_model("Road", __base__=Street)
    before, after = _model(a=(Street, ...)), _model(a=(renamed, ...))
    assert changes(before, after) == [Change("a", "reworded")]


def test_a_literal_of_one_is_the_same_as_an_enumeration_of_one() -> None:
    assert changes({"const": "red"}, {"enum": ["red"]}) == []


BREAKING: list[tuple[str, Any, Any, Change]] = [
    ("type", int, str, Change("a", "changed", "type integer → string")),
    ("whole to any number", int, float, Change("a", "changed", "type integer → number")),
    ("number to whole", float, int, Change("a", "changed", "type number → integer")),
    ("null refused", str | None, str, Change("a", "type removed", "null")),
    ("null accepted", str, str | None, Change("a", "type added", "null")),
    ("alternative removed", int | str, str, Change("a", "type removed", "integer")),
    ("alternative added", str, int | str, Change("a", "type added", "integer")),
    (
        "enumeration shorter",
        Literal["x", "y"],
        Literal["x"],
        Change("a", "enum value removed", "y"),
    ),
    ("enumeration longer", Literal["x"], Literal["x", "y"], Change("a", "enum value added", "y")),
    ("text to enumeration", str, Literal["x"], Change("a", "narrowed", "to ['x']")),
    ("enumeration to text", Literal["x"], str, Change("a", "widened", "from ['x']")),
    ("other constant", Literal["x"], Literal["y"], Change("a", "enum value removed", "x")),
    (
        "shorter text",
        Annotated[str, Field(max_length=9)],
        Annotated[str, Field(max_length=8)],
        Change("a", "narrowed", "maxLength 9 → 8"),
    ),
    (
        "longer text",
        Annotated[str, Field(max_length=8)],
        Annotated[str, Field(max_length=9)],
        Change("a", "widened", "maxLength 8 → 9"),
    ),
    (
        "new limit",
        str,
        Annotated[str, Field(max_length=8)],
        Change("a", "narrowed", "maxLength None → 8"),
    ),
    (
        "no limit any more",
        Annotated[str, Field(max_length=8)],
        str,
        Change("a", "widened", "maxLength 8 → None"),
    ),
    (
        "empty text refused",
        str,
        Annotated[str, Field(min_length=1)],
        Change("a", "narrowed", "minLength None → 1"),
    ),
    (
        "higher minimum",
        Annotated[int, Field(ge=0)],
        Annotated[int, Field(ge=1)],
        Change("a", "narrowed", "minimum 0 → 1"),
    ),
    (
        "lower minimum",
        Annotated[int, Field(ge=1)],
        Annotated[int, Field(ge=0)],
        Change("a", "widened", "minimum 1 → 0"),
    ),
    (
        "lower maximum",
        Annotated[int, Field(le=4)],
        Annotated[int, Field(le=3)],
        Change("a", "narrowed", "maximum 4 → 3"),
    ),
    (
        "empty list refused",
        list[str],
        Annotated[list[str], Field(min_length=1)],
        Change("a", "narrowed", "minItems None → 1"),
    ),
    (
        "pattern",
        Annotated[str, Field(pattern="^a")],
        Annotated[str, Field(pattern="^b")],
        Change("a", "changed", "pattern"),
    ),
    ("text to bytes", str, bytes, Change("a", "changed", "format")),
    ("inside a list", list[int], list[str], Change("a[]", "changed", "type integer → string")),
    ("list to one", list[str], str, Change("a", "changed", "type array → string")),
    (
        "inside a mapping",
        dict[str, int],
        dict[str, str],
        Change("a[]", "changed", "type integer → string"),
    ),
    (
        "inside a list of models",
        list[Street],
        list[StreetWithoutNumber],
        Change("a[].number", "field removed"),
    ),
    (
        "inside a model or null",
        Street | None,
        StreetWithoutNumber | None,
        Change("a.number", "field removed"),
    ),
    ("text to string enumeration", str, Colour, Change("a", "narrowed", "to ['red']")),
]


@pytest.mark.parametrize(("before", "after", "expected"), [row[1:] for row in BREAKING],
                         ids=[row[0] for row in BREAKING])  # fmt: skip
def test_this_needs_a_new_version(before: Any, after: Any, expected: Change) -> None:
    found = changes(_model(a=(before, ...)), _model(a=(after, ...)))
    assert expected in found
    assert not expected.allowed


def test_a_required_field_cannot_be_added() -> None:
    found = changes(_model(), _model(a=(str, ...)))
    assert found == [Change("a", "required field added")]
    assert not found[0].allowed


@pytest.mark.parametrize("default", [..., "x"])
def test_a_field_cannot_be_removed(default: Any) -> None:
    found = changes(_model(a=(str, default)), _model())
    assert found == [Change("a", "field removed")]
    assert not found[0].allowed


def test_a_renamed_field_is_one_removed_and_one_added() -> None:
    found = changes(_model(a=(str, "x")), _model(b=(str, "x")))
    assert found == [Change("a", "field removed"), Change("b", "field added")]
    assert not all(change.allowed for change in found)


def test_a_field_cannot_become_required() -> None:
    assert changes(_model(a=(str, "x")), _model(a=(str, ...))) == [Change("a", "newly required")]


def test_a_required_field_cannot_be_left_out_from_now_on() -> None:
    found = changes(_model(a=(str, ...)), _model(a=(str, "x")))
    assert found == [Change("a", "no longer required")]


@pytest.mark.parametrize(("before", "after"), [("x", "y"), (None, "x"), (1, True), ([], ["x"])])
def test_what_an_omitted_field_means_cannot_change(before: Any, after: Any) -> None:
    found = changes(_model(a=(Any, before)), _model(a=(Any, after)))
    assert found == [Change("a", "default changed")]
    assert not found[0].allowed


def test_a_field_may_be_added_to_a_model_within() -> None:
    found = changes(_model(a=(list[Street], ...)), _model(a=(list[StreetWithTown], ...)))
    assert [change for change in found if change.kind != "reworded"] == [
        Change("a[].town", "field added")
    ]
    assert all(change.allowed for change in found)


def test_a_field_cannot_be_added_where_consumers_refuse_unknown_ones() -> None:
    found = changes(Closed.model_json_schema(), create_model("C", __base__=Closed, a=(int, 1))
                    .model_json_schema())  # fmt: skip
    assert [change.path for change in found if not change.allowed] == ["a"]


def test_a_model_within_itself_is_compared_and_ends() -> None:
    assert changes(Tree.model_json_schema(), Tree.model_json_schema()) == []
    found = changes(Tree.model_json_schema(), TallTree.model_json_schema())
    assert Change("height", "narrowed", "minimum None → 10") in found


def test_a_keyword_that_nobody_knows_is_breaking_when_it_changes() -> None:
    found = changes({"type": "string", "x": 1}, {"type": "string", "x": 2})
    assert found == [Change("$", "changed", "x")]
    assert not found[0].allowed


def test_a_change_reads_as_a_sentence() -> None:
    assert str(Change("a.b", "narrowed", "maxLength 9 → 8")) == "a.b: narrowed (maxLength 9 → 8)"


# Schemas of one field, and every document that can tell two of them apart.
LIMITS = st.integers(0, 3)
KINDS = (
    st.builds(lambda most: {"type": "string", "maxLength": most}, LIMITS),
    st.builds(lambda least: {"type": "integer", "minimum": least}, LIMITS),
    st.lists(st.sampled_from("xyz"), min_size=1, unique=True).map(lambda values: {"enum": values}),
    st.builds(
        lambda most: {"anyOf": [{"type": "string", "maxLength": most}, {"type": "null"}]}, LIMITS
    ),
    st.builds(
        lambda least: {"type": "array", "items": {"type": "integer", "minimum": least}}, LIMITS
    ),
)
VALUES = ["", "x", "y", "z", "xx", "xxx", None, 0, 1, 2, 3, [], [0], [1], [2], [3]]
DOCUMENTS: list[JsonSchema] = [{}, *({"field": value} for value in VALUES)]


@st.composite
def one_field(draw: st.DrawFn, kinds: st.SearchStrategy[JsonSchema]) -> JsonSchema:
    required = ["field"] if draw(st.booleans()) else []
    return {"type": "object", "properties": {"field": draw(kinds)}, "required": required}


@st.composite
def two_versions(draw: st.DrawFn) -> tuple[JsonSchema, JsonSchema]:
    """Of one kind, as most changes are, or of any two."""
    kind = draw(st.sampled_from(KINDS))
    other = draw(st.sampled_from((kind, st.one_of(KINDS))))
    return draw(one_field(kind)), draw(one_field(other))


@settings(deadline=None)
@given(two_versions())
def test_a_change_is_allowed_exactly_when_old_and_new_accept_the_same(
    versions: tuple[JsonSchema, JsonSchema],
) -> None:
    old, new = versions
    allowed = all(change.allowed for change in changes(old, new))
    assert allowed is (
        [_fits(old, one) for one in DOCUMENTS] == [_fits(new, one) for one in DOCUMENTS]
    )


@settings(deadline=None)
@given(two_versions())
def test_a_difference_is_found_in_both_directions(versions: tuple[JsonSchema, JsonSchema]) -> None:
    one, other = versions
    assert bool(changes(one, other)) is bool(changes(other, one))


def _fits(schema: JsonSchema, document: JsonSchema) -> bool:
    return Draft202012Validator(schema).is_valid(document)


def _model(**fields: Any) -> JsonSchema:
    payload: type[BaseModel] = create_model("Payload", **fields)
    return payload.model_json_schema()
