"""Settings of ingestion, from the environment with the prefix `INGESTION_`."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict
from sidemand.bus import BusSettings


class Settings(BaseSettings):
    """Where the registries and the ledger are."""

    model_config = SettingsConfigDict(
        env_prefix="INGESTION_",
        frozen=True,
        use_attribute_docstrings=True,
        hide_input_in_errors=True,
    )

    bus: BusSettings = Field(default_factory=BusSettings)
    """How to reach Kafka and the object store."""
    ledger: str = "sqlite+aiosqlite:///var/ingestion.db"
    """Database of the ledger: `sqlite+aiosqlite:///file` or `postgresql+asyncpg://…`."""
    tenants: Path = Path("samples/tenants.yaml")
    """The registry of tenants."""
    legal_basis: Path = Path("samples/legal-basis.yaml")
    """The legal-basis registry: a file, or a folder with a file for each municipality."""
