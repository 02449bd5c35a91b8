"""A second look at what the tagger takes for data: does it have the form of what it should be?

The tagger reads context, and a label ("reg.", "tlf"), a sum or the hour of a message stands in
the same context as a number. Parties and recognisers are not asked here: they know forms.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from sidemand.redaction.names import Word, words_of
from sidemand.redaction.recognisers.digits import counts_something, digits
from sidemand.redaction.recognisers.initials import NOBODY
from sidemand.redaction.spans import Certainty, Kind, Span
from sidemand.redaction.word_classes import WordClasses

_MONTH = "jan|feb|mar|apr|maj|jun|jul|aug|sep|okt|nov|dec"
_HOUR = r"(?:kl\.? ?)?[0-2l]?\d[.:][0-5O]\d(?: ?- ?[0-2]?\d[.:][0-5]\d)?"
_DAY = (
    rf"(?:(?:man|tirs|ons|tors|fre|lør|søn)(?:dag)?\.? )?(?:d\. ?|den )?[0-3l]?\d"
    rf"(?:\.? ?(?:{_MONTH})[a-z]{{0,6}}\.?|[./\-][01l]?\d)(?:[ ./\-]{{1,2}}(?:20)?\d\d)?"
)
_WHEN: Final = re.compile(
    rf"(?:ca\.? |pr\. )?(?:{_DAY}(?:,? {_HOUR})?|{_HOUR})(?: ?(?:ok|ja|nej|hej))?[.,:]?$",
    re.IGNORECASE,
)
_OF_A_MESSAGE: Final = re.compile(
    r"(?:\bdato|\bsendt|\bmødedato|\bdato for mødet|\btidspunkt|\bdate|\bsent)[.:]{0,2} ?$",
    re.IGNORECASE,
)
_OF_A_BIRTH: Final = re.compile(r"\bfød\w*|\bf\.|\bborn\b|\bbirth", re.IGNORECASE)
_AMOUNT: Final = re.compile(
    r"(?:kr\.? ?)?\d{1,3}(?:\.\d{3})*(?:,\d\d|,-)?(?: ?(?:kr|%|g|kg|m2)\.?)?$"
)
_CURRENCY: Final = re.compile(r"\bkr\b|%|\beuro\b", re.IGNORECASE)
_SUM: Final = re.compile(
    r"\b(?:kr\.? ?\d[\d.,]*|\d[\d.,]* ?(?:kr\b|euro\b|%))|\b\d{1,3}(?:\.\d{3})+,\d\d\b",
    re.IGNORECASE,
)
_LABEL: Final = re.compile(
    r"(?!nr)\(?(?!Nr)[A-ZÆØÅ]?[a-zæøå]+(?:[.\-][a-zæøå]+)*[.:,]{0,2} +|[|:;,.\-–(]+ *"
)
_NAME_OF_A_NUMBER: Final = re.compile(
    r"(?:[\w\-]*(?:nr|nummer|nummeret|konto|kort|kørekort)|cvr|se|reg|t[il]f|tel|mobil|pas"
    r"|passport|bi[l1]|journal|sag|ca|cpr|id|kto|batch|kode|inc)[.:]?$",
    re.IGNORECASE,
)
_NUMBER_BEHIND: Final = re.compile(r"[.:]{0,2} ?(?:nr\.?:? ?)?[\dA-Z]{0,3}\d|:")
_WITHIN_A_LINK: Final = re.compile(r"(?:://|www\.)[^\s<>()\"'|;,\]}]*/\Z")
_OF_CASEWORK: Final = frozenset("BO AG LÆ SB khj KHJ kth KTH dp DP".split())
"""Citizen, employer, doctor's statement, caseworker, benefits: as notes abbreviate them."""
_AROUND_NAMES: Final = frozenset(
    "vh mvh kh hej hilsen att cc bcc vedr jf pga the sorry mr mrs re sv vs fwd øh he she was"
    " doktor papfar papmor sagsbehandler".split()
)
"""What stands before or behind a name without being part of one: abbreviations, words of English
beside Danish names, and who somebody is before what somebody is called."""
_HIS: Final = re.compile(
    r"Hans (?:mor|far|søster|bror|datter|farmor|mormor|farfar|morfar|kæreste|støtte|cpr|"
    r"(?!\w*(?:r|ede|te|des|tes)\b|kom|gik|blev|fik|var|ville|kunne|skulle|må|vil|kan|skal|og|eller"
    r"|samt|tog|bad|lå|sad|stod|drak|sov|løb|skrev|ved|i|på|fra|til|med|som|ikke)[a-zæøå]+)\b"
)
"""A pronoun that begins a sentence: "Hans bil", not "Hans ringer", nor "Hans var her"."""
_VOWEL: Final = re.compile(r"[aeiouyæøåéèêëáàâäíìîïóòôöúùûüýãõ01]", re.IGNORECASE)
_SPELLED: Final = re.compile(
    r"nul|elleve|tolv|tretten|fjorten|femten|seksten|sytten|atten|nitten|tyve|tredi?ve|fyrre"
    r"|halv|tres|firs|\b(?:en|et|to|tre|fire|fem|seks|syv|otte|ni|ti)\b",
    re.IGNORECASE,
)
_SUBJECTS: Final = re.compile(
    r"(?:KLE:? ?)?(?:[3-9]\d\.\d\d|\d\d\.(?:00|1[3-9]|[2-9]\d))\.\d\d(?:-[A-ZÆØÅ]\d\d)?"
    r"(?:,? ?(?:og )?\d\d\.\d\d\.\d\d)*$"
)
"""Subjects of KLE: three pairs of digits that are no date."""
_OF_MANY: Final = re.compile(
    r"\b(?:de|unge|børn|børnene|borgere|alle|personer|kvinder|mænd|over|under|mindst|højst|end)"
    r" (?:er |fylder |bliver |på |mellem )?(?:fyldt )?$",
    re.IGNORECASE,
)
_NO_AGE: Final = re.compile(r"(?<!\d)\d{4}(?!\d)|-måneders|\d\d?\.$")
_GOES_ON: Final = re.compile(r"[:,]\d|[./]? ?(?:cifre|dage|meter|stk|hunde|t/)")
_NO_DAY_OF_BIRTH: Final = re.compile(
    r"\b(?:dødsdato|død(?: den)?|udløber(?: den)?|udløb|oprettet|udstedt|gyldig til|frist|kl\.?"
    r"|inden|senest|pr\.|fra)[.:]{0,2} ?(?:den |d\. ?)?$",
    re.IGNORECASE,
)
_HOUR_ALONE: Final = re.compile(r"(?:ca\.? )?(?:kl\.? )?[0-2]\d[.:][0-5]\d\.?$", re.IGNORECASE)
_DAY_ALONE: Final = re.compile(
    rf"(?:den |d\. ?)?\d\d?\.? ?(?:[./]\d\d?\.?|(?:{_MONTH})[a-z]{{0,6}})$", re.IGNORECASE
)
_TELLS_BIRTH: Final = re.compile(r"fød|fyld|\bf\.|bliv|blev|\bkom\b|dag\b|alder|\($", re.IGNORECASE)
_HOUSE_ALONE: Final = re.compile(r"(?:nr\.?|nummer) ?\d{1,3}(?: ?[A-Ha-h])?$", re.IGNORECASE)
_BEHIND_AN_ADDRESS: Final = re.compile(
    r"[\s,.;|]+(?:(?:telefon|tlf|t[il]f|tel|mobil|matr|matrikel|cpr|e?-?mail|født|dato|navn|att|nr)"
    r"(?:[.:]?nr)?[.:]?|siden(?: (?:19|20)\d\d)?)$",
    re.IGNORECASE,
)
_BEFORE_AN_ADDRESS: Final = re.compile(r"(?:beliggende|bopæl|adressen?):? (?=[A-ZÆØÅ])")
_WITHIN_A_HOUSE: Final = re.compile(r"\bnr\.? ?\d|\d\.? ?(?:tv|th|mf)\b", re.IGNORECASE)
_REFERENCE = re.compile(
    r"\.? ?(?:nr\.|stk\.|§|pkt\.) ?\d+(?:[, .\-]|\d|\b[a-z]\b|og|eller|samt|stk|nr|pkt|led)*$"
    r"|(?:nr\. ?)?\d{1,4} af \d{1,2}[./]"
)
_WITHIN_REFERENCE = re.compile(
    r"(?:§|\bstk\.|\bpkt\.|\bkapitel|\b(?:lov|bekendtgørelse|lovbekendtgørelse) nr\.|\bKLE:?)"
    r"(?:[ ,.\-§]|\d|\b[a-z]\b|og|eller|samt|stk|nr|pkt|af)*$",
    re.IGNORECASE,
)

