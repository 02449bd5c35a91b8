"""What generation needs from outside: somebody who writes."""

from dataclasses import dataclass
from typing import Literal, Protocol

from sidemand.schemas.casework import RetrievedContext, SuggestionKind

RefusalCode = Literal[
    "content_filter",
    "context_too_long",
    "malformed_answer",
    "model_refused",
    "request_rejected",
]
"""Why a writer wrote nothing."""


@dataclass(frozen=True, slots=True)
class WritingTask:
    """One suggestion to write."""

    context: RetrievedContext
    """The case document with the passages that may answer it; at least one passage."""
    kind: SuggestionKind
    """What is asked for."""


@dataclass(frozen=True, slots=True)
class ProposedQuote:
    """Words that are said to stand in a passage. Nobody has looked yet."""

    passage_id: str
    """A passage of the task's context, if the writer is right."""
    text: str
    """Verbatim, if the writer is right."""


@dataclass(frozen=True, slots=True)
class ProposedStatement:
    """A sentence with the quotes that are said to prove it."""

    text: str
    quotes: tuple[ProposedQuote, ...]


@dataclass(frozen=True, slots=True)
class Draft:
    """What a writer proposes, in reading order. Empty where it found no answer."""

    statements: tuple[ProposedStatement, ...] = ()


@dataclass(frozen=True, slots=True)
class WriterIdentity:
    """Who writes, for the record that the law asks for."""

    writer: Literal["extractive", "openai"]
    model: str
    """Name of the language model, or of the method."""
    version: str
    """Of the model or method."""
    prompt_version: str | None
    """Of the instructions to a language model; none where there is no language model."""
    how: str
    """How it is used, in Danish, for the case's file."""

    @property
    def name(self) -> str:
        """All that can change what is written, in one word."""
        return "/".join((self.writer, self.model, self.version, self.prompt_version or "-"))


class WriterRefused(Exception):
    """The writer will never write this: the suggestion becomes an abstention.

    Holds a code and no text of the case or of the model.
    """

    def __init__(self, code: RefusalCode) -> None:
        super().__init__(code)
        self.code: RefusalCode = code


class Writer(Protocol):
    """Writes a draft from passages. What it says is checked afterwards, never trusted."""

    @property
    def identity(self) -> WriterIdentity:
        """Who writes."""
        ...

    async def write(self, task: WritingTask) -> Draft:
        """Propose statements for `task`. May take as long as a language model does.

        Raises `Transient` where the writer is away or overloaded, and `WriterRefused` where
        waiting would not help.
        """
        ...
