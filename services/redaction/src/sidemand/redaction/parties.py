"""The parties that the case system names are masked with certainty, in every form and part.

Full name, each part alone, initials, genitive, small letters, without middle names, without
accents; their CPR number (also its halves), phone, mail and address in every written form.
"""

import re
from collections.abc import Iterator, Sequence

from sidemand.redaction.names import (
    PARTICLES,
    Word,
    fold,
    forms,
    name_parts,
    without_title,
    words_in,
)
from sidemand.redaction.persons import Person
from sidemand.redaction.recognisers.digits import digits
from sidemand.redaction.spans import Certainty, Kind, Span
from sidemand.redaction.word_classes import WordClasses
from sidemand.schemas.raw import Party

_ON_BEHALF = re.compile(r"\s+(?:v/|c/o|att\.?:?)\s*", re.IGNORECASE)
_ORGANISATION = re.compile(
    r"\b(?:aps|a/s|i/s|k/s|p/s|ivs|amba|fmba|s/i|smba)\b|&|kommune|klub|forening|skole|hjem|pleje|bolig"
    r"|institution|børnehave|vuggestue|dagtilbud|udlejning|firma|service|fond|center|klinik|lægehus"
    r"|advokat(?:erne|firma)|tandlæge|kirke|menighed|selskab|bank\b|apotek|butik|værksted|gruppen\b"
    r"|tømrer|entreprise|transport|styrelsen?\b|nævn|ret\b|politi",
    re.IGNORECASE,
)
# Two letters in capitals that are words of the trade before they are anybody's initials.
_ABBREVIATIONS = frozenset(
    "ad af at bo bt ca cm da dk en er et eu fn hk hr id it ja kl km ks kv lo mm nb nr ok om os "
    "pc ph pr ps sa se sf sn st su sw sy ti to tv ud uk us vi".split()
)
_BETWEEN_PARTS = re.compile(r" {0,2}-? {0,2}|,? {0,2}\n? {0,2}")
_AFTER_INITIAL = re.compile(r"\.? ?|\.?-")
_BETWEEN_DIGITS = r"[ .\-/·|_,]{0,3}\n?[ .\-/|]{0,2}"
_AS_SCANNED = {"0": "[0Oo]", "1": "[1lI]"}


def split_party_name(name: str) -> tuple[str | None, str | None]:
    """The organisation and the person in `name`: "Hedebo v/ leder Kaj Lassen" names both."""
    before, *after = _ON_BEHALF.split(name, maxsplit=1)
    if after:
        return before, without_title(after[0])
    return (name, None) if _ORGANISATION.search(name) else (None, without_title(name))


class KnownParties:
    """The parties of one event, ready to be found in its texts."""

    def __init__(self, parties: Sequence[Party], classes: WordClasses) -> None:
        names = [split_party_name(party.name) for party in parties]
        self.persons = [Person.named(name) for _, name in names if name and name_parts(name)]
        self.organisations = [name for name, _ in names if name]
        self.addresses = [
            (party.address, party.protected_address) for party in parties if party.address
        ]
        self._numbers = _number_patterns(parties)
        self._phrases = _phrase_patterns(parties, self.organisations)
        self._parts = {part for person in self.persons for part in person.parts}
        self._initials = {p.initials for p in self.persons if len(p.parts) > 1}
        self._classes = classes

    def find(self, text: str) -> Iterator[Span]:
        """Every mention of a party in the normalised `text`."""
        for kind, pattern, group in (*self._numbers, *self._phrases):
            for match in pattern.finditer(text):
                yield Span(*match.span(group), kind, Certainty.PARTY)
        yield from self._names(text)

    def _names(self, text: str) -> Iterator[Span]:
        """Runs of parts and initials; an initial or ordinary word needs a part beside it."""
        if not self._parts:
            return
        run: list[Word] = []
        for word in words_in(text):
            if run and not self._continues(text, run[-1], word):
                yield from self._run(run)
                run = []
            if self._may_be_named(word):
                run.append(word)
            elif run:
                yield from self._run(run)
                run = []
        yield from self._run(run)

    def _run(self, run: list[Word]) -> Iterator[Span]:
        while run and fold_is_particle(run[0]):
            run = run[1:]
        while run and fold_is_particle(run[-1]):
            run = run[:-1]
        sure = any(self._is_sure(word) for word in run)
        initials = "".join(word.text.lower() for word in run)
        if sure or initials in self._initials or sum(map(self._is_part, run)) > 1:
            yield Span(run[0].start, run[-1].end, Kind.PERSON, Certainty.PARTY)

    def _continues(self, text: str, last: Word, word: Word) -> bool:
        """Whether two words can belong to one mention: close together, and of one person."""
        pattern = _AFTER_INITIAL if len(last.text) == 1 else _BETWEEN_PARTS
        return bool(pattern.fullmatch(text[last.end : word.start])) and any(
            _fits(last, person) and _fits(word, person) for person in self.persons
        )

    def _may_be_named(self, word: Word) -> bool:
        return self._is_part(word) or self._is_initial(word) or fold_is_particle(word)

    def _is_part(self, word: Word) -> bool:
        return len(word.text) > 1 and any(form in self._parts for form in forms(word.text))

    def _is_initial(self, word: Word) -> bool:
        """One letter that begins a part, or the initials of all parts."""
        lower = word.text.lower()
        if len(lower) == 1:
            return word.capital and any(part[0] == lower for part in self._parts)
        return self._are_initials(word)

    def _are_initials(self, word: Word) -> bool:
        lower = word.text.lower()
        return (
            word.text.isupper()
            and any(form in self._initials for form in forms(word.text))
            and lower not in _ABBREVIATIONS
        )

    def _is_sure(self, word: Word) -> bool:
        """Enough to mask a word that stands alone: small ordinary words are not."""
        if self._are_initials(word):
            return True
        if not self._is_part(word):
            return False
        return word.capital or not self._classes.is_ordinary(word.text.lower())


