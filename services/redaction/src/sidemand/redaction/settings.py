"""Settings of redaction, from the environment with the prefix `REDACTION_`."""

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict
from sidemand.bus import BusSettings
from sidemand.redaction.finding import MAX_CHARACTERS
from sidemand.redaction.handling import GENERAL_WORDS, Handling
from sidemand.redaction.spans import Kind


def _special(kind: Kind) -> Kind:
    if kind not in GENERAL_WORDS:
        raise ValueError(f"no special category; one of {', '.join(GENERAL_WORDS)}")
    return kind


SpecialKind = Annotated[Kind, AfterValidator(_special)]


class Settings(BaseSettings):
    """Where the vault lies, and how long a text may be."""

    model_config = SettingsConfigDict(
        env_prefix="REDACTION_",
        frozen=True,
        use_attribute_docstrings=True,
        hide_input_in_errors=True,
    )

    bus: BusSettings = Field(default_factory=BusSettings)
    """How to reach Kafka."""
    database: str = "sqlite+aiosqlite:///./var/redaction/vault.db"
    """The vault: `sqlite+aiosqlite:///file` or `postgresql+asyncpg://user:password@host/name`."""
    key_file: Path = Path("./var/redaction/tenant-keys.json")
    """The tenants' keys; made at the first start. Back it up apart from the database."""
    tenant_keys: SecretStr | None = None
    """The tenants' keys instead of a file: JSON with 32 bytes in base64 for each tenant, or a list
    of them, newest first."""
    special_categories: dict[str, dict[SpecialKind, Handling]] = {}
    """What each tenant wants done with special categories, as JSON:
    `{"storaadal": {"HEALTH": "generalise", "UNION": "mask"}}`; what is not named is kept."""
    max_characters: Annotated[int, Field(ge=1000)] = MAX_CHARACTERS
    """Longer texts are parked."""
