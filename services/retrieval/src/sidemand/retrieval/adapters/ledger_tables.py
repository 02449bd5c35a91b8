"""The tables of the ledger, and the statements that go to them most often."""

from typing import Final

from sqlalchemy import (
    Column,
    Connection,
    Date,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    Uuid,
    bindparam,
    inspect,
    select,
)

METADATA: Final = MetaData()
DOCUMENTS: Final = Table(
    "retrieval_case_documents",
    METADATA,
    Column("tenant", String(40), primary_key=True),
    Column("case_id", Uuid, primary_key=True),
    Column("document_id", Uuid, primary_key=True),
    # What a document may see, beside its body: most suggestions are looked at without reading it.
    Column("happened_on", Date, nullable=False),
    Column("sensitivity", SmallInteger, nullable=False),
    Column("body", LargeBinary, nullable=False),
)
SUGGESTIONS: Final = Table(
    "retrieval_suggestions",
    METADATA,
    Column("suggestion_id", Uuid, primary_key=True),
    Column("tenant", String(40), nullable=False),
    Column("case_id", Uuid, nullable=False),
    Column("document_id", Uuid, nullable=False),
    Column("kind", String(40), nullable=False),
    Column("revision", Integer, nullable=False),
    Index("retrieval_suggestions_of_case", "tenant", "case_id"),
)
CITATIONS: Final = Table(
    "retrieval_citations",
    METADATA,
    Column("suggestion_id", Uuid, primary_key=True),
    Column("owner", String(40), primary_key=True),
    Column("cited", String(160), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("passage_id", String(400), primary_key=True),
    Index("retrieval_citations_of_document", "owner", "cited"),
)
ERASED: Final = Table(
    "retrieval_erased_cases", METADATA, Column("case_hash", String(64), primary_key=True)
)

_OF_DOCUMENT: Final = (
    DOCUMENTS.c.tenant == bindparam("of_tenant"),
    DOCUMENTS.c.case_id == bindparam("of_case"),
    DOCUMENTS.c.document_id == bindparam("of_document"),
)
BODY: Final = select(DOCUMENTS.c.body).where(*_OF_DOCUMENT)
"""Of `of_tenant`, `of_case`, `of_document`."""
STANDING: Final = select(
    select(ERASED.c.case_hash)
    .where(ERASED.c.case_hash == bindparam("hash"))
    .scalar_subquery()
    .label("erased"),
    select(SUGGESTIONS.c.revision)
    .where(SUGGESTIONS.c.suggestion_id == bindparam("suggestion"))
    .scalar_subquery()
    .label("revision"),
    select(DOCUMENTS.c.happened_on).where(*_OF_DOCUMENT).scalar_subquery().label("happened_on"),
    select(DOCUMENTS.c.sensitivity).where(*_OF_DOCUMENT).scalar_subquery().label("sensitivity"),
)
"""What a new suggestion meets: one row, each field perhaps none."""
RESTING_ON: Final = (
    select(SUGGESTIONS, DOCUMENTS.c.happened_on, DOCUMENTS.c.sensitivity, CITATIONS)
    .join(
        DOCUMENTS,
        (DOCUMENTS.c.tenant == SUGGESTIONS.c.tenant)
        & (DOCUMENTS.c.case_id == SUGGESTIONS.c.case_id)
        & (DOCUMENTS.c.document_id == SUGGESTIONS.c.document_id),
    )
    .join(CITATIONS, CITATIONS.c.suggestion_id == SUGGESTIONS.c.suggestion_id)
    .where(
        SUGGESTIONS.c.suggestion_id.in_(
            select(CITATIONS.c.suggestion_id).where(
                CITATIONS.c.owner == bindparam("of_owner"), CITATIONS.c.cited == bindparam("of")
            )
        )
    )
)
"""A row for each citation of each suggestion that cites the document `of`, `of_owner`."""


def lacks_reach(connection: Connection) -> bool:
    """Whether case documents were kept before what they may see stood beside their bodies."""
    if not inspect(connection).has_table(DOCUMENTS.name):
        return False
    columns = inspect(connection).get_columns(DOCUMENTS.name)
    return "happened_on" not in {column["name"] for column in columns}
