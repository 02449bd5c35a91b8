"""Publishing a case event and waiting until everything that it asks for is answered."""

import asyncio
from dataclasses import dataclass

from sidemand.client.following import Following
from sidemand.schemas.casework import CaseEventRefused, SuggestionKind
from sidemand.schemas.envelope import Envelope
from sidemand.schemas.raw import CaseEvent, SuggestionChanged


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back on one case event."""

    envelope: Envelope
    """Of the event."""
    suggestions: tuple[SuggestionChanged, ...] = ()
    """One for each kind that was answered, in the order in which the event asks for them.
    An abstention is an answer."""
    refusal: CaseEventRefused | None = None
    """Set where the event was not accepted."""
    unanswered: tuple[SuggestionKind, ...] = ()
    """Kinds that nothing came on in time."""


class Waiting:
    """Collects the answer to an event that was published."""

    def __init__(self, event: CaseEvent, envelope: Envelope) -> None:
        self._event = event
        self._envelope = envelope
        self._suggestions: dict[SuggestionKind, SuggestionChanged] = {}
        self._refusal: CaseEventRefused | None = None

    async def answer(
        self,
        suggestions: Following[SuggestionChanged],
        refusals: Following[CaseEventRefused],
        seconds: float,
    ) -> Answer:
        """Wait for all kinds, for a refusal, or for `seconds`."""
        tasks = [
            asyncio.create_task(self._take_suggestions(suggestions)),
            asyncio.create_task(self._take_refusal(refusals)),
        ]
        try:
            done, _ = await asyncio.wait(
                tasks, timeout=seconds, return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        for task in done:
            task.result()
        return self._answer()

    def _answer(self) -> Answer:
        asked = () if self._refusal else tuple(dict.fromkeys(self._event.requests))
        return Answer(
            envelope=self._envelope,
            suggestions=tuple(
                self._suggestions[kind] for kind in asked if kind in self._suggestions
            ),
            refusal=self._refusal,
            unanswered=tuple(kind for kind in asked if kind not in self._suggestions),
        )

    async def _take_suggestions(self, suggestions: Following[SuggestionChanged]) -> None:
        async for changed in suggestions:
            # The moment of publication names the event among those of its case.
            if changed.case == self._event.case and changed.published_at == self._envelope.time:
                self._suggestions[changed.suggestion.kind] = changed
                if self._suggestions.keys() >= set(self._event.requests):
                    return

    async def _take_refusal(self, refusals: Following[CaseEventRefused]) -> None:
        async for refused in refusals:
            if refused.case == self._event.case and refused.event_id == self._envelope.id:
                self._refusal = refused
                return
