"""What the figures of redaction count, on a redactor that finds known words."""

from collections.abc import Sequence

import pytest
from sidemand.evaluation.redaction import (
    MarkedSpan,
    MarkedText,
    behind_the_gate,
    leaks,
    measure,
    overmasked,
)
from sidemand.redaction.spans import Entity, Kind, Mention
from sidemand.schemas.raw import Party


class FindsWords:
    """Finds the given words wherever they stand."""

    def __init__(self, *words: str) -> None:
        self._words = words

    def find(self, text: str, parties: Sequence[Party] = ()) -> list[Mention]:
        del parties
        places = sorted((text.find(w), w) for w in self._words if w in text)
        return [Mention(at, at + len(w), Entity(Kind.PERSON, w, w)) for at, w in places]


def marked(text: str, *spans: tuple[str, str, str]) -> MarkedText:
    found = [
        MarkedSpan(text.index(word), text.index(word) + len(word), kind, entity)
        for word, kind, entity in spans
    ]
    return MarkedText("t1", text, tuple(found))


NOTE = marked(
    "Lan, 740344-1237, ringede. Mikkelsen har stress.",
    ("Lan", "PERSON", "e1"),
    ("Mikkelsen", "PERSON", "e1"),
    ("740344-1237", "CPR", "e2"),
    ("stress", "SPECIAL_HEALTH", "e3"),
)


def test_a_person_counts_only_when_every_mention_is_covered() -> None:
    partly = measure([NOTE], FindsWords("Lan", "740344-1237"))
    wholly = measure([NOTE], FindsWords("Lan", "Mikkelsen", "740344-1237"))
    assert (partly["person_recall"], wholly["person_recall"]) == (0.0, 1.0)
    assert (partly["clean_documents"], wholly["clean_documents"]) == (0.0, 1.0)


def test_special_categories_are_counted_apart() -> None:
    figures = measure([NOTE], FindsWords("Lan", "Mikkelsen", "740344-1237"))
    assert figures["entity_recall"] == 1.0
    assert figures["special_recall"] == 0.0


def test_a_cpr_number_with_one_open_digit_is_a_leak() -> None:
    assert measure([NOTE], FindsWords("740344-123"))["cpr_leaks"] == 1
    assert measure([NOTE], FindsWords("740344-1237"))["cpr_leaks"] == 0


def test_what_is_masked_without_need_is_counted_and_shown() -> None:
    redactor = FindsWords("ringede", "Lan")
    figures = measure([NOTE], redactor)
    assert figures["precision"] == 0.5
    assert figures["masked_ordinary_share"] == pytest.approx(7 / 10)
    assert [kind for _, kind, _ in overmasked([NOTE], redactor)] == ["PERSON"]


def test_a_leak_is_shown_in_its_context() -> None:
    shown = [context for _, kind, context in leaks([NOTE], FindsWords("Lan")) if kind == "CPR"]
    assert shown == ["Lan, [[740344-1237]], ringede. Mikk"]


def test_behind_the_gate_a_token_stands_for_what_is_found() -> None:
    seen = behind_the_gate("Må Lan klage for Mikkelsen?", FindsWords("Lan", "Mikkelsen"))
    assert seen == "Må ⟦PERSON⟧ klage for ⟦PERSON⟧?"
