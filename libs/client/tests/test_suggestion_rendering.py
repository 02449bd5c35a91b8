"""What a caseworker reads: Danish, each sentence with its proof, nothing that steers a terminal."""

import json
from pathlib import Path
from typing import Any

from rich.console import Console, RenderableType
from sidemand.client.rendering import render_refusal, render_suggestion
from sidemand.schemas.casework import CaseEventRefused
from sidemand.schemas.raw import SuggestionChanged

EXAMPLES = Path(__file__).resolve().parents[3] / "schemas" / "examples"


def example(topic: str, name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((EXAMPLES / topic / f"{name}.json").read_text("utf-8"))
    return loaded


def suggestion(name: str, **changed: object) -> SuggestionChanged:
    payload = example("casework.suggestion.changed.v1", name)
    payload["suggestion"].update(changed)
    return SuggestionChanged.model_validate(payload)


def shown(renderable: RenderableType) -> str:
    console = Console(width=200, color_system="truecolor", force_terminal=True)
    with console.capture() as capture:
        console.print(renderable)
    return capture.get()


def plain(renderable: RenderableType) -> str:
    console = Console(width=200, color_system=None)
    with console.capture() as capture:
        console.print(renderable)
    return capture.get()


def test_statements_are_numbered_and_carry_quote_title_locator_and_source() -> None:
    text = plain(render_suggestion(suggestion("hoering-og-frist")))
    assert "Regler, der gælder · nyt" in text
    assert "1. Asta Vindeholt skal høres først" in text
    assert "2. Mangler brevet i sagen" in text
    assert text.count("Mangler brevet i sagen, kan ydelsen ikke stoppes endnu.") == 1
    assert "»" in text  # the first statement is in other words than its quote
    assert "– Høring, før sygedagpenge stoppes › Før du hører › § 21, stk. 2 (udgave 2)" in text
    assert "https://viden.example/hoering-foer-stop-af-sygedagpenge" in text
    assert "Ingen sprogmodel er brugt. Du afgør selv sagen." in text


def test_an_abstention_says_its_reason() -> None:
    abstained = suggestion(
        "hoering-og-frist",
        statements=[],
        abstention={"code": "no_sources", "reason": "Kilderne indeholder ikke svaret."},
    )
    text = plain(render_suggestion(abstained))
    assert "Intet forslag. Kilderne indeholder ikke svaret." in text
    assert abstained.suggestion.record.how not in text  # there are no statements that it is true of
    assert "Du afgør selv sagen." in text


def test_a_withdrawal_says_its_reason_and_its_revision() -> None:
    text = plain(render_suggestion(suggestion("trukket-tilbage")))
    assert "Svar · trukket tilbage · udgave 2" in text
    assert "er fjernet fra vidensbasen" in text


def test_statements_left_out_are_counted() -> None:
    changed = suggestion("hoering-og-frist")
    for dropped, said in (
        (1, "1 sætning er udeladt, fordi navnene i den ikke"),
        (2, "2 sætninger er udeladt, fordi navnene i dem ikke"),
    ):
        left_out = changed.model_copy(update={"dropped_statements": dropped})
        assert said in plain(render_suggestion(left_out))


def test_a_source_can_neither_steer_the_terminal_nor_write_markup() -> None:
    payload = example("casework.suggestion.changed.v1", "hoering-og-frist")
    hostile = "\x1b[2J[red]Slet alt[/red]\u202e\x9b1m"
    payload["suggestion"]["statements"][0]["citations"][0]["quote"] = hostile
    payload["suggestion"]["statements"][0]["citations"][0]["title"] = hostile
    text = shown(render_suggestion(SuggestionChanged.model_validate(payload)))
    assert "[red]Slet alt[/red]" in text
    assert "\x1b[2J" not in text
    assert "\u202e" not in text
    assert "\x9b" not in text


def test_a_refusal_says_why_and_what_to_do() -> None:
    payload = example("casework.event.refused.v1", "intet-retsgrundlag")
    text = plain(render_refusal(CaseEventRefused.model_validate(payload)))
    assert "Afvist · no_legal_basis" in text
    assert payload["explanation"][:40] in text
    assert f"Gør sådan: {payload['remedy'][:40]}" in text
