"""What is looked for before a dear pattern stands in whatever the pattern finds.

A sign that is missing hides personal data, and no example tells.
"""

import re
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sidemand.redaction import guesses
from sidemand.redaction.recognisers import address, cpr

GUARDED = [
    (address._WITHOUT_STREET, address._MAY_BE_WITHOUT_STREET),
    (guesses._WITHIN_REFERENCE, guesses._SIGNS_OF_REFERENCE),
    (cpr._TELLS_SERIAL, (*cpr._WORDS_OF_A_SERIAL, "-")),
]


@pytest.mark.parametrize(("pattern", "signs"), GUARDED)
@settings(max_examples=300)
@given(st.data())
def test_one_of_the_signs_stands_in_whatever_the_pattern_finds(
    pattern: re.Pattern[str], signs: Sequence[str], data: st.DataObject
) -> None:
    small = re.compile(pattern.pattern, pattern.flags & ~re.IGNORECASE)
    found = data.draw(st.from_regex(small))
    assert any(sign in found.lower() for sign in signs), found
