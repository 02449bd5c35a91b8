"""What was seen in Kafka: inputs, outputs and dead letters, without their bodies."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Final

from sidemand.bus.decoding import Record, position_of
from sidemand.schemas.envelope import cause_id

from .numbered import DEAD_LETTERS, GIVEN, TENANT

INPUT: Final = GIVEN.of(TENANT)


@dataclass(frozen=True, slots=True)
class Seen:
    """One record."""

    position: str
    """`topic/partition/offset`."""
    headers: dict[str, str]
    """As far as they can be read."""

    @property
    def cause(self) -> str:
        """How what follows from this event names it."""
        return cause_id(self["ce_source"], self["ce_id"])

    def __getitem__(self, name: str) -> str:
        """A header; empty where there is none."""
        return self.headers.get(name, "")


@dataclass
class Evidence:
    """Everything that was seen, in the order of each partition."""

    inputs: dict[int, list[Seen]] = field(default_factory=lambda: defaultdict(list))
    """By partition; the place in the list is the offset."""
    outputs: list[Seen] = field(default_factory=list)
    letters: list[Seen] = field(default_factory=list)
    ahead: list[str] = field(default_factory=list)
    """Positions committed while their record had neither effect and output nor dead letter."""

    @property
    def every_input(self) -> list[Seen]:
        """The inputs of all partitions."""
        return [seen for found in self.inputs.values() for seen in found]

    @property
    def buried(self) -> set[str]:
        """The positions of inputs that have a dead letter."""
        return {letter["dlq-origin"] for letter in self.letters}

    def see(self, record: Record) -> None:
        """Note a record; each must come once, and those of a partition without gaps."""
        seen = Seen(
            position_of(record),
            {name: (value or b"").decode("utf-8", "replace") for name, value in record.headers},
        )
        if record.topic == INPUT:
            assert record.offset == len(self.inputs[record.partition]), "once, without gaps"
            self.inputs[record.partition].append(seen)
        elif record.topic == DEAD_LETTERS:
            self.letters.append(seen)
        else:
            self.outputs.append(seen)

    def unfinished(self, inputs: Iterable[Seen], without_effect: Collection[str]) -> list[Seen]:
        """Those of the inputs that have neither effect and output nor a dead letter.

        `without_effect` are the ids of events that PostgreSQL does not have.
        """
        buried = self.buried
        passed_on = {output["ce_causationid"] for output in self.outputs}
        return [
            each
            for each in inputs
            if each.position not in buried
            and (each["ce_id"] in without_effect or each.cause not in passed_on)
        ]
