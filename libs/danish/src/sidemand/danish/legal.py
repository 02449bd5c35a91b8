"""References to provisions of Danish law: "forvaltningslovens § 19, stk. 1, nr. 2"."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from sidemand.danish.names import genitive_stem
from sidemand.danish.spans import Span

_WORDS = r"[A-Za-zÆØÅæøå-]"
_ENDS_NAME = (
    r"(?=[.,;:()§»«\n]|\s+(?:s?kan|skal|må|er|og|eller|finder|har|gælder|bliver|om|jf)\b|\s*$)"
)
_STATUTE = (
    r"(?P<{0}kind>LBK|LOV|BEK|[Ll]ovbekendtgørelse|[Ll]ov|[Bb]ekendtgørelse)\s+nr\.?\s*"
    r"(?P<{0}no>\d{{1,4}})\s+af\s+(?:\d{{1,2}}[./-]?\s*(?:\d{{1,2}}|[a-z]+\.?)[./-]?\s*)?(?P<{0}year>\d{{4}})"
)
_ACT_BEFORE = (
    rf"(?:{_STATUTE.format('before_')}"
    rf"|(?P<genitive>(?:[Bb]arnets\s+)?{_WORDS}*(?:lov|bekendtgørelse|ordning|vedtægt)(?:en)?s)"
    rf"|(?P<named>[Bb]arnets\s+lov|{_WORDS}+(?:loven|bekendtgørelsen|ordningen|vedtægten))"
    r"|(?P<about>[Ll]ov\s+om\s+[^.,;:()§»«\n]{3,80}?))\s*,?\s*"
)
_ACT_AFTER = re.compile(
    rf"\s*,?\s+i\s+(?:{_STATUTE.format('after_')}"
    rf"|(?P<name>[Bb]arnets\s+lov|{_WORDS}+(?:loven|bekendtgørelsen|ordningen|vedtægten)\b"
    rf"|[Ll]ov\s+om\s+[^.,;:()§»«\n]{{3,80}}?{_ENDS_NAME}))"
)
_OPENING = re.compile(
    rf"(?:\b{_ACT_BEFORE})?(?:§{{1,2}}|\b[Pp]aragraf(?:fen|ferne)?)\s*(?=\d)"
    r"|(?<!\w)(?P<chapter>[Kk]ap(?:itel|itlerne|\.)\s*(?=\d))"
    r"|(?<!\w)(?=stk\.?\s*\d)"
)
# "§ 5 i loven" is § 5, and "§ 5 i, stk. 2" is § 5 i: that letter has to close up or be closed off.
_NO_UNIT = r"(?!\w|\.\s*(?:pkt|led|punktum)|\s*(?:dage|uger|måneder|år|kr|pct|procent)\b)"
_SECTION = rf"\d{{1,4}}(?:\s?[a-hj-zæøA-HJ-ZÆØ](?!\w)|[iI](?!\w)|\s[iI](?=[,.;)]|\s*$)|{_NO_UNIT})"
_COUNT = rf"\d{{1,3}}{_NO_UNIT}"
_SINGLE_LETTER = r"[a-zæøå](?!\w)"
_LIST = r"(?:{0})(?:(?:\s*,\s*(?:{0}))*\s*,?\s*(?:og|eller|samt|-|–)\s*(?:{0}))*"
_ITEM_OR_RANGE = re.compile(r"\d{1,4}(?:\s?[a-zæøA-ZÆØ](?!\w))?|(?<!\w)[a-zæøå](?!\w)|[-–]")
_SECTIONS = re.compile(f"({_LIST.format(_SECTION)})")
_LEVELS = tuple(
    (level, re.compile(rf"\s*,?\s*(?:(?:og|eller|samt|jf\.)\s+)?{pattern}"))
    for level, pattern in (
        ("subsection", rf"stk\.?\s*({_LIST.format(_COUNT)})"),
        ("number", rf"nr\.?\s*({_LIST.format(_COUNT)})"),
        ("letter", rf"litra\s+({_LIST.format(_SINGLE_LETTER)})"),
        ("sentence", r"(\d{1,2}(?:\.?\s*(?:-|–|og)\s*\d{1,2})*)\.\s*(?:pkt|punktum)\b\.?"),
    )
)
_JOINED = re.compile(r"\s*,?\s*(?:(?:og|eller|samt|jf\.)\s*)?")
_LONGEST_RANGE = 60
_STATUTE_KINDS = {"lovbekendtgørelse": "LBK", "bekendtgørelse": "BEK"}
_ACTS_AT_HAND = {"loven", "bekendtgørelsen", "ordningen", "vedtægten"}


@dataclass(frozen=True, slots=True)
class LegalReference:
    """A place in an act, as far as it is named; `act` is None for the act at hand.

    `act` is a name in its basic form ("forvaltningsloven", "lov om social service") or a statute
    with its year ("LBK nr. 1129 af 2025"). `section` is the number after § with a lower-case
    letter ("113 b"); `subsection` is the stk., `number` the nr., `letter` the litra and `sentence`
    the pkt., all counted from 1.
    """

    act: str | None = None
    chapter: str | None = None
    section: str | None = None
    subsection: int | None = None
    number: int | None = None
    letter: str | None = None
    sentence: int | None = None

    @property
    def locator(self) -> str:
        """The normal form within the act: "§ 113 b, stk. 2, nr. 3, litra a, 1. pkt."."""
        parts = (
            ("kapitel {}", self.chapter),
            ("§ {}", self.section),
            ("stk. {}", self.subsection),
            ("nr. {}", self.number),
            ("litra {}", self.letter),
            ("{}. pkt.", self.sentence),
        )
        return ", ".join(form.format(value) for form, value in parts if value is not None)

    def __str__(self) -> str:
        return f"{self.act}, {self.locator}" if self.act else self.locator

    def covers(self, other: "LegalReference") -> bool:
        """Whether `other` is this place or lies within it; an act that is not named fits any."""
        acts_agree = self.act is None or other.act is None or self.act == other.act
        return acts_agree and all(
            mine is None or mine == theirs
            for mine, theirs in zip(self._place(), other._place(), strict=True)
        )

    def _place(self) -> tuple[str | int | None, ...]:
        return (
            self.chapter, self.section, self.subsection, self.number, self.letter, self.sentence,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class FoundReference:
    """A reference and where it stands in the text."""

    reference: LegalReference
    span: Span


def parse_reference(text: str) -> LegalReference:
    """The one reference that `text` consists of. Raises ValueError when it is something else."""
    found = find_references(text)
    if len(found) != 1 or found[0].span.of(text) != text.strip():
        raise ValueError("not a single legal reference such as '§ 23, stk. 2'")
    return found[0].reference


def find_references(text: str) -> list[FoundReference]:
    """All references in `text`, in order; enumerations and ranges give one for each place.

    "§§ 10-12" gives § 10, § 11 and § 12, "§ 9, stk. 1 og 3" gives stk. 1 and stk. 3. A mark that
    opens a stk. ("Stk. 2. Loven ...") is no reference; a bare "stk. 2" is one without section.
    """
    found: list[FoundReference] = []
    position = 0
    while opening := _OPENING.search(text, position):
        places = _read_places(text, opening)
        position = places[-1].span.end if places else opening.end() + 1
        found.extend(_with_act_after(text, places))
    return _share_acts(text, found)


def _read_places(text: str, opening: re.Match[str]) -> list[FoundReference]:
    """The places that one "§ ...", "kapitel ..." or bare "stk. ..." names."""
    at_hand = FoundReference(LegalReference(act=_act_before(opening)), Span(*opening.span()))
    if opening.end() == opening.start():
        return _deepen(text, at_hand, _LEVELS)
    sections = _SECTIONS.match(text, opening.end())
    if sections is None:
        return []
    level = "chapter" if opening["chapter"] else "section"
    *complete, last = _at_level(at_hand, level, sections)
    return [*complete, *_deepen(text, last, _LEVELS if level == "section" else ())]


def _deepen(
    text: str, found: FoundReference, levels: Sequence[tuple[str, re.Pattern[str]]]
) -> list[FoundReference]:
    """`found`, or the places within it that the text goes on to name: its stk., nr., litra, pkt."""
    for depth, (level, pattern) in enumerate(levels, start=1):
        places: list[FoundReference] = []
        position = found.span.end
        while listed := pattern.match(text, position):
            outer = found if not places else replace(found, span=Span(*listed.span(1)))
            *complete, last = _at_level(outer, level, listed)
            places += [*complete, *_deepen(text, last, levels[depth:])]
            position = places[-1].span.end
        if places:
            return places
    return [found]


def _at_level(outer: FoundReference, level: str, listed: re.Match[str]) -> list[FoundReference]:
    """A place in `outer` for each item that `listed` enumerates; the first one starts as outer."""
    places: list[FoundReference] = []
    for value, span in _items(listed[1], listed.start(1)):
        start = span.start if places else outer.span.start
        places.append(
            FoundReference(_narrowed(outer.reference, level, value), Span(start, span.end))
        )
    end = Span(places[-1].span.start, listed.end())
    return [*places[:-1], replace(places[-1], span=end)]


def _narrowed(reference: LegalReference, level: str, value: str) -> LegalReference:
    match level:
        case "chapter":
            return replace(reference, chapter=value)
        case "section":
            return replace(reference, section=value)
        case "subsection":
            return replace(reference, subsection=int(value))
        case "number":
            return replace(reference, number=int(value))
        case "letter":
            return replace(reference, letter=value)
        case _:
            return replace(reference, sentence=int(value))


def _items(listed: str, offset: int) -> Iterator[tuple[str, Span]]:
    """The items of an enumeration in normal form ("113 b"), with ranges written out."""
    previous, in_range = "", False
    for match in _ITEM_OR_RANGE.finditer(listed):
        span = Span(offset + match.start(), offset + match.end())
        if match.group() in "-–":
            in_range = True
            continue
        item = re.sub(r"(\d)\s*([^\W\d])", r"\1 \2", match.group().lower())
        for value in _between(previous, item) if in_range else ():
            yield value, span
        yield item, span
        previous, in_range = item, False


def _between(first: str, last: str) -> list[str]:
    """What lies between the ends of a range, which may be numbers or letters: 9 a-9 c."""
    stem, letter = first[:-1], first[-1]
    if first.isdigit() and last.isdigit():
        return [str(n) for n in range(int(first) + 1, min(int(last), int(first) + _LONGEST_RANGE))]
    if last[:-1] == stem and letter.isalpha() and last[-1].isalpha():
        return [f"{stem}{chr(code)}" for code in range(ord(letter) + 1, ord(last[-1]))]
    return []


def _act_before(opening: re.Match[str]) -> str | None:
    if opening["before_no"]:
        return _statute(opening, "before_")
    if named := opening["named"] or opening["about"]:
        return _basic(named)
    name = genitive_stem(opening["genitive"] or "")
    return None if name is None or name.lower() in {"loven", "lov"} else _basic(name)


def _statute(match: re.Match[str], prefix: str) -> str:
    kind = _STATUTE_KINDS.get(match[f"{prefix}kind"].lower(), match[f"{prefix}kind"].upper())
    return f"{kind} nr. {match[f'{prefix}no']} af {match[f'{prefix}year']}"


def _basic(name: str) -> str:
    return " ".join(name.split()).lower()


def _with_act_after(text: str, places: list[FoundReference]) -> list[FoundReference]:
    """`places` with the act that follows them: "§§ 10 og 12 i forvaltningsloven"."""
    if not places or places[0].reference.act:
        return places
    named = _ACT_AFTER.match(text, places[-1].span.end)
    if named is None or (named["name"] or "").lower() in _ACTS_AT_HAND:
        return places
    act = _statute(named, "after_") if named["after_no"] else _basic(named["name"])
    last = replace(places[-1], span=Span(places[-1].span.start, named.end()))
    return [_with_act(place, act) for place in (*places[:-1], last)]


def _with_act(place: FoundReference, act: str) -> FoundReference:
    return replace(place, reference=replace(place.reference, act=act))


def _share_acts(text: str, found: list[FoundReference]) -> list[FoundReference]:
    """References joined by "og" share the act after the last: "§ 9 og § 12 i barnets lov"."""
    shared: list[FoundReference] = []
    for place in reversed(found):
        after = shared[-1] if shared else None
        if after and after.reference.act and not place.reference.act:
            between = text[place.span.end : after.span.start]
            if between.strip() and _JOINED.fullmatch(between) and text[after.span.start] == "§":
                shared.append(_with_act(place, after.reference.act))
                continue
        shared.append(place)
    return shared[::-1]