def fold_is_particle(word: Word) -> bool:
    """Whether the word is a particle such as "de" or "von"."""
    return word.text.lower() in PARTICLES


def _fits(word: Word, person: Person) -> bool:
    """Whether `word` can stand in a mention of `person`."""
    folded = fold(word.text)
    if len(folded) == 1:
        return word.capital and any(part[0] == folded for part in person.parts)
    return folded in PARTICLES or any(form in person.parts for form in forms(word.text))


_Pattern = tuple[Kind, re.Pattern[str], int]


def _number_patterns(parties: Sequence[Party]) -> list[_Pattern]:
    patterns: list[_Pattern] = []
    for party in parties:
        cpr = digits(party.cpr or "")
        if len(cpr) == 10:
            patterns.append((Kind.CPR, _spaced(cpr), 0))
            patterns.append((Kind.CPR, _spaced(cpr[:6]), 0))
            patterns.append(
                (Kind.CPR, re.compile(rf"(?<![\d.,]){cpr[6:]}(?![\d]|[.,]\d| ?kr\b)"), 0)
            )
        phone = digits(party.phone or "")
        if len(phone) >= 8:
            local = phone[-8:]
            country = r"(?:\(?(?:\+|00) ?\d{2}\)?[ .\-]{0,3})?"
            patterns.append((Kind.PHONE, re.compile(country + _spaced(local).pattern), 0))
    return patterns


def _spaced(number: str) -> re.Pattern[str]:
    """`number` with any separators, and with letters that scanners read for digits."""
    return re.compile(
        rf"(?<!\d){_BETWEEN_DIGITS.join(_AS_SCANNED.get(d, d) for d in number)}(?!\d)"
    )


def _phrase_patterns(parties: Sequence[Party], organisations: Sequence[str]) -> list[_Pattern]:
    patterns: list[_Pattern] = []
    for organisation in organisations:
        patterns.append((Kind.ORGANISATION, _phrase(organisation), 0))
    for party in parties:
        if party.email:
            patterns.append((Kind.EMAIL, _phrase(party.email), 0))
        if party.address:
            patterns += _address_patterns(party.address)
    return patterns


def _address_patterns(address: str) -> list[_Pattern]:
    """The address on one line or several; its street with the number; its street alone."""
    patterns = [(Kind.ADDRESS, _phrase(address), 0)]
    street = re.match(r"(?P<street>[^\d,]{3,}?)\s+(?P<number>\d+\s?[A-Za-z]?)(?!\w)", address)
    if street:
        name, number = _phrase_body(street["street"]), street["number"]
        unit = r"(?:, ?(?:st|kl|\d{1,2})\.? ?(?:tv|th|mf|sal|\d{1,3})?\.?)?"
        tail = r"(?:[ ,]{1,3}\n? {0,4}\d{4} [A-ZÆØÅ][\w\-]+(?: [A-ZÆØÅ][\w\-]*)?)?"
        with_number = rf"(?<!\w){name} ?(?:nr\.? ?)?{re.escape(number)}(?!\w){unit}{tail}"
        patterns.append((Kind.ADDRESS, re.compile(with_number, re.IGNORECASE), 0))
        patterns.append((Kind.ADDRESS, re.compile(rf"(?<!\w){name}s?(?!\w)"), 0))
    return patterns


def _phrase(phrase: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){_phrase_body(phrase)}(?:'?s)?(?!\w)", re.IGNORECASE)


def _phrase_body(phrase: str) -> str:
    """The words of `phrase` with any space, comma or line end between them."""
    words = [re.escape(word) for word in re.split(r"[\s,]+", phrase.strip()) if word]
    return r"[ ,]{0,2}\n?[ ]{0,4}".join(words)
