"""Addresses as one span: street, number, letter, floor, door, postcode, town.

Source: Danmarks Adresser (floor `st`, `kl`, `1`; door `tv`, `mf`, `th` or a number); PostNord's
four-digit postcodes. The number of the house is looked for first, then the street before it:
numbers are rare, words are not.

Found: `Fasanhaven 9, 4796 Storådal`, `Kærmindeparken 9, 4. th, 7400 Herning`,
`Gl. Teglværksvej 5B, 1. tv.`, `Brombærkrogen 31` with postcode and town on the next line,
`bredgade nitten tredje til højre`, `bor ved åen syv`,
`mosetoften 14 st th`, `Havnegade otte b`, `bor på dalen 4`, `Ved Slusen 7, st. 3, 8900 Randers C`,
`Pi1eallé l2, st.`, `4930 Maribo`.
Left alone: `§ 9, 2. pkt.`, `Vejledning 9`, `på vej 3 gange`, `bilag 2`, `uge 14`, `stk. 4`,
`mødet på 3. sal`, `Danmark 11 år`.
"""

import re
from collections.abc import Iterator

from sidemand.redaction.recognisers.cues import Cue
from sidemand.redaction.recognisers.digits import DIGIT, near_digits, numbers_an_item
from sidemand.redaction.spans import Certainty, Kind, Span

