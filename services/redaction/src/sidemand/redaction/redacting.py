"""Puts tokens in the place of persons, in several texts of one document at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sidemand.redaction.handling import GENERAL_WORDS, Handling, TenantHandling
from sidemand.redaction.ports import Redactor
from sidemand.redaction.rewriting import Rewritten, rewrite
from sidemand.redaction.spans import Entity, Kind, Mention
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
    general: frozenset[Kind] = frozenset()
    """Categories in whose place their general word is put."""

    @property
    def entities(self) -> set[Entity]:
        """Everybody and everything found that a token stands for, in whichever text."""
        found = {mention.entity for mentions in self.mentions for mention in mentions}
        return {entity for entity in found if entity.kind not in self.general}

    def handled(self, handling: TenantHandling) -> "FoundTexts":
        """Without the special categories that the tenant keeps."""
        kept = {kind for kind in GENERAL_WORDS if _handling(handling, kind) is Handling.KEEP}
        general = {k for k in GENERAL_WORDS if _handling(handling, k) is Handling.GENERALISE}
        mentions = (
            tuple(mention for mention in found if mention.entity.kind not in kept)
            for found in self.mentions
        )
        return FoundTexts(self.texts, tuple(mentions), frozenset(general))

    def with_tokens(self, tokens: Mapping[Entity, Token]) -> list[Rewritten]:
        """Each text with tokens; a genitive ending stays behind its token."""
        return [
            rewrite(text, [(m.start, m.end, self._instead(m, tokens)) for m in found])
            for text, found in zip(self.texts, self.mentions, strict=True)
        ]

    def _instead(self, mention: Mention, tokens: Mapping[Entity, Token]) -> str:
        if mention.entity.kind in self.general:
            return GENERAL_WORDS[mention.entity.kind]
        return _written(mention, tokens[mention.entity])


def _handling(handling: TenantHandling, kind: Kind) -> Handling:
    return handling.get(kind, Handling.KEEP)


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
