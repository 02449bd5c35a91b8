"""Persons in texts: parties in every form, names found by the tagger, who is who."""

from collections.abc import Iterator
from importlib import resources
from pathlib import Path

import pytest
from sidemand.redaction.entities import PROTECTED_ADDRESS, party_entity
from sidemand.redaction.finding import Finder, Unredactable
from sidemand.redaction.guesses import confirmed
from sidemand.redaction.redacting import find_together
from sidemand.redaction.rewriting import rewrite
from sidemand.redaction.spans import Certainty, Kind, Span
from sidemand.redaction.tagger import Tagger, WeightsDamaged, load_weights, shipped_weights
from sidemand.schemas.raw import Party

FINDER = Finder()
LAN = Party(
    role="primary",
    name="Lan Nguyen Mikkelsen",
    cpr="850389-1942",
    address="Fasanhaven 9, 4796 Storådal",
    phone="85 19 73 40",
    email="lan@fasanhaven9.example",
)
JEPPE = Party(role="representative", name="Jeppe Mikkelsen")


def masked(text: str, *parties: Party) -> str:
    found = FINDER.find(text, parties)
    return rewrite(text, [(m.start, m.end, f"<{m.entity.kind}>") for m in found]).text


@pytest.mark.parametrize(
    "form",
    [
        "Lan Nguyen Mikkelsen",
        "LAN NGUYEN MIKKELSEN",
        "lan nguyen mikkelsen",
        "Lan Mikkelsen",
        "Lan N. Mikkelsen",
        "L. N. Mikkelsen",
        "L. Mikkelsen",
        "Mikkelsen, Lan",
        "Lan",
        "lan",
        "Mikkelsen",
        "Lans",
        "Mikkelsen's",
        "Lan Nguyen\nMikkelsen",
        "LNM",
        "L.N.M",
        "Lan\u00a0Mikkelsen",
        "Lan Mik\u00adkelsen",
        "850389-1942",
        "8503891942",
        "85 03 89 19 42",
        "850389",
        "85197340",
        "+45 85 19 73 40",
        "8519 7340",
        "LAN@FASANHAVEN9.EXAMPLE",
        "Fasanhaven 9",
        "Fasanhaven nr. 9",
        "Fasanhaven 9\n4796 Storådal",
        "fasanhaven 9, 4796 storådal",
    ],
)
def test_a_party_is_masked_in_every_form(form: str) -> None:
    rest = masked(f"Vi talte om {form} i går.", LAN)
    assert rest.startswith("Vi talte om <")
    assert rest.endswith("> i går.")
    assert rest.count("<") == 1


def test_an_accent_or_double_a_makes_no_other_person() -> None:
    party = Party(role="primary", name="Senad Hodžić Nørregaard")
    assert masked("Vi talte med Hodzic og Nørregård.", party).count("<PERSON>") == 2


def test_a_surname_that_is_a_word_is_masked_as_a_name_and_left_as_a_word() -> None:
    party = Party(role="primary", name="Pernille Glad")
    assert masked("Pernille er glad. Glad ringede.", party) == "<PERSON> er glad. <PERSON> ringede."


def test_a_title_or_role_in_the_name_of_a_party_is_not_masked() -> None:
    party = Party(role="other", name="Anonym anmelder")
    text = "En anmelder, der er anonym, har ringet."
    assert masked(text, party) == text


def test_a_company_and_its_owner_are_two() -> None:
    party = Party(role="other", name="Ringdal Tømrer & Snedker ApS v/ Hanne Kjærgaard")
    found = FINDER.find("Hanne ringede fra Ringdal Tømrer & Snedker ApS.", [party])
    assert [m.entity.kind for m in found] == [Kind.PERSON, Kind.ORGANISATION]


@pytest.mark.parametrize(
    ("listed", "value"),
    [
        ("Mariehønen v/ leder Farhad Amini", "Farhad Amini"),
        ("Advokat Louise Brandstrup", "Louise Brandstrup"),
        ("Tandlægerne ved Åen v/ Ole Skov", "Ole Skov"),
        ("Storådal Boligforening", "Storådal Boligforening"),
        ("Anonym anmelder", "Anonym anmelder"),
    ],
)
def test_a_party_is_given_back_without_title(listed: str, value: str) -> None:
    assert party_entity(Party(role="other", name=listed)).value == value


def test_all_mentions_of_one_person_are_one_entity() -> None:
    text = "Lan Nguyen Mikkelsen skriver. Lans mand, Jeppe, og L. Mikkelsen ringede. Hilsen Lan"
    found = FINDER.find(text, [LAN, JEPPE])
    names = [(text[m.start : m.end], m.entity.value) for m in found]
    assert names == [
        ("Lan Nguyen Mikkelsen", LAN.name),
        ("Lans", LAN.name),
        ("Jeppe", JEPPE.name),
        ("L. Mikkelsen", LAN.name),
        ("Lan", LAN.name),
    ]
    assert [m.genitive for m in found] == [False, True, False, False, False]


