"""Brings the vault's tables to the newest form, at every start."""

import hashlib
from pathlib import Path

from alembic import command
from alembic.config import Config
from sidemand.storage.database import Database
from sqlalchemy import Connection, text


async def migrate(database: Database, revision: str = "head") -> None:
    """Run the migrations that the database has not seen. Several replicas may start at once."""
    await database.transaction(lambda connection: _upgrade(connection, revision))


def _upgrade(connection: Connection, revision: str) -> None:
    if connection.dialect.name == "postgresql":
        lock = int.from_bytes(
            hashlib.sha256(b"sidemand vault migrations").digest()[:8], "big", signed=True
        )
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": lock})
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)
