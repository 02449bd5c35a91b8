"""The vault's tables. Nothing in them is readable without the tenant's key."""

from sqlalchemy import (
    Column,
    DateTime,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    MetaData,
    String,
    Table,
    UniqueConstraint,
    Uuid,
)

metadata = MetaData()

case_keys = Table(
    "vault_case_key",
    metadata,
    Column("tenant", String(40), primary_key=True),
    Column("case_id", Uuid, primary_key=True),
    Column("wrapped", LargeBinary, nullable=False, comment="the case's key under the tenant's"),
)

values = Table(
    "vault_value",
    metadata,
    Column("tenant", String(40), primary_key=True),
    Column("case_id", Uuid, primary_key=True),
    Column("token", String(40), primary_key=True),
    Column("lookup", LargeBinary, nullable=False, comment="keyed hash of the compared form"),
    Column("sealed", LargeBinary, nullable=False),
    ForeignKeyConstraint(
        ["tenant", "case_id"],
        ["vault_case_key.tenant", "vault_case_key.case_id"],
        ondelete="CASCADE",
    ),
    # No token stands in two cases, whatever the tenant.
    UniqueConstraint("token", name="vault_value_token"),
    UniqueConstraint("tenant", "case_id", "lookup", name="vault_value_lookup"),
)

aliases = Table(
    "vault_alias",
    metadata,
    Column("tenant", String(40), primary_key=True),
    Column("case_id", Uuid, primary_key=True),
    Column("lookup", LargeBinary, primary_key=True, comment="keyed hash of another form"),
    Column("token", String(40), primary_key=True),
    ForeignKeyConstraint(
        ["tenant", "case_id", "token"],
        ["vault_value.tenant", "vault_value.case_id", "vault_value.token"],
        ondelete="CASCADE",
    ),
    Index("vault_alias_token", "tenant", "case_id", "token"),
)

protected_forms = Table(
    "vault_protected",
    metadata,
    Column("tenant", String(40), primary_key=True),
    Column("case_id", Uuid, primary_key=True),
    Column(
        "lookup",
        LargeBinary,
        primary_key=True,
        comment="keyed hash of a form of a protected address",
    ),
    ForeignKeyConstraint(
        ["tenant", "case_id"],
        ["vault_case_key.tenant", "vault_case_key.case_id"],
        ondelete="CASCADE",
    ),
)

erased_cases = Table(
    "vault_erased_case",
    metadata,
    Column("name", LargeBinary, primary_key=True, comment="SHA-256 of tenant and case"),
    Column("erased_at", DateTime(timezone=True), nullable=False),
)
