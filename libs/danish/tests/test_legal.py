import pytest
from hypothesis import given
from hypothesis import strategies as st
from sidemand.danish.legal import LegalReference, find_references, parse_reference


def names(text: str) -> list[str]:
    return [str(found.reference) for found in find_references(text)]


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("§ 23, stk. 2, nr. 3", "§ 23, stk. 2, nr. 3"),
        ("§113b", "§ 113 b"),
        ("§ 10 A, stk. 2, litra a", "§ 10 a, stk. 2, litra a"),
        ("§ 12 stk 2", "§ 12, stk. 2"),
        ("stk. 1, 2. pkt.", "stk. 1, 2. pkt."),
        ("LBK nr. 1129 af 2025 § 9 a", "LBK nr. 1129 af 2025, § 9 a"),
        ("lovbekendtgørelse nr. 433 af 22. april 2014, § 9", "LBK nr. 433 af 2014, § 9"),
        ("forvaltningslovens § 19, stk. 1", "forvaltningsloven, § 19, stk. 1"),
        ("Barnets lov § 32", "barnets lov, § 32"),
        ("lov om social service § 85", "lov om social service, § 85"),
        ("§ 5 i, stk. 2", "§ 5 i, stk. 2"),
    ],
)
def test_a_reference_has_one_normal_form(text: str, normal: str) -> None:
    assert str(parse_reference(text)) == normal


@pytest.mark.parametrize("text", ["", "loven", "§ 9 og § 10", "se § 9", "stk."])
def test_what_is_no_single_reference_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a single legal reference"):
        parse_reference(text)


references = st.builds(
    LegalReference,
    act=st.sampled_from([None, "forvaltningsloven", "barnets lov", "LBK nr. 1129 af 2025"]),
    section=st.sampled_from(["1", "9 a", "113 b", "250 i"]),
    subsection=st.none() | st.integers(1, 99),
    number=st.none() | st.integers(1, 99),
    letter=st.none() | st.sampled_from("abc"),
    sentence=st.none() | st.integers(1, 9),
)


@given(references)
def test_the_normal_form_parses_to_itself(reference: LegalReference) -> None:
    assert parse_reference(str(reference)) == reference


@given(st.text(alphabet="§stk.nr litra og,-123abi pkt", max_size=60))
def test_spans_lie_in_the_text_in_order(text: str) -> None:
    found = find_references(text)
    assert all(0 <= place.span.start < place.span.end <= len(text) for place in found)
    assert [place.span.end for place in found] == sorted(place.span.end for place in found)


def test_enumerations_and_ranges_name_every_place() -> None:
    assert names("efter §§ 10, 13 og 14 a-14 c, samt § 18, stk. 1 og 3-5") == [
        "§ 10", "§ 13", "§ 14 a", "§ 14 b", "§ 14 c",
        "§ 18, stk. 1", "§ 18, stk. 3", "§ 18, stk. 4", "§ 18, stk. 5",
    ]  # fmt: skip


def test_an_act_named_after_several_references_is_the_act_of_all_that_are_joined() -> None:
    assert names("Se § 3. Efter § 9, stk. 1, og §§ 12 og 13 i forvaltningsloven gælder") == [
        "§ 3",
        "forvaltningsloven, § 9, stk. 1",
        "forvaltningsloven, § 12",
        "forvaltningsloven, § 13",
    ]


def test_the_act_at_hand_has_no_name() -> None:
    assert names("efter lovens § 3 og § 5 i loven") == ["§ 3", "§ 5"]


def test_the_mark_of_a_stk_is_no_reference() -> None:
    assert names("Stk. 2. Reglen i stk. 1 gælder.") == ["stk. 1"]


def test_a_number_of_days_is_no_section() -> None:
    assert names("efter § 10 og 14 dage senere") == ["§ 10"]


def test_a_section_covers_its_stk_and_not_the_other_way() -> None:
    section, subsection = parse_reference("§ 23"), parse_reference("§ 23, stk. 2")
    assert section.covers(subsection)
    assert not subsection.covers(section)
    assert not parse_reference("§ 24").covers(subsection)
    assert section.covers(parse_reference("barnets lovs § 23"))