_D = DIGIT
_UNITS = "to tre fire fem seks syv otte ni".split()
_TENS = "tyve tredive fyrre halvtreds tres halvfjerds firs halvfems".split()
_NUMBER_WORD = (
    rf"(?:ti|elleve|tolv|tretten|fjorten|femten|seksten|sytten|atten|nitten|(?:(?:{'|'.join(_UNITS)}"
    rf"|en)og)?(?:{'|'.join(_TENS)})|{'|'.join(_UNITS)})"
)
_TOWN = (
    r"(?:[A-ZÆØÅ][a-zæøå]{0,2}\.|[A-ZÆØÅ][\w'\-]{1,25})"
    r"(?: (?:[A-ZÆØÅ][\w\-]{1,25}|Lsby\.)){0,2}(?: [A-ZÆØÅ](?!\w)\.?)?"
)
_POST = rf"(?:DK-?|D-\d)?[1-9O][0-9O]{{3}} (?:{_TOWN}|[a-zæøå]{{4,20}}(?!\w))"
_FLOOR = (
    r"(?:(?:første|anden|tredje|fjerde|femte)(?: sal)?(?= (?:til (?:venstre|højre)|tv|th|mf)\b)"
    r"|st|stuen|kl|kld|kælderen|\d{1,2}\.? ?(?:sal|etage)|[0-9lI]{1,2}\."
    r"|[0-9]{1,2}(?= (?:tv|th|mf)\b)|2nd floor right|[0-9]º B)"
)
_DOOR = (
    r"(?:tv|th|mf|til (?:venstre|højre)|dør(?: \w{1,5}){1,2}|vær(?:else|\.)? ?\d{1,4}"
    r"|lejl(?:ighed|\.)? ?\d{1,4}|bolig \w{1,8}|opg(?:ang|\.)? ?\w|port \d|bygn\.? ?\w|baghuset"
    r"|kælderindgangen|blok \d{1,3}|indgang(?: \w+){1,3})"
)
_UNIT = rf"(?i:,? {{1,3}}(?:på )?(?:{_FLOOR}(?:,? \d{{1,3}}(?![\w.]|,\d| \d))?|{_DOOR})(?!\w)\.?)"
_NEAR = (
    r"(?: i [A-ZÆØÅ][\w\-]{2,25}"
    r"|, (?:(?:Sønder|Søndre|Sdr\.|Nørre|Nr\.|Vester|Øster|Over|Store|Lille|Gl\.) )?"
    r"[A-ZÆØÅ][a-zæøå\-]{2,25}(?: Lsby\.)?(?=[.,;)\n:]|$| og | siden| \())"
)
_AFTER = re.compile(
    rf"(?P<units>{_UNIT}{{0,3}})(?: ?\([^()\n]{{3,40}}\))?"
    rf"(?P<post>[,. ]{{0,3}}(?:\n {{0,40}}| {{0,4}})(?:{_TOWN}, )?{_POST})?"
    rf"(?P<near>(?<!\n){_NEAR})?"
)
_HOUSE = re.compile(
    rf" (?:nr\.? ?|nummer |blok )?(?P<house>(?:[1-9]|[lI](?=\d|,? ?(?:st|tv|th|mf)\b))"
    rf"{_D}{{0,2}}(?: ?- ?\d{{1,3}})?"
    rf"(?: ?[A-HJ-Za-hj-z](?![\w.']))?|(?i:{_NUMBER_WORD})(?: [a-h](?!\w))?)"
    rf"(?![\w§%])(?!\.\d|,\d| ?[/:]\d)"
)
_HOUSES = Cue(rf"(?:nr|nummer|blok|[li]|{_NUMBER_WORD})$|[1-9]")
# Where somebody lives is a street, whatever it is called: "bor på dalen 4", "adresse: Havnen 3".
_LIVES = re.compile(
    r"(?<!\w)(?:(?:bor|boet|bosat|boende)(?: nu| stadig| også)? (?:på |(?=ved ))"
    r"|(?:adresse|bopæl|adr\.): ? )"
    r"(?P<street>(?:ved )?(?:(?-i:[A-ZÆØÅ])[\w'\-]*\.? ){0,2}[^\W\d_][\w'\-]{2,30})$",
    re.IGNORECASE,
)
_COUNTED = re.compile(
    r" ?(?:dage?|uger?|år|måned|mdr|børn|gange?|km|kilometer|timer?|minutter|værelser|m2|personer"
    r"|ud af|\.? ?(?:jan|feb|mar|apr|maj|jun|jul|aug|sep|okt|nov|dec)|\. )",
    re.IGNORECASE,
)
_CLAUSE_ENDS = re.compile(r"\s*(?:[.,;\n]|$| i )")
_MOST_WORDS = 5
"""Of a street's name."""
_STREET_BEFORE = re.compile(
    rf"(?:[^\W\d_][\w'\-]{{0,30}}\.?,? ){{0,{_MOST_WORDS - 1}}}[^\W_][\w'\-]{{0,30}}\.?$"
)
_POST_ALONE = re.compile(
    rf"(?:^|(?<=\n)|(?<=, )|(?<=\| ))(?!19|20)(?:DK-?)?[1-9]\d{{3}} (?!Kr\b){_TOWN}(?= *(?:\n|$|,))"
)
_POSTCODE = re.compile(r"[1-9]\d{3} [A-ZÆØÅ]")
# A house that is told by its number alone, a box at the post office, an allotment, a door.
_NEIGHBOUR = (
    r"(?:(?:naboen|nabo|genbo|genboen|underboen|overboen|beboeren|bor|boende|flyttet|vej|ovre|inde"
    r"|nede|oppe|dem|familien|ikke)"
    r" (?:ved siden af )?i |ved siden af i )"
)
_WITHOUT_STREET = re.compile(
    rf"(?<!\w){_NEIGHBOUR}(?P<house>(?:nr\.?|nummer) ?{_D}{{1,3}}(?: ?[A-HJ-Za-hj-z](?![\w.']))?"
    rf"|{_FLOOR},? ?{_DOOR}\.?)(?![\w])"
    rf"|(?P<box>postboks \d{{1,5}}(?:,? {_POST}|, ?\d{{4}})?)"
    rf"|(?P<garden>(?:H/F|haveforeningen|kolonihaven|A/B) (?-i:{_TOWN})"
    rf"(?:, ?(?:have|nr\.?|hus|parcel) ?\d{{1,4}})?(?:,? {_POST})?)"
    r"|(?<![\w.])(?P<door>(?:\d{1,2}\.|st\.) ?(?:tv|th|mf)\b\.?)",
    re.IGNORECASE,
)
_MAY_BE_WITHOUT_STREET = (
    *(" i nr", " i nummer"),
    *("bo i ", "boen i ", "beboeren i ", "bor i ", "boende i ", "flyttet i ", "familien i "),
    *("vej i ", "ved siden af i ", "ovre i ", "inde i ", "nede i ", "oppe i ", "dem i ", "ikke i "),
    *("postboks", "h/f", "haveforening", "kolonihave", "a/b"),
    *(f".{space}{door}" for space in ("", " ") for door in ("tv", "th", "mf")),
)
"""Small letters, one of which stands in whatever `_WITHOUT_STREET` matches."""
_ENDINGS = tuple(
    "vej vejen gade gaden allé alle alleen alléen stræde strædet vænge vænget plads pladsen torv "
    "torvet park parken bakke bakken krog krogen lund lunden have haven toft toften mark marken "
    "høj højen stien kaj kajen boulevard boulevarden brink brinken engen vang vangen løkke løkken "
    "holm holmen skrænt skrænten klint klinten broen gyde gyden passage skov skoven kæret søen "
    "diget hegnet krattet lykken mosen ringen skellet slippen slugten svinget "
    "draget banke banken dammen gangen engene lyngen lyng skæret marksvej gårdsvej brovej højene "
    "lunde slusen banegård mejeri præstegård parkvej landevej strandvej hegn fælled fælleden torp "
    "ly højs klit klitten dige".split()
)
# Scanners take l for 1 or I; both sides are compared with l.
_READ_ENDINGS = tuple(ending.replace("i", "l") for ending in _ENDINGS)
_ORDINARY = frozenset(
    "vej vejen plads pladsen have haven mark marken park parken skov skoven sti stien ring ringen "
    "krog lund torv torvet bakke bakken gang gangen holm bro broen allé gade gaden toft vang eng "
    "høj højen banke banken kaj kajen lykken søen mosen heden svinget draget slusen udgangen "
    "indgangen adgangen overgangen afgangen gennemgangen fremgangen tilgangen nedgangen "
    "bevægelsen formålet bolig lave behave parkering undervejs hegnet hegn hede ager dige "
    "mejeri".split()
)
_BEGINNINGS = re.compile(
    r"(?:Gl|Gml|Nr|Ndr|Sdr|Skt|Sct|St|Ll|Dr|Chr|Kgs|Vr|Prof|H|C|Ved|Bag|På|Det|Am|An|Calle)\.?$"
)


