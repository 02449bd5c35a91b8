"""A language model's server that answers as it is told, and fails in every way a server fails.

It is a real HTTP server, so the client's own reading, time limits and errors are what is tested.
"""

import asyncio
import json
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

Json = dict[str, object]


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """One request to `/v1/chat/completions`."""

    model: str
    system: str
    """The first system message."""
    user: str
    """The first user message."""
    messages: tuple[Mapping[str, str], ...]
    """All of them, with `role` and `content`."""
    labels: tuple[str, ...]
    """The source labels that the JSON Schema of the answer allows; empty where it names none."""
    authorization: str
    """The header, as it came."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What the server does with one request."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    never: bool = False
    """Takes the request and does not answer."""
    hang_up_after: int | None = None
    """Closes the connection after so many bytes of the body."""
    trickle_s: float = 0.0
    """Waits so long before every byte of the body, so that no single read takes long."""


def completion(content: str, finish_reason: str = "stop", refusal: str | None = None) -> Reply:
    """A well-formed answer with `content`."""
    message = {"role": "assistant", "content": content, "refusal": refusal}
    return _choices({"index": 0, "finish_reason": finish_reason, "message": message})


def no_choices() -> Reply:
    """A well-formed answer that holds nothing."""
    return _choices()


def error(
    status: int, code: str = "", message: str = "", headers: Mapping[str, str] | None = None
) -> Reply:
    """A refusal in the API's own form."""
    body = {"error": {"message": message, "type": "error", "code": code or None}}
    return Reply(status=status, headers=headers or {}, body=json.dumps(body).encode())


def silence() -> Reply:
    """No answer at all."""
    return Reply(never=True)


def hang_up(after: int = 20) -> Reply:
    """A good answer that breaks off after `after` bytes."""
    return Reply(body=completion("{}").body, hang_up_after=after)


def trickle(seconds: float) -> Reply:
    """A good answer, one byte every `seconds`."""
    return Reply(body=completion("{}").body, trickle_s=seconds)


def web_page() -> Reply:
    """What a proxy shows while the server behind it is away, with status 200."""
    page = b"<html><body>Maintenance</body></html>"
    return Reply(headers={"content-type": "text/html"}, body=page)


def broken_json() -> Reply:
    """A body that says it is JSON and is not."""
    return Reply(body=b'{"id": "chatcmpl-1", "choices": [')


class FakeLanguageModel:
    """`async with FakeLanguageModel() as server`, then point a client at `server.base_url`.

    Replies are given by `then`, in order; the last one is repeated. A reply may also be made from
    the request.
    """

    def __init__(self) -> None:
        self.requests: list[ChatRequest] = []
        """Every request, in order."""
        self._replies: deque[Reply | Callable[[ChatRequest], Reply]] = deque([no_choices()])
        self._server: asyncio.Server | None = None
        self._closing = asyncio.Event()
        self.base_url = ""

    def then(self, *replies: Reply | Callable[[ChatRequest], Reply]) -> None:
        """Answer the next requests with `replies`, and all further ones with the last of them."""
        self._replies = deque(replies)

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        port = self._server.sockets[0].getsockname()[1]
        self.base_url = f"http://127.0.0.1:{port}/v1"
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.stop()

    async def stop(self) -> None:
        """Go away: from now on connections are refused."""
        self._closing.set()
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()
            self._server = None

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request per connection."""
        try:
            request = await _read(reader)
            self.requests.append(request)
            following = self._replies.popleft() if len(self._replies) > 1 else self._replies[0]
            reply = following if isinstance(following, Reply) else following(request)
            await self._send(reply, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the client went away, as clients do after a time-out
        finally:
            writer.close()

    async def _send(self, reply: Reply, writer: asyncio.StreamWriter) -> None:
        if reply.never:
            await self._closing.wait()
            return
        writer.write(_head(reply))
        if reply.trickle_s:
            await self._trickle(reply, writer)
        else:
            writer.write(reply.body[: reply.hang_up_after])
        await writer.drain()

    async def _trickle(self, reply: Reply, writer: asyncio.StreamWriter) -> None:
        for byte in reply.body:
            writer.write(bytes([byte]))
            await writer.drain()
            try:
                await asyncio.wait_for(self._closing.wait(), reply.trickle_s)
            except TimeoutError:
                continue
            return


async def _read(reader: asyncio.StreamReader) -> ChatRequest:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    lines = (line.partition(":") for line in head.split("\r\n")[1:])
    headers = {name.strip().lower(): value.strip() for name, _, value in lines}
    body = json.loads(await reader.readexactly(int(headers["content-length"])))
    messages = tuple(body["messages"])
    return ChatRequest(
        model=body["model"],
        system=_first(messages, "system"),
        user=_first(messages, "user"),
        messages=messages,
        labels=tuple(_enumerated(body.get("response_format"))),
        authorization=headers.get("authorization", ""),
    )


def _first(messages: tuple[Mapping[str, str], ...], role: str) -> str:
    return next((message["content"] for message in messages if message["role"] == role), "")


def _enumerated(schema: object) -> list[str]:
    """The first enumeration anywhere in a JSON Schema."""
    if isinstance(schema, dict):
        if isinstance(schema.get("enum"), list):
            return [str(value) for value in schema["enum"]]
        return next((found for part in schema.values() if (found := _enumerated(part))), [])
    return []


def _head(reply: Reply) -> bytes:
    headers = {
        "content-type": "application/json",
        "content-length": str(len(reply.body)),
        "connection": "close",
        **reply.headers,
    }
    lines = [f"HTTP/1.1 {reply.status} Reply", *(f"{k}: {v}" for k, v in headers.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def _choices(*choices: Json) -> Reply:
    body = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1_767_225_600,
        "model": "fake",
        "choices": list(choices),
    }
    return Reply(body=json.dumps(body).encode())
