from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sidemand.danish.quantities import Day, Quantity, find_days, find_quantities


def found(text: str) -> list[str]:
    return [span.of(text) for _, span in find_quantities(text)]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("inden 14 dage og to uger", ["14 dage", "to uger"]),
        ("syvogtyve sager", ["syvogtyve"]),
        ("mindst et år, men en sag", ["et år"]),
        ("1.250,50 kr. og 1,5 mio. kr.", ["1.250,50 kr.", "1,5 mio. kr."]),
        ("en 13-årig i 2½ år", ["13-årig", "2½ år"]),
        ("15-17 år", ["15", "17 år"]),
        ("§ 9, stk. 2, nr. 3, 1. pkt., bilag 4 og 5) andre", []),
        ("den 1. juli 2025 og 01.07.2025", []),
    ],
)
def test_numbers_are_found_and_numbering_is_not(text: str, numbers: list[str]) -> None:
    assert found(text) == numbers


@pytest.mark.parametrize(
    ("one", "other"),
    [("to uger", "14 dage"), ("et år", "12 måneder"), ("et døgn", "24 timer"), ("5", "5 gange"),
     ("1,5 mio. kr.", "1.500.000 kr."), ("halvandet år", "18 måneder")],
)  # fmt: skip
def test_equal_quantities_carry_each_other(one: str, other: str) -> None:
    (first, _), (second, _) = *find_quantities(one), *find_quantities(other)
    assert first.carried_by(second)
    assert second.carried_by(first)


def test_working_days_are_no_days() -> None:
    (working, _), (ordinary, _) = *find_quantities("5 hverdage"), *find_quantities("5 dage")
    assert not working.carried_by(ordinary)


@pytest.mark.parametrize("text", ["3. maj 2025", "03.05.2025", "2025-05-03", "3/5-25"])
def test_a_date_is_the_same_in_every_form(text: str) -> None:
    assert [day for day, _ in find_days(text)] == [Day(3, 5, 2025)]


def test_an_impossible_date_is_none() -> None:
    assert list(find_days("32.13.2025")) == []


def test_a_day_with_a_year_carries_the_day_without() -> None:
    assert Day(1, 7).carried_by(Day(1, 7, 2025))
    assert not Day(1, 7, 2025).carried_by(Day(1, 7))


@given(st.integers(0, 10**9))
def test_thousands_read_the_same_with_and_without_points(number: int) -> None:
    grouped = f"{number:,}".replace(",", ".")
    assert [q for q, _ in find_quantities(f"{grouped} sager")] == [Quantity(Decimal(number))]


@given(st.text(alphabet="0123456789.,½ krtoenåug-/", max_size=40))
def test_any_text_can_be_searched(text: str) -> None:
    assert all(0 <= span.start < span.end <= len(text) for _, span in find_quantities(text))
