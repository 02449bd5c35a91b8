"""CPR numbers whose date, joint and last four are each written in a way of their own."""

import random
from collections.abc import Sequence

import pytest
from sidemand.redaction.normalise import normalise
from sidemand.redaction.recognisers import find_identifiers

SIGNS = ["", " ", ".", "-", "/", "_", ",", "·", "|", " | ", " . ", ", ", "\n", "&nbsp;"]
JOINTS = [
    *("-", " ", " - ", "–", ".", "/", "_", "~", "|", ": ", "; ", ", ", "…", " (", "\n", "-\n> "),
    *("&ndash;", "&#8211;", "&#x2013;", "&amp;ndash;", "&nbsp;-&nbsp;", "=2D", "=E2=80=93"),
    *("%E2%80%93", "\\u2013", "<br>", "<br />", "</td><td>", '</b><b class="x">', "**-**"),
    *(" og de sidste fire ", ", løbenummer ", " streg ", " efterfulgt af ", " sidste fire: "),
]
BEFORE = ["", "cpr ", "| ", "nr. 4 ", "(", "<td>", "1. ", '"', "CPR"]
DATES = [way.split() for way in ("740344", "74 03 44", "74 O3 44", "7 4 0 3 4 4", "7 4 O 3 4 4")]
LAST_FOUR = [way.split() for way in ("1237", "l237", "1 2 3 7", "1 2 3 l")]
Piece = tuple[str, bool]
"""What is written, and whether it belongs to the number's digits."""


def apart(digits: Sequence[str], sign: str) -> list[Piece]:
    """The `digits` with the same `sign` between each and the next."""
    return [piece for digit in digits for piece in ((sign, False), (digit, True))][1:]


def drawn(seed: int) -> list[Piece]:
    """A number with what stands around it."""
    rng = random.Random(seed)
    date = apart(rng.choice(DATES), rng.choice(SIGNS))
    serial = apart(rng.choice(LAST_FOUR), rng.choice(SIGNS))
    before, joint = rng.choice(BEFORE), rng.choice(JOINTS)
    return [(before, False), *date, (joint, False), *serial, (" og mor", False)]


def left_of(written: Sequence[Piece]) -> str:
    """The digits of the number that no recogniser covers."""
    text = "".join(piece for piece, _ in written)
    normalised = normalise(text)
    places = [normalised.original(s.start, s.end) for s in find_identifiers(normalised.text)]
    covered = {at for start, end in places for at in range(start, end)}
    belongs = [belongs for piece, belongs in written for _ in piece]
    return "".join(text[at] for at in range(len(text)) if belongs[at] and at not in covered)


@pytest.mark.parametrize("hundred", range(8))
def test_no_digit_is_left_however_the_parts_are_written(hundred: int) -> None:
    numbers = [drawn(seed) for seed in range(hundred * 100, hundred * 100 + 100)]
    assert [number for number in numbers if left_of(number)] == []
