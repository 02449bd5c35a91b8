"""Tokens that stand for persons behind the gate: `⟦PERSON_7K2MX4⟧`.

Kind, five signs of code, one check sign. The signs are 31, a prime, so the weighted check finds
every single wrong sign and every swap of two; letters and digits that look alike are left out.
The code comes from the case's own key: what it stands for cannot be computed from it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from sidemand.redaction.rewriting import rewrite
from sidemand.redaction.spans import Kind

OPENING: Final = "⟦"
CLOSING: Final = "⟧"

_SIGNS: Final = "023456789ABCDEFGHJKMNPQRSTVWXYZ"
_CODE_LENGTH: Final = 5
_READ_AS = str.maketrans({"O": "0", "I": "J", "L": "J"})
_KIND_OF: Final = {kind.value: kind for kind in Kind}
_KIND = "|".join(sorted(_KIND_OF, key=len, reverse=True))
_CODE = r"[0-9A-Za-z]{6}"
_ENDING = r"(?:'s|’s|-?s)(?!\w)|'(?!\w)"
# What a model may do to a token: small letters, other brackets or none, an ending within or behind
# the brackets, and between our brackets spaces, line ends, hyphens and signs of Markdown.
# Anything else between our brackets is a token nobody made, and so is a kind with a number.
_IN_OTHERS = rf"[ *`]*(?:{_KIND})[ \\_*`-]{{1,3}}{_CODE}(?:['’]?s|['’])?[ *`]*"
_WRITTEN = re.compile(
    rf"(?:⟦(?P<inside>[^⟦⟧]{{0,80}})⟧|(?:\[\[|【|〚)(?P<in_others>{_IN_OTHERS})(?:\]\]|】|〛))"
    rf"(?P<outer>{_ENDING})?"
    rf"|(?P<open>[\[{{<])?(?<!\w)(?P<bare>(?:{_KIND})\\?_{_CODE})(?![^\Ws])(?P<close>[\]}}>])?"
    rf"(?P<bare_outer>{_ENDING})?"
    rf"|(?<!\w)(?P<spaced>(?-i:{_KIND})[ -](?-i:[0-9A-Z]{{6}}))(?P<spaced_outer>{_ENDING})?(?!\w)"
    rf"|(?<!\w)(?P<numbered>(?-i:{_KIND})\\?_(?-i:[0-9A-Z]{{1,12}}))(?!\w)"
    r"|⟦[^⟦⟧\n]{0,60}|⟧",
    re.IGNORECASE,
)
_BETWEEN_SIGNS = re.compile(r"[\s\\*`~_\-\u00ad\u2010\u2011\u200b-\u200d\u2060\ufeff]+")
_INSIDE = re.compile(rf"(?P<kind>{_KIND})(?P<code>{_CODE})(?P<ending>['’]?s|['’])?", re.IGNORECASE)


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
    return _token(_signs(written)) if written else None


def tokens_in(text: str) -> Iterator[WrittenToken]:
    """Every token in `text`, inflected, small, split or misquoted; also those that nobody made."""
    for match in _WRITTEN.finditer(text):
        signs = _signs(match)
        token = _token(signs)
        if token is None and _is_ordinary(match):
            continue
        start, end = _place(match)
        ending = match["outer"] or match["bare_outer"] or match["spaced_outer"]
        genitive = bool((ending and end == match.end()) or (signs and signs["ending"]))
        yield WrittenToken(start, end, token, genitive)


def without_token_signs(text: str) -> str:
    """`text` with other signs for those of tokens, offset by offset: nobody can forge a token."""
    if not _SUSPECT.search(text):
        return text
    pretending = (
        (written.start, written.end, text[written.start : written.end].translate(_OTHER_SIGNS))
        for written in tokens_in(text)
    )
    return rewrite(text, pretending).text


_SUSPECT: Final = re.compile(rf"[⟦⟧【〚]|\[\[|(?:{_KIND})(?:[ -](?-i:[0-9A-Z]{{6}})|\\?_)", re.I)
_OTHER_SIGNS: Final = str.maketrans("⟦⟧【】〚〛[]_- ", "()()()()···")


def _signs(match: re.Match[str]) -> re.Match[str] | None:
    """Kind, code and ending without what stands between them; none where it is no token."""
    written = match["inside"] or match["in_others"] or match["bare"] or match["spaced"] or ""
    return _INSIDE.fullmatch(_BETWEEN_SIGNS.sub("", written))


def _is_ordinary(match: re.Match[str]) -> bool:
    """Whether what is no token may stand as it is: `case_number` is a word, `CASE_NUMBER` is not.

    Two words in capitals may be a heading.
    """
    word = match["in_others"] or match["bare"]
    return bool(match["spaced"]) or (word is not None and not word.isupper())


def _place(match: re.Match[str]) -> tuple[int, int]:
    """Where the token stands; a bracket that a model put around it counts on both sides only."""
    if match["bare"] and bool(match["open"]) != bool(match["close"]):
        return match.start("bare"), match.end("bare") if match["close"] else match.end()
    return match.span()


def _token(signs: re.Match[str] | None) -> Token | None:
    if signs is None:
        return None
    kind = _KIND_OF.get(signs["kind"].upper())
    code = signs["code"].upper().translate(_READ_AS)
    if kind is None or any(sign not in _SIGNS for sign in code):
        return None
    return Token(kind, code) if _check_sign(kind, code[:-1]) == code[-1] else None


def _check_sign(kind: Kind, code: str) -> str:
    """Weighted sum over the kind's number and the code, modulo 31."""
    total = list(Kind).index(kind) + 1
    for weight, sign in enumerate(code, start=2):
        total += weight * _SIGNS.index(sign)
    return _SIGNS[total % len(_SIGNS)]
