"""How a caseworker reads what Sidemand says: in Danish, each sentence with its proof."""

import unicodedata
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.text import Text
from sidemand.schemas.casework import (
    CaseEventRefused,
    Citation,
    Statement,
    Suggestion,
    SuggestionKind,
)
from sidemand.schemas.raw import SuggestionChanged

KINDS: Final[Mapping[SuggestionKind, str]] = {
    "applicable_rules": "Regler, der gælder",
    "answer": "Svar",
    "reply_draft": "Udkast til svar",
    "next_steps": "Næste skridt",
    "missing_information": "Manglende oplysninger",
    "summary": "Resumé",
}
"""The kinds of suggestion in Danish."""

_STATES: Final = {"created": "nyt", "updated": "ændret", "withdrawn": "trukket tilbage"}
_COLOURS: Final = {"created": "green", "updated": "yellow", "withdrawn": "red"}
_MONTHS: Final = (
    "januar februar marts april maj juni juli august september oktober november december"
).split()
_KEPT_CONTROLS: Final = frozenset("\n\t")


def render_suggestion(changed: SuggestionChanged) -> RenderableType:
    """Show a suggestion: numbered statements, under each where its quotes stand.

    A quote that is a part of its statement is not repeated.
    """
    suggestion = changed.suggestion
    title = f"{KINDS[suggestion.kind]} · {_STATES[suggestion.state]}"
    if suggestion.revision > 1:
        title += f" · udgave {suggestion.revision}"
    parts = [*_body(suggestion), *_left_out(changed.dropped_statements), _origin(suggestion)]
    colour = "dim" if suggestion.abstention else _COLOURS[suggestion.state]
    return Panel(Group(*parts), title=Text(title), title_align="left", border_style=colour)


def render_refusal(refused: CaseEventRefused) -> RenderableType:
    """Show why a case event was not accepted, and what to do."""
    parts = [_plain(refused.explanation), Text("Gør sådan: ", "bold") + _plain(refused.remedy)]
    title = Text(f"Afvist · {refused.code}")
    return Panel(Group(*parts), title=title, title_align="left", border_style="red")


def in_danish(moment: datetime) -> str:
    """Write a moment in this machine's time zone: `9. marts 2026 kl. 13.52`."""
    here = moment.astimezone()
    return f"{here.day}. {_MONTHS[here.month - 1]} {here.year} kl. {here:%H.%M}"


def _body(suggestion: Suggestion) -> Iterator[RenderableType]:
    if suggestion.withdrawn_because is not None:
        yield _plain(suggestion.withdrawn_because)
    if suggestion.abstention is not None:
        yield Text("Intet forslag. ", "bold") + _plain(suggestion.abstention.reason)
    for number, statement in enumerate(suggestion.statements, start=1):
        yield from _statement(number, statement)


def _statement(number: int, statement: Statement) -> Iterator[RenderableType]:
    yield Text(f"{number}. ", "bold") + _plain(statement.text)
    for citation in statement.citations:
        proof: list[RenderableType] = [_plain(_whence(citation), "dim")]
        if citation.quote not in statement.text:  # else the statement shows it already
            quote = Text("»", "italic") + _plain(citation.quote, "italic") + Text("«", "italic")
            proof.insert(0, quote)
        yield Padding(Group(*proof), (0, 0, 0, 4))


def _whence(citation: Citation) -> str:
    """Say where a quote stands: title, headings below it, locator, address."""
    headings = [each for each in citation.heading_path if each != citation.title]
    place = [citation.title, *headings]
    if citation.locator:
        place.append(citation.locator)
    address = f" · {citation.source}" if citation.source else ""
    return f"– {' › '.join(place)} (udgave {citation.version}){address}"


def _left_out(dropped: int) -> Iterator[RenderableType]:
    if dropped:
        one = dropped == 1
        sentences, them = ("1 sætning", "den") if one else (f"{dropped} sætninger", "dem")
        left_out = f"{sentences} er udeladt, fordi navnene i {them} ikke hører til sagen."
        yield Text(left_out, "yellow")


def _origin(suggestion: Suggestion) -> Text:
    known = in_danish(suggestion.knowledge_as_of)
    # How statements were made says nothing true where there are none.
    how = f"{suggestion.record.how} " if suggestion.statements else ""
    return _plain(f"Viden pr. {known}. {how}Du afgør selv sagen.", "dim")


def _plain(text: str, style: str = "") -> Text:
    """Show text as it is: no markup, and nothing that could steer the terminal."""
    shown = "".join(
        each
        for each in text
        if each in _KEPT_CONTROLS or unicodedata.category(each) not in {"Cc", "Cf", "Co", "Cs"}
    )
    return Text(shown, style)
