"""What figures a question asks for, and which a text states."""

import pytest
from sidemand.danish.figures import Figure, asked_for, stated_in


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("Hvad koster en plads i dagplejen?", {"amount"}),
        ("Hvor meget kan hun få udbetalt?", {"amount"}),
        ("Hvor mange uger har vi til at svare?", {"period"}),
        ("Hvor lang er fristen for at klage?", {"period"}),
        ("Hvor mange pladser er der ledige?", {"number"}),
        ("Hvad er telefonnummeret, og hvad koster det?", {"amount", "contact"}),
        ("Hvem træffer afgørelsen?", set()),
        ("Hvornår må kommunen afslå?", set()),  # mostly when as in: under which conditions
        ("Prisen er steget. Hvad gør vi nu?", set()),  # what is told is not asked for
    ],
)
def test_a_question_asks_for_a_kind_of_figure(text: str, asked: set[Figure]) -> None:
    assert asked_for(text) == asked


@pytest.mark.parametrize(
    ("text", "stated"),
    [
        ("Gebyret er 250 kr.", {"amount", "number"}),
        ("Klagen skal være modtaget inden fire uger.", {"period", "number"}),
        ("Reglen gælder fra den 1. juli 2025.", {"period"}),
        ("Ring til Borgerservice på 85 40 99 13.", {"contact", "number"}),
        ("Kommunalbestyrelsen træffer afgørelse efter § 23, stk. 2.", set()),
    ],
)
def test_a_text_states_kinds_of_figures(text: str, stated: set[Figure]) -> None:
    assert stated_in(text) == stated
