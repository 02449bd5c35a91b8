"""What stands around a name or an address: what belongs to it is found, the rest is left."""

import pytest
from sidemand.redaction import beside_names
from sidemand.redaction.again import found_again
from sidemand.redaction.finding import Finder
from sidemand.redaction.recognisers import (
    account,
    address,
    age,
    columns,
    email,
    initials,
    labelled,
    network,
    organisation,
    told_name,
    user_name,
)
from sidemand.redaction.recognisers import plate as plates
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


@pytest.mark.parametrize(
    "text",
    ["Grunden, beliggende {}, er solgt.", "Jeg har boet på {} siden 1958.", "Adressen: {}. Tlf."],
)
def test_what_says_where_or_since_when_is_no_address(text: str) -> None:
    written = "Sønder Møllevej 140, 8762 Flemming"
    assert found(text.format(written), Kind.ADDRESS) == [written]


@pytest.mark.parametrize(
    "text",
    [
        "Fejlen er registreret som INC 4471 9902. Printer 10 står stille.",
        "Fakturaen sendes til EAN 5798004512209.",
        "| Overslag nr. | 20240077 |\nFærgebillet nr. 4417 2096",
        "Hans cpr er ikke oplyst. He was here.",
    ],
)
def test_what_a_thing_is_numbered_by_is_nobodys(text: str) -> None:
    assert FINDER.find(text) == []


def test_an_office_before_a_name_is_no_part_of_it() -> None:
    for text in ("Doktor {} siger nej.", "Sagsbehandler {}", "Papfar {} er med."):
        assert found(text.format("Troels Mygind"), Kind.PERSON) == ["Troels Mygind"]


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


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("MitID: lan-bro", "lan-bro"),
        ("Login er lan-bro", "lan-bro"),
        ("Login: e-mail og kode", None),
        ("han bruger el-scooter", None),
    ],
)
def test_a_user_name_may_be_words_with_a_hyphen(text: str, written: str | None) -> None:
    users = [text[s.start : s.end] for s in labelled.find(text)]
    assert users == ([written] if written else [])


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


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("I dag har My Tornbjerg tabt sin første tand.", "My Tornbjerg"),
        ("På vegne af afdelingsleder Jens Kort\n\n(Kopi er sendt)", "Jens Kort"),
        ("Jeg har talt med Sø. Å. Tornbjerg i dag.", "Sø. Å. Tornbjerg"),
    ],
)
def test_an_ordinary_word_that_is_written_as_part_of_a_name_is_one(text: str, name: str) -> None:
    assert found(text, Kind.PERSON) == [name]


@pytest.mark.parametrize(("text", "start"), [("Til Hans-Kristian", 9), ("Til Ab-Dullahi", 4)])
def test_both_halves_of_a_name_with_a_hyphen_are_covered(text: str, start: int) -> None:
    end = start + len(text[start:].split("-", maxsplit=1)[0])
    half = Span(start, end, Kind.PERSON, Certainty.NAME)
    beside = beside_names.find(text, [half], shipped_weights()[1])
    covered = {i for span in [half, *beside] for i in range(span.start, span.end)}
    assert all(i in covered for i in range(4, len(text)) if text[i].isalpha())


@pytest.mark.parametrize("text", ["Hilsen Hanne Tornbjerg Mobil 20551378", "Hej Hanne Tornbjerg"])
def test_a_label_or_greeting_beside_a_name_is_no_part_of_it(text: str) -> None:
    assert found(text, Kind.PERSON) == ["Hanne Tornbjerg"]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Han er vant til at blive kaldt Lokomotivet.", "Lokomotivet"),
        ("Barn: Theodor (kaldes Teo)", "Teo"),
        ("en ven, som alle kalder Basse, var med", "Basse"),
        ('Direktøren kaldte hende "Dilly" hver dag', "Dilly"),
        ("en af dem, ham de kalder tyren, var med", "tyren"),
        ("Fru KIRKE bor alene", "KIRKE"),
        ("Kære hr. Guld", "Guld"),
        ("barnet River på 4", "River"),
        ("det siger min nabo Torv også", "Torv"),
    ],
)
def test_what_somebody_is_called_is_a_name(text: str, name: str) -> None:
    assert [text[s.start : s.end] for s in told_name.find(text)] == [name]


