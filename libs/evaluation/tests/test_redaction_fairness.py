"""Numbers in every written form, and names of other groups in the same text."""

from collections.abc import Sequence

from sidemand.evaluation.fairness import GROUPS, Group, measure_fairness, renamed
from sidemand.evaluation.redaction import MarkedSpan, MarkedText
from sidemand.evaluation.written_numbers import draw, leaked
from sidemand.redaction.spans import Entity, Kind, Mention
from sidemand.schemas.raw import Party

TEXT = "Bodil Holm ringede. Bodils søn, EJNAR HOLM, bor hos bodil."


def _marked() -> MarkedText:
    places = [(0, 10, "e1"), (20, 26, "e1"), (32, 42, "e2"), (52, 57, "e1")]
    return MarkedText("t1", TEXT, tuple(MarkedSpan(s, e, "PERSON", who) for s, e, who in places))


class FindsDanishNames:
    """Finds nobody who is called Aziz."""

    def find(self, text: str, parties: Sequence[Party] = ()) -> list[Mention]:
        del parties
        whole = Entity(Kind.PERSON, "x", "x")
        return [] if "aziz" in text.lower() else [Mention(0, len(text), whole)]


def test_a_renamed_text_has_one_new_name_for_each_person_written_as_before() -> None:
    other = renamed(_marked(), Group(("Hodan",), ("Shire",)))
    written = [other.text[s.start : s.end] for s in other.spans]
    assert written == ["Hodan Shire", "Hodans", "HODAN SHIRE", "hodan"]
    assert other.text == "Hodan Shire ringede. Hodans søn, HODAN SHIRE, bor hos hodan."


def test_the_gap_is_between_the_best_and_the_worst_group() -> None:
    dimensions = {"origin": {"one": Group(("Ib",), ("Aziz",)), "two": Group(("Ib",), ("Lund",))}}
    figures = measure_fairness([_marked()], FindsDanishNames(), dimensions)
    assert figures["groups"] == {"origin: one": 0.0, "origin: two": 1.0}
    assert figures["largest_gap"] == figures["gaps"]["origin"] == 1.0


def test_no_group_is_without_names() -> None:
    assert all(group.first and group.last for d in GROUPS.values() for group in d.values())


def test_a_number_leaks_where_a_digit_or_a_read_out_word_is_left() -> None:
    for number in draw(200, seed=4):
        assert leaked(number, []), number.form
        assert leaked(number, [(number.start, number.start + 1)]), number.form
        assert not leaked(number, [(number.start, number.end)]), number.form


def test_the_same_seed_draws_the_same_numbers() -> None:
    assert list(draw(20, seed=4)) == list(draw(20, seed=4))
    assert list(draw(20, seed=4)) != list(draw(20, seed=5))
