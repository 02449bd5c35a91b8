"""A writer without a language model: it picks sentences out of the sources, word for word."""

from typing import Final

from sidemand.danish.claims import missing
from sidemand.generation.ports import (
    Draft,
    ProposedQuote,
    ProposedStatement,
    WriterIdentity,
    WritingTask,
)
from sidemand.generation.quotables import Quotable
from sidemand.generation.selection import Selection
from sidemand.schemas.casework import RetrievedContext

_IDENTITY: Final = WriterIdentity(
    writer="extractive",
    model="udvalgte sætninger",
    version="1",
    prompt_version=None,
    how=(
        "Sætninger er udvalgt ordret fra de fundne kilder, uden brug af en sprogmodel. Hvert citat "
        "er kontrolleret mod kilden."
    ),
)


class ExtractiveWriter:
    """Every statement is what a source says, with the words that introduce it there."""

    def __init__(self, most_statements: int) -> None:
        self._most_statements = most_statements
        self._latest: tuple[RetrievedContext, Selection] | None = None

    @property
    def identity(self) -> WriterIdentity:
        """The method and its version."""
        return _IDENTITY

    async def write(self, task: WritingTask) -> Draft:
        """Pick stretches for `task`. Takes milliseconds and never fails."""
        picked = self._selection(task.context).pick(task.kind, self._most_statements)
        return Draft(tuple(_statement(stretch) for stretch in picked))

    def _selection(self, context: RetrievedContext) -> Selection:
        """Made once for the kinds of a case document, which come one after the other.

        Only the latest is held, and it names persons by their tokens.
        """
        if self._latest is None or self._latest[0] is not context:
            self._latest = context, Selection(context)
        return self._latest[1]


def _statement(stretch: Quotable) -> ProposedStatement:
    """An item of a list is read with what introduces it: words before the list, or a heading."""
    passage_id = stretch.ranked.passage.passage_id
    quote = ProposedQuote(passage_id, stretch.text)
    if stretch.lead:
        lead = ProposedQuote(passage_id, stretch.lead_text)
        return ProposedStatement(_joined(stretch), (lead, quote))
    heading = f"{stretch.heading}:"
    if stretch.form == "sentence" or not stretch.heading or missing(heading, [stretch.text]):
        return ProposedStatement(stretch.text, (quote,))
    return ProposedStatement(f"{heading} {stretch.text}", (quote,))


def _joined(stretch: Quotable) -> str:
    if stretch.form != "row":
        return f"{stretch.lead_text} {stretch.text}"
    names = [name.strip() for name in stretch.lead_text.split("|")]
    values = [value.strip() for value in stretch.text.split("|")]
    if len(names) != len(values):
        return f"{stretch.lead_text}: {stretch.text}"
    return "; ".join(f"{name}: {value}" for name, value in zip(names, values, strict=True) if value)
