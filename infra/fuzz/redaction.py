"""Texts that nobody foresaw, led by which code they reach: `make fuzz`, for ten minutes.

A CPR number stands in each on a line of its own. Whatever surrounds it, it is masked or the text is
refused; no recogniser fails, and mentions stay disjoint and in order. A text that breaks this is
left in `build/fuzz`, to be tried again by naming its file.
"""

import sys
from itertools import pairwise

import atheris  # type: ignore[import-untyped] # for Linux alone

with atheris.instrument_imports(include=["sidemand.redaction"]):
    from sidemand.redaction.finding import Finder, Unredactable

CPR = "740344-1237"  # invented, with an impossible day

FINDER = Finder()


def check(raw: bytes) -> None:
    """Look at one text; what is no UTF-8 becomes halves of surrogates."""
    around = raw.decode("utf-8", "surrogateescape")
    before, after = around[: len(around) // 2], around[len(around) // 2 :]
    text = f"{before}\n{CPR}\n{after}"
    try:
        places = [(each.start, each.end) for each in FINDER.find(text)]
    except Unredactable as refusal:
        if refusal.code == "recogniser_failed":
            raise
        return
    masked = {at for start, end in places for at in range(start, end)}
    digits = {len(before) + 1 + at for at, sign in enumerate(CPR) if sign.isdigit()}
    assert digits <= masked, "a digit of a CPR number is left"
    assert all(one[1] <= other[0] for one, other in pairwise(places)), "mentions overlap"
    assert all(0 <= start < end <= len(text) for start, end in places), "a mention is nowhere"


if __name__ == "__main__":
    atheris.Setup(sys.argv, check)
    atheris.Fuzz()
