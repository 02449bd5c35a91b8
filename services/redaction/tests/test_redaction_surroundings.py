"""What stands around a name or an address: what belongs to it is found, the rest is left."""

import pytest
from sidemand.redaction.again import found_again
from sidemand.redaction.finding import Finder
from sidemand.redaction.recognisers import (
    address,
    columns,
    initials,
    labelled,
    organisation,
    user_name,
)
from sidemand.redaction.spans import Certainty, Kind, Span
from sidemand.redaction.tagger import shipped_weights

FINDER = Finder()


def found(text: str, kind: Kind) -> list[str]:
    mentions = FINDER.find(text)
    return [text[m.start : m.end] for m in mentions if m.entity.kind is kind]


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("jeg bor bredgade nitten tredje til højre", "bredgade nitten tredje til højre"),
        ("bor ved åen syv, siger hun", "ved åen syv"),
        ("MOSEVEJ 6, 2. MF\n              4796 STORÅDAL", None),
        ("Slusegade 40, 4800 Nykøbing F. Hun flytter", "Slusegade 40, 4800 Nykøbing F."),
    ],
)
def test_an_address_ends_where_its_town_does(text: str, written: str | None) -> None:
    assert [text[s.start : s.end] for s in address.find(text)][:1] == [written or text]


@pytest.mark.parametrize(
    "text",
    [
        "går løse hunde i Brændeskoven. I lørdags blev jeg bidt",
        "Solvej fra kolonihaven passer den, når det er varmt",
        "Punkter: 1. Hegn mod Bakke Allé. 2. Hunde i gården",
    ],
)
def test_what_follows_a_place_is_no_address(text: str) -> None:
    assert list(address.find(text)) == []


def test_the_town_behind_an_address_in_small_letters_belongs_to_it() -> None:
    assert found("han bor vestergade tre i hammel nu", Kind.ADDRESS) == ["vestergade tre i hammel"]
    assert found("han har boet vestergade tre i fjor", Kind.ADDRESS) == ["vestergade tre"]


def test_a_house_that_somebody_lives_in_is_an_address() -> None:
    text = "Jeg hedder Ragna Lind. Ragna Lind i nr. 6 har hund, jf. lov nr. 6."
    assert "nr. 6" in found(text, Kind.ADDRESS)


def test_a_pronoun_is_nobody_and_the_name_is_somebody() -> None:
    assert found("Hans cpr står på skemaet.", Kind.PERSON) == []
    text = "I går kom Hans Tornbjerg. Hans ringer igen."
    assert found(text, Kind.PERSON) == ["Hans Tornbjerg", "Hans"]


def test_a_remark_behind_a_name_in_a_table_is_left() -> None:
    table = "Navn | Født\nTanja Krogh (navnebeskyttet) | 1.2.2021"
    cells = [table[s.start : s.end] for s in columns.find(table)]
    assert cells == ["Tanja Krogh", "1.2.2021"]


def test_initials_before_an_office_sign_a_letter() -> None:
    for text in ("Opfølgning 1. marts. SBR/Opkrævningen", "SBR/Opkrævningen"):
        assert [text[s.start : s.end] for s in initials.find(text)] == ["SBR"]


def test_small_initials_are_found_again_where_a_sentence_begins() -> None:
    text = "Mødte: bhk, pj (formand), sjt.\n\nPunkt 1. pj fandt det uden betydning."
    assert found(text, Kind.PERSON).count("pj") == 2


@pytest.mark.parametrize("text", ["Ønsket skole: se bilag", "Kontakt Pension og Bolig i dag"])
def test_a_heading_is_no_organisation(text: str) -> None:
    assert list(organisation.find(text)) == []


def test_a_property_ends_with_its_parish() -> None:
    text = "matr. nr. 14ak, Kikhavn By, Torup. Bygningen er ny"
    assert [text[s.start : s.end] for s in labelled.find(text)] == ["14ak, Kikhavn By, Torup"]


@pytest.mark.parametrize("text", ["bruger_4: hej", "hør lyd_0411.mp3", "netværket gæst24"])
def test_what_programs_number_is_no_user(text: str) -> None:
    assert list(user_name.find(text)) == []


def test_a_name_that_is_a_word_is_found_again_unless_the_text_writes_it_small() -> None:
    text = "I dag kom Sommer. Skemaet er udfyldt. Sommer har ringet."
    name = Span(10, 16, Kind.PERSON, Certainty.NAME)
    classes = shipped_weights()[1]
    assert [span.start for span in found_again(text, [name], classes)] == [10, 38]
    text = f"{text} Det blev sommer."
    assert [span.start for span in found_again(text, [name], classes)] == [10]
