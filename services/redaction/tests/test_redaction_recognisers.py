"""What each recogniser finds, and what it leaves alone."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sidemand.redaction.normalise import normalise
from sidemand.redaction.recognisers import find_identifiers
from sidemand.redaction.rewriting import rewrite
from sidemand.redaction.spans import Certainty, Kind, Span, resolve


def found(text: str) -> list[tuple[Kind, str]]:
    normalised = normalise(text)
    spans = resolve(find_identifiers(normalised.text), normalised.text)
    places = [(span.kind, normalised.original(span.start, span.end)) for span in spans]
    return [(kind, text[start:end]) for kind, (start, end) in places]


CPR_FORMS = [
    "740344-1237",
    "7403441237",
    "740344 1237",
    "740344 - 1237",
    "740344–1237",
    "740344—1237",
    "740344\u20111237",
    "740344\u22121237",
    "740344\u00a01237",
    "740344\u00a0-\u00a01237",
    "740344\u2009-\u20091237",
    "74.03.44-1237",
    "74.03.44.1237",
    "74 03 44 1237",
    "74 03 44 12 37",
    "74-03-44-1237",
    "74/03/44-1237",
    "740344/1237",
    "740344-\n1237",
    "740344\n-1237",
    "740344 | 1237",
    "740344\t1237",
    "740344\u00ad-1237",
    "7403\u00ad44-1237",
    "740344\u200b-1237",
    "74\u200d0344\u20601237",
    "７４０３４４-１２３７",
    "74O344-l237",
    "74o344-I237",
    "7 4 0 3 4 4 1 2 3 7",
    "740344_1237",
    "740344-XXXX",
    "740344-\r\n1237",
    "740344-\n\n> 1237",
    "740344&ndash;1237",
    "740344&#8211;1237",
    "740344=2D1237",
    "740344<br>1237",
    "<td>740344</td><td>1237",
    "**740344**-1237",
    "74|03|44|1237",
    "74_03_44_1237",
    "74,03,44,12,37",
    "7,4,0,3,4,4,1,2,3,7",
    "740344, endelse 1237",
    "740344 bindestreg 1237",
    "740344 og de sidste fire cifre er 1237",
    "74. marts 1944-1237",
    "74/3 1944-1237",
    "74.03.1944-1237",
    "19440374-1237",
    "74O3A4-1237",
    "740344\u30fc1237",
    "740344-123",
    "740344 12345",
    "740344-12xx",
    "740344-123X",
    "740344A123X",
    "74 O3 4B - 1Z 37",
    "7403444-1237",
    "7 4 0 3 4 4&#8211;1237",
    "| 7 4 0 3 4 4&#8211;1237",
    "| 7 4 0 3 4 4·1 2 3 7",
    "| 7 4 0 3 4 S·1 2 3 7",
    "7|4|0|3|4|4 - 1237",
    "| 7 | 4 | 0 | 3 | 4 | 4 | - | 1 | 2 | 3 | 7 |",
    "7\n4\n0\n3\n4\n4\n1\n2\n3\n7",
    "7/4/0/3/4/4, løbenummer 1,2,3,7",
    "74 · 03 · 44\n\n12-37",
    "74&nbsp;03&nbsp;44&nbsp;1237",
    "740344%E2%80%931237",
    "740344=E2=80=931237",
    "740344\\u20131237",
    "740344&amp;ndash;1237",
    '740344</span><span class="last">1237',
    "740344<br />1237",
    "74 03 44 12.37",
    "14 03 44 12.37",
    "fireoghalvfjerds nul tre fireogfyrre tolv syvogtredive",
    "fire-og-halvfjerds nul tre fire-og-fyrre streg tolv syv-og-tredve",
    "fireoghalvfjerdsindstyve nul tre fireogfyrre tolv syvogtredive",
    "syv fire nul tre fire fire en to tre syv",
    "fireoghalvfjerds nultre fireogfyrre tolvhundredesyvogtredive",
    "740344 tolv syvogtredive",
    "nul en nul et firs",
    "nul første nul første firs",
]


@pytest.mark.parametrize("form", CPR_FORMS)
@pytest.mark.parametrize("frame", ["{}", "Borgeren ({}) har søgt.", "Vedr. {}, født i 1944"])
def test_a_cpr_number_is_found_in_every_written_form(form: str, frame: str) -> None:
    text = frame.format(form)
    places = resolve(find_identifiers(normalise(text).text), normalise(text).text)
    rest = rewrite(normalise(text).text, [(s.start, s.end, "■") for s in places]).text
    assert not re.search(r"\d|nul|fire|tre|syv|xxx", rest.replace("1944", ""), re.IGNORECASE)


@pytest.mark.parametrize(
    "told",
    [
        "de sidste fire er {}",
        "sidste 4: {}",
        "de fire sidste er {}",
        "de fire sidste tal, {}",
        "cpr slutter på {}",
        "endelsen er {}",
        "xxxxxx-{}",
        "******-{}",
        "ddmmåå-{}",
    ],
)
def test_the_last_four_digits_are_found_behind_what_tells_of_them(told: str) -> None:
    assert found(told.format("1237")) == [(Kind.CPR, "1237")]


@pytest.mark.parametrize(
    "text",
    [
        "cpr_7403441237_bilag.pdf",
        "x7403441237x",
        "urn:oio:cpr-nr:7403441237",
        "CPR7403441237",
        "<cpr>740344-1237</cpr>",
        "nr.740344-1237.",
    ],
)
def test_a_cpr_number_that_is_glued_to_letters_is_found(text: str) -> None:
    assert any("1237" in value for _, value in found(text))


@pytest.mark.parametrize(
    "before", ["nr. 4 ", "1. ", "2 - ", "sag 2026-", "| 2 | ", "kl. 10.30 ", "§ 8, "]
)
@pytest.mark.parametrize("number", ["740344-1237", "7 4 0 3 4 4·1 2 3 7", "74 03 44&#8211;12.37"])
def test_a_digit_before_a_cpr_number_hides_nothing_of_it(before: str, number: str) -> None:
    text = f"Vedr. {before}{number} og hans mor"
    spans = resolve(find_identifiers(text), text)
    rest = rewrite(text, [(s.start, s.end, "■") for s in spans]).text
    assert not any(part in rest for part in ("44", "12", "37", "1 2"))


def test_a_cpr_number_needs_no_checksum_and_may_be_a_replacement_number() -> None:
    for number in ("740344-1237", "880961-0278", "910199-0001"):
        assert found(number) == [(Kind.CPR, number)]


IDENTIFIERS = [
    (Kind.CVR, "CVR-nr. {}", "40219937"),
    (Kind.CVR, "cvr {}.", "31 77 05 18"),
    (Kind.CVR, "SE-nr. {}", "11 80 42 95"),
    (Kind.PRODUCTION_UNIT, "P-nr. {}", "1024881906"),
    (Kind.PRODUCTION_UNIT, "produktionsenhed {}", "1.027.446.190"),
    (Kind.PHONE, "tlf. {}", "85 19 73 40"),
    (Kind.PHONE, "ring på {} i morgen", "85197340"),
    (Kind.PHONE, "mobil {}", "8519-7340"),
    (Kind.PHONE, "{}", "85.19.73.40"),
    (Kind.PHONE, "{}", "+45 8519 7340"),
    (Kind.PHONE, "{}", "0045 85197340"),
    (Kind.PHONE, "{}", "+46 70 118 22 39"),
    (Kind.EMAIL, "Fra: {}", "lan@fasanhaven9.example"),
    (Kind.EMAIL, "skriv til {}", "lan(at)post.example"),
    (Kind.EMAIL, "skriv til {}", "lan snabel-a post punktum example"),
    (Kind.ADDRESS, "Vi bor på {}.", "Fasanhaven 9, 4796 Storådal"),
    (Kind.ADDRESS, "Hun bor {} nu", "Klostergården 6, 1. th., 4796 Storådal"),
    (Kind.ADDRESS, "fra {} til os", "Gl. Hedevej 104"),
    (Kind.ADDRESS, "jeg bor på {} og", "mosetoften 14 st th"),
    (Kind.ADDRESS, "hun bor på {} alene", "dalen 4"),
    (Kind.ADDRESS, "og dem i {} larmer", "nr. 8"),
    (Kind.ADDRESS, "Hilsen Lan\n{}", "Fasanhaven 9\n4796 Storådal"),
    (Kind.ACCOUNT, "konto {}", "9124 0007713380"),
    (Kind.ACCOUNT, "reg. {}", "9124 konto 0007713380"),
    (Kind.ACCOUNT, "IBAN {}", "DK50 0040 0440 1162 43"),
    (Kind.PLATE, "bilen {} holder", "CX 40 913"),
    (Kind.PLATE, "bilen {}", "CX40913"),
    (Kind.PLATE, "bilen {} holder", "dx 31-775"),
    (Kind.CASE_NUMBER, "Sag {}", "27.36.04-P27-118-26"),
    (Kind.CASE_NUMBER, "Sag {}", "S2026-01946"),
    (Kind.CASE_NUMBER, "j.nr. {}", "24-118830"),
    (Kind.CASE_NUMBER, "Sag {}", "S26-0442-B"),
    (Kind.CASE_NUMBER, "kvittering {}", "DT-0099-4417"),
    (Kind.BIRTH_DATE, "født {}", "7. november 2086"),
    (Kind.BIRTH_DATE, "Fødselsdato: {}", "2086-11-07"),
    (Kind.BIRTH_DATE, "(f. {})", "7/11-2086"),
    (Kind.AGE, "Hun er {} og bor alene", "79 år"),
    (Kind.AGE, "Hun blev {} i går", "otteoghalvfjerds"),
    (Kind.AGE, "den {} bror", "19-årige"),
    (Kind.AGE, "datter Liv, {}, hver anden uge", "16 år"),
    (Kind.AGE, "en kvinde på {}", "58"),
    (Kind.AGE, "dreng på {}", "3 år"),
    (Kind.AGE, "hun er {} og", "5 år og 8 måneder"),
    (Kind.AGE, "alder: {}", "41"),
    (Kind.AGE, "Teo er nu {}", "5 år og 8 måneder"),
    (Kind.AGE, "Nu er jeg {} og træt", "seksten"),
    (Kind.AGE, "Barn: Liv (Liv Holm), {}", "2 år og 10 mdr."),
    (Kind.PERSON, "Mødte: {} (formand). Punkt 1", "bh"),
    (Kind.PERSON, "Afbud: ingen, {}", "MKS"),
    (Kind.PERSON, "Vejledt om klageadgang.\n\n{}", "bch"),
    (Kind.ORGANISATION, "bor nu på {}.", "Forsorgshjemmet Ankeret"),
    (Kind.ORGANISATION, "passes hos {}", 'Privatpasser "Hos Hanne"'),
    (Kind.AGE, "går ind i sit {}", "100. år"),
    (Kind.USER_NAME, "bruger-id {}", "boskov_81"),
    (Kind.IDENTITY_PAPER, "pasnr. {}", "P04418827"),
    (Kind.DEVICE, "fra {}", "192.0.2.19"),
    (Kind.DEVICE, "computeren ({}) er væk", "HP-SN5CD0284QTX"),
]


@pytest.mark.parametrize(("kind", "frame", "value"), IDENTIFIERS)
def test_an_identifier_is_found_as_one_span_of_its_kind(kind: Kind, frame: str, value: str) -> None:
    assert found(frame.format(value)) == [(kind, value)]


@pytest.mark.parametrize(
    "text",
    [
        "jf. LBK nr. 433 af 25/04/2024, § 113 b, stk. 2, 1. pkt.",
        "lov nr. 1534 af 12. december 2023 og BEK nr. 1054",
        "forordning (EU) 2016/679, artikel 6, stk. 1, litra e",
        "KLE 27.36.04, facet P27",
        "Beløbet er 12.345.678 kr., heraf 1.250.000,00 kr.",
        "I alt kr. 20 551 378 i 2024-2025.",
        "Åbent kl. 08.00-14.30 og kl. 20.15-21.30.",
        "Mødet er den 3. marts 2026 kl. 10 i uge 14.",
        "Fristen løber fra 01.01.2026 til 31.12.2026.",
        "§§ 10, 12 og 20-25, kapitel 3, bilag 2, side 114",
        "mindst 37 timer om ugen i 52 uger",
        "2 ud af 3 borgere, 45 % og 12.345 personer",
        "principmeddelelse 23-17 fra Ankestyrelsen",
        "Vejledning nr. 9341 til serviceloven",
        "to, tre eller fire uger",
        "10, 12, 13, 14, 15",
        "i årene 2025 og 2026",
        "3. marts 2026, 4796 personer",
        "den 12.03.26, 08-14 og 12.03.26 (10.30)",
        "fra 01.03.26 - 30.04",
        "10, 12, 13, 14, 15 og 10, 12, 13, 14, 15, 16",
        "første, anden og tredje række",
        "nitten hundrede treogtres",
        "den 12. december 2023 og den 1. januar 2024",
        "børn under 18 år, de 18-årige og alle over 65 år",
        "højst 10 år, mellem 70 og 85 år, i 24 år",
        "når barnet fylder 18 år, eller den unge fylder 23 år",
        "en 3-årig periode og en 13-årig ordning",
        "arkiver, der er 20 år gamle",
        "Hun er 2 ud af 3 dage hjemme.",
        "Danmark 11 år senere, på vej 3 gange",
        "Børnehaven har lukket, og folkeskolen begynder.",
        "Udbetaling Danmark og Aarhus Kommune",
        "Afbud: ingen. Til stede: alle, og de kom til tiden",
        "Så er han to gange om ugen hos lægen.",
        "Han bor på plejehjem 3 dage om ugen og på 2. sal.",
        "Straffen blev 1 år og 6 måneder, COVID-19, EN-9001",
        "Faste udgifter iflg. BO 13.920 kr. Det koster ca 12 345 kr",
        "Det bliver 40 den dag.\n\nOk",
        "| Målgruppe | Antal 2022 | Antal 2023 |",
        "I alt 41, total 1500, og kapital 4400 i hospital 2034",
        "Pligten gælder 1) bopæl eller arbejdsplads, 2) en borger, 3) et barn, 4) en vej",
        "Oplys altid ordrenummer, fx 4500217788. Version 3.2.0.11 og build 10.0.4.17",
    ],
)
def test_ordinary_text_is_left_alone(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("Det er hendes mand (og barn, 9).", (Kind.AGE, "9")),
        ("Deres tal 4471 og antal 12", (Kind.CPR, "4471")),
        ("Fra ip 10.0.4.17 (version 3)", (Kind.DEVICE, "10.0.4.17")),
    ],
)
def test_what_only_looks_like_an_item_or_a_figure_is_found(
    text: str, written: tuple[Kind, str]
) -> None:
    assert found(text) == [written]


def test_of_a_number_within_an_address_only_the_address_counts() -> None:
    assert found("lan.850389@fasanhaven9.example") == [
        (Kind.EMAIL, "lan.850389@fasanhaven9.example")
    ]


SPANS = st.builds(
    lambda start, length, kind, certainty: Span(start, min(start + length, 40), kind, certainty),
    st.integers(0, 39),
    st.integers(1, 15),
    st.sampled_from(Kind),
    st.sampled_from(Certainty),
)


@given(st.lists(SPANS, max_size=12))
def test_a_conflict_never_uncovers_a_letter(spans: list[Span]) -> None:
    text = "abcd efgh " * 4
    before = {i for s in spans for i in range(s.start, s.end) if text[i].isalnum()}
    chosen = resolve(spans, text)
    after = [i for s in chosen for i in range(s.start, s.end)]
    assert before <= set(after)
    assert len(after) == len(set(after))


@given(st.text(max_size=80))
def test_offsets_of_the_normalised_text_lead_back(text: str) -> None:
    normalised = normalise(text)
    for index in range(len(normalised.text)):
        start, end = normalised.original(index, index + 1)
        assert 0 <= start < end <= len(text)
    if normalised.text:
        assert normalised.original(0, len(normalised.text))[1] <= len(text)


@pytest.mark.parametrize(
    "piece",
    [
        "1 ",
        "a.",
        "12-",
        "Aa ",
        "@a",
        "740344-1237 ",
        "nul en ",
        "Vej 1, ",
        "(at) ",
        "cpr ",
        "::1",
        "1l",
        "0 1 ",
        "1|",
        "1\n",
        "10, 12, ",
        "1&nbsp;",
        "12<a b=1>",
    ],
)
def test_time_grows_in_line_with_length(piece: str) -> None:
    def seconds(size: int) -> float:
        text = piece * (size // len(piece))
        started = time.process_time()
        list(find_identifiers(text))
        return time.process_time() - started

    # Four times the text takes four times the time, or sixteen times where it grows with the
    # square. The shortest of several tries is free of what else the machine does.
    long = min(seconds(40_000) for _ in range(2))
    assert long < 10 * min(seconds(10_000) for _ in range(3)) + 0.1
