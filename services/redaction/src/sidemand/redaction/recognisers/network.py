"""Addresses of devices and of pages about a person.

Source: RFC 791 and RFC 4291 (IP), IEEE 802 (MAC).

Found: `192.0.2.19`, `2001:db8:81d:2::41`, `3C:52:82:0F:9A:D1`, `HP-SN5CD0284QTX`,
`facebook.com/tanja.krogh`,
`https://photos.example/u/kestorgaard`, `tanjas-haveblog.dk`.
Left alone: `1.2.3` (a heading), `version 2.11.0.5`, `kl. 10:30:15`, links to law,
authorities and municipalities.
"""

import re
from collections.abc import Iterator
from itertools import chain

from sidemand.redaction.recognisers.digits import CLOSE, near_digits
from sidemand.redaction.spans import Certainty, Kind, Span

_OCTET = r"(?:25[0-5]|2[0-4]\d|1?\d?\d)"
_IPV4 = re.compile(
    rf"(?<![\w.])(?<![Vv]ersion )(?<![Bb]uild )(?:{_OCTET}\.){{3}}{_OCTET}(?![\w]|\.\d)"
)
_IPV6 = re.compile(
    r"(?<![\w:])(?=[0-9a-fA-F:]*::|(?:[0-9a-fA-F]{1,4}:){7})(?:[0-9a-fA-F]{0,4}:){2,7}[0-9a-fA-F]{1,4}(?![\w:])"
)
_MAC = re.compile(r"(?<![\w:])(?:[0-9A-Fa-f]{2}[:\-]){5}[0-9A-Fa-f]{2}(?![\w:])")
_SERIAL = re.compile(
    r"(?<![\w\-])[A-Z]{2,8}-(?=[A-Z0-9]{0,19}\d)(?=[A-Z0-9]{0,19}[A-Z])[A-Z0-9]{6,20}"
    r"(?:-[A-Z0-9]{2,12}){0,3}(?![\w\-])"
)
_HOST = r"(?:[\w\-]{1,40}\.){1,4}[a-z]{2,18}(?::\d{2,5})?"
_IN_A_PATH = r"[^\s<>()\"'|;,\]}]"
_URL = re.compile(rf"(?<![\w@.\-])(?:https?://)?{_HOST}/{_IN_A_PATH}{{1,200}}(?<![.,;:!?])")
_ADDRESSED = re.compile(
    rf"(?<![\w@.\-])(?:https?://|www\.){_HOST}"
    rf"(?:/{_IN_A_PATH}{{0,200}}(?<![.,;:!?]))?(?![\w\-])",
    re.IGNORECASE,
)
"""In capitals too, and without anything behind the host."""
_BARE_HOST = re.compile(
    r"(?<![\w@.\-/])(?:[\w\-]{2,40}\.){1,3}(?:dk|com|net|org|eu|info|nu|se|no|de|io|me|example)"
    r"(?![\w\-@/]|\.\w)"
)
_ENDS_A_HOST = re.compile(
    r"\.(?:dk|com|net|org|eu|info|nu|se|no|de|io|me|example)(?![\w\-@/]|\.\w)"
)
_GROUPS = re.compile(r":(?:[0-9a-fA-F]{0,4}:|[0-9A-Fa-f]{2}-)|-[0-9A-Fa-f]{2}[:\-]")
_ENDS_LIKE_A_HOST = re.compile(r"\.[a-z]{2,18}(?::\d{2,5})?/")
_BEGINNINGS = ("://", "www.")
_SITE = re.compile(r"(?:https?://)?(?:www\.)?(?P<host>[\w.\-]+)(?::\d+)?/", re.IGNORECASE)
_PUBLIC = re.compile(
    r"(?:^|\.)(?:retsinformation|borger|virk|ast|kl|ft|dst|sst|sm|bm|stm|star|ankestyrelsen|kle-online"
    r"|folketingstidende|folketinget|sundhed|medcom|dr|tv2|krak|dmi|google|rejseplanen|apple"
    r"|microsoft|domstol|retten|politi|datatilsynet|europa|gov|e-boks|mitid|nemkonto|aula|wikipedia"
    r"|lex|digst|nyidanmark|skat"
    r"|[\w\-]*(?:kommuner?|styrelsen|region\w*|bibliotek\w*|museum|hospital\w*|sygehus\w*"
    r"|universitet|ministeri\w*|portalen|nyt|forbund(?:et)?|foreningen))"
    r"\.(?:dk|eu|com|org|net|example)$"
)


def find(text: str) -> Iterator[Span]:
    """Every address of a device or personal page in the normalised `text`."""
    groups = (_IPV6, _MAC) if _GROUPS.search(text) else ()
    devices = (pattern.finditer(text) for pattern in groups)
    numbered = (near_digits(each, text, least=4, reach=CLOSE) for each in (_IPV4, _SERIAL))
    for match in chain(*numbered, *devices):
        yield Span(match.start(), match.end(), Kind.DEVICE, Certainty.IDENTIFIER)
    urls = _URL.finditer(text) if _ENDS_LIKE_A_HOST.search(text) else ()
    small = text.lower()
    hosts = _ADDRESSED.finditer(text) if any(sign in small for sign in _BEGINNINGS) else ()
    bare = _BARE_HOST.finditer(text) if _ENDS_A_HOST.search(text) else ()
    for match in chain(urls, hosts, bare):
        site = _SITE.match(match.group() + "/")
        if site and not _PUBLIC.search(site["host"].lower()):
            yield Span(match.start(), match.end(), Kind.URL, Certainty.IDENTIFIER)
