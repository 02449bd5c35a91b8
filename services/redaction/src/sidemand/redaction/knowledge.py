"""Masks personal data in knowledge for good: there is no way back, and no vault.

Knowledge is public or written for colleagues. What stays: authorities with their addresses,
phones and case numbers, and all of the law. What goes: private persons, and what leads to them.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from sidemand.redaction.entities import identifier
from sidemand.redaction.normalise import normalise
from sidemand.redaction.ports import Redactor
from sidemand.redaction.recognisers import cpr
from sidemand.redaction.spans import Kind, Mention, resolve
from sidemand.schemas.raw import Party

CAUTION: Final = -2.4
"""For the tagger: knowledge names few persons, and a masked word of law is lost to everybody."""

LAW: Final = frozenset({"lov", "bekendtgørelse", "cirkulære", "forordning"})
"""Kinds of document that name nobody; only numbers of persons are looked for in them."""

_ALWAYS = {
    Kind.CPR: "[cpr-nummer]",
    Kind.PERSON: "[person]",
    Kind.ACCOUNT: "[kontonummer]",
    Kind.PLATE: "[nummerplade]",
    Kind.BIRTH_DATE: "[fødselsdato]",
    Kind.IDENTITY_PAPER: "[legitimationsnummer]",
    Kind.USER_NAME: "[brugernavn]",
}
_BESIDE_A_PERSON = {
    Kind.ADDRESS: "[adresse]",
    Kind.PHONE: "[telefonnummer]",
    Kind.EMAIL: "[mailadresse]",
    Kind.NUMBER: "[nummer]",
    Kind.CASE_NUMBER: "[sagsnummer]",
    Kind.PROPERTY: "[ejendom]",
    Kind.URL: "[webadresse]",
}
_NEAR = 160
"""Characters between a person and what is taken to be the person's."""


def masks(mentions: Sequence[Mention], document_kind: str) -> Iterator[tuple[int, int, str]]:
    """What to put in the place of which of `mentions`, in order; the rest stays as it is.

    In law (`document_kind`) only numbers of persons are masked.
    """
    persons = [m for m in mentions if m.entity.kind is Kind.PERSON]
    for mention in mentions:
        kind = mention.entity.kind
        if document_kind in LAW:
            mask = _ALWAYS[kind] if kind is Kind.CPR else None
        elif kind in _ALWAYS:
            mask = _ALWAYS[kind]
        else:
            near = any(_distance(mention, person) <= _NEAR for person in persons)
            mask = _BESIDE_A_PERSON.get(kind) if near else None
        if mask is not None:
            yield mention.start, mention.end, mask + ("s" if mention.genitive else "")


def _distance(one: Mention, other: Mention) -> int:
    return max(one.start - other.end, other.start - one.end, 0)


class LawReader(Redactor):
    """Finds CPR numbers and nothing else: a whole code of law is read in seconds."""

    def find(self, text: str, parties: Sequence[Party] = ()) -> list[Mention]:
        """The CPR numbers in `text`, in order; law has no `parties`."""
        del parties
        normalised = normalise(text)
        found: list[Mention] = []
        for span in resolve(cpr.find(normalised.text), normalised.text):
            start, end = normalised.original(span.start, span.end)
            found.append(Mention(start, end, identifier(span.kind, text[start:end])))
        return found
