"""Danish words that matter when a statement is held against its quotes.

Chosen on `groundedness/train*.jsonl`. Patterns are held against folded text.
"""

import re
from collections.abc import Mapping
from functools import cache
from typing import Final

from sidemand.danish.stems import stem

_SENSES: Final = """
    kommune kommunalbestyrelse handlekommune opholdskommune bopælskommune forvaltning kommunal vi
    borger person pågældende modtager ansøger vedkommende part man du din han hun ledig
    forældre forældremyndighedsindehaver forældremyndighed far mor
    barn børn unge ung dreng pige elev datter søn
    give yde tilbyde bevilge tildele tilkende få fået modtage opnå tilbud givet modtaget ydet
    besked underrette underretning orientere meddele meddelelse oplyse oplysning vide fortælle
    samtykke ja tilladelse godkende acceptere tilladt lov godkendelse enig indforstået tillade
    nej afslag afvise nægte afslå afslået afvist nægtet
    betale betaling udbetale udbetaling afholde dække udgift finansiere koste regning udgifter penge
    refundere refusion tilbagebetale tilbagebetaling
    klage påklage indbringe klagen påklages
    begynde starte indlede påbegynde iværksætte begyndelse start begyndt startet igangsætte
    slut slutte ophøre ophør stoppe bortfalde udløbe udløb standse afslutte afsluttet falde udgang
    bestemme bestemmelse beslutte beslutning afgøre afgjort afgørelse fastsætte fastsat besluttet
    bede anmode anmodning ansøge søge ansøgning begære begæring spørge bedt søgt anmodet ønske
    udeblive fraværende udebliver udeblevet fravær væk
    sende indsende indgive aflevere indgivelse sendt indgives afsende
    straks hurtigst snarest hurtig omgående
    bolig hus hjem lejlighed bo bor bopæl
    flytte flytning indflytning fraflytning
    gøre gjort udføre lave foretage udført udførelse gennemføre
    mindst minimum mindste
    højst maksimalt maksimum højest
    hver enhver hvert ethvert alle samtlige al
    skriftlig skriftligt brev papir skrive skrevet
    hjælp støtte bistand hjælpe ydelse
    arbejde beskæftigelse job ansættelse ansat stilling medarbejder
    skole undervisning
    læge sundhedsperson sundhedsfaglig
    krav betingelse kræve forudsætning betinge forudsætte kræver krævet
    ret berettiget adgang retskrav
    pligt forpligtet forpligte pligtig forpligtelse
    vurdere skønne skøn vurdering overveje anse mene
    ændre ændring tilpasse omgøre ændret
    tilbage tilbagekalde
    virksomhed firma enhed selskab
    gratis vederlagsfri vederlagsfrit
    dø død dødsfald dødsdag afdød
    år årig årlig
    måned månedlig
    uge ugentlig
    dag daglig
    familie pårørende
    hindre forhindre hindring
    påbud pålægge påbyde pålægges
    bo ophold opholde opholder
    udland udlandet
    adresse bopæl
    lej lejer lejeren beboer
    videregive udlevere dele videregivelse udlevering
    samvær besøge besøg se
    sagsbehandler medarbejder ansatte
    mødes møde samtale
    sygehus hospital
    penge beløb tilskud støtte
    gæld skyldig skylde restance
    forlænge forlængelse strække
    planlægge tilrettelægge plan
    bruge anvende benytte brug anvendelse brugt
    finde findes foreligge
    mangle manglende
    række tilstrækkelig nok
    kontrol tilsyn kontrollere
    tvang magt magtanvendelse
    føre medføre betyde
    udtale høre udtalelse høring partshøring hørt
    skyld skyldes grund fordi
    hus bebyggelse bygning byggeri bygge
    folkepensionist pensionist pension folkepension
"""
"""One line holds words that may stand for each other."""

_OPPOSITES: Final = (
    ("mundtlig mundtligt telefonisk", "skriftlig skriftligt brev"),
    ("helt fuldt fuld hele fuldstændig", "delvis delvist del"),
    ("midlertidig midlertidigt", "varig varigt permanent"),
    ("mere over flere længere højere større", "mindre under færre kortere lavere"),
    ("offentlig offentlige", "privat private"),
    ("ældre fyldt", "yngre under"),
    ("højst maksimalt", "mindst minimum"),
    ("begynde begyndelse start starte", "slut udgang udløb ophør"),
    ("enten eller", "både og"),
    ("frivillig frivilligt valgfri", "obligatorisk pligt"),
    ("gratis vederlagsfri", "betale betaling egenbetaling"),
    ("straks", "senere"),
    ("uden", "med"),
    ("samme", "anden andet andre"),
    ("lejer", "udlejer"),
    ("løn lønmodtager", "arbejdsgiver"),
    ("ordinær almindelig", "særlig undtagelsesvis"),
    ("fysisk", "psykisk digital"),
    ("individuel individuelt", "generel generelt"),
    ("automatisk", "ansøgning ansøge anmode"),
    ("enkelt ene", "begge"),
)

