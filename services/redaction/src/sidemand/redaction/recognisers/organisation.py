"""Organisations that tell where somebody lives, learns or is treated: by their sort and name.

A kindergarten or a care home narrows a person down as an address does. Authorities do not.
Source: the sorts of institution that municipal cases name, written beside a proper name.

Found: `Børnehaven Stjernekasteren`, `Plejecenter Søglimt`, `Ørsted Efterskole`, `Kratskolen`,
`Lægehuset ved Mølleåen`, `Centrum Psykologerne`, `Brugsforeningen i Hvalpsund`,
`Bæk & Sønner Gartneri`, `Nordpumpe A/S`, `Kennel Bendix`.
Left alone: `Børnehaven har lukket`, `Ankestyrelsen`, `Aarhus Kommune`, `Folkeskolen`,
`Udbetaling Danmark`, `Skolen skal`.
"""

import re
from collections.abc import Iterator
from itertools import chain

from sidemand.redaction.recognisers.cues import Cue
from sidemand.redaction.spans import Certainty, Kind, Span

_BEFORE_NAME = (
    "(?:[Ss]pecial|[Nn]atur|[Ss]kov|[Uu]dflytter)?[Bb]ørnehaven?|[Vv]uggestuen?|[Bb]ørnehuset|[Bb]ørnegården"
    "|[Dd]agplejen|[Dd]agcenter|[Dd]emenscenter|[Pp]lejecent(?:er|ret)|[Pp]lejehjemmet|[Ff]riplejehjemmet"
    "|[Ææ]ldrecent(?:er|ret)|[Ll]okalcenter|[Bb]ofællesskabet|[Bb]osted(?:et)?|[Bb]otilbud(?:det)?"
    "|[Oo]pholdsstedet|[Vv]ærested(?:et)?|[Hh]erberget|[Kk]risecent(?:er|ret)|[Kk]risestedet"
    "|[Kk]vindehjemmet|[Mm]ødrehuset|[Uu]ngehuset|[Tt]ræningshuset|[Pp]sykologhuset|[Hh]ospice"
    "|[Ll]ægehuset|[Ll]ægerne|[Tt]andlægerne|[Kk]linik(?:ken)?|[Tt]andklinikken|[Aa]poteket|[Hh]otel"
    "|[Rr]estaurant|[Cc]afé|[Pp]izzeria|[Gg]rillbaren|[Kk]øbmand(?:en)?|[Ff]risør|[Ss]alon|[Kk]ennel"
    "|[Gg]artneriet|[Pp]ension(?:at(?:et)?)?|[Kk]ollegiet|[Tt]eater|[Ss]pecialskolen"
    "|[Hh]eldagsskolen"
    "|[Dd]agbehandlingsskolen|[Mm]usikskolen|[Tt]egnskolen|[Ss]kolen (?:ved|i|på)"
    "|SFO|[Kk]lub(?:ben)?"
    "|[Ff]ritidshjemmet|[Nn]aturgruppen|[Dd]istriktspsykiatrien|[Gg]enbrugsbutikken|[Bb]lomsterbutikken"
    "|[Ff]alkonbageriet|[Vv]ærkstedet|[Aa]flastningen|[Ii]nstitution(?:en)?|[Bb]ådelauget|FC|BK|IF"
    "|[Ff]orsorgshjemmet|[Rr]oklubben|[Bb]oldklubben|[Ss]ejlklubben|[Rr]ideklubben|[Hh]åndboldklubben"
    "|[Ff]odboldklubben|[Gg]rillen|[Kk]iosken|[Bb]ageriet|[Vv]askeriet|[Bb]odegaen|[Kk]roen|[Tt]rawleren"
    "|[Bb]rugsforeningen|[Kk]utteren|[Ss]tue|[Pp]rivatpasser|[Ff]onden"
)
_AFTER_NAME = (
    "[Ss]kole|[Ff]riskole|[Ll]illeskole|[Pp]rivatskole|[Ee]fterskoles?|[Uu]ngdomsskole|[Ll]andsbyskole"
    "|Erhvervsgymnasium|[Gg]ymnasium|[Bb]ørnehave|[Bb]ørnehus|[Ss]pecialbørnehave|[Pp]lejehjem"
    "|[Pp]lejecenter|Dagcenter|Hospice|Svømmehal|Idrætscenter|Idrætsforening|Bokseklub|Judoklub|Bådlaug"
    "|Forsamlingshus|Kirke|Valgmenighed|Psykiatri|Amtssygehus|Dyreklinik|Tandteknik|Maskinstation"
    "|Gartneri|Tagdækning|Savværk|Slagteri|Slagtehus|Mejeri|Trælast|Tømmerhandel|Isenkram|Fiskeindustri"
    "|Havneværft|Staldinventar|Maskinværk|Bådebyggeri|Kornsilo|Lædervarer|Montage|Byg|Boligudlejning"
    "|Færgekro|Tidende|Hundehotel|Fritidshjem|SFO|Optikeren|Tekstiltryk|Købmand|Bageri|Auto|Transport"
    "|Vandværk|Roklub|Sejlklub|Boldklub|Rideklub|School|Kro|Grill|GF|Psykologerne"
    "|Tandlægerne|Lægerne"
)
_NAME_WORD = r"(?!Stk\b|Kap\b|Nr\b)[A-ZÆØÅ][\w'\-]*"
_LINK = r"(?:ved|på|i|den|det|og|&|til|af)"
_TELLS_WHICH = (
    "(?:Ønsket|Nuværende|Kommende|Tidligere|Ny|Nye|Anden|Samme|Min|Din|Hans|Hendes|Vores|Jeres|Deres"
    "|Privat|Almindelig|Enhver|Ingen|Nærmeste|Lokal)"
)
"""Words that begin a sentence or a heading before a sort that is written small."""
_NAME = rf"{_NAME_WORD}(?: (?:{_LINK} )?{_NAME_WORD}){{0,3}}"
_SORT_FIRST = re.compile(
    rf"(?<![\w\-])(?:{_BEFORE_NAME}) (?:(?!og\b|&){_LINK} )?"
    rf"(?P<name>{_NAME}|\"[^\"\n]{{2,30}}\")"
)
_SORT_LAST = re.compile(
    rf"(?<![\w\-])(?!{_TELLS_WHICH} [a-z])(?:{_NAME_WORD} (?:& )?){{1,3}}"
    rf"(?:{_AFTER_NAME}|ApS|A/S|I/S|K/S|IVS|AMBA|P/S)(?![\w\-])"
)
_COMPOUND = re.compile(
    r"(?<![\w\-])[A-ZÆØÅ][a-zæøå]{3,20}(?:skolens?|skole|bladet|bageriet|slagteren)(?![\w\-])"
)
_SORTS = Cue(f"(?:{_BEFORE_NAME.replace(' (?:ved|i|på)', '').lower()})$")
_COMPANIES = Cue(f"(?:{_AFTER_NAME.lower()}|aps|ivs|amba)$|s$")
_COMPOUNDS = Cue(".*(?:skolens?|skole|bladet|bageriet|slagteren)$")
_GENERAL = re.compile(
    r"(?:Folke|Grund|Fri|Privat|Special|Høj|Efter|Musik|Ungdoms|Heldags|Modtager|Distrikts|Erhvervs|Sprog|Handels"
    r"|Landsby|Lille|Køre|Afdelings|Kost|Produktions|Aften|Mellem|Ind|Udskolings|For|Hele|Dag|Fag|Natur)"
    r"(?:skole|bladet)"
)
_AUTHORITY = re.compile(
    r"\b(?:Kommune|Region|Danmark|Ankestyrelsen|Jobcenter|Borgerservice|Retten)\b"
)
_STARTS_A_CLAUSE = re.compile(r"(?:Han|Hun|Vi|Du|Jeg|De|Det|Den|Der|I|Hvis|Når|Kl|§|Som|At|Og)\b")


def find(text: str) -> Iterator[Span]:
    """Every named institution or company in the normalised `text`."""
    for match in _SORTS.matches(_SORT_FIRST, text):
        if not _STARTS_A_CLAUSE.match(match["name"]) and not _AUTHORITY.search(match.group()):
            yield _span(match)
    companies = _SORT_LAST.finditer(text) if _COMPANIES.places(text) else ()
    for match in chain(companies, _COMPOUNDS.matches(_COMPOUND, text)):
        if not _GENERAL.match(match.group()) and not _AUTHORITY.search(match.group()):
            yield _span(match)


def _span(match: re.Match[str]) -> Span:
    return Span(match.start(), match.end(), Kind.ORGANISATION, Certainty.IDENTIFIER)
