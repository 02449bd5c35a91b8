"""The tables of the SQLite index.

The number of a passage is never given to another one, as a search relies on (`AUTOINCREMENT`).
Of a term only the passages that hold it are kept (`detail=none`): how often it stands there is
counted in the few that are found.
"""

from typing import Final

import apsw
from sidemand.schemas.text import EmbeddingModel

_TABLES: Final = """
CREATE TABLE IF NOT EXISTS documents(
    number INTEGER PRIMARY KEY,
    tenant TEXT NOT NULL,
    document_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    published_at TEXT NOT NULL,
    model TEXT NOT NULL,
    present INTEGER NOT NULL,
    removed_at TEXT,
    changed_at TEXT NOT NULL,
    valid_from INTEGER NOT NULL,
    valid_to INTEGER NOT NULL,
    sensitivity INTEGER NOT NULL,
    title TEXT NOT NULL,
    kind TEXT NOT NULL,
    source TEXT,
    asked_as TEXT NOT NULL,
    overrides_document TEXT,
    overrides_heading TEXT,
    UNIQUE(tenant, document_id)
);
CREATE INDEX IF NOT EXISTS changes ON documents(tenant, changed_at);
CREATE INDEX IF NOT EXISTS overriding ON documents(tenant)
    WHERE overrides_document IS NOT NULL;
CREATE TABLE IF NOT EXISTS passages(
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    document INTEGER NOT NULL REFERENCES documents(number),
    passage_id TEXT NOT NULL,
    since INTEGER NOT NULL,
    heading_path TEXT NOT NULL,
    locator TEXT,
    start INTEGER NOT NULL,
    stop INTEGER NOT NULL,
    text TEXT NOT NULL,
    head TEXT NOT NULL,
    body TEXT NOT NULL,
    asked TEXT NOT NULL,
    vector BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS passages_of ON passages(document);
CREATE TABLE IF NOT EXISTS headings(
    document INTEGER NOT NULL,
    heading TEXT NOT NULL,
    passage INTEGER NOT NULL,
    PRIMARY KEY(document, heading, passage)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS case_passages(
    number INTEGER PRIMARY KEY,
    case_key TEXT NOT NULL,
    document_id TEXT NOT NULL,
    title TEXT NOT NULL,
    model TEXT NOT NULL,
    passage_id TEXT NOT NULL,
    heading_path TEXT NOT NULL,
    locator TEXT,
    start INTEGER NOT NULL,
    stop INTEGER NOT NULL,
    text TEXT NOT NULL,
    head TEXT NOT NULL,
    body TEXT NOT NULL,
    vector BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS case_passages_of ON case_passages(case_key, document_id);
CREATE VIRTUAL TABLE IF NOT EXISTS words USING fts5(
    terms,
    content='',
    contentless_delete=1,
    detail=none,
    tokenize="unicode61 remove_diacritics 0 tokenchars '§'"
);
"""


def create_tables(db: apsw.Connection) -> None:
    """Create what is missing in an index file."""
    db.execute(_TABLES)


def create_vectors(db: apsw.Connection, model: EmbeddingModel) -> str:
    """Create the table of a model's vectors where it is missing, and return its name.

    The model's dimension is a multiple of eight.
    """
    name = vectors_name(model.sha256)
    db.execute(
        f"CREATE VIRTUAL TABLE IF NOT EXISTS {name} USING vec0("
        "tenant TEXT PARTITION KEY, valid_from INTEGER, valid_to INTEGER, sensitivity INTEGER, "
        f"signs bit[{model.dimension}])"
    )
    return name


def has_vectors(db: apsw.Connection, model: EmbeddingModel) -> bool:
    """Whether anything was embedded with `model`."""
    named = "SELECT 1 FROM sqlite_schema WHERE name = ?"
    return db.execute(named, (vectors_name(model.sha256),)).fetchone() is not None


def vectors_name(model_sha256: str) -> str:
    """Vectors of two models are never compared: each model has a table of its own."""
    return f"vectors_{model_sha256[:16]}"
