"""A writer that asks a language model behind the OpenAI API: vLLM, llama.cpp, Azure, OpenAI."""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from openai import (
    APIConnectionError,
    APIError,
    APIStatusError,
    AsyncOpenAI,
)
from openai.types.chat import ChatCompletion, ChatCompletionMessageParam
from pydantic import SecretStr
from sidemand.bus.errors import Transient
from sidemand.generation.answer import Answer, MalformedAnswer, answer_schema, read_answer
from sidemand.generation.ports import (
    Draft,
    ProposedQuote,
    ProposedStatement,
    WriterIdentity,
    WriterRefused,
    WritingTask,
)
from sidemand.generation.prompt import Prompt, prompt_for, prompt_version, retry_message
from sidemand.schemas.casework import RankedPassage

_HOW: Final = (
    "En sprogmodel har skrevet udsagnene ud fra de fundne kilder. Hvert udsagn er kontrolleret "
    "mod sine citater, og det, der ikke kunne underbygges, er udeladt."
)
_TOO_LONG: Final = re.compile(
    r"context[ _](?:length|window|size)|maximum context|too many tokens|prompt is too long", re.I
)
_FILTERED: Final = re.compile(r"content[ _](?:filter|management|policy)", re.I)


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguageModel:
    """Which model, and where."""

    base_url: str
    """Such as `http://vllm:8000/v1`."""
    model: str
    """Its name, as the server knows it."""
    version: str
    """Its version, for the record."""
    api_key: SecretStr
    timeout_s: float
    """Seconds that one answer may take, from the first byte sent to the last one received."""
    max_tokens: int
    """Tokens that one answer may have."""
    most_statements: int
    """Statements that are asked for at most."""


class _ContextTooLong(Exception):
    """The model cannot take so many passages."""


class OpenAIWriter:
    """Writes with a language model. The bus repeats what fails in passing, so the client never."""

    def __init__(self, language_model: LanguageModel) -> None:
        self._model = language_model
        self._client = AsyncOpenAI(
            base_url=language_model.base_url,
            api_key=language_model.api_key.get_secret_value(),
            timeout=language_model.timeout_s,
            max_retries=0,
        )

    @property
    def identity(self) -> WriterIdentity:
        """The model and the wording of its instructions."""
        return WriterIdentity(
            writer="openai",
            model=self._model.model,
            version=self._model.version,
            prompt_version=prompt_version(),
            how=_HOW,
        )

    async def write(self, task: WritingTask) -> Draft:
        """Ask for statements; with half of the passages where all are too long for the model."""
        passages = task.context.passages
        while passages:
            try:
                return await self._write_from(task, passages)
            except _ContextTooLong:
                passages = passages[: len(passages) // 2]
        raise WriterRefused("context_too_long")

    async def close(self) -> None:
        """Close the connections to the server."""
        await self._client.close()

    async def _write_from(self, task: WritingTask, passages: Sequence[RankedPassage]) -> Draft:
        prompt = prompt_for(task, passages, self._model.most_statements)
        messages: list[ChatCompletionMessageParam] = [
            {"role": "system", "content": prompt.system},
            {"role": "user", "content": prompt.user},
        ]
        content = ""
        try:
            content = await self._complete(messages, prompt)
            return _draft(read_answer(content), prompt)
        except MalformedAnswer as malformed:
            messages.append({"role": "assistant", "content": content})
            messages.append({"role": "user", "content": retry_message(malformed.fault)})
        try:
            return _draft(read_answer(await self._complete(messages, prompt)), prompt)
        except MalformedAnswer:
            raise WriterRefused("malformed_answer") from None

    async def _complete(self, messages: list[ChatCompletionMessageParam], prompt: Prompt) -> str:
        """One answer of the model. No error carries text that the server sent."""
        try:
            async with asyncio.timeout(self._model.timeout_s):
                completion = await self._client.chat.completions.create(
                    model=self._model.model,
                    messages=messages,
                    temperature=0,
                    max_tokens=self._model.max_tokens,
                    response_format={
                        "type": "json_schema",
                        "json_schema": {
                            "name": "suggestion",
                            "strict": True,
                            "schema": answer_schema(prompt.sources),
                        },
                    },
                )
        except (TimeoutError, APIConnectionError):
            raise Transient("the language model's server does not answer") from None
        except APIStatusError as refused:
            raise _meaning_of(refused) from None
        except (APIError, ValueError):
            raise Transient("the language model's server does not speak the OpenAI API") from None
        return _content(completion)


def _content(completion: ChatCompletion) -> str:
    """The text of the answer. Servers leave out fields that the type promises."""
    if not isinstance(completion, ChatCompletion):
        raise Transient("the language model's server does not speak the OpenAI API")
    if not completion.choices:
        raise MalformedAnswer("svaret er tomt")
    choice = completion.choices[0]
    if choice.finish_reason == "content_filter":
        raise WriterRefused("content_filter")
    if choice.message.refusal:
        raise WriterRefused("model_refused")
    if choice.finish_reason == "length":
        raise MalformedAnswer("svaret er for langt og blev afbrudt, skriv færre udsagn")
    return choice.message.content or ""


def _meaning_of(refused: APIStatusError) -> Exception:
    """Whether waiting helps: a wrong key or model name is mended by an operator, not by giving up.

    Only the code is kept; the server's message may repeat the prompt.
    """
    status = refused.status_code
    if status in (401, 403):
        return Transient("the language model's server refuses the key: set GENERATION_API_KEY")
    if status == 404:
        return Transient("the server has no such language model: set GENERATION_MODEL")
    if status in (408, 409, 425, 429) or status >= 500:
        return Transient(f"the language model's server is overloaded or away (HTTP {status})")
    said = f"{refused.code} {refused.message}"
    if _TOO_LONG.search(said) or status == 413:
        return _ContextTooLong()
    if _FILTERED.search(said):
        return WriterRefused("content_filter")
    return WriterRefused("request_rejected")


def _draft(answer: Answer, prompt: Prompt) -> Draft:
    return Draft(
        tuple(
            ProposedStatement(
                statement.text.strip(),
                tuple(
                    _quote(prompt.sources.get(quote.source), quote.source, quote.quote)
                    for quote in statement.quotes
                ),
            )
            for statement in answer.statements
        )
    )


def _quote(source: RankedPassage | None, label: str, quote: str) -> ProposedQuote:
    """The quote with its passage; a label that was never given stays as it is, and fails proof."""
    if source is None:
        return ProposedQuote(label, quote)
    return ProposedQuote(source.passage.passage_id, _as_it_stands(quote, source.passage.text))


def _as_it_stands(quote: str, text: str) -> str:
    """`quote` with the line breaks and spaces of `text`, where it differs in nothing else."""
    words = [re.escape(word) for word in quote.split()]
    found = re.search(r"\s+".join(words), text) if words else None
    return found.group() if found else quote
