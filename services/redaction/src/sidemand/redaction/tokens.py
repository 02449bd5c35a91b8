"""Tokens that stand for persons behind the gate: `⟦PERSON_7K2MX4⟧`.

Kind, five signs of code, one check sign. The signs are 31, a prime, so the weighted check finds
every single wrong sign and every swap of two; letters and digits that look alike are left out.
The code comes from the case's own key: what it stands for cannot be computed from it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from sidemand.redaction.spans import Kind

OPENING: Final = "⟦"
CLOSING: Final = "⟧"

_SIGNS: Final = "023456789ABCDEFGHJKMNPQRSTVWXYZ"
_CODE_LENGTH: Final = 5
_READ_AS = str.maketrans({"O": "0", "I": "J", "L": "J"})
_KINDS = "|".join(sorted((kind.value for kind in Kind), key=len, reverse=True))
_BODY = rf"(?:{_KINDS})"
_CODE = r"[0-9A-Za-z]{6}"
_ENDING = r"(?:'s|’s|-?s)(?!\w)|'(?!\w)"
# What a model may do to a token: small letters, other brackets or none, an escaped underscore, an
# ending within or behind the brackets. Anything else between our brackets is a token nobody made.
_WRITTEN = re.compile(
    rf"(?:⟦ ?|\[\[ ?)(?P<kind>{_BODY})\\?[_ \-](?P<code>{_CODE})(?P<inner>'?s)?"
    rf"(?: ?⟧| ?\]\])(?P<outer>{_ENDING})?"
    rf"|(?<!\w)\[?(?P<bare_kind>{_BODY})\\?_(?P<bare_code>{_CODE})(?![^\Ws])\]?"
    rf"(?P<bare_outer>{_ENDING})?"
    r"|⟦[^⟦⟧\n]{0,60}⟧?|⟧",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Token:
    """A well-formed token."""

    kind: Kind
    code: str
    """Five signs and the check sign."""

    def __str__(self) -> str:
        return f"{OPENING}{self.kind}_{self.code}{CLOSING}"


@dataclass(frozen=True, slots=True)
class WrittenToken:
    """A place in a text where a token stands, or what pretends to be one."""

    start: int
    end: int
    token: Token | None
    """None: not one that we make."""
    genitive: bool


def make_token(kind: Kind, secret: bytes) -> Token:
    """The token that at least eight bytes of `secret` lead to; the same bytes, the same token."""
    number = int.from_bytes(secret[:8], "big")
    signs = []
    for _ in range(_CODE_LENGTH):
        number, sign = divmod(number, len(_SIGNS))
        signs.append(_SIGNS[sign])
    code = "".join(signs)
    return Token(kind, code + _check_sign(kind, code))


def parse_token(text: str) -> Token | None:
    """The token that `text` is as a whole; none where the check sign is wrong."""
    written = _WRITTEN.fullmatch(text)
    return _token(written) if written else None


def tokens_in(text: str) -> Iterator[WrittenToken]:
    """Every token in `text`, inflected, small or misquoted; also those that nobody made."""
    for match in _WRITTEN.finditer(text):
        ending = match["inner"] or match["outer"] or match["bare_outer"]
        yield WrittenToken(match.start(), match.end(), _token(match), genitive=bool(ending))


def without_token_signs(text: str) -> str:
    """`text` with other brackets for ours, offset by offset: nobody can forge a token."""
    return text.replace(OPENING, "[").replace(CLOSING, "]")


def _token(match: re.Match[str]) -> Token | None:
    name = match["kind"] or match["bare_kind"]
    if name is None:
        return None
    kind = Kind(name.upper())
    code = (match["code"] or match["bare_code"]).upper().translate(_READ_AS)
    valid = all(sign in _SIGNS for sign in code) and _check_sign(kind, code[:-1]) == code[-1]
    return Token(kind, code) if valid else None


def _check_sign(kind: Kind, code: str) -> str:
    """Weighted sum over the kind's number and the code, modulo 31."""
    total = list(Kind).index(kind) + 1
    for weight, sign in enumerate(code, start=2):
        total += weight * _SIGNS.index(sign)
    return _SIGNS[total % len(_SIGNS)]
