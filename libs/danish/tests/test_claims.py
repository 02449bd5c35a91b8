import json
import os
from collections import Counter
from pathlib import Path

import pytest
from sidemand.danish.claims import facts, missing

SHARED = Path(os.environ.get("SIDEMAND_SHARED", Path(__file__).parents[4] / "shared"))
QUOTE = (
    "Kommunen skal svare senest 4 uger efter, at ansøgningen er modtaget, jf. § 9, stk. 2. "
    "Kommunen kan forlænge fristen til 2½ måned. Loven træder i kraft den 1. juli 2025. "
    "Tilskuddet udgør 1.250 kr. eller 20 pct. Oplysningerne må ikke videregives."
)


def kinds(statement: str, quote: str = QUOTE) -> list[tuple[str, str]]:
    return [(missed.kind, missed.words) for missed in missing(statement, [quote])]


@pytest.mark.parametrize(
    "statement",
    [
        "Svaret skal komme inden fire uger.",
        "Kommunen skal svare inden 28 dage efter § 9.",
        "Fristen kan blive 2,5 måned.",
        "Loven gælder fra den 01.07.2025.",
        "Loven gælder fra 1. juli.",
        "Man kan få 1250 kroner eller 20 procent.",
        "Oplysningerne må ikke gives videre.",
    ],
)
def test_what_the_quote_says_in_other_words_is_carried(statement: str) -> None:
    assert kinds(statement) == []


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("Kommunen skal svare senest 6 uger efter modtagelsen.", ("number", "6 uger")),
        ("Kommunen skal svare senest 4 måneder efter modtagelsen.", ("number", "4 måneder")),
        ("Kommunen skal svare inden 4 arbejdsdage.", ("number", "4 arbejdsdage")),
        ("Tilskuddet udgør 1.350 kr.", ("number", "1.350 kr.")),
        ("Loven træder i kraft den 1. juli 2026.", ("date", "1. juli 2026")),
        ("Kommunen skal svare, jf. § 9, stk. 3.", ("reference", "§ 9, stk. 3")),
        ("Kommunen skal ikke svare senest 4 uger efter modtagelsen.", ("negation", "ikke")),
        ("Oplysningerne må videregives.", ("negation", "må ikke")),
        ("Kommunen skal forlænge fristen til 2½ måned.", ("modality", "skal")),
        ("Alle kan forlænge fristen.", ("scope", "Alle")),
    ],
)
def test_what_the_quote_does_not_say_is_reported(statement: str, expected: tuple[str, str]) -> None:
    assert kinds(statement) == [expected]


def test_an_empty_quote_carries_no_number() -> None:
    assert [missed.kind for missed in missing("Fristen er 4 uger.", [])] == ["number"]


def test_facts_stand_where_they_say() -> None:
    text = "Du skal ikke betale de 500 kr. efter § 3 den 1. maj."
    found = facts(text)
    assert [span.of(text) for _, span in found.quantities] == ["500 kr."]
    assert [span.of(text) for _, span in found.days] == ["1. maj"]
    assert [place.span.of(text) for place in found.references] == ["§ 3"]
    assert [span.of(text) for span in found.negations] == ["ikke"]
    assert found.modalities == {"duty"}


@pytest.mark.skipif(not (SHARED / "data/groundedness").is_dir(), reason="needs ../shared/data")
def test_wrong_numbers_are_caught_and_supported_sentences_kept() -> None:
    reported: Counter[str] = Counter()
    seen: Counter[str] = Counter()
    for line in (SHARED / "data/groundedness/train.jsonl").read_text("utf-8").splitlines()[::6]:
        case = json.loads(line)
        name = case["kind"] if case["label"] == "contradicted" else case["label"]
        seen[name] += 1
        reported[name] += bool(missing(case["sentence"], [case["source"]]))
    assert reported["number"] / seen["number"] > 0.8
    assert reported["negation"] / seen["negation"] > 0.3
    assert reported["supported"] / seen["supported"] < 0.1