def test_a_surname_of_two_parties_means_neither() -> None:
    found = FINDER.find("Vi talte med Mikkelsen.", [LAN, JEPPE])
    assert [m.entity.value for m in found] == ["Mikkelsen"]


def test_the_address_of_a_protected_party_is_kept_out_of_the_vault() -> None:
    hidden = LAN.model_copy(update={"protected_address": True})
    found = FINDER.find("Hun bor Fasanhaven 9 og ikke på Mosevænget 3.", [hidden])
    assert [m.entity.value for m in found] == [PROTECTED_ADDRESS, "Mosevænget 3"]
    assert [m.entity.protected for m in found] == [True, False]


@pytest.mark.parametrize(
    "name",
    [
        "Henning Krogh",
        "Fatima Al-Rashid",
        "Ngozi Okonkwo",
        "Bogdan Wiśniewski",
        "Aputsiaq Berthelsen",
    ],
)
def test_a_person_who_is_no_party_is_found(name: str) -> None:
    text = f"Jeg har talt med {name} om sagen."
    assert masked(text) == "Jeg har talt med <PERSON> om sagen."


@pytest.mark.parametrize(
    "written",
    ["{} (11)", "{}, 41, og", "{} på 3 1/2", "{} er 91.", "{}, der bliver 14 på torsdag"],
)
def test_an_age_beside_a_name_is_masked(written: str) -> None:
    rest = masked(f"Vi talte om {written.format('Jeppe Mikkelsen')}", JEPPE)
    assert rest.count("<AGE>") == 1


@pytest.mark.parametrize(
    ("behind", "value"),
    [
        (" på tretten står for indkøb", "tretten"),
        (" er 5 år og 8 måneder i dag", "5 år og 8 måneder"),
        (" (30.9.79) er flyttet", "30.9.79"),
        (" (RTB), Otto", "RTB"),
    ],
)
def test_what_belongs_to_a_name_is_masked_behind_it(behind: str, value: str) -> None:
    assert value not in masked(f"Vi talte om Ragnhild Tornbjerg{behind}.")


def test_a_nickname_within_a_name_is_part_of_it() -> None:
    assert masked('Jeg talte med Carsten "Sømmet" Tornbjerg i går.') == (
        "Jeg talte med <PERSON> i går."
    )


def test_a_street_that_was_found_once_is_masked_without_its_number_too() -> None:
    text = "Hun bor på Kærmindestien 14, 4796 Storådal. Lyset på Kærmindestien er gået."
    assert masked(text) == "Hun bor på <ADDRESS>. Lyset på <ADDRESS> er gået."


def test_a_name_that_is_a_word_is_found_again_where_the_text_writes_names_small() -> None:
    text = "det er min dreng sander vest han er ude med vest og falke i aften mod vest"
    assert "med vest" not in masked(text)


@pytest.mark.parametrize("written", ["{} (1237)", "{}, 1237", "{} -1237", "{} cpr. 1237"])
def test_the_last_four_digits_beside_a_name_are_masked(written: str) -> None:
    assert "1237" not in masked(f"Vi talte om {written.format('Jeppe Mikkelsen')}", JEPPE)


@pytest.mark.parametrize(
    "after", [" (2024)", ", 3 børn", " på 2. etage", " (KL)", ", 1200 kr.", " har 4 timer"]
)
def test_a_year_or_a_count_beside_a_name_stays(after: str) -> None:
    text = f"Vi talte om Jeppe Mikkelsen{after}"
    assert masked(text, JEPPE) == f"Vi talte om <PERSON>{after}"


def test_a_name_that_was_found_once_is_masked_everywhere() -> None:
    text = "Ole har talt med formanden, Henning Krogh.\n\nMØDE: Aftalt med Krogh, at Krogh ringer."
    rest = masked(text)
    assert "Krogh" not in rest
    assert "Henning" not in rest


def test_a_name_in_the_title_is_masked_in_the_text_too() -> None:
    found = find_together(FINDER, ["Klage – Farzaneh Mohammadi", "afsender: mohammadi"], [])
    assert [[m.entity.kind for m in mentions] for mentions in found.mentions] == [
        [Kind.PERSON],
        [Kind.PERSON],
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Kommunen skal træffe afgørelse inden 4 uger, jf. forvaltningslovens § 19, stk. 1.",
        "Ankestyrelsen har i principmeddelelse 23-17 fastslået borgerens ret til en bisidder.",
        "Send klagen til kommunen. Den vurderer sagen igen og sender den til Ankestyrelsen.",
        "Ydelsen er skattefri og udbetales den sidste hverdag i måneden af Udbetaling Danmark.",
    ],
)
def test_ordinary_text_is_left_as_it_is(text: str) -> None:
    assert masked(text) == text


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("a" * 2_000_001, "text_too_long"),
        ("Мария Иванова живёт здесь, и вот её адрес", "script_unknown"),
        ("مرحبا بكم في البلدية", "script_unknown"),
        ("halv \ud800 surrogat", "text_broken"),
    ],
)
def test_what_cannot_be_read_safely_is_refused(text: str, code: str) -> None:
    with pytest.raises(Unredactable) as refusal:
        FINDER.find(text)
    assert refusal.value.code == code


