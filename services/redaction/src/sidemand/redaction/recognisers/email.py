"""E-mail addresses, also written so that no machine should read them.

Source: RFC 5322 in the part that is used; the local part may hold Danish letters (RFC 6531).

Found: `lan@fasanhaven9.example`, `lan(at)post.example`, `lan [at] post.example`,
`lan snabel-a post punktum example`, `lan(a)post.example`, `lan /at/ post /dot/ example`,
`lan @ po st.examp1e` (as scanned), `lan@post .example`, `lan@` (cut off), `<lan@post.example>`.
Left alone: `@kommunen` (a name in a feed), `3 stk. @ 40 kr.`, the mailbox of an office of a
municipality (`borgerservice@storaadal-kommune.example`).
"""

import re
from collections.abc import Iterator

from sidemand.redaction.spans import Certainty, Kind, Span

_LOCAL = r"[\w.+\-]{1,64}"
_SPOKEN_LOCAL = (
    rf"{_LOCAL}(?:(?: (?:punktum|prik|dot|bindestreg|streg|underscore) |\((?:punktum|dot)\))"
    r"[\w+\-]{1,30}){0,4}"
)
_HOST = r"(?:[\w\-]{1,63}\.){1,6}[^\W\d_]{2,24}"
_PLAIN = re.compile(rf"(?<![\w.+\-]){_LOCAL}@{_HOST}")
_CUT = re.compile(
    rf"(?<![\w.+\-])(?!(?:fornavn|navn|initialer)\b){_LOCAL}@(?!{_HOST})"
    r"(?:\s?[^\W\d_][\w\-]{0,62}(?:\s?\.\s?|,)[^\W\d_][^\W_]{1,23}(?!\w))?"
)
"""With a gap, a line's end or a comma in it, or without the rest."""
_AT = (
    r"(?:[(\[{/] ?(?:at|@|snabel[\- ]?a|krøllealfa) ?[)\]}/]|(?<=\w)\(a\)(?=\w)|@"
    r"|snabel[\- ]?a|krøllealfa|(?<= )at(?= [\w\-]{1,63} (?:punktum|dot|prik) ))"
)
_DOT = r"(?: ?\.(?: (?!(?-i:[A-ZÆØÅ][a-zæøå])))?| ?[(\[/]?(?:dot|punktum|prik)[)\]/]? ?)"
_SPELLED = re.compile(
    rf"(?<![\w.+\-]){_SPOKEN_LOCAL} {{0,2}}{_AT} {{0,2}}(?!\d+[ ,])[\w\-]{{1,63}}"
    r"(?: [\w\-]{1,30})?"
    rf"(?:{_DOT}[\w\-]{{1,63}}){{0,4}}{_DOT}[^\W\d_][^\W_]{{1,23}}(?!\w)",
    re.IGNORECASE,
)


def find(text: str) -> Iterator[Span]:
    """Every e-mail address in the normalised `text`."""
    patterns = [_PLAIN, _CUT] if "@" in text else []
    if _may_be_spelled(text):
        patterns.append(_SPELLED)
    for pattern in patterns:
        for match in pattern.finditer(text):
            if _OF_AN_OFFICE.match(match.group()):
                continue
            yield Span(match.start(), match.end(), Kind.EMAIL, Certainty.IDENTIFIER)


def _may_be_spelled(text: str) -> bool:
    if "@" in text and _APART.search(text):
        return True
    small = text.lower()
    named = any(name in small for name in _NAMES_OF_THE_SIGN) or _SAID.search(small)
    return bool(named or _IN_BRACKETS.search(text))


# Each begins with a rare sign, which is looked for several times as fast as a condition.
_APART = re.compile(r"@(?:(?<= @) ?\w|(?<=\w@) |[\w\-]+ [\w\-]+ ?\.)")
_IN_BRACKETS = re.compile(r"[(\[{/](?: ?(?:[aA][tT]|@) ?[)\]}/]|(?<=\w\()a\)\w)")
_SAID = re.compile(r" at [\w\-]+ (?:punktum|dot|prik) ")
_NAMES_OF_THE_SIGN = ("snabel", "krøllealfa")
_OF_AN_OFFICE = re.compile(
    r"(?:post|mail|info|kontakt|kommunen?|raadhuset|borgerservice|ydelse(?:r|skontoret)?|jobcenter"
    r"|sikkerpost|sikkerhed|it|support|hr|loen|akut|kultur|teknik|miljoe|byg(?:gesag)?|skole|dagtilbud"
    r"|pladsanvisning(?:en)?|social|boern|familie|handicap|aeldre|pension|visitation(?:en)?|sundhed"
    r"|hjaelpemiddel\w{0,12}|hjemmepleje(?:n)?|opkraevning|oekonomi|presse|folkeregister"
    r"|databeskyttelse|dpo|aktindsigt|hovedpostkasse(?:n)?)@[\w\-]*kommune\.(?:dk|example)$",
    re.IGNORECASE,
)