_SIGNS_OF_REFERENCE: Final = ("§", "stk.", "pkt.", "kapitel", "lov nr.", "else nr.", "kle")
"""Small letters, one of which stands in whatever `_WITHIN_REFERENCE` matches."""


def confirmed(text: str, span: Span, classes: WordClasses) -> Span | None:
    """`span` of `text` without what is plainly no data at either end; none if nothing is left.

    What would uncover a word that can be a name stays whole.
    """
    if span.kind is Kind.PERSON:
        return _name(text, span, classes)
    kept = _shortened(text, span, classes)
    uncovered = text[span.start : kept.start if kept else span.end]
    return span if _may_name_somebody(uncovered, classes) else kept


def _may_name_somebody(written: str, classes: WordClasses) -> bool:
    return any(
        len(word.text) > 2
        and _VOWEL.search(word.text)
        and not classes.is_ordinary(word.text.lower())
        and not _NAME_OF_A_NUMBER.match(word.text)
        for word in words_of(written)
    )


def _shortened(text: str, span: Span, classes: WordClasses) -> Span | None:
    if span.kind is Kind.ORGANISATION:
        written = text[span.start : span.end]
        named = any(word.capital for word in words_of(written)) and not _WHEN.match(written)
        return span if named or not _all_ordinary(written, classes) else None
    if span.kind is Kind.ADDRESS:
        return _address(text, span, classes)
    if _is_reference(text, span) or _is_no_such_day_or_age(text, span):
        return None
    if span.kind is Kind.AGE:
        return span
    if span.kind is Kind.NUMBER or _CURRENCY.search(text, span.start, span.end):
        return _number(text, span, classes)
    return span


