"""CPR numbers in every written form, within running text: what redaction has to find.

A form is made of parts: how the date is written, what joins the halves, how the last four are
written, what stands around the number, what a scanner or a font made of its signs. The parts are
drawn independently, so a million draws hold some hundred thousand different combinations.

The numbers are drawn at random and mean nobody; no number is kept anywhere.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

_ONES: Final = "nul en to tre fire fem seks syv otte ni".split()
_TEENS: Final = "ti elleve tolv tretten fjorten femten seksten sytten atten nitten".split()
_TENS: Final = "tyve tredive fyrre halvtreds tres halvfjerds firs halvfems".split()
_ORDINALS: Final = (
    "første anden tredje fjerde femte sjette syvende ottende niende tiende ellevte tolvte"
).split()
_MONTHS: Final = (
    "januar februar marts april maj juni juli august september oktober november december"
).split()


@dataclass(frozen=True, slots=True)
class WrittenNumber:
    """A sentence with one CPR number in it."""

    text: str
    start: int
    end: int
    """The number with everything that stands between its signs."""
    form: str
    """How it is written, in words: for the report of leaks."""


@dataclass(frozen=True, slots=True)
class _Number:
    day: int
    month: int
    year: int
    serial: str

    @property
    def pairs(self) -> tuple[str, str, str]:
        return f"{self.day:02d}", f"{self.month:02d}", f"{self.year:02d}"


class WrittenNumbers:
    """Draws numbers in sentences; the same seed draws the same ones."""

    def __init__(self, seed: int) -> None:
        self._rng = random.Random(seed)

    def draw(self) -> WrittenNumber:
        """One sentence."""
        rng = self._rng
        form, make = rng.choice(_FORMS)
        written = make(self, self._number())
        if form == "digits":
            written, change = rng.choice(_CHANGES)(self, written)
            form = f"{form}, {change}"
        before, after = rng.choice(_around(form))
        lead, tail = rng.choice(_SENTENCES_BEFORE), rng.choice(_SENTENCES_AFTER)
        start = len(lead) + len(before)
        text = lead + before + written + after + tail
        return WrittenNumber(text, start, start + len(written), form)

    def _number(self) -> _Number:
        """A day of 1 to 31 or a replacement day; one in three holds no valid check digit anyway."""
        rng = self._rng
        day = rng.randint(1, 31) + (60 if rng.random() < 0.15 else 0)
        return _Number(day, rng.randint(1, 12), rng.randrange(100), f"{rng.randrange(10000):04d}")

    def in_digits(self, number: _Number) -> str:
        """Date, joint and last four in digits."""
        day, month, year = number.pairs
        sign = self._rng.choice(("", "", "", ".", " ", "-", "/", ". ", "_"))
        date = f"{day}{sign}{month}{sign}{year}"
        if self._rng.random() < 0.06:
            date = " ".join(date.replace(sign, "") if sign else date)
        serial = self._rng.choice((number.serial,) * 6 + (_in_two(number.serial),))
        if self._rng.random() < 0.06:
            serial = " ".join(number.serial)
        joint = self._rng.choice(_JOINTS)
        # Nobody leaves out the joint alone: `30/11/199216` would be a date with a year.
        return date + (joint if joint or not sign else sign) + serial

    def in_words(self, number: _Number) -> str:
        """Read aloud in pairs, or digit by digit."""
        gap = self._rng.choice((" ", " ", ", ", "-", " … "))
        if self._rng.random() < 0.35:
            return gap.join(_ONES[int(d)] for d in "".join(number.pairs) + number.serial)
        halves = number.serial[:2], number.serial[2:]
        joined = self._rng.random() < 0.5
        date = gap.join(_read(pair, joined=joined) for pair in number.pairs)
        if number.day <= 12 and self._rng.random() < 0.3:
            date = f"{_ORDINALS[number.day - 1]} i {_ORDINALS[number.month - 1]} " + _read(
                number.pairs[2], joined=joined
            )
        between = self._rng.choice((" ", ", ", " og så ", " streg ", " bindestreg "))
        return date + between + gap.join(_read(pair, joined=joined) for pair in halves)

    def half_in_words(self, number: _Number) -> str:
        """The date in digits, the last four read aloud."""
        halves = number.serial[:2], number.serial[2:]
        spoken = " ".join(_read(pair, joined=True) for pair in halves)
        between = self._rng.choice((" streg ", " bindestreg ", ", ", " "))
        return "".join(number.pairs) + between + spoken

    def with_the_month(self, number: _Number) -> str:
        """The name of the month, then the last four."""
        century = self._rng.choice(("19", "20", ""))
        date = f"{1 + number.day % 31}. {_MONTHS[number.month - 1]} {century}{number.pairs[2]}"
        return date + self._rng.choice(("-", " - ", "–")) + number.serial

    def last_four(self, number: _Number) -> str:
        """Nothing but the last four; not those that read as a year."""
        serial = number.serial
        return f"3{serial[1:]}" if serial[:2] in {"19", "20"} else serial

    def hidden_date(self, number: _Number) -> str:
        """The date blacked out."""
        return self._rng.choice(("xxxxxx-", "******-", "XXXXXX")) + self.last_four(number)

    def scanned(self, written: str) -> tuple[str, str]:
        """One to three signs as a scanner reads them; markup is never scanned."""
        if "&" in written or "=" in written or "<" in written:
            return written, "as typed"
        signs = list(written)
        places = [i for i, sign in enumerate(signs) if sign in _SCANNED]
        for place in self._rng.sample(places, min(len(places), self._rng.randint(1, 3))):
            signs[place] = self._rng.choice(_SCANNED[signs[place]])
        return "".join(signs), "scanned"

    def in_other_signs(self, written: str) -> tuple[str, str]:
        """In full-width or mathematical digits; markup is written in plain ones."""
        if "&" in written or "=" in written:
            return written, "as typed"
        first = self._rng.choice((0xFF10, 0x1D7CE, 0x1D7EC))
        return "".join(
            chr(first + int(c)) if c.isdigit() else c for c in written
        ), "digits of another font"

    def with_invisible_signs(self, written: str) -> tuple[str, str]:
        """Soft hyphens, zero-width spaces and marks of direction between the signs."""
        at = self._rng.randint(1, len(written) - 1)
        sign = self._rng.choice("\u00ad\u200b\u200c\u200d\u2060\ufeff\u200e\u200f\u202a")
        return written[:at] + sign + written[at:], "invisible signs"

    def as_it_is(self, written: str) -> tuple[str, str]:
        """Unchanged."""
        return written, "as typed"


def _around(form: str) -> Sequence[tuple[str, str]]:
    """What stands around a number of this form."""
    if form == "last four beside a name":
        return _BESIDE_NAMES
    if form == "last four told":
        return _TOLD
    return _AROUND[:_NOT_GLUED] if form in {"words", "half in words"} else _AROUND


def _in_two(serial: str) -> str:
    return f"{serial[:2]} {serial[2:]}"


def _read(pair: str, *, joined: bool) -> str:
    """Two digits as they are read: `07` as "nul syv", `37` as "syvogtredive"."""
    tens, ones = int(pair[0]), int(pair[1])
    if tens == 0:
        return f"nul {_ONES[ones]}"
    if tens == 1:
        return _TEENS[ones]
    if ones == 0:
        return _TENS[tens - 2]
    one = "en" if ones == 1 else _ONES[ones]
    return f"{one}{'og' if joined else ' og '}{_TENS[tens - 2]}"


_JOINTS: Final = (
    *("-", "-", "-", "", "", " ", " - ", "- ", " -", "--", ".", "/", "_", "~", " / ", " – "),
    *("–", "—", "\u2010", "\u2011", "\u2212", "\u00a0", "\u00a0-\u00a0", "\u2009-\u2009"),
    *("-\n", "\n-", "\n", "-\r\n", "\t", " | ", "|", "·", "-\n> ", ": ", "<br>", "&ndash;"),
    *("&#8211;", "**-**", "=2D", " og de sidste fire ", " efterfulgt af ", ", løbenummer "),
)
_SCANNED: Final = {"0": "Oo", "1": "lI", "5": "S", "8": "B"}
_CHANGES: Final[tuple[Callable[[WrittenNumbers, str], tuple[str, str]], ...]] = (
    WrittenNumbers.as_it_is,
    WrittenNumbers.as_it_is,
    WrittenNumbers.scanned,
    WrittenNumbers.in_other_signs,
    WrittenNumbers.with_invisible_signs,
)
_FORMS: Final[tuple[tuple[str, Callable[[WrittenNumbers, _Number], str]], ...]] = (
    *(("digits", WrittenNumbers.in_digits),) * 8,
    ("words", WrittenNumbers.in_words),
    ("words", WrittenNumbers.in_words),
    ("half in words", WrittenNumbers.half_in_words),
    ("month by name", WrittenNumbers.with_the_month),
    ("last four beside a name", WrittenNumbers.last_four),
    ("last four told", WrittenNumbers.last_four),
    ("date hidden", WrittenNumbers.hidden_date),
)
_AROUND: Final = (
    *((" ", ". "), (" (", ") "), (" cpr. ", ", "), (" CPR-nr.: ", "\n"), (" cpr ", " ")),
    *(("\n", "\n"), (" Vedr. ", ", "), (" | ", " | "), (' "', '" '), (" cpr-nummer ", "; ")),
    *((" personnummer: ", ". "), (" født ", " "), (" <td>", "</td> "), (";", ";"), (" [", "] ")),
    *((" hans cpr er ", " tror jeg. "), (" nummeret er ", ". "), (" borger ", " har ")),
    *((" urn:oio:cpr-nr:", " "), (" cpr_", "_bilag "), (" CPR", " "), ("/", ", "), (" #", ". ")),
)
_NOT_GLUED: Final = -5
"""The last ones stand right beside the number: nobody writes words so."""
_BESIDE_NAMES: Final = (
    *((" Vibeke Skovmose (", ") "), (" Mogens Bruun, ", ", "), (" Ali Hassan - ", ". ")),
    *((" Karen Lund (cpr ", "). "), (" Jonas Holm ", "\n"), (" Anne Marie Dahl (-", "). ")),
)
_TOLD: Final = (
    *((" De sidste fire er ", ". "), (" sidste 4 cifre: ", " "), (" cpr slutter på ", ". ")),
    *((" de fire sidste cifre er ", ", "), (" endelsen er ", ". "), (" cpr ender på ", "; ")),
)
_SENTENCES_BEFORE: Final = (
    *("", "Telefonnotat.", "Borgeren ringer om sin ansøgning.", "Ansøgning om boligstøtte:"),
    *("hej, jeg skriver for min mor,", "Mødet blev holdt den 3. marts 2026.", "- Bilag 2,"),
    *("Afgørelse efter servicelovens § 83, stk. 1.", "Hun betaler 4.112 kr. om året.", "| nr. 4"),
)
_SENTENCES_AFTER: Final = (
    *("", "Sagen afsluttes.", "Ring til os på hverdage kl. 10-14.", "Hun søger om hjælp."),
    *("Partshøring er sendt den 14. april.", "tak for hjælpen", "Bilag 3 er vedlagt."),
)


def draw(count: int, seed: int) -> Iterator[WrittenNumber]:
    """`count` sentences."""
    numbers = WrittenNumbers(seed)
    return (numbers.draw() for _ in range(count))


def leaked(number: WrittenNumber, found: list[tuple[int, int]]) -> bool:
    """Whether a digit, or a word that is read for one, is left uncovered."""
    at = number.start
    for start, end in sorted(found):
        if end <= at:
            continue
        if start > at and _tells(number.text[at : min(start, number.end)]):
            return True
        at = max(at, end)
        if at >= number.end:
            return False
    return _tells(number.text[at : number.end])


def _tells(left: str) -> bool:
    """Whether `left` holds a part of a number; words such as "og de sidste fire" hold none."""
    bare = left.replace("sidste fire", "").replace("&#8211;", "").replace("=2D", "")
    words = bare.replace("-", " ").replace(",", " ").lower().split()
    return any(c.isdigit() for c in bare) or any(word in _NUMERALS for word in words)


_NUMERALS: Final = frozenset(
    {*_ONES, *_TEENS, *_TENS, *_ORDINALS, *_MONTHS}
    | {f"{one}og{ten}" for one in _ONES for ten in _TENS}
)
