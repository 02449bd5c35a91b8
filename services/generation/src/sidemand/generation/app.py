"""Wiring of generation."""

from collections.abc import Sequence

from sidemand.bus import Event, Service
from sidemand.generation.adapters.extractive import ExtractiveWriter
from sidemand.generation.handlers import count_feedback, draft_suggestions
from sidemand.generation.ports import Writer
from sidemand.generation.settings import Settings
from sidemand.schemas import topics
from sidemand.schemas.casework import FeedbackRedacted, RetrievedContext, SuggestionDrafted


def build(settings: Settings, writer: Writer) -> Service:
    """The service with `writer`, not yet running."""
    service = Service("generation", settings.bus, version=writer.identity.name)

    @service.consumes(topics.CONTEXT_RETRIEVED, publishes=topics.SUGGESTION_DRAFTED)
    async def on_context_retrieved(event: Event[RetrievedContext]) -> Sequence[SuggestionDrafted]:
        return await draft_suggestions(event, writer)

    @service.consumes(topics.FEEDBACK_REDACTED)
    async def on_feedback_redacted(event: Event[FeedbackRedacted]) -> None:
        await count_feedback(event.data)

    return service


def create(settings: Settings | None = None) -> Service:
    """The service as `settings`, or the environment, describe it."""
    settings = settings or Settings()
    if settings.writer == "extractive":
        return build(settings, ExtractiveWriter(most_statements=settings.statements))
    return _asking_a_language_model(settings)


def _asking_a_language_model(settings: Settings) -> Service:
    # Here, since the client of the OpenAI API takes as long to import as everything else.
    from sidemand.generation.adapters.openai import LanguageModel, OpenAIWriter

    model = LanguageModel(
        base_url=settings.base_url,
        model=settings.model,
        version=settings.model_version,
        api_key=settings.api_key,
        timeout_s=settings.timeout_s,
        max_tokens=settings.max_tokens,
        most_statements=settings.statements,
    )
    writer = OpenAIWriter(model)
    service = build(settings, writer)
    service.on_stop(writer.close)
    return service