def _address(text: str, span: Span, classes: WordClasses) -> Span | None:
    """A place, without the label of what stands behind it; a house may be a number alone."""
    written = text[span.start : span.end]
    before = text[max(0, span.start - 40) : span.start]
    house = _HOUSE_ALONE.match(written) and not _is_within_reference(before)
    if not house and (_is_reference(text, span) or _is_when(text, span)):
        return None
    if _CURRENCY.search(written):
        return _number(text, span, classes)
    if behind := _BEHIND_AN_ADDRESS.search(written):
        span = span._replace(end=span.start + behind.start())
    if before_it := _BEFORE_AN_ADDRESS.match(written):
        span = span._replace(start=span.start + before_it.end())
    return span if _may_be_address(text[span.start : span.end], classes) else None


def _is_no_such_day_or_age(text: str, span: Span) -> bool:
    """Whether this is an age or a day, but not somebody's age or day of birth."""
    if span.kind is Kind.AGE:
        return not _is_age(text, span)
    return _is_when(text, span)


def _is_age(text: str, span: Span) -> bool:
    """Whether there is a number, and it is not the age of a group, a sum or a share."""
    written = text[span.start : span.end]
    if not (_SPELLED.search(written) or any(c.isdigit() for c in written)):
        return False
    if _NO_AGE.search(written) or _GOES_ON.match(text, span.end):
        return False
    many = _OF_MANY.search(text, max(0, span.start - 30), span.start)
    return not many and not counts_something(text, span.start, span.end)


def _name(text: str, span: Span, classes: WordClasses) -> Span | None:
    if text[span.start - 1 : span.start].isdigit() and text[span.start : span.end][1:2] == ".":
        # "3F. Ring 8519…": the letter belongs to the digit, and a new sentence begins.
        rest = span._replace(start=span.start + 2)
        ordinary = _all_ordinary(text[rest.start : rest.end], classes)
        return None if ordinary else _name(text, rest, classes)
    if text[span.start - 1 : span.start] == "/" and _WITHIN_A_LINK.search(
        text, max(0, span.start - 120), span.start
    ):
        return None  # Links to persons are found whole, as links.
    if any(c.isdigit() for c in text[span.start : span.end]):
        return span  # As a scanner read it: words cannot be judged.
    if span.length == 4 and _HIS.match(text, span.start):
        return None
    written = words_of(text[span.start : span.end])
    telling = [
        word
        for word in written
        if not classes.is_plainly_ordinary(word.text.lower())
        and (word.capital or len(word.text) > 1)
        and word.text.lower() not in _AROUND_NAMES
    ]
    while len(telling) > 1 and _tells_a_number(text, span, telling[-1]):
        telling.pop()
    if not telling or (len(telling) == 1 and _is_no_name(telling[0].text)):
        return None
    first, last = _with_capitals(text, span, written, telling)
    return span._replace(start=span.start + first.start, end=span.start + last.end)


def _tells_a_number(text: str, span: Span, word: Word) -> bool:
    """Whether `word` of `span` is what a number is called, and no surname: "Kort: 4471"."""
    return bool(
        _NAME_OF_A_NUMBER.match(word.text)
        and (word.text.islower() or _NUMBER_BEHIND.match(text, span.start + word.end))
    )


def _with_capitals(
    text: str, span: Span, written: Sequence[Word], telling: Sequence[Word]
) -> tuple[Word, Word]:
    """The first and last word of a name, with ordinary ones that are written as a part of it."""
    first, last = written.index(telling[0]), written.index(telling[-1])
    while first and _is_written_as_one(text, span, written[first - 1], written[first]):
        start = span.start + written[first - 1].start
        before = text[max(0, start - 3) : start].rstrip(" ")
        if not before or before[-1] in '.!?:\n-*>|"“”»()/':
            break  # A capital says nothing where a sentence begins.
        first -= 1
    behind = len(written) - 1
    while last < behind and _is_written_as_one(text, span, written[last], written[last + 1]):
        last += 1
    return written[first], written[last]


