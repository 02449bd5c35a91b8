"""Figures that may not fall: on the marked case texts and case events where the data lies."""

import json
import os
from pathlib import Path

import pytest
import yaml
from sidemand.redaction.finding import Finder
from sidemand.redaction.recognisers.digits import digits
from sidemand.redaction.rewriting import rewrite
from sidemand.redaction.spans import Kind
from sidemand.schemas.raw import Party

SHARED = Path(os.environ.get("SIDEMAND_SHARED") or Path(__file__).parents[4] / "shared")
MARKED = SHARED / "data/pii/train_a.jsonl"
CASES = sorted((Path(__file__).parents[3] / "samples/cases").glob("*.yaml"))
FINDER = Finder()

# What the tests run on where the data does not lie beside the repository.
OWN_TEXT = (
    "Telefonnotat. Bodil Ravnsgaard, cpr. 740344-1237, ringer fra 85 19 73 40. Hun bor på "
    "Mosevænget 3, 2. tv., 4796 Storådal. Bodils søn, Ejnar, har sagsnr. S2026-01946."
)
OWN_VALUES = ("Bodil", "Ravnsgaard", "1237", "19 73", "Mosevænget", "Ejnar", "01946")


def rest_of(text: str, *parties: Party) -> str:
    return rewrite(text, [(m.start, m.end, "■") for m in FINDER.find(text, parties)]).text


def test_of_an_ordinary_note_nothing_personal_is_left() -> None:
    rest = rest_of(OWN_TEXT)
    assert [value for value in OWN_VALUES if value in rest] == []


def test_no_cpr_number_is_left_in_a_marked_text() -> None:
    lines = MARKED.read_text("utf-8").splitlines()[:12] if MARKED.exists() else []
    for document in map(json.loads, lines):
        rest = digits(rest_of(document["text"]).replace(" ", ""))
        for span in document["spans"]:
            number = digits(document["text"][span["start"] : span["end"]])
            assert span["type"] != "CPR" or len(number) < 10 or number not in rest, document["id"]


@pytest.mark.parametrize("path", CASES[::8], ids=lambda path: path.stem)
def test_no_party_is_left_in_a_case_event(path: Path) -> None:
    event = yaml.safe_load(path.read_text("utf-8"))
    parties = tuple(Party.model_validate({**p, "role": "other"}) for p in event["parties"])
    rest = rest_of(event["text"], *parties)
    for mention in FINDER.find(" ; ".join(p.name for p in parties), parties):
        assert mention.entity.kind is not Kind.PERSON or mention.entity.value not in rest
    for party in parties:
        for value in (party.phone, party.cpr):
            assert value is None or digits(value) not in digits(rest)
        assert party.email is None or party.email not in rest
