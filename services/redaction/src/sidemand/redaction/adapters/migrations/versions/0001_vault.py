"""Case keys, sealed values, their other forms, erased cases."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "vault_case_key",
        sa.Column("tenant", sa.String(40), primary_key=True),
        sa.Column("case_id", sa.Uuid, primary_key=True),
        sa.Column("wrapped", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "vault_value",
        sa.Column("tenant", sa.String(40), primary_key=True),
        sa.Column("case_id", sa.Uuid, primary_key=True),
        sa.Column("token", sa.String(40), primary_key=True),
        sa.Column("lookup", sa.LargeBinary, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant", "case_id"],
            ["vault_case_key.tenant", "vault_case_key.case_id"],
            ondelete="CASCADE",
        ),
        sa.UniqueConstraint("token", name="vault_value_token"),
        sa.UniqueConstraint("tenant", "case_id", "lookup", name="vault_value_lookup"),
    )
    op.create_table(
        "vault_alias",
        sa.Column("tenant", sa.String(40), primary_key=True),
        sa.Column("case_id", sa.Uuid, primary_key=True),
        sa.Column("lookup", sa.LargeBinary, primary_key=True),
        sa.Column("token", sa.String(40), primary_key=True),
        sa.ForeignKeyConstraint(
            ["tenant", "case_id", "token"],
            ["vault_value.tenant", "vault_value.case_id", "vault_value.token"],
            ondelete="CASCADE",
        ),
    )
    op.create_index("vault_alias_token", "vault_alias", ["tenant", "case_id", "token"])
    op.create_table(
        "vault_erased_case",
        sa.Column("name", sa.LargeBinary, primary_key=True),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=False),
    )


def downgrade() -> None:
    """Drop the tables, and every value with them."""
    for table in ("vault_alias", "vault_value", "vault_case_key", "vault_erased_case"):
        op.drop_table(table)
