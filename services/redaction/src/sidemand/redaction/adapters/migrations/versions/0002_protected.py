"""Which addresses are protected, so that a further way of writing one is too."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the table. Addresses that were protected before are marked by the case's next event."""
    op.create_table(
        "vault_protected",
        sa.Column("tenant", sa.String(40), primary_key=True),
        sa.Column("case_id", sa.Uuid, primary_key=True),
        sa.Column("lookup", sa.LargeBinary, primary_key=True),
        sa.ForeignKeyConstraint(
            ["tenant", "case_id"],
            ["vault_case_key.tenant", "vault_case_key.case_id"],
            ondelete="CASCADE",
        ),
    )


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("vault_protected")