@pytest.mark.parametrize(
    ("kind", "text", "guess", "kept"),
    [
        (
            Kind.NUMBER,
            "Indbetal på reg. 8413 0002277150",
            "reg. 8413 0002277150",
            "8413 0002277150",
        ),
        (Kind.NUMBER, "Telefonen til depotet", "Telefonen", None),
        (Kind.NUMBER, "i alt 11.902 kr. i gæld", "11.902 kr", None),
        (Kind.NUMBER, "Han kom ca 8.30", "ca 8.30", None),
        (Kind.NUMBER, "Sendt: 6. marts 2026 09:14", "6. marts 2026 09:14", None),
        (Kind.NUMBER, "Peter 11.902 kr.", "Peter 11.902 kr", "Peter 11.902 kr"),
        (Kind.NUMBER, "født d. 2. juli 2086", "d. 2. juli 2086", "2. juli 2086"),
        (Kind.BIRTH_DATE, "Dato: 22. april 2026", "22. april 2026", None),
        (Kind.BIRTH_DATE, "Hun kom til verden 22. april 2026", "22. april 2026", "22. april 2026"),
        (Kind.ADDRESS, "| 08.15 | Aase", "08.15", None),
        (Kind.ADDRESS, "hos mosetoften 14 st th", "mosetoften 14 st th", "mosetoften 14 st th"),
        (Kind.ORGANISATION, "i går kl 13 og", "kl 13", None),
        (Kind.NUMBER, "Journal + 3 rtg. lagt på", "+ 3 rtg", None),
        (Kind.NUMBER, "nej vent det er", "nej vent", None),
        (Kind.NUMBER, "under 85.02.00-G01.", "85.02.00-G01", None),
        (Kind.PERSON, "BO spørger", "BO", None),
        (Kind.PERSON, "Lægen har set KOL", "KOL", None),
        (Kind.PERSON, "så spørger Bo igen", "Bo", "Bo"),
        (
            Kind.ADDRESS,
            "1.064,22 kr. Ydernr. 077419",
            "1.064,22 kr. Ydernr. 077419",
            "1.064,22 kr. Ydernr. 077419",
        ),
    ],
)
def test_a_guess_is_kept_as_far_as_it_has_the_form_of_data(
    kind: Kind, text: str, guess: str, kept: str | None
) -> None:
    start = text.index(guess)
    span = Span(start, start + len(guess), kind, Certainty.NAME)
    left = confirmed(text, span, shipped_weights()[1])
    assert (left and text[left.start : left.end]) == kept


class BrokenTagger(Tagger):
    def find(self, text: str, *, caution: float = 0.0) -> Iterator[Span]:
        raise LookupError(text)


def test_a_recogniser_that_fails_lets_nothing_through_and_tells_nothing() -> None:
    with pytest.raises(Unredactable) as refusal:
        Finder(BrokenTagger(*shipped_weights())).find("Hemmelig tekst")
    assert refusal.value.code == "recogniser_failed"
    assert refusal.value.__cause__ is None
    assert "Hemmelig" not in str(refusal.value)


def test_the_weights_are_refused_where_their_hash_does_not_match(tmp_path: Path) -> None:
    folder = resources.files("sidemand.redaction") / "weights"
    for name in ("tagger.json", "tagger.npz"):
        (tmp_path / name).write_bytes((folder / name).read_bytes() + b" ")
    with pytest.raises(WeightsDamaged):
        load_weights(tmp_path)


@pytest.mark.parametrize(
    ("text", "covered"),
    [
        ("Ragnhild Tornbjerg ringede. Sagen om torn-\nbjerg lukkes.", "torn-\nbjerg"),
        ("Ragnhild Tornbjerg er til møde. Fristen er aftalt (RT).", "RT"),
    ],
)
def test_a_person_who_was_found_is_found_however_the_name_comes_again(
    text: str, covered: str
) -> None:
    last = text.rindex(covered)
    assert any(
        mention.start <= last
        and last + len(covered) <= mention.end
        and mention.entity.kind is Kind.PERSON
        for mention in FINDER.find(text)
    )


def test_a_turkish_capital_i_is_one_letter_of_a_name() -> None:
    assert masked("Jeg talte med İlhan Demir. Husk at ringe til İlhan") == (
        "Jeg talte med <PERSON>. Husk at ringe til <PERSON>"
    )


def test_capitals_that_are_nobodys_initials_stay() -> None:
    text = "Ragnhild Tornbjerg er til møde. Fristen er aftalt (LA)."
    assert masked(text) == "<PERSON> er til møde. Fristen er aftalt (LA)."
