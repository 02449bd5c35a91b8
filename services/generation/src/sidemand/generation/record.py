"""The record of how a suggestion came about, as the law asks for it."""

from datetime import datetime
from typing import Final

from sidemand.generation.ports import WriterIdentity
from sidemand.schemas.casework import EventKind, MakingRecord, RetrievedContext

_WHAT_HAPPENED: Final[dict[EventKind, str]] = {
    "case_opened": "sagens oprettelse",
    "document_added": "dokument lagt på sagen",
    "mail_received": "mail modtaget i sagen",
    "note_written": "notat skrevet i sagen",
    "question_asked": "spørgsmål stillet i sagen",
    "status_changed": "ændret status i sagen",
    "decision_drafted": "udkast til afgørelse i sagen",
}


def making_record(
    identity: WriterIdentity, context: RetrievedContext, made_at: datetime
) -> MakingRecord:
    """Say who wrote the suggestion, how, from what, and when.

    `made_at` is the time of the event that is answered, so that a redelivery makes the same record.
    """
    return MakingRecord(
        writer=identity.writer,
        model=identity.model,
        version=identity.version,
        prompt_version=identity.prompt_version,
        how=identity.how,
        personal_data_sources=(_source(context),),
        made_at=made_at,
    )


def _source(context: RetrievedContext) -> str:
    """Where the personal data came from: the case system's event, named without any."""
    happened = _WHAT_HAPPENED[context.kind]
    return f"Fagsystemet: {happened} den {context.occurred_at:%d.%m.%Y} ({context.document_id})"
