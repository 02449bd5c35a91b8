"""The marked texts that the tagger learns from: whole, of known types, and of nobody."""

import re
from datetime import date
from pathlib import Path

import pytest
from sidemand.redaction.training.corpora import NAMED, SPECIAL
from sidemand.redaction.training.marked import OWN, Mark, read

OTHER_TYPES = {"EMAIL", "URL_PERSONAL"}
CPR = re.compile(r"(\d\d)(\d\d)(\d\d)[- ]?(\d)\d{3}")


@pytest.mark.parametrize("path", sorted(OWN.glob("*.txt")), ids=lambda path: path.stem)
def test_every_mark_is_of_a_known_type_and_every_cpr_number_is_nobodys(path: Path) -> None:
    texts = list(read(path))
    assert texts
    for text in texts:
        assert {mark.type for mark in text.marks} <= {*NAMED, *SPECIAL, *OTHER_TYPES}
        for found in CPR.finditer(text.text):
            assert is_impossible(*found.groups()), found.group()


def is_impossible(day: str, month: str, year: str, seventh: str) -> bool:
    """Whether there is no such day, or nobody was born on it yet."""
    try:
        born = date(century(int(year), int(seventh)) + int(year), int(month), int(day))
    except ValueError:
        return True
    return born > date.today()


def century(year: int, seventh: int) -> int:
    """Of a birth, as the CPR office tells it from the seventh digit (cpr.dk, "Personnummeret")."""
    if seventh < 4:
        return 1900
    if seventh in {4, 9}:
        return 2000 if year < 37 else 1900
    return 2000 if year < 58 else 1800


def test_a_text_is_read_as_it_is_marked(tmp_path: Path) -> None:
    file = tmp_path / "proeve.txt"
    file.write_text("=== a note\nHej [[PERSON:e1|Bo]], ring!\n\n=== b note\nIngen her.\n", "utf-8")
    first, second = read(file)
    assert first.text == "Hej Bo, ring!"
    assert first.marks == (Mark(4, 6, "PERSON"),)
    assert (second.text, second.marks) == ("Ingen her.", ())


def test_a_broken_mark_is_said_with_its_text(tmp_path: Path) -> None:
    file = tmp_path / "proeve.txt"
    file.write_text("=== a note\nHej [[PERSON|Bo]]\n", "utf-8")
    with pytest.raises(ValueError, match="a: a mark is broken"):
        list(read(file))
