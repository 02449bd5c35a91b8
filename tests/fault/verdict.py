"""The judgement of a run: what was lost, done twice, out of order, committed early or let slip."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .crew import Crew
from .effects import Effect, Effects
from .numbered import MARKS, number_in
from .witness import Seen, Witness

MOST_MEMORY_KB = 300_000
"""Of one member, resident; one that has done nothing yet has about 80,000."""


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
    leaks: list[str]
    """Where personal data turned up: logs and headers of dead letters."""
    memory_kb: int
    """The most that a member had."""
    done_again: int
    """Writes of effects that were there already: harmless, since effects are idempotent."""
    late: int
    """Those of them that came after a newer one of their case: a state without idempotent
    effects, where the last write wins, would have gone back."""

    def __str__(self) -> str:
        return (
            f"{len(self.lost)} lost, {len(self.duplicates)} duplicates, "
            f"{len(self.out_of_order)} out of order, {len(self.ahead)} committed too early, "
            f"{len(self.leaks)} leaks; {self.done_again} done again, {self.late} late, "
            f"at most {self.memory_kb // 1000} MB a member"
        )


async def judge(witness: Witness, effects: Effects, crew: Crew, expected: Sequence[str]) -> Verdict:
    """Judge a run that has come to rest. `expected` are the ids that Kafka has acknowledged."""
    unfinished = await witness.unfinished()
    inputs = [seen for found in witness.inputs.values() for seen in found]
    there = {seen["ce_id"] for seen in inputs}
    written, writes = await effects.in_order(), await effects.in_order("writes")
    return Verdict(
        lost=[seen.position for seen in unfinished]
        + [each for each in expected if each not in there],
        duplicates=[*_both(witness, written, inputs), *_several_outputs(witness.outputs)],
        out_of_order=[*_disordered(_by_case(written)), *_disordered(_outputs_by_case(witness))],
        ahead=witness.ahead,
        handled_poison=[each.event_id for each in written if each.number == 0],
        leaks=[*_in_logs(crew), *_in_headers(witness.letters)],
        memory_kb=max(member.peak_kb for member in crew.everybody),
        done_again=len(writes) - len(written),
        late=_late(writes),
    )


def _both(witness: Witness, written: Iterable[Effect], inputs: Iterable[Seen]) -> Iterable[str]:
    buried = {letter["dlq-origin"] for letter in witness.letters}
    done = {effect.event_id for effect in written}
    return [each.position for each in inputs if each["ce_id"] in done and each.position in buried]


def _several_outputs(outputs: Iterable[Seen]) -> Iterable[str]:
    """An event's output may be there twice, under one id: consumers take each id once."""
    ids: dict[str, set[str]] = defaultdict(set)
    for output in outputs:
        ids[output["ce_causationid"]].add(output["ce_id"])
    return [cause for cause, found in ids.items() if len(found) > 1]


def _by_case(effects: Iterable[Effect]) -> dict[str, list[int]]:
    numbers: dict[str, list[int]] = defaultdict(list)
    for effect in effects:
        numbers[effect.case_id].append(effect.number)
    return numbers


def _outputs_by_case(witness: Witness) -> dict[str, list[int]]:
    """The numbers of the events that outputs follow from, each id once."""
    causes = {
        each.cause: number_in(each["ce_id"]) for found in witness.inputs.values() for each in found
    }
    numbers: dict[str, list[int]] = defaultdict(list)
    seen: set[str] = set()
    for output in witness.outputs:
        if output["ce_id"] not in seen:
            seen.add(output["ce_id"])
            numbers[output["ce_subject"]].append(causes[output["ce_causationid"]])
    return numbers


def _disordered(numbers: dict[str, list[int]]) -> Iterable[str]:
    return [case for case, found in numbers.items() if found != sorted(found)]


def _late(writes: Iterable[Effect]) -> int:
    newest: dict[str, int] = defaultdict(int)
    late = 0
    for write in writes:
        late += write.number < newest[write.case_id]
        newest[write.case_id] = max(newest[write.case_id], write.number)
    return late


def _in_logs(crew: Crew) -> Iterable[str]:
    logs = {member.name: member.log for member in crew.everybody if member.log.exists()}
    texts = {name: log.read_text(errors="replace") for name, log in logs.items()}
    return [f"log of {name}" for name, text in texts.items() if any(mark in text for mark in MARKS)]


def _in_headers(letters: Iterable[Seen]) -> Iterable[str]:
    return [
        f"headers of {letter.position}"
        for letter in letters
        if any(mark in value for mark in MARKS for value in letter.headers.values())
    ]


def counted(names: Iterable[str]) -> str:
    """Each name with how often it is there."""
    return ", ".join(f"{name} {count}" for name, count in sorted(Counter(names).items()))
