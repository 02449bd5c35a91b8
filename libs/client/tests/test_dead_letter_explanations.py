"""Each code that the source raises is explained, and no code besides."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from sidemand.client.explanations import EXPLANATIONS, explanation_of
from sidemand.testing.workspace import members

ROOT = Path(__file__).parents[3]
CARRIERS = frozenset({"Poison", "Undecodable", "BadHeaders", "Unredactable", "Verdict"})
"""What takes a dead letter's code as its first argument."""


@cache
def modules() -> dict[Path, ast.Module]:
    """Every module of the source, tests excepted, that gives a code to one of them."""
    return {
        path: ast.parse(text)
        for member in members(ROOT).values()
        for path in sorted(member.package.rglob("*.py"))
        if any(f"{name}(" in (text := path.read_text("utf-8")) for name in CARRIERS)
    }


def calls() -> Iterator[tuple[str, ast.Call]]:
    """Where a code is given, and to what."""
    for path, module in modules().items():
        if "compatibility" in path.parts:  # its verdicts are about schemas
            continue
        for node in ast.walk(module):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in CARRIERS:
                yield f"{path.name}:{node.lineno}", node


def code_of(call: ast.Call) -> ast.expr:
    named = [keyword.value for keyword in call.keywords if keyword.arg == "code"]
    return (call.args or named)[0]


def codes_in(code: ast.expr) -> list[str]:
    """The codes that the expression can give: one, or one of two."""
    return [
        node.value
        for part in ([code.body, code.orelse] if isinstance(code, ast.IfExp) else [code])
        for node in ast.walk(part)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]


def raised() -> set[str]:
    return {code for _, call in calls() for code in codes_in(code_of(call))}


def test_the_walk_sees_every_kind_of_failure() -> None:
    assert raised() >= {
        "not_json", "missing_header", "empty_body", "unexpected", "kills_process", "text_too_long",
    }  # fmt: skip


def test_every_code_that_is_raised_has_an_explanation_and_no_other_has() -> None:
    assert raised() == set(EXPLANATIONS)


def test_a_code_is_written_where_it_arises_or_passed_on_from_there() -> None:
    elsewhere = [
        f"{where}: {ast.unparse(call)}"
        for where, call in calls()
        if not codes_in(code_of(call)) and not ast.unparse(code_of(call)).endswith(".code")
    ]
    assert elsewhere == [], "a code that is put together cannot be explained"


@pytest.mark.parametrize("code", [*sorted(EXPLANATIONS), "brand_new"])
def test_an_explanation_says_what_happened_and_what_to_do(code: str) -> None:
    explanation = explanation_of(code)
    for sentence in (explanation.means, explanation.do):
        assert sentence[0].isupper()
        assert sentence.endswith(".")
    assert ("edrive" in explanation.do) <= explanation.can_succeed
