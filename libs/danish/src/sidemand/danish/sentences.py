"""Sentences of Danish text: law, guidance, letters, case notes."""

import re

from sidemand.danish.spans import Span, trimmed

# What stands before the full stop of an abbreviation that never ends a sentence ...
_INSIDE_WORDS = """
    adj adm adr afd afs alm ang ank anm apr art aug bek betænkn bl bl.a bkg ca chr cirk d d.d dec
    dep dir dok dr ds e.l eks ekskl evt f f.eks f.o.m feb ff fhv fig forv fr fsva f.s.v.a gl gns
    hhv hr i.e ifm i.f.m ift iht i.h.t inkl jan jf jfr jr jul jun kap kgl kl lb lbk lb.nr maks mar
    max mht m.h.t mia mio nr nov o okt p.g.a pga pgf pl prof præs red ref reg resp s sag.nr sekr
    sep sept skt sml spec spm st stk str t.d tekn temp tilh tlf vbl vedr vejl vha v.h.a vs"""
_INSIDE = frozenset(_INSIDE_WORDS.split())
# ... and of one that may stand at the end of a sentence, which a capital letter then shows.
_AT_THE_END_WORDS = """
    dkk e.kr el.lign etc f.kr kr lign m.fl m.m m.v md mdr mfl min mm mv o.a o.l o.lign o.s.v osv
    pct pkt sek u.a"""
_AT_THE_END = frozenset(_AT_THE_END_WORDS.split())
_POSSIBLE_END = re.compile(r"[.!?…]+[\"'”»’)\]]*(?=\s|$)|\n")
_LAST_WORD = re.compile(r"[^\s(\[»”\"]*$")
_INITIALS = re.compile(r"[A-ZÆØÅ](?:\.[A-ZÆØÅ])*")
_OPENING = re.compile(r"\s+[\"'”»„(\[–-]*[^\W_a-zæøåäöüé]|\s+[\"'”»„(\[–-]*§")
# The marker of a section, stk. or list item belongs to the sentence that it opens.
_MARKER = re.compile(
    r"§\s*\d+(?:\s?[a-zæøå])?|Stk\.\s*\d+(?:-\d+)?|\(?\d{1,3}|[a-zæøå]", re.IGNORECASE
)
_NEW_ITEM = re.compile(r"\s*(?:[-*•–#>|]|\(?\d{1,3}[.)]|\(?[a-zæøå]\)|§|Stk\.)")
_LONGEST_HEADING = 60


def sentences(text: str) -> list[Span]:
    """The sentences of `text` in order, as spans without white space at their ends.

    A full stop in an abbreviation, an ordinal or a number ends nothing ("jf. § 9, stk. 1", "den
    3. maj"). Headings, list items and paragraphs on lines of their own are sentences of their own;
    a line broken in the middle of a sentence does not divide it. The marker of a section or stk.
    belongs to the sentence that it opens ("§ 2. Loven gælder ...").
    """
    spans = []
    start = 0
    for mark in _POSSIBLE_END.finditer(text):
        if _ends(text, start, mark):
            spans.append(trimmed(text, start, mark.end()))
            start = mark.end()
    spans.append(trimmed(text, start, len(text)))
    return [span for span in spans if span.start < span.end]


def _ends(text: str, start: int, mark: re.Match[str]) -> bool:
    before = text[start : mark.start()]
    after = text[mark.end() : mark.end() + _LONGEST_HEADING]
    if mark.group() == "\n":
        return _line_ends(before, after)
    if mark.group() != "." or not after.strip():
        return True
    return _full_stop_ends(before, after)


def _full_stop_ends(before: str, after: str) -> bool:
    last = _LAST_WORD.search(before)
    word = last.group() if last else ""
    if _MARKER.fullmatch(before.strip()) or _INITIALS.fullmatch(word) or word.lower() in _INSIDE:
        return False
    if _OPENING.match(after):
        return not word[-1:].isdigit() or not re.match(r"\s+\d", after)
    return word.isalpha() and len(word) > 3 and word.lower() not in _AT_THE_END


def _line_ends(before: str, after: str) -> bool:
    line = before.rsplit("\n", 1)[-1].strip()
    if not line or not after.strip() or re.match(r"[ \t]*\n", after) or _NEW_ITEM.match(after):
        return True
    if line.startswith("#") or line.endswith(":"):
        return True
    return len(line) < _LONGEST_HEADING and not after.lstrip()[0].islower()
