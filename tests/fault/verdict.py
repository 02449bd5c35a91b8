"""The judgement of a run: what was lost, done twice, out of order, committed early or let slip."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from .crew import Crew
from .effects import Effect, Effects
from .evidence import Evidence, Seen
from .numbered import MARKS, number_in
from .witness import Witness


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What a run did wrong; everything is empty where it did nothing wrong."""

    lost: list[str]
    """Inputs with neither effect and output nor dead letter; acknowledged ones not in Kafka."""
    duplicates: list[str]
    """Events with an effect and a dead letter, or with outputs of several ids."""
    out_of_order: list[str]
    """Cases whose effects or outputs, each counted once, are not in the order of their numbers."""
    ahead: list[str]
    """Positions that were committed before their effects."""
    handled_poison: list[str]
    """Records that can never be handled, and were."""
    buried_alive: list[str]
    """Events that can be handled, in the dead letters all the same."""
    done_again: int
    """Writes of effects that were there already: harmless, since effects are idempotent."""
    late: int
    """Those of them that came after a newer one of their case: a state without idempotent
    effects, where the last write wins, would have gone back."""

    def __str__(self) -> str:
        return (
            f"{len(self.lost)} lost, {len(self.duplicates)} duplicates, "
            f"{len(self.out_of_order)} out of order, {len(self.ahead)} committed too early, "
            f"{len(self.buried_alive)} dead letters of good events; "
            f"{self.done_again} done again, {self.late} of them late"
        )


@dataclass(frozen=True)
class Written:
    """What PostgreSQL has, in the order in which it was written."""

    effects: Sequence[Effect]
    """One for each event."""
    writes: Sequence[Effect]
    """Every write, also of an effect that was there already."""


async def judge(witness: Witness, effects: Effects, expected: Sequence[str]) -> Verdict:
    """Judge a run that has come to rest. `expected` are the ids that Kafka has acknowledged."""
    unfinished = await witness.unfinished()
    written = Written(await effects.in_order(), await effects.in_order("writes"))
    return verdict_of(witness.evidence, written, [seen.position for seen in unfinished], expected)


def verdict_of(
    seen: Evidence, written: Written, unfinished: Sequence[str], expected: Sequence[str]
) -> Verdict:
    """Judge what was seen and written."""
    there = {each["ce_id"] for each in seen.every_input}
    return Verdict(
        lost=[*unfinished, *(each for each in expected if each not in there)],
        duplicates=[*_both(seen, written.effects), *_several_outputs(seen.outputs)],
        out_of_order=[
            *_disordered(_effects_by_case(written.effects)),
            *_disordered(_outputs_by_case(seen)),
        ],
        ahead=seen.ahead,
        handled_poison=[each.event_id for each in written.effects if each.number == 0],
        buried_alive=[each["ce_id"] for each in seen.letters if number_in(each["ce_id"]) > 0],
        done_again=len(written.writes) - len(written.effects),
        late=_late(written.writes),
    )


def _both(seen: Evidence, effects: Iterable[Effect]) -> list[str]:
    done = {effect.event_id for effect in effects}
    inputs = seen.every_input
    return [
        each.position for each in inputs if each["ce_id"] in done and each.position in seen.buried
    ]


def _several_outputs(outputs: Iterable[Seen]) -> list[str]:
    """An event's output may be there twice, under one id: consumers take each id once."""
    ids: dict[str, set[str]] = defaultdict(set)
    for output in outputs:
        ids[output["ce_causationid"]].add(output["ce_id"])
    return [cause for cause, found in ids.items() if len(found) > 1]


def _effects_by_case(effects: Iterable[Effect]) -> dict[str, list[int]]:
    numbers: dict[str, list[int]] = defaultdict(list)
    for effect in effects:
        numbers[effect.case_id].append(effect.number)
    return numbers


def _outputs_by_case(seen: Evidence) -> dict[str, list[int]]:
    """The numbers of the events that outputs follow from, each id once."""
    causes = {each.cause: number_in(each["ce_id"]) for each in seen.every_input}
    numbers: dict[str, dict[str, int]] = defaultdict(dict)
    for output in seen.outputs:
        number = causes[output["ce_causationid"]]
        numbers[output["ce_subject"]].setdefault(output["ce_id"], number)
    return {case: list(found.values()) for case, found in numbers.items()}


def _disordered(numbers: dict[str, list[int]]) -> list[str]:
    return [case for case, found in numbers.items() if found != sorted(found)]


def _late(writes: Iterable[Effect]) -> int:
    newest: dict[str, int] = defaultdict(int)
    late = 0
    for write in writes:
        late += write.number < newest[write.case_id]
        newest[write.case_id] = max(newest[write.case_id], write.number)
    return late


def leaks(crew: Crew, letters: Iterable[Seen]) -> Iterator[str]:
    """Where the person of the bodies turned up: logs, and headers of dead letters."""
    for member in crew.everybody:
        if member.log.exists() and _names_her(member.log.read_text(errors="replace")):
            yield f"the log of {member.name}"
    for letter in letters:
        for name, value in letter.headers.items():
            if _names_her(value):
                yield f"the header {name} of {letter.position}"


def _names_her(text: str) -> bool:
    return any(mark in text for mark in MARKS)


def counted(names: Iterable[str]) -> str:
    """Each name with how often it is there."""
    return ", ".join(f"{name} {count}" for name, count in sorted(Counter(names).items()))
