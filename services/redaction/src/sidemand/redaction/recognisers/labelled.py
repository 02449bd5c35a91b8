"""Identifiers that are known by the word before them: a label, then a number or a name.

What has no form of its own (passports, user names, properties, mistyped CPR numbers) is found
by what it is called. Source: the labels that municipal notes use for these registers.

Found: `cpr 7403 44`, `pasnr. P04418827`, `kørekort nr. 24 771 903`, `bruger-id boskov_81`,
`matr.nr. 7bx Tåstrup By`, `BFE-nr. 8804417`, `sagsnr. 0F7-K2`, `j.nr. 2208-0471`,
`ydernr. 077419`, `session a7f3-99e1`.
Left alone: `pas på`, `kørekort og pas`, `sag om aktindsigt`, `j.nr. er ukendt`.
"""

import re
from collections.abc import Iterator

from sidemand.redaction.recognisers.cues import Cue
from sidemand.redaction.recognisers.digits import DIGIT, is_near_digits, mostly_digits
from sidemand.redaction.spans import Certainty, Kind, Span

_D = DIGIT
_NUMBER_WORD = r"[ \-.]{0,2}(?:nr|nummer|no|number)(?:et|e)?[.:]{0,2}"
_IS = r"[.:]{0,2}\n? {0,2}(?:er |er blevet |= ?|[(] ?)?"
_DIGITS = rf"{_D}(?:[ .\-/]{{0,3}}\n?{_D}){{3,12}}(?!\w)"
_CODE = (
    r"(?=[A-ZÆØÅ]{0,4} ?[\w\-./]{0,12}\d)(?:[A-ZÆØÅ]{1,4}[ \-])?"
    rf"\w[\w./\-]{{2,24}}(?: (?={_D}{{0,5}}[0-9]){_D}{{1,6}}(?!\w)){{0,4}}(?<![.\-/])"
)
_PARISH = r"(?:[A-ZÆØÅ][a-zæøå]{0,3}\. )?[A-ZÆØÅ][\w\-]+(?: [A-ZÆØÅ][\w\-]+)?"
_TOWNLAND = rf"[A-ZÆØÅ][\w\-]+(?: [A-ZÆØÅ][\w\-]+){{0,2}}(?:, {_PARISH})?"
_LABELS: tuple[tuple[Kind, str, str], ...] = (
    (
        Kind.CPR,
        rf"(?:cpr|personnummer|pers\.?nr)(?:{_NUMBER_WORD}|-nr:)?|(?:sidste|fire) (?:fire )?cifre",
        _DIGITS,
    ),
    (
        Kind.IDENTITY_PAPER,
        r"(?:(?<!\w)pas|passport|kørekort|opholdskort|opholdstilladelse|opholdsbevis"
        r"|sygesikringskort|udl\.?|udlændinge|autorisations?|aut\.?|parkeringskort|kort|certifikat|id)"
        rf"(?:{_NUMBER_WORD}|-?id)|pas|passport|kort(?= ?[(])",
        _CODE,
    ),
    (
        Kind.IDENTITY_PAPER,
        r"(?:pas|passport|kørekort(?:et)?|opholdskort(?:et)?|opholdsbevis|sundhedskort|id-?kort"
        r"|legitimation(?:skort)?|autorisation|jagttegn|våbentilladelse|licens|sejlerbevis)",
        rf"(?:[A-ZÆØÅ]{{1,4}}[ \-]?)?{_D}(?:[ \-]?{_D}){{5,10}}(?!\w)",
    ),
    (
        Kind.USER_NAME,
        r"(?:facebook|fb|insta(?:gram)?|snap(?:chat)?|tiktok|twitter|linkedin|messenger|telegram|signal"
        r"|discord|steam|skype|vinted|dba)(?:-?(?:profil(?:en)?|konto|navn|bruger)|[ (]{1,2}navn)?"
        r"(?:(?: hedder (?:han|hun|de|jeg)| hedder| som)(?= )|:)",
        r"@?[\w][\w.\-]{2,30}(?<![.\-])",
    ),
    (
        Kind.USER_NAME,
        r"(?:brugernavn(?:et)?|bruger-?id|bruger|login|uni-login|medarbejder(?:nr|nummer)|medarb\.?nr"
        r"|tjenestenr|kursistnr|studienr|mitid-bruger(?:navn)?)",
        r"@?(?=[\w.\-]{0,24}(?:[\d_]|\.\w))[\w][\w.\-]{2,30}(?<![.\-])",
    ),
    (
        Kind.USER_NAME,
        r"(?:brugernavn(?:et)?|bruger-?id|login|uni-login|mitid(?=:))",
        r"(?!e-?mail)[\w.]{2,20}-[\w.\-]{2,30}(?<![.\-])",
    ),
    (
        Kind.PROPERTY,
        r"(?:matr(?:ikel)?\.?(?:[ ]?nr\.?|nummer)?|ejerlav)",
        rf"\d{{1,4}}[ \-]?[a-zæøå]{{0,3}}(?: m\.fl\.)?(?:,? {_TOWNLAND})?",
    ),
    (
        Kind.PROPERTY,
        r"(?:bfe|chr|ejendoms?|vurderingsejendoms?|ejd)(?:[ .\-]{0,2}(?:nr|nummer))?",
        rf"{_D}(?:[ .\-]?{_D}){{4,11}}",
    ),
    (
        Kind.CASE_NUMBER,
        r"(?:sags?(?:nr|nummer|id|-id|ref)|journal(?:nr|nummer)?|j\.? ?nr|jr\.? ?nr"
        r"|(?:vor|vores|deres) (?:ref|j\.?nr|sag)|sag(?:en)?(?: har)?,? (?:nr|nummer)"
        r"|kvittering(?:snr)?|kundenr|debitornr|lejemålsnr|løbenr|aftagernr|dok|sag)",
        _CODE,
    ),
    (
        Kind.PLATE,
        r"(?:nummerplade(?:n|r|rne)?|plade[rn]?|reg\.?-?nr|registreringsnummer(?:et)?|indreg\.?nr|trailer"
        r"|knallert|mc)",
        r"(?-i:[A-Z]{1,3}[ \-]?\d{1,4}(?:[ \-]?[A-Z0-9]{2,3}){0,2})",
    ),
    (Kind.CVR, r"yder(?:nr|nummer)", rf"{_D}{{5,6}}(?!\w)"),
    (
        Kind.ACCOUNT,
        r"mobilepay(?:-?boks(?:en)?)?(?:nr|nummer)?",
        rf"{_D}{{5,6}}(?!\w)",
    ),
    (
        Kind.DEVICE,
        r"(?:imei|serienr|s/n|mac|enhed|device|session)(?:[ .\-]?(?:nr|nummer|id))?",
        r"(?=[\w:\-]{0,20}\d)[\w][\w:/\-]{6,40}(?: \d{6,20})?",
    ),
)
_PATTERNS = tuple(
    (kind, re.compile(rf"(?:{label})(?![^\W_]){_IS}(?P<value>{value})", re.IGNORECASE))
    for kind, label, value in _LABELS
)
_FIRST_WORD = Cue(
    "cpr|pers|sidste|fire|pas|kørekort|ophold|sygesikring|sundhedskort|udl|aut|parkering|kort|certifikat"
    "|id|legitimation|jagttegn|våbentilladelse|licens|sejlerbevis|facebook|fb|insta|snap|tiktok"
    "|twitter|linkedin|messenger|telegram|signal|discord|steam|skype|vinted|dba|bruger|login|uni$"
    "|medarb|tjenestenr|kursistnr|studienr|mitid|matr|ejerlav|bfe|chr|ejendom|vurdering|ejd|sag"
    "|j$|jr$|journal|vor|deres|kvittering|kundenr|debitornr|lejemålsnr|løbenr|aftagernr|dok"
    "|nummerplade|plade|reg|indreg|trailer|knallert|mc|mobilepay|imei|serienr|s$|mac|enhed|device|session|yder"
)
# A profile's name holds no digit, often.
_PROFILE = re.compile(
    r"(?:facebook|fb|insta|snap|tiktok|twitter|linkedin|messenger|telegram|discord|mitid-bruger"
    r"|mitid:|brugernavn|login|enhed|device)",
    re.IGNORECASE,
)
_LETTERS_ALLOWED = frozenset({Kind.USER_NAME, Kind.DEVICE, Kind.PLATE})


def find(text: str) -> Iterator[Span]:
    """Every labelled identifier in the normalised `text`."""
    for place in _FIRST_WORD.places(text):
        if not (is_near_digits(text, place) or _PROFILE.match(text, place)):
            continue
        for kind, pattern in _PATTERNS:
            match = pattern.match(text, place)
            if match and (kind in _LETTERS_ALLOWED or mostly_digits(match["value"])):
                yield Span(*match.span("value"), kind, Certainty.IDENTIFIER)
