"""Dates of birth by their cue, columns by their heading, initials, houses without a street."""

import pytest
from sidemand.redaction.normalise import normalise
from sidemand.redaction.recognisers import find_identifiers
from sidemand.redaction.spans import Kind, resolve


def found(text: str, kind: Kind) -> list[str]:
    normalised = normalise(text)
    spans = resolve(find_identifiers(normalised.text), normalised.text)
    return [normalised.text[s.start : s.end] for s in spans if s.kind is kind]


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("Han er født på sygehuset den 3. januar 2086.", "den 3. januar 2086"),
        ("Hun fylder 70 den 4. februar.", "den 4. februar"),
        ("Tvillingerne fyldte ti den 11/1 og går i skole.", "den 11/1"),
        ("Hvornår er han født?\nB: Den 29. februar 2088.", "Den 29. februar 2088"),
        ("Borgeren er født nytårsdag 2087.", "nytårsdag 2087"),
        ("Han er født på årets sidste dag i 2087.", "årets sidste dag i 2087"),
        ("Hun er født den tolvte i ellevte seksogtredive.", "den tolvte i ellevte seksogtredive"),
        ("De holder fødselsdag den 8. i 3.", "den 8. i 3."),
        ("Fødselsdatoer til brug for dem: 22.4.87", "22.4.87"),
        ("Født den 22. april 2087 og 5. juni 2089 begynder skolen.", "den 22. april 2087"),
    ],
)
def test_a_date_beside_a_word_of_birth_is_a_date_of_birth(text: str, date: str) -> None:
    assert found(text, Kind.BIRTH_DATE) == [date]


def test_twins_and_siblings_have_a_date_of_birth_each() -> None:
    text = "De er født den 22. april 2087 og 5. juni 2089."
    assert found(text, Kind.BIRTH_DATE) == ["den 22. april 2087", "5. juni 2089"]


@pytest.mark.parametrize(
    "text",
    [
        "Barnet er født, og mødet er den 3. marts 2026.",
        "Alle er født raske. Fristen er 4. maj.",
        "Når barnet er født, starter orloven den 1. juni.",
    ],
)
def test_the_date_of_another_event_is_no_date_of_birth(text: str) -> None:
    assert found(text, Kind.BIRTH_DATE) == []


TABLE = (
    "Venteliste\n\n"
    "Barn | Født | Plads\n"
    "Elyas Bruun | 14-11-2087 | hjemme\n"
    "Nova | 3.2.88 | ukendt\n\n"
    "Sum | 14-11-2025 | 2"
)


def test_what_stands_below_a_heading_is_what_the_heading_says() -> None:
    assert found(TABLE, Kind.PERSON) == ["Elyas Bruun", "Nova"]
    assert found(TABLE, Kind.BIRTH_DATE) == ["14-11-2087", "3.2.88"]


def test_a_table_of_figures_holds_no_persons() -> None:
    assert found("Målgruppe | 2024 | 2025\nHjemløse | 12 | 15", Kind.PERSON) == []
    assert found("Emne | Antal\nMor og barn | 12", Kind.PERSON) == []


@pytest.mark.parametrize(
    ("text", "initials"),
    [
        ("Punkt 4 er ikke nået.\n\n/MLK", "MLK"),
        ("Opdateret 7/6 af pkj.", "pkj"),
        ("Ref.: abt", "abt"),
        ("Modt. JHP   Sag er oprettet", "JHP"),
        ("Jeg orker ikke mere. KE\n", "KE"),
        ("mvh KE", "KE"),
        ("Kontrolleret LSJ.", "LSJ"),
        ("Fra: MLK\nEmne: Genoptræning", "MLK"),
        ("Navnet staves J e p p e, siger han.", "J e p p e"),
    ],
)
def test_initials_that_sign_are_a_person(text: str, initials: str) -> None:
    assert found(text, Kind.PERSON) == [initials]


@pytest.mark.parametrize(
    "text",
    [
        "Diagnosen er stillet. KOL\n",
        "borger og/eller værge",
        "Ref.: se bilag 3",
        "Tak for hjælpen. OK\n",
        "hilsen fra os alle",
    ],
)
def test_an_abbreviation_is_nobody(text: str) -> None:
    assert found(text, Kind.PERSON) == []


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("Naboen i nr. 3 B larmer.", "nr. 3 B"),
        ("Hun bor i nummer 14.", "nummer 14"),
        ("Nabo i 2. tv. siger nej.", "2. tv."),
        ("Familien i 2. sal til højre siger nej.", "2. sal til højre"),
        ("Send til Postboks 214, 4270.", "Postboks 214, 4270"),
        ("Han bor i H/F Frisk Luft, have 63, om sommeren.", "H/F Frisk Luft, have 63"),
    ],
)
def test_a_house_that_is_told_without_its_street_is_an_address(text: str, address: str) -> None:
    assert found(text, Kind.ADDRESS) == [address]


@pytest.mark.parametrize("text", ["de i nr. 4 nævnte forhold", "§ 9, stk. 2, i nr. 1"])
def test_a_number_of_a_provision_is_no_house(text: str) -> None:
    assert found(text, Kind.ADDRESS) == []


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (Kind.URL, "Se billederne på tanjas-haveblog.example i dag", "tanjas-haveblog.example"),
        (Kind.USER_NAME, "På Snap hedder han tanjakrogh", "tanjakrogh"),
        (Kind.IDENTITY_PAPER, "kørekort 81 22 77 190 er væk", "81 22 77 190"),
    ],
)
def test_a_trace_of_somebody_online_or_on_a_card_is_found(
    kind: Kind, text: str, value: str
) -> None:
    assert found(text, kind) == [value]


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("Jeg har et sagsnummer 24-118830 og da jeg ringede", Kind.CASE_NUMBER, "24-118830"),
        ("Opholdsbevis nr. EU 5520418 og et pas", Kind.IDENTITY_PAPER, "EU 5520418"),
        ("Regningen er fra ydernr. 077419.", Kind.CVR, "077419"),
        ("Set fra session a7f3-99e1-55bd i går", Kind.DEVICE, "a7f3-99e1-55bd"),
        ("Rettet til +298 21 60 47 og nu", Kind.PHONE, "+298 21 60 47"),
        (
            "Mailen er lan snabel-a post punktum example. Telefon: ja",
            Kind.EMAIL,
            "lan snabel-a post punktum example",
        ),
        ("Skriv til tn.bro.97, kl. 10.15", Kind.USER_NAME, "tn.bro.97"),
        ("Ove blev femoghalvfjerds den 4. februar.", Kind.BIRTH_DATE, "den 4. februar"),
        ("Hun er født torsdag den 9. maj 2084.", Kind.BIRTH_DATE, "torsdag den 9. maj 2084"),
        ("V: Hvor gammel er han?\nB: Treoghalvtreds.", Kind.AGE, "Treoghalvtreds"),
    ],
)
def test_a_form_begins_and_ends_where_it_does(text: str, kind: Kind, value: str) -> None:
    assert found(text, kind) == [value]


def test_the_answer_to_another_question_is_no_age() -> None:
    assert found("Hvor gammel er sagen?\nDen er afgjort. 5 sager", Kind.AGE) == []
