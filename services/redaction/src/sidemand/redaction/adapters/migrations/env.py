"""Alembic's entry: runs within the connection that `migrate` hands over."""

from alembic import context
from sidemand.redaction.adapters.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table="vault_version",
    transactional_ddl=False,
)
context.run_migrations()
