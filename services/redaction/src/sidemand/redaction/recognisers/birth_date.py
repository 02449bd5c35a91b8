"""Dates of birth: a date beside a word that says so. Dates of other events stay.

Found: `født 14/2-2016`, `f. 8/8 1946`, `Fødselsdato: 7. november 1986`, `f.d. 1991-09-17`,
`date of birth 11 May 2018`, `født den 3. januar 2021`, `fødselsdag 30/11`, `(f. 1. nov. '14)`,
`født på årets sidste dag i 2021`, `født nytårsdag 2011`, `hun fylder 70 den 4. februar`,
`blev femoghalvfjerds den 4. februar`, `født torsdag den 9. maj 2024`,
`Hvornår er han født?` with the answer on the next line, `født den tolvte i ellevte seksogtredive`.
Left alone: `mødet den 3. januar 2021`, `jf. 2. pkt.`, `født på Storådal Sygehus`.
"""

import re
from collections.abc import Iterator

from sidemand.redaction.recognisers.age import NUMBER
from sidemand.redaction.recognisers.cues import Cue
from sidemand.redaction.recognisers.digits import DIGIT
from sidemand.redaction.spans import Certainty, Kind, Span

_D = DIGIT
_MONTH = (
    r"(?:jan(?:uar|uary)?|feb(?:ruar|ruary)?|mar(?:ts|ch)?|apr(?:il|iI)?|ma[jy]|jun[ie]?|ju[l1][iy]?"
    r"|aug(?:ust)?|sept?(?:ember)?|o[kc]t(?:ober)?|nov(?:ember)?|dec(?:ember)?)(?:\.(?= ?['\d]))?"
)
_ONES = "en|et|to|tre|fire|fem|seks|syv|otte|ni"
_SPOKEN = (
    r"(?:nul|ti|elleve|tolv|tretten|fjorten|femten|seksten|sytten|atten|nitten|hundrede|tusind"
    rf"|(?:(?:{_ONES}) ?og ?)?(?:tyve|tredi?ve|fyrre|halvtreds|tres|halvfjerds|firs|halvfems)"
    rf"|{_ONES})"
)
_ORDINAL = (
    r"(?:første|anden|tredje|fjerde|femte|sjette|syvende|ottende|niende|tiende|ellevte|tolvte"
    r"|trettende|fjortende|femtende|sekstende|syttende|attende|nittende"
    rf"|(?:(?:{_ONES}) ?og ?)?(?:tyvende|tredivte))"
)
_WEEKDAY = r"(?:(?:man|tirs|ons|tors|fre|lør|søn)dag (?:den |d\. ?)?)?"
_YEAR = rf"(?:{_D}{{4}}|'?{_D}{{2}}|(?:i )?{_SPOKEN}(?: (?:og )?{_SPOKEN}){{0,4}})"
_FEAST = (
    r"(?:nytårs(?:dag|aften(?:sdag)?)|(?:lille)?juleaften(?:sdag)?|(?:første|anden|[12]\.) ?juledag"
    r"|andendag jul|grundlovsdag|valdemarsdag|(?:sankt|sct\.|skt\.) ?hans(?: ?aften|dag)?"
    r"|sankthans(?:aften)?|midsommer(?:dag|aften)?|mortensaften|kyndelmisse|skuddag(?:en)?"
    r"|påske(?:dag|lørdag|søndag)|langfredag|skærtorsdag|pinse(?:dag|lørdag)|fastelavn|luciadag"
    r"|årets (?:sidste|første) dag|(?:første|sidste) dag i [a-z]{3,9}"
    r"|dagen (?:før|efter) [a-zæøå]{4,14}"
    r"|helligtrekonger)"
)
_DATE = (
    rf"(?:{_D}{{4}}-{_D}{{2}}-{_D}{{2}}"
    rf"|(?:{_D}{{1,2}}|{_ORDINAL})\.? ?(?:i )?{_MONTH}(?:,? {_YEAR})?"
    rf"|(?:{_D}{{1,2}}\.?|{_ORDINAL}) i (?:{_D}{{1,2}}\.?|{_ORDINAL})(?: {_YEAR})?"
    rf"|{_FEAST}(?: i)?(?: {_YEAR})?"
    rf"|{_D}{{1,2}} ?[./\- ] ?{_D}{{1,2}}(?: ?[./\- ] ?-? ?{_YEAR}|\.)?|{_D}{{6}}|{_D}{{8}})"
)
_LABEL = (
    r"(?:fødselsdato(?:en|er)?|fødselsdag(?:en)?|fødedato|fødedag|født|date of birth|born|f\.d"
    r"|(?<![\w.])f\.|årgang)"
)
_LABELS = Cue("født|fødsels|fødeda|date$|born|f$|årgang")
_CUES = Cue("født|fødsels|fylde|fyldte|birthday|bliver$|blev$")
_LABELLED = re.compile(
    rf"(?<!\w){_LABEL}[.:]? {{0,2}}"
    r"(?:er |som |var |den |d\. ?|på |om sommeren, den |dag den ){0,2}"
    rf"(?P<date>{_WEEKDAY}{_DATE})(?!\w)(?![.,/\-]\d)",
    re.IGNORECASE,
)
_CUE = re.compile(
    r"(?<!\w)(?:født|fødsels(?:dag(?:en|e)?|dato(?:en|er|erne)?)|fylder|fyldte|fylde|birthday"
    rf"|bl(?:iver|ev) (?:\d{{1,3}}|{NUMBER})(?: år)?(?= (?:den|d\.) ))(?!\w)",
    re.IGNORECASE,
)
# No other event between the word and the date: no verb that says what happened then.
_NEAR = re.compile(
    rf"(?:(?!\b(?:efter|før|perioden|møde|mødet|ansøg\w*|frist\w*|flytte\w*|starte\w*|begynd\w*|kl)\b)[^\n?.;|]|\d\.){{0,44}}?"
    rf"(?<!\w)(?P<date>(?:den |d\. ?)?{_DATE})(?!\w)(?![.,/\-]\d)",
    re.IGNORECASE,
)
_ASKED = re.compile(
    rf"[^\n?]{{0,30}}\?[^\n]{{0,10}}\n{{1,2}}[^\n:]{{0,14}}:? ?[^\n]{{0,20}}?(?<!\w)"
    rf"(?P<date>(?:den )?{_DATE})(?!\w)",
    re.IGNORECASE,
)
_AND_ANOTHER = re.compile(rf" og (?P<date>{_DATE})(?!\w)(?= ?[.,;)\n]|$)", re.IGNORECASE)
"""Of twins or siblings, where nothing is said to have happened on it."""
_YEAR_ONLY = re.compile(
    r"(?<!\w)(?:født i|født|årgang|fødselsår:?|f\.) ?(?P<date>(?:19|20)\d\d)(?!\w)", re.IGNORECASE
)


def find(text: str) -> Iterator[Span]:
    """Every date of birth in the normalised `text`."""
    for pattern in (_LABELLED, _YEAR_ONLY):
        for match in _LABELS.matches(pattern, text):
            yield Span(*match.span("date"), Kind.BIRTH_DATE, Certainty.IDENTIFIER)
    for cue in _CUES.matches(_CUE, text):
        for pattern in (_NEAR, _ASKED):
            near = pattern.match(text, cue.end(), cue.end() + 120)
            if near and any(map(_is_day, near.groups())):
                yield Span(*near.span("date"), Kind.BIRTH_DATE, Certainty.IDENTIFIER)
                if another := _AND_ANOTHER.match(text, near.end()):
                    yield Span(*another.span("date"), Kind.BIRTH_DATE, Certainty.IDENTIFIER)


def _is_day(date: str) -> bool:
    """Whether `date` names a day and is no share or bare number: `2 3`, `1-2`."""
    return not re.fullmatch(r"\d{1,2} ?[ \-] ?\d{1,2}|\d{6}|\d{8}", date)