@pytest.mark.parametrize(
    "text",
    [
        "Han kaldte mig en løgner.",
        "Loven kaldes Barnets Lov.",
        "Hun kalder sig bibeltro.",
        "Han kaldte Skemaet forkert.",
        "Tak, hr. formand. Og hr. Formand, hun siger det.",
        "Jeg talte med moren Hun er træt af min nabo Han larmer",
    ],
)
def test_what_something_is_called_is_no_name(text: str) -> None:
    assert list(told_name.find(text)) == []


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("elias er 7 og tristan 3 et halvt deres mor", "3 et halvt"),
        ("Søskende: Amara, 2.B, otte et halvt", "otte et halvt"),
        ("De fylder 6 på lørdag.", "6"),
        ("Der manglede to et halvt ton grus.", None),
        ("Det varede 3 et halvt døgn.", None),
    ],
)
def test_a_half_without_a_thing_is_of_years(text: str, written: str | None) -> None:
    ages = [text[s.start : s.end] for s in age.find(text)]
    assert ages == ([written] if written else [])


@pytest.mark.parametrize(
    "written",
    [
        "lan(a)post.example",
        "lan.bro(krøllealfa)post(punktum)example",
        "l(punktum)bro(krøllealfa)post(punktum)example",
        "lan_bro /at/ post /dot/ example",
        "lan.bro@po st.exarnp1e",
        "lan_bro @ p ost.examp1e",
        "lan punktum bro snabel a post punktum example",
        "lan at post punktum example",
        "lan.bro@post .example",
        "lan.bro@\npost.example",
        "lan.bro@post,example",
        "lan_bro_1950@",
    ],
)
def test_a_mail_address_is_found_however_it_is_hidden_or_scanned(written: str) -> None:
    text = f"Skriv til {written}, tak"
    assert written in {text[s.start : s.end] for s in email.find(text)}


@pytest.mark.parametrize(
    "text",
    [
        "Se punkt (a) om tilskud. Det gælder 3 stk. @ 40 kr. I alt",
        "Mail er fornavn.efternavn@domæne. Se listen.",
    ],
)
def test_a_sign_of_mail_alone_is_no_mail_address(text: str) -> None:
    assert list(email.find(text)) == []


@pytest.mark.parametrize("written", ["12 34 kto 00 12 34 56 78", "1234 og kontonummer 5678901234"])
def test_an_account_is_found_with_its_bank(written: str) -> None:
    text = f"Udbetal til {written}, tak"
    assert written in {text[s.start : s.end] for s in account.find(text)}


def test_a_mail_address_ends_with_its_host() -> None:
    for behind in (". Tak", ", tak", "\nHej", " i dag."):
        text = f"Skriv til lan@post.example{behind}"
        assert {text[s.start : s.end] for s in email.find(text)} == {"lan@post.example"}


@pytest.mark.parametrize(
    "written",
    [
        "http://tornbjerg.blog.invalid/",
        "https://www.Facebook.COM/lan.tornbjerg",
        "WWW.FACEBOOK.COM/LAN.TORNBJERG",
        "foto.example:8080/u/lan",
        "tornbjerg.photography/om",
    ],
)
def test_a_page_about_a_person_is_found_whole(written: str) -> None:
    text = f"Se {written}, tak"
    assert written in {text[s.start : s.end] for s in network.find(text)}


def test_a_link_to_an_act_is_left() -> None:
    text = "Se https://www.retsinformation.dk/eli/lta/2024/1 og www.borger.dk"
    assert FINDER.find(text) == []


@pytest.mark.parametrize(
    ("before", "plate"),
    [
        ("en hvid varevogn, ", "WGM 4821K"),
        ("med rumænske plader, ", "B 417 KXR"),
        ("en tysk bil ", "HH-AB 123"),
        ("vogn ", "ef 77 18 1"),
        ("nummerpladen er ", "b d 4 4 1 2 3"),
    ],
)
def test_a_plate_of_another_form_is_told_by_its_vehicle(before: str, plate: str) -> None:
    text = f"Der holdt {before}{plate}, igen."
    assert [text[s.start : s.end] for s in plates.find(text)] == [plate]


@pytest.mark.parametrize(
    "text", ["bil 4 af 12 345 borgere", "en BMW 2019 holdt", "solgt for 10 000 kr.", "IF 2000 Vest"]
)
def test_a_number_beside_a_vehicle_is_no_plate(text: str) -> None:
    assert list(plates.find(f"En bil: {text}")) == []