def _is_written_as_one(text: str, span: Span, before: Word, after: Word) -> bool:
    """Whether two words have a capital and a space between them: "My Lærke", "Jens Kort"."""
    for word in (before, after):
        if not (word.capital and word.text[1:].islower()) or word.text.lower() in _AROUND_NAMES:
            return False
    return text[span.start + before.end : span.start + after.start] == " "


def _is_no_name(word: str) -> bool:
    """Whether `word` is an abbreviation in capitals, or what a number is called."""
    abbreviated = word in _OF_CASEWORK or (word.isupper() and word.lower() in NOBODY)
    return abbreviated or bool(_NAME_OF_A_NUMBER.match(word))


def _number(text: str, span: Span, classes: WordClasses) -> Span | None:
    """A number, or a code with digits, without the label before it; no sum, share or measure."""
    written = text[span.start : span.end]
    if _SPELLED.search(written):
        return span
    if not any(c.isdigit() for c in written):
        small_words = " " in written and written.islower()
        return None if small_words or _all_ordinary(written, classes) else span
    if _SUBJECTS.match(written):
        return None
    start = span.start
    while (label := _LABEL.match(text, start, span.end)) and label.end() < span.end:
        start = label.end()
    written = text[start : span.end]
    is_sum = _AMOUNT.match(written) and (len(digits(written)) < 4 or not written.isdigit())
    least = 3 if any(c.isalpha() for c in written) else 4
    beside_sums = digits(_SUM.sub("", written))
    first_digit = start + next(place for place, c in enumerate(written) if c.isdigit())
    counts = any(counts_something(text, each, span.end) for each in (start, first_digit))
    if is_sum or len(beside_sums) < least or counts:
        return None
    return span._replace(start=start)


def _may_be_address(written: str, classes: WordClasses) -> bool:
    """Whether there is a word that a place can be called by."""
    if _WITHIN_A_HOUSE.search(written):
        return True
    words = words_of(written)
    if not any(len(word.text) > 2 for word in words) or _CURRENCY.search(written):
        return False
    return any(word.capital for word in words[1:]) or not _all_ordinary(written, classes)


def _all_ordinary(written: str, classes: WordClasses) -> bool:
    return all(classes.is_ordinary(word.text.lower()) for word in words_of(written))


def _is_when(text: str, span: Span) -> bool:
    """Whether this is a date or an hour, and nothing says that somebody was born then."""
    written = text[span.start : span.end]
    if span.kind is Kind.BIRTH_DATE and _is_another_day(text, span, written):
        return True
    if not _WHEN.match(written) or _OF_A_BIRTH.search(text, max(0, span.start - 40), span.start):
        return False
    if span.kind is not Kind.BIRTH_DATE:
        return True
    return bool(
        _OF_A_MESSAGE.search(text, max(0, span.start - 24), span.start)
        or re.match(r":\d\d|,? (?:kl\.? ?)?\d\d[:.]\d\d", text[span.end : span.end + 12])
        or re.search(r"(?:kl\.?| ) ?\d\d?[:.]\d\d$", written)
    )


def _is_another_day(text: str, span: Span, written: str) -> bool:
    """Whether this is an hour, the day of something else, or a day of which nothing is said."""
    before = text[max(0, span.start - 60) : span.start]
    if _NO_DAY_OF_BIRTH.search(before):
        return True
    alone = _HOUR_ALONE.match(written) or _DAY_ALONE.match(written)
    return bool(alone) and not _TELLS_BIRTH.search(before)


def _is_reference(text: str, span: Span) -> bool:
    """Whether the tagger took numbers of provisions, or an act's number and date, for data."""
    before = text[max(0, span.start - 40) : span.start]
    return bool(_REFERENCE.match(text, span.start, span.end)) or _is_within_reference(before)


def _is_within_reference(before: str) -> bool:
    """Whether what stands `before` a number makes it one of a provision, act or subject."""
    small = before.lower()
    return any(sign in small for sign in _SIGNS_OF_REFERENCE) and bool(
        _WITHIN_REFERENCE.search(before)
    )


def is_crumb(text: str, span: Span) -> bool:
    """Whether this is what a conflict left of a guess: a small word, or the label of a number."""
    if span.certainty is not Certainty.NAME:
        return False
    written = text[span.start : span.end]
    if span.length <= 2 and written[0].islower():
        return True
    labels = span.kind in (Kind.PERSON, Kind.NUMBER, Kind.ADDRESS)
    return labels and bool(_NAME_OF_A_NUMBER.match(written))


def all_confirmed(text: str, spans: Iterator[Span], classes: WordClasses) -> Iterator[Span]:
    """Those of `spans` that stand up to a second look."""
    for span in spans:
        kept = confirmed(text, span, classes)
        if kept is not None:
            yield kept
