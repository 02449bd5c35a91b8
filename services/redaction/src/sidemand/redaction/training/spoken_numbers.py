"""Danish numbers in words, as they are dictated."""

from typing import Final

_SMALL: Final = (
    "nul et to tre fire fem seks syv otte ni ti elleve tolv tretten fjorten femten seksten sytten "
    "atten nitten"
).split()
_TENS: Final = "tyve tredive fyrre halvtreds tres halvfjerds firs halvfems".split()


def in_words(number: int) -> list[str]:
    """`number`, below a thousand, in words; "en" for one before a ten."""
    if number >= 100:
        hundreds = ["hundrede"] if number < 200 else [_SMALL[number // 100], "hundrede"]
        rest = number % 100
        return [*hundreds, *(["og", *in_words(rest)] if rest else [])]
    if number < 20:
        return [_SMALL[number]]
    ten, one = _TENS[number // 10 - 2], number % 10
    if not one:
        return [ten]
    return [f"{'en' if one == 1 else _SMALL[one]}og{ten}"]
