"""Initials with which somebody signs or is named beside a word that says so.

Source: how notes, minutes and letters of municipalities are signed.

Found: `/MLK` and `/Kirsten` at the end of a line, `SBR/Ydelseskontoret` as a line, `Ref.: abt`,
`Modt. JHP`, `Sekr. HvB`, `Opdateret 7/6 af pkj`, `Kontrolleret LSJ.`, `mvh KE`,
`Jeg orker ikke mere. KE`, `Mødte: bh, øl (formand), sj`, `bch` on the last line.
Left alone: `og/eller`, `km/t`, `Ref.: 24-118830`, `Diagnosen er stillet. KOL`, `jf. LAS`.
"""

import re
from collections.abc import Iterator
from itertools import chain

from sidemand.redaction.recognisers.cues import Cue
from sidemand.redaction.recognisers.digits import first
from sidemand.redaction.spans import Certainty, Kind, Span

_CAPITALS = r"(?-i:[A-ZÆØÅ]{2,4}|[A-ZÆØÅ][a-zæøå]?[A-ZÆØÅ]|[A-ZÆØÅ]\.(?:[A-ZÆØÅ]\.?){1,2})"
_ANY = rf"(?:{_CAPITALS}|(?-i:[a-zæøå]{{2,4}}))(?![\w\-])"
_LINE_END = r"(?=[ .]*(?:\n|$))"
_SIGNED = re.compile(
    first(r"[/\-–]", r"[\w./]") + rf" ?(?P<name>{_CAPITALS}|(?<=/)[a-zæøå]{{2,4}}"
    rf"|(?<=/)[A-ZÆØÅ][a-zæøåé]{{1,14}}(?: [A-ZÆØÅ][\w\-]{{1,20}}){{0,2}}){_LINE_END}"
)
_FOR_AN_OFFICE = re.compile(
    rf"(?:^|(?<=[.!?] ))(?P<name>{_CAPITALS})/(?=[A-ZÆØÅ][a-zæøå]{{4,}}[^\n/|]{{0,20}}$)",
    re.MULTILINE,
)
_TOLD = re.compile(
    r"(?<!\w)(?:(?:ref|referent|sekr|sekretær|modt|modtaget|sagsbeh|sbh|init|initialer|kontrolleret"
    r"|godkendt|opdateret|skrevet|oprettet|udført|noteret|journaliseret|behandlet|tastet|rettet"
    r"|underskrevet|afsluttet|journalnotat|notat)\.?:?"
    rf"(?: (?:d\. ?|den )?[\d./\-]{{3,10}}:?)?(?: (?:af|ved|v/)| ?[:/])? )(?P<name>{_ANY})"
    r"(?=[ ]*[.,;:|/)\n]|$|  )",
    re.IGNORECASE,
)
_HILSEN = re.compile(
    rf"(?<!\w)(?:mvh|m\.v\.h\.|vh|kh|hilsen|hilsner|hilsenen)[.,:]? ?\n{{0,2}}(?P<name>{_ANY})"
    rf"{_LINE_END}",
    re.IGNORECASE,
)
_TELLING = Cue(
    "ref|sekr|modt|sagsbeh|sbh|init|kontrol|godkendt|opdateret|skrevet|oprettet|udført|noteret"
    "|journal|behandlet|tastet|rettet|underskrevet|afsluttet|notat"
)
_GREETING = Cue("mvh|m$|vh|kh|hils")
_AFTER_A_SENTENCE = re.compile(rf"[.!?,] (?P<name>{_CAPITALS})(?=[ .]*(?:\n|$))")
_HEAD = re.compile(
    rf"^ {{0,2}}(?:fra|til|cc|bcc|att|vedr|sagsbeh|init)\.?: ?(?P<name>{_CAPITALS})"
    r"(?=[ ]*(?:\n|,|;|/|$))",
    re.IGNORECASE | re.MULTILINE,
)
_AFTER_A_TITLE = re.compile(r"\b(?:[Hh]r|[Ff]r[uk])\.? (?P<name>[A-ZÆØÅ])\b")
_TITLE = Cue("hr$|fr[uk]$")
_LETTER_BY_LETTER = re.compile(r"(?<![^\s(\"'])[^\W\d_](?: {1,3}[^\W\d_]){3,30}(?![^\s).,;:!?])")
_TWO_LETTERS = re.compile(r" [^\W\d_] {1,3}[^\W\d_] ")
_LISTED = re.compile(
    r"(?:mødte|til stede|tilstede|fremmødte?|deltagere?|deltog|afbud|fraværende|ikke mødt|forfald"
    r"|underskrevet|ordstyrer|mødedeltagere)(?: fra)?: ?(?P<people>[^\n]{2,200})",
    re.IGNORECASE,
)
_LISTS = Cue(
    "mødte|til$|tilstede|fremmødt|deltage|deltog|afbud|fravær|ikke$|forfald|underskr|ordstyrer|mødedel"
)
_ONE_OF_THEM = re.compile(
    rf"(?:(?<=: )|[,;/] ?|\bog )(?P<name>{_CAPITALS}|[a-zæøå]{{2,3}})(?= ?(?:[,;/().\n]|og\b|$))"
)
_LAST_WORD = re.compile(r"(?:\n|[.!?] )(?P<name>[a-zæøå]{2,3})\s*\Z")
NOBODY = frozenset(
    "adhd add asf bmi kol ptsd ocd hiv aids als mr ct cpr cvr ean kle kl dk eu fn usa uk ok "
    "nb ps obs tv pc it hr sfo ppr ppv sps stu hf htx stx hhx eud fgu lab las sel rsl fvl "
    "gdpr dpo akt bbr bfe su dt at den det der som ham hun han dem mig dig sig jer os vi du "
    "en et to og om af ved til fra igen ja nej tak nu her alle ingen begge selv kom går gik "
    "blev var har kan skal vil må ad ud ind op ned mor far brev mail post sms kopi tlf jf pr "
    "ca nr stk mv mm osv dog kun lov fax vvs sf df la rv kf dd hk foa fb cc hej "
    "ses ssp mac att soc".split()
)


def find(text: str) -> Iterator[Span]:
    """Every signature by initials in the normalised `text`."""
    found = chain(
        _SIGNED.finditer(text),
        _TELLING.matches(_TOLD, text),
        _GREETING.matches(_HILSEN, text),
        _AFTER_A_SENTENCE.finditer(text),
        _HEAD.finditer(text) if ": " in text else (),
        _FOR_AN_OFFICE.finditer(text) if "/" in text else (),
        _LAST_WORD.finditer(text, max(0, len(text) - 12)),
        *(_ONE_OF_THEM.finditer(text, *m.span("people")) for m in _LISTS.matches(_LISTED, text)),
    )
    spelled = _LETTER_BY_LETTER.finditer(text) if _TWO_LETTERS.search(text) else ()
    for match in chain(_TITLE.matches(_AFTER_A_TITLE, text), spelled):
        yield Span(*match.span(match.lastgroup or 0), Kind.PERSON, Certainty.IDENTIFIER)
    for match in found:
        if match["name"].lower().strip(".") not in NOBODY:
            yield Span(*match.span("name"), Kind.PERSON, Certainty.IDENTIFIER)
