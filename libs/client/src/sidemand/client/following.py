"""Following what Sidemand answers."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Generic, Literal, Self, TypeVar

from sidemand.bus import BusSettings, Reader
from sidemand.schemas.envelope import Event
from sidemand.schemas.identity import CasePayload, CaseRef, DocumentPayload
from sidemand.schemas.topics import Topic

P = TypeVar("P", bound=CasePayload | DocumentPayload)

Since = datetime | Literal["earliest", "latest"]
"""From when on: a moment, everything that Kafka still has, or what comes from now on."""


class Following(Generic[P]):
    """The answers of one kind, as they come. Open it before you publish, and none is missed.

    ::

        async with sidemand.suggestions() as suggestions:
            await sidemand.publish(event)
            async for changed in suggestions:
                ...
    """

    def __init__(self, reader: Reader[P], case: CaseRef | None = None) -> None:
        self._reader = reader
        self._case = case

    @classmethod
    def of(cls, settings: BusSettings, topic: Topic[P], tenant: str) -> Self:
        """Follow the topic from now on."""
        return cls(Reader(settings, topic, tenant))

    async def __aenter__(self) -> Self:
        await self._reader.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._reader.__aexit__()

    async def __aiter__(self) -> AsyncIterator[P]:
        """Follow for ever."""
        async for event in self.events():
            yield event.data

    async def events(self) -> AsyncIterator[Event[P]]:
        """Follow for ever, with the envelopes."""
        async for event in self._reader:
            if self._case is None or event.data.key == self._case.key:
                yield event