_ACTORS: Final = """
    kommune kommunalbestyrelse handlekommune opholdskommune bopælskommune forvaltning
    region regionsråd
    ankestyrelse ankenævn klagenævn nævn
    udbetaling
    minister ministeriet
    forældre forældremyndighedsindehaver
    barn unge børn elev
    arbejdsgiver virksomhed
    lønmodtager ansatte medarbejder
    lejer
    udlejer ejer grundejer
    læge praksis sundhedsperson
    politi politiet
    leverandør
    jobcenter jobcentret
    arbejdsløshedskasse kasse
    skole skoleleder leder rektor
    familieretshus familieretshuset
    domstol ret retten
    pårørende familie ægtefælle
    socialtilsyn
    styrelse
    borgmester økonomiudvalg udvalg
    værge repræsentant bisidder
    borger person ansøger modtager
    sygehus
    sagsbehandler
"""
"""One line holds the names of one who acts; who acts is compared line by line."""


def _any_of(*forms: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(forms)})\b")


CUES: Final[Mapping[str, re.Pattern[str]]] = {
    "negation": _any_of(
        "ikke", "ingen", "intet", "aldrig", "hverken", "næppe", "ej", "nej", r"afslå\w*",
        "afslag", r"undlad\w*", "heller ikke",
    ),
    "without": _any_of("uden", "undtagen", r"fritag\w*", "fri for", "slippe", "slipper"),
    "duty": _any_of(
        "skal", r"\w*pligt\w*", r"forpligt\w*", r"obligatorisk\w*", "påhviler", "nødt til",
        r"kræve[rs]?", "må .{0,20}først",
    ),
    "option": _any_of(
        "kan", "må", "kunne", r"mulighed\w*", r"frivillig\w*", "behøver", "tilladt", "lov til",
    ),
    "right": _any_of(
        "ret til", "krav på", "retskrav", r"berettige\w*", "adgang til", "kan kræve", "har ret",
    ),
    "advice": _any_of("bør", "burde", "så vidt muligt", "som udgangspunkt", "normalt", "gerne"),
    "always": _any_of(
        "altid", "alle", "enhver", "ethvert", "samtlige", "uanset", "når som helst", "automatisk",
        "uden videre", "under alle omstændigheder", "i alle tilfælde", "hver gang", "frit",
    ),
    "even_if": _any_of("selv om", "selvom", "også selv", "også når", "også hvis", "selv hvis"),
    "only": _any_of("kun", "alene", "udelukkende", "blot", "bare", "først", "eneste", "nok"),
    "exception": _any_of("medmindre", "dog", "undtagen", "bortset fra", "undtagelse\\w*", "ellers"),
    "condition": _any_of(
        "hvis", "såfremt", "når", "forudsat", r"betinge\w*", "i det omfang", "kræver", "har",
    ),
    "before": _any_of(
        "før", r"inden(?! (?:for|\d|en|to|tre|fire|udgangen))", "forud", "forinden", "først",
        "forudgående", "forhånd",
    ),
    "after": _any_of("efter", "efterfølgende", "derefter", "bagefter", "senere", "herefter", "når"),
    "at_once": _any_of("straks", "snarest", "hurtigst", "omgående", "med det samme", "samme dag"),
    "at_most": _any_of(
        "højst", "maksimalt", "op til", "senest", "under", "indtil",
        r"inden (?:for|\d|en|to|tre|fire|udgangen)",
    ),
    "either": _any_of("enten", "eller"),
    "both": _any_of("både", "såvel", "samt", "begge", "og"),
}  # fmt: skip
"""What a text may say beside its nouns and verbs, each by the words that say it."""


SMALL_WORDS: Final[Mapping[str, frozenset[str]]] = {
    "negation": frozenset("ikke ingen intet aldrig uden med".split()),
    "time": frozenset("før inden forud efter når bagefter først".split()),
    "either": frozenset("og eller både enten samt".split()),
}
"""Words of which one in the place of another turns a sentence."""

TURNS: Final[Mapping[str, tuple[frozenset[str], frozenset[str]]]] = {
    "time": (frozenset({"før", "inden"}), frozenset({"efter"})),
    "at_most": (frozenset({"senest", "højst", "maksimalt"}), frozenset({"tidligst", "mindst"})),
}
"""Small words and their opposites. In 800 sentences that a source carries, none was turned."""


@cache
def senses() -> Mapping[str, frozenset[int]]:
    """Stem → the lines of words it may stand for."""
    return _by_line(_SENSES)


@cache
def actors() -> Mapping[str, frozenset[int]]:
    """Stem → who acts."""
    return _by_line(_ACTORS)


@cache
def opposites() -> tuple[tuple[frozenset[str], frozenset[str]], ...]:
    """Pairs of stems of which a statement says one and a quote the other."""
    return tuple((_stems(one), _stems(other)) for one, other in _OPPOSITES)


def _by_line(listed: str) -> Mapping[str, frozenset[int]]:
    found: dict[str, set[int]] = {}
    for number, line in enumerate(listed.strip().splitlines()):
        for word in line.split():
            found.setdefault(stem(word), set()).add(number)
    return {word: frozenset(lines) for word, lines in found.items()}


def _stems(listed: str) -> frozenset[str]:
    return frozenset(map(stem, listed.split()))
