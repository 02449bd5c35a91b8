"""A language model's server that goes away in every way, and comes back at its address."""

import asyncio
import json
import re
from typing import Final, Literal
from urllib.parse import urlsplit

from sidemand.testing.language_model import (
    ChatRequest,
    FakeLanguageModel,
    Reply,
    completion,
    error,
    silence,
)

Outage = Literal["refuses", "fails", "hangs"]
"""Refuses connections, answers each with HTTP 500, or takes requests and never answers."""
OUTAGES: Final[tuple[Outage, ...]] = ("refuses", "fails", "hangs")

_SOURCE: Final = re.compile(r"^BEGYND \w+ kilde (K\d+)\n\(.*\)\n(.+)$", re.M)
_QUOTABLE: Final = 40
"""Characters from which a first line says something."""
_MOST_STATEMENTS: Final = 3


class LanguageModelServer(FakeLanguageModel):
    """While it is well it says the first lines of its sources, each quoting itself."""

    def __init__(self) -> None:
        super().__init__()
        self.then(quoting_its_sources)

    async def go(self, how: Outage) -> None:
        """Be away from now on."""
        if how == "refuses":
            await self.stop()
        else:
            self.then(error(500) if how == "fails" else silence())

    async def come_back(self) -> None:
        """Be well again, where it was."""
        self.then(quoting_its_sources)
        if self._server is None:
            self._closing = asyncio.Event()
            where = urlsplit(self.base_url)
            self._server = await asyncio.start_server(self._serve, where.hostname, where.port)


def quoting_its_sources(request: ChatRequest) -> Reply:
    """The answer to a prompt of the writer."""
    lines = [(label, text) for label, text in _SOURCE.findall(request.user)]
    statements = [
        {"text": text, "quotes": [{"source": label, "quote": text}]}
        for label, text in lines
        if len(text) >= _QUOTABLE
    ]
    return completion(json.dumps({"statements": statements[:_MOST_STATEMENTS]}))
