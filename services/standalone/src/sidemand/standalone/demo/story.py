"""The acts of the demo: what the case systems and the editors do, one after the other."""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from uuid import UUID

from sidemand.bus import Publisher
from sidemand.bus.publisher import Message
from sidemand.client import (
    CaseEvent,
    CaseEventRefused,
    CaseRef,
    Content,
    Envelope,
    LoadReport,
    Sidemand,
    Suggestion,
    SuggestionChanged,
    knowledge_at,
)
from sidemand.schemas import topics
from sidemand.schemas.identity import SHARED_TENANT
from sidemand.standalone.demo.expectations import Check, judge
from sidemand.standalone.demo.observer import Observer, Seen
from sidemand.standalone.demo.stage import SampleCase, read_sample, read_samples
from sidemand.standalone.demo.telling import Telling
from sidemand.standalone.standalone import Standalone

_PATIENCE: Final = 30.0
"""Seconds that an answer may take before the demo goes on without it."""
_NOTICE: Final = "storaadal-baalhytte"
"""A local notice and the case that it alone answers."""


@dataclass
class Played:
    """What was published and how it was judged."""

    events: list[CaseEvent] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)
    loads: list[LoadReport] = field(default_factory=list)


class Story:
    """Plays the acts on running services, with an observer that reads along."""

    def __init__(
        self, standalone: Standalone, observer: Observer, samples: Path, telling: Telling
    ) -> None:
        self._bus = standalone.bus
        self._observer = observer
        self._samples = samples
        self._telling = telling
        self._sessions: dict[tuple[str, str], Sidemand] = {}
        self._open = AsyncExitStack()
        self.played = Played()

    async def play(self, knowledge: Sequence[Path]) -> Seen:
        """Play all acts. `knowledge` is loaded before the samples' guidance."""
        async with self._open:
            for path in (*knowledge, self._samples / "guidance"):
                await self._load(path)
            cases = read_samples(self._samples / "cases")
            await self._cases(cases)
            await self._redelivery_and_conflict(cases[0])
            await self._poison(cases[0])
            await self._new_version()
            await self._deletion()
            await self._erasure(cases[1])
        return self._observer.seen

    async def _load(self, path: Path) -> None:
        editor = await self._session(SHARED_TENANT, "redaktion")
        with self._telling.loading(path.name) as progress:
            report = await editor.load(knowledge_at(path, SHARED_TENANT), progress=progress)
        self.played.loads.append(report)
        self._telling.loaded(path.name, report)

    async def _cases(self, cases: Sequence[SampleCase]) -> None:
        self._telling.act("Sagerne", "To kommuners fagsystemer sender det, der er sket i sagerne.")
        for case in cases:
            await self._case(case)

    async def _case(self, case: SampleCase) -> None:
        envelope = await self._publish(case, case.name)
        changed, refusal = await self._answer(case.event, envelope)
        suggestions = [each.suggestion for each in changed]
        checks = judge(case.expectation, suggestions, refusal)
        self.played.checks += checks
        behind = self._observer.seen.redacted.get(_document_of(suggestions))
        self._telling.case(case, behind, changed, refusal, checks)

    async def _redelivery_and_conflict(self, case: SampleCase) -> None:
        self._telling.act(
            "Den samme hændelse igen",
            "Fagsystemet sender en hændelse to gange, og derefter en anden under samme id.",
        )
        before = self._created(case.event.case)
        await self._publish(case, case.name)
        other = case.event.model_copy(update={"content": Content(text="En helt anden tekst.")})
        conflict = await self._publish(
            SampleCase(case.name, other, case.source, case.expectation), case.name
        )
        await self._until_refused(conflict)
        self._telling.redelivered(before, self._created(case.event.case))
        self._telling.refused(self._refusal(conflict))

    async def _poison(self, case: SampleCase) -> None:
        self._telling.act("En giftig besked", "Noget, der ikke er JSON, lander på sagens topic.")
        tenant = case.event.tenant
        headers = [
            ("ce_id", b"giftig-1"),
            ("ce_source", case.source.encode()),
            ("ce_type", topics.CASE_EVENT_PUBLISHED.name.encode()),
            ("ce_time", b"2026-05-04T10:00:00+02:00"),
        ]
        before = self._observer.seen.dead_letters.total()
        async with Publisher(self._bus, case.source) as publisher:
            topic = topics.CASE_EVENT_PUBLISHED.of(tenant)
            key = case.event.case.key.encode()
            await publisher.send([Message(topic, key, b"ikke json", headers)])
        await self._observer.until(lambda seen: seen.dead_letters.total() > before, _PATIENCE)
        self._telling.dead_letters(self._observer.seen.dead_letters)

    async def _new_version(self) -> None:
        self._telling.act(
            "Viden ændrer sig",
            "Den fælles vejledning om partshøring får en ny version: 12 hverdage i stedet for 10.",
        )
        await self._case(read_sample(self._samples / "acts" / "partshoering.yaml"))
        before = len(self._observer.seen.changed)
        await self._load(self._samples / "acts" / "partshoering.md")
        await self._observer.until(lambda seen: _updated(seen, before), _PATIENCE)
        await self._settle()
        self._telling.changed(self._observer.seen.changed[before:])

    async def _deletion(self) -> None:
        self._telling.act(
            "Viden forsvinder",
            "Et forslag hviler på en lokal meddelelse. Så bliver meddelelsen slettet.",
        )
        await self._load(self._samples / "acts" / f"{_NOTICE}.md")
        case = read_sample(self._samples / "acts" / f"{_NOTICE}.yaml")
        await self._case(case)
        await self._delete(case.event.tenant, _NOTICE)

    async def _delete(self, tenant: str, document_id: str) -> None:
        """Delete a document, and show the suggestions that rested on it."""
        before = len(self._observer.seen.changed)
        editor = await self._session(tenant, "redaktion")
        await editor.delete_document(document_id)
        await self._observer.until(lambda seen: len(seen.changed) > before, _PATIENCE)
        await self._settle()
        self._telling.changed(self._observer.seen.changed[before:])

    async def _erasure(self, case: SampleCase) -> None:
        self._telling.act("En sag slettes", "Fagsystemet sletter sagen, og alle glemmer den.")
        session = await self._session(case.event.tenant, case.source)
        confirmed = await session.erase_case(case.event.case, "slettet i fagsystemet")
        self._telling.erased(confirmed)

    async def _session(self, tenant: str, source: str) -> Sidemand:
        """Open the connection of one case system, or of the editors, of one tenant."""
        if (tenant, source) not in self._sessions:
            session = Sidemand(self._bus, tenant=tenant, source=source)
            self._sessions[tenant, source] = await self._open.enter_async_context(session)
        return self._sessions[tenant, source]

    async def _publish(self, case: SampleCase, event_id: str) -> Envelope:
        session = await self._session(case.event.tenant, case.source)
        self.played.events.append(case.event)
        return await session.publish(case.event, event_id=event_id)

    async def _answer(
        self, event: CaseEvent, envelope: Envelope
    ) -> tuple[list[SuggestionChanged], CaseEventRefused | None]:
        """Wait until every kind that was asked for is answered, or the event is refused."""

        def answers(seen: Seen) -> list[SuggestionChanged]:
            return [
                each
                for each in seen.changed
                if each.case == event.case and each.published_at == envelope.time
            ]

        await self._observer.until(
            lambda seen: (
                self._refusal(envelope) is not None
                or {each.suggestion.kind for each in answers(seen)} >= set(event.requests)
            ),
            _PATIENCE,
        )
        return answers(self._observer.seen), self._refusal(envelope)

    def _refusal(self, envelope: Envelope) -> CaseEventRefused | None:
        of_this = (
            each
            for each in self._observer.seen.refused
            if each.event_id == envelope.id and str(each.case.case_id) == envelope.subject
        )
        return next(of_this, None)

    async def _until_refused(self, envelope: Envelope) -> None:
        await self._observer.until(lambda _: self._refusal(envelope) is not None, _PATIENCE)

    def _created(self, case: CaseRef) -> int:
        seen = self._observer.seen
        return sum(
            each.case == case and each.suggestion.state == "created" for each in seen.changed
        )

    async def _settle(self) -> None:
        """Wait until for a second nothing has changed any more."""
        before = -1
        while before != (now := len(self._observer.seen.changed)):
            before = now
            await asyncio.sleep(1)


def _updated(seen: Seen, before: int) -> bool:
    return any(each.suggestion.state != "created" for each in seen.changed[before:])


def _document_of(suggestions: Sequence[Suggestion]) -> UUID:
    """The case document that suggestions answer; none that exists where there are none."""
    return suggestions[0].document_id if suggestions else UUID(int=0)
