"""The judge is not blind: each thing that can go wrong is found where it is planted."""

from sidemand.schemas.envelope import cause_id

from .effects import Effect
from .evidence import INPUT, Evidence, Seen
from .verdict import Verdict, Written, verdict_of


def given(offset: int, number: int) -> Seen:
    """The `number`th event of case 7."""
    headers = {"ce_source": "postsag", "ce_id": f"case-7-{number}"}
    return Seen(f"{INPUT}/0/{offset}", headers)


def output(number: int, event_id: str = "") -> Seen:
    cause = cause_id("postsag", f"case-7-{number}")
    name = event_id or f"after-{number}"
    return Seen(f"out/0/{number}", {"ce_id": name, "ce_causationid": cause, "ce_subject": "7"})


def effect(number: int) -> Effect:
    return Effect(f"case-7-{number}", "7", number)


def case_seven(*outputs: Seen, letters: tuple[Seen, ...] = ()) -> Evidence:
    seen = Evidence(outputs=list(outputs), letters=list(letters))
    seen.inputs[0] = [given(0, 1), given(1, 2)]
    return seen


def judged(seen: Evidence, *effects: Effect, expected: tuple[str, ...] = ()) -> Verdict:
    missing = {each["ce_id"] for each in seen.every_input} - {each.event_id for each in effects}
    unfinished = [each.position for each in seen.unfinished(seen.every_input, missing)]
    return verdict_of(seen, Written(effects, effects), unfinished, expected)


def wrong(verdict: Verdict) -> set[str]:
    """What the verdict finds fault with."""
    return {name for name, found in vars(verdict).items() if isinstance(found, list) and found}


def test_a_run_without_fault_is_found_so() -> None:
    seen = case_seven(output(1), output(2), output(1))  # one is there twice, under its one id
    assert wrong(judged(seen, effect(1), effect(2), expected=("case-7-1", "case-7-2"))) == set()


def test_an_input_without_effect_is_lost() -> None:
    verdict = judged(case_seven(output(1), output(2)), effect(1))
    assert verdict.lost == [f"{INPUT}/0/1"]


def test_an_input_without_output_is_lost() -> None:
    assert judged(case_seven(output(1)), effect(1), effect(2)).lost == [f"{INPUT}/0/1"]


def test_a_dead_letter_stands_for_an_effect() -> None:
    letter = Seen("dlq/0/0", {"dlq-origin": f"{INPUT}/0/1"})
    assert wrong(judged(case_seven(output(1), letters=(letter,)), effect(1))) == set()


def test_an_effect_and_a_dead_letter_are_one_too_many() -> None:
    letter = Seen("dlq/0/0", {"dlq-origin": f"{INPUT}/0/1"})
    seen = case_seven(output(1), output(2), letters=(letter,))
    assert wrong(judged(seen, effect(1), effect(2))) == {"duplicates"}


def test_a_dead_letter_of_a_good_event_is_found() -> None:
    letter = Seen("dlq/0/0", {"dlq-origin": f"{INPUT}/0/1", "ce_id": "case-7-2"})
    assert wrong(judged(case_seven(output(1), letters=(letter,)), effect(1))) == {"buried_alive"}


def test_an_acknowledged_event_that_kafka_does_not_have_is_lost() -> None:
    seen = case_seven(output(1), output(2))
    assert judged(seen, effect(1), effect(2), expected=("case-7-3",)).lost == ["case-7-3"]


def test_two_outputs_of_one_event_are_a_duplicate() -> None:
    seen = case_seven(output(1), output(2), output(2, "another-id"))
    assert wrong(judged(seen, effect(1), effect(2))) == {"duplicates"}


def test_effects_and_outputs_out_of_their_order_are_found() -> None:
    seen = case_seven(output(1), output(2))
    assert wrong(judged(seen, effect(2), effect(1))) == {"out_of_order"}
    backwards = case_seven(output(2), output(1))
    assert wrong(judged(backwards, effect(1), effect(2))) == {"out_of_order"}


def test_an_older_write_after_a_newer_one_is_late_and_not_out_of_order() -> None:
    seen = case_seven(output(1), output(2))
    once = (effect(1), effect(2))
    verdict = verdict_of(seen, Written(once, (*once, effect(1))), (), ())
    assert (verdict.done_again, verdict.late, wrong(verdict)) == (1, 1, set())


def test_what_was_committed_early_stays_found() -> None:
    seen = case_seven(output(1), output(2))
    seen.ahead.append(f"{INPUT}/0/1")
    assert wrong(judged(seen, effect(1), effect(2))) == {"ahead"}