def find(text: str) -> Iterator[Span]:
    """Every address in the normalised `text`."""
    for house in _houses(text):
        place = _address_at(text, house)
        if place is not None and not numbers_an_item(text, *house.span("house")):
            yield Span(*place, Kind.ADDRESS, Certainty.IDENTIFIER)
    small = text.lower()
    if any(sign in small for sign in _MAY_BE_WITHOUT_STREET):
        for match in near_digits(_WITHOUT_STREET, text):
            place = match.span(match.lastgroup or 0)
            yield Span(*place, Kind.ADDRESS, Certainty.IDENTIFIER)
    if _POSTCODE.search(text):
        for match in near_digits(_POST_ALONE, text):
            yield Span(match.start(), match.end(), Kind.ADDRESS, Certainty.IDENTIFIER)


def _houses(text: str) -> Iterator[re.Match[str]]:
    """Numbers that may be a house's, each with the space before it; none within another."""
    end = 0
    for place in _HOUSES.places(text):
        house = _HOUSE.match(text, place - 1) if place > end else None
        if house:
            end = house.end()
            yield house


def _address_at(text: str, house: re.Match[str]) -> tuple[int, int] | None:
    """From the street before to the town behind a number that may be a house's."""
    line = text[max(0, house.start() - 90) : house.start()].rsplit("\n", maxsplit=1)[-1]
    words = line.rstrip(" ,").rsplit(" ", maxsplit=_MOST_WORDS)[-_MOST_WORDS:]
    last = words[-1]
    lives = _LIVES.search(line.rstrip(" ,"))
    number = house["house"][0].isdigit() or _CLAUSE_ENDS.match(text, house.end())
    if lives and number and not _COUNTED.match(text, house.end()):
        after = _AFTER.match(text, house.end())
        if after and not _is_no_street(lives["street"]):
            return house.start() - len(line) + lives.start("street"), after.end()
    begins = last[:1].isupper() or last.lower().endswith(_ENDINGS)
    if not begins or _ends_a_sentence(last):
        return None
    before = _STREET_BEFORE.search(" ".join(words))
    after = _AFTER.match(text, house.end())
    if before is None or after is None:
        return None
    street = _street_name(before.group())
    spelled = not any(c.isdigit() for c in house["house"])
    start = house.start() - len(line) + line.rfind(street)
    if _ends_like_a_street(street, spelled=spelled):
        return start, after.end()
    certain = after["units"].strip(" ,.") or after["post"]
    if certain and not spelled and street[0].isupper() and not _is_no_street(street):
        return start, max(after.end("units"), after.end("post"))
    return None


def _ends_a_sentence(word: str) -> bool:
    """Whether a street is written out and a full stop behind it: "Allé." is no abbreviation."""
    return word.endswith(".") and word[:-1].lower().endswith(_ENDINGS)


def _street_name(words_before: str) -> str:
    """The end of `words_before` that can be one name."""
    words = words_before.split(" ")
    first = len(words) - 1
    while first > 0 and _belongs_to_street(words[first - 1], written_small=words[-1].islower()):
        first -= 1
    return " ".join(words[first:])


def _belongs_to_street(word: str, *, written_small: bool) -> bool:
    """Whether `word` can stand within a name: not where it ends a clause or is written small.

    Before a street that is `written_small`, a capital only begins a sentence.
    """
    if _BEGINNINGS.match(word):
        return True
    return (
        not written_small and word[0].isupper() and not word.endswith((".", ",")) and len(word) > 1
    )


def _ends_like_a_street(street: str, *, spelled: bool) -> bool:
    """Whether the last word is one that streets are called: "Fjordvej", not "undervejs"."""
    last = _last_word(street)
    if _is_no_street(street) or not last.replace("1", "l").replace("i", "l").endswith(
        _READ_ENDINGS
    ):
        return False
    if last in _ORDINARY:
        return " " in street and street[0].isupper()
    return not spelled or len(last) > 7


def _is_no_street(street: str) -> bool:
    return _last_word(street) in _NOT_STREETS


def _last_word(street: str) -> str:
    return street.rsplit(" ", maxsplit=1)[-1].rstrip(".").lower()


_NOT_STREETS = frozenset(
    "bilag kapitel side uge stk nr pkt punkt kl lov sag skema afsnit version rute hold klasse "
    "modul etage sal besked telefon tlf modtaget ring nummer cvr cvr-nummer januar februar marts "
    "april maj juni juli august september oktober november december mandag tirsdag onsdag torsdag "
    "fredag lørdag søndag den ca kr tabel figur trin niveau grad danmark workindenmark".split()
)
