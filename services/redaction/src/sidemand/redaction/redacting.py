"""Puts tokens in the place of persons, in several texts of one document at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sidemand.redaction.ports import Redactor
from sidemand.redaction.rewriting import Rewritten, rewrite
from sidemand.redaction.spans import Entity, Mention
from sidemand.redaction.tokens import Token, without_token_signs
from sidemand.schemas.raw import Party
from sidemand.schemas.text import Section

_GAP = "\n\n"


@dataclass(frozen=True, slots=True)
class FoundTexts:
    """Texts of one document with what was found in each."""

    texts: tuple[str, ...]
    """Without signs of tokens: nobody can forge one."""
    mentions: tuple[tuple[Mention, ...], ...]

    @property
    def entities(self) -> set[Entity]:
        """Everybody and everything found, in whichever text."""
        return {mention.entity for found in self.mentions for mention in found}

    def with_tokens(self, tokens: Mapping[Entity, Token]) -> list[Rewritten]:
        """Each text with tokens; a genitive ending stays behind its token."""
        return [
            rewrite(text, [(m.start, m.end, _written(m, tokens[m.entity])) for m in found])
            for text, found in zip(self.texts, self.mentions, strict=True)
        ]


def find_together(redactor: Redactor, texts: Sequence[str], parties: Sequence[Party]) -> FoundTexts:
    """Find in all `texts` as in one: a name found in the title is masked in the body too.

    Blocks. Raises `Unredactable`.
    """
    clean = [without_token_signs(text) for text in texts]
    mentions = redactor.find(_GAP.join(clean), parties)
    found: list[tuple[Mention, ...]] = []
    start = 0
    for text in clean:
        end = start + len(text)
        found.append(tuple(_within(mentions, start, end)))
        start = end + len(_GAP)
    return FoundTexts(tuple(clean), tuple(found))


def _within(mentions: Sequence[Mention], start: int, end: int) -> list[Mention]:
    """The mentions from `start` to `end`, counted from `start`; one that reaches over is cut."""
    return [
        Mention(max(m.start, start) - start, min(m.end, end) - start, m.entity, m.genitive)
        for m in mentions
        if m.start < end and start < m.end
    ]


def _written(mention: Mention, token: Token) -> str:
    return f"{token}s" if mention.genitive else str(token)


def moved_sections(
    sections: Sequence[Section], text: Rewritten, headings: Mapping[str, str]
) -> tuple[Section, ...]:
    """`sections` where they stand in the rewritten text, under their rewritten `headings`."""
    return tuple(
        section.model_copy(
            update={
                "start": text.moved(section.start),
                "end": text.moved(section.end),
                "heading_path": tuple(headings[h] for h in section.heading_path),
            }
        )
        for section in sections
    )


def headings_of(sections: Sequence[Section]) -> tuple[str, ...]:
    """Every heading once, in order."""
    return tuple(dict.fromkeys(h for section in sections for h in section.heading_path))
