"""The way of case events through the five services, as Kafka shows it from end to end."""

import json
import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from sidemand.bus import BusSettings
from sidemand.bus.decoding import Record, position_of
from sidemand.schemas import topics
from sidemand.schemas.envelope import cause_id
from sidemand.schemas.identity import CaseRef, Payload
from sidemand.schemas.topics import Topic

from .onlooker import Onlooker


@dataclass(frozen=True, slots=True)
class Hop:
    """What one service makes of an event: one of `into`, or one for each kind that is asked for."""

    topic: Topic[Payload]
    service: str
    into: tuple[Topic[Payload], ...]
    several: bool = False


HOPS: Final = (
    Hop(
        topics.CASE_EVENT_PUBLISHED,
        "ingestion",
        (topics.CASE_DOCUMENT_INGESTED, topics.CASE_EVENT_REFUSED),
    ),
    Hop(topics.CASE_DOCUMENT_INGESTED, "redaction", (topics.CASE_DOCUMENT_REDACTED,)),
    Hop(topics.CASE_DOCUMENT_REDACTED, "embedding", (topics.CASE_DOCUMENT_EMBEDDED,)),
    Hop(topics.CASE_DOCUMENT_EMBEDDED, "retrieval", (topics.CONTEXT_RETRIEVED,)),
    Hop(topics.CONTEXT_RETRIEVED, "generation", (topics.SUGGESTION_DRAFTED,), several=True),
    Hop(topics.SUGGESTION_DRAFTED, "redaction", (topics.SUGGESTION_CHANGED,)),
)
_PUBLISHED: Final = topics.CASE_EVENT_PUBLISHED.name


@dataclass(frozen=True, slots=True)
class Suggested:
    """What a suggestion is."""

    kind: str
    published_at: str
    """When its case event was published."""
    revision: int
    answered: bool
    """Whether it says anything, rather than why not."""


@dataclass(frozen=True, slots=True)
class Passed:
    """One event on one topic, the first time that it is there."""

    event_id: str
    """How those that follow from it name it."""
    cause: str
    position: str
    case: CaseRef
    suggestion: Suggested | None


@dataclass
class Chain:
    """All events on their way, each id once."""

    bus: BusSettings
    tenants: Sequence[str]
    passed: dict[str, dict[str, Passed]] = field(default_factory=lambda: defaultdict(dict))
    """By topic without tenant, then by id."""
    repeated: int = 0
    """Records whose id was there already."""
    buried: set[str] = field(default_factory=set)
    """Positions of events that have a dead letter."""
    dead_letters: list[dict[str, str]] = field(default_factory=list)
    """Their headers."""
    erased: set[CaseRef] = field(default_factory=set)
    """Cases that were forgotten while their events were on the way: those end wherever they are."""

    def __post_init__(self) -> None:
        names = [
            each.of(tenant)
            for each in dict.fromkeys(topic for hop in HOPS for topic in (hop.topic, *hop.into))
            for tenant in (self.tenants if each.edge else [""])
        ]
        graves = [hop.topic.dead_letters(hop.service) for hop in HOPS]
        onlooker = Onlooker(self.bus, [*names, *graves], self._see)
        self.catch_up, self.close = onlooker.catch_up, onlooker.close

    def unfinished(self, causes: Collection[str]) -> Iterator[str]:
        """What has not come to its end of what follows from these outside events."""
        alive = set(causes)
        yield from alive - self.passed[_PUBLISHED].keys()
        for hop in HOPS:
            here = [each for key, each in self.passed[hop.topic.name].items() if key in alive]
            children = self._children(hop)
            for each in here:
                ended = each.position in self.buried or each.case in self.erased
                if not children[each.event_id] and not ended:
                    yield f"{hop.topic.name} at {each.position}"
            alive = {child.event_id for each in here for child in children[each.event_id]}

    def doubled(self) -> Iterator[str]:
        """Events from which more follows than may: more than one, or one kind more than once."""
        for hop in HOPS:
            for cause, children in self._children(hop).items():
                kinds = [child.suggestion.kind for child in children if child.suggestion]
                most = len(set(kinds)) if hop.several else 1
                if len(children) > most:
                    yield f"{hop.topic.name}: {len(children)} of {cause}"

    def out_of_order(self) -> Iterator[str]:
        """Cases whose suggestions of one kind do not come in the order of their case events.

        Further revisions follow from changes of knowledge, at any time.
        """
        times: dict[tuple[CaseRef, str], list[str]] = defaultdict(list)
        for each in self.passed[topics.SUGGESTION_CHANGED.name].values():
            if each.suggestion and each.suggestion.revision == 1:
                times[each.case, each.suggestion.kind].append(each.suggestion.published_at)
        return (
            f"{case.key}: {kind}" for (case, kind), found in times.items() if found != sorted(found)
        )

    def has_reached(self, topic: Topic[Payload], case: CaseRef) -> bool:
        """Whether something of a case is on this topic."""
        return any(each.case == case for each in self.passed[topic.name].values())

    def outlived_their_case(self) -> Iterator[str]:
        """Suggestions for cases that were erased before there was one."""
        for each in self.passed[topics.SUGGESTION_CHANGED.name].values():
            if each.case in self.erased:
                yield f"a suggestion at {each.position}"

    def _children(self, hop: Hop) -> dict[str, list[Passed]]:
        children: dict[str, list[Passed]] = defaultdict(list)
        for topic in hop.into:
            for each in self.passed[topic.name].values():
                children[each.cause].append(each)
        return children

    def _see(self, record: Record) -> None:
        headers = {
            name: (value or b"").decode("utf-8", "replace") for name, value in record.headers
        }
        topic = topics.find(record.topic)
        if topic is None:
            self.buried.add(headers["dlq-origin"])
            self.dead_letters.append(headers)
            return
        outside = topic.name == _PUBLISHED
        key = cause_id(headers["ce_source"], headers["ce_id"]) if outside else headers["ce_id"]
        if key in self.passed[topic.name]:
            self.repeated += 1
            return
        self.passed[topic.name][key] = Passed(
            key,
            headers.get("ce_causationid", ""),
            position_of(record),
            CaseRef(tenant=headers["ce_tenant"], case_id=uuid.UUID(headers["ce_subject"])),
            _suggestion(topic, record),
        )


def _suggestion(topic: Topic[Payload], record: Record) -> Suggested | None:
    if topic not in {topics.SUGGESTION_DRAFTED, topics.SUGGESTION_CHANGED}:
        return None
    body = json.loads(record.value or b"{}")
    if "suggestion" not in body:
        return None
    made = body["suggestion"]
    return Suggested(made["kind"], body["published_at"], made["revision"], bool(made["statements"]))


def marks_in(texts: Iterable[str], marks: Collection[str]) -> list[str]:
    """Those of the marks that stand in any of the texts."""
    return sorted({mark for text in texts for mark in marks if mark in text})
