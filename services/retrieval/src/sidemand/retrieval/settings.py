"""Settings of retrieval, from the environment with the prefix `RETRIEVAL_`."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict
from sidemand.bus import BusSettings


class Settings(BaseSettings):
    """Where the index and the ledger are."""

    model_config = SettingsConfigDict(
        env_prefix="RETRIEVAL_", frozen=True, use_attribute_docstrings=True
    )

    bus: BusSettings = Field(default_factory=BusSettings)
    """How to reach Kafka."""
    index: Literal["sqlite", "weaviate"] = "sqlite"
    """`sqlite` is a file of this process's own, `weaviate` a server that several share."""
    index_file: Path = Path("var/retrieval/index.db")
    """The file of the SQLite index."""
    ledger: str = "sqlite+aiosqlite:///var/retrieval/ledger.db"
    """Database of the ledger: `sqlite+aiosqlite:///file` or `postgresql+asyncpg://…`."""
    calibrations: Path | None = None
    """A folder of calibrations for other models than the shipped one's, each a `.json` file."""
    weaviate_host: str = "127.0.0.1"
    """Host of Weaviate."""
    weaviate_http_port: Annotated[int, Field(ge=1, le=65535)] = 8080
    """Its HTTP port."""
    weaviate_grpc_port: Annotated[int, Field(ge=1, le=65535)] = 50051
    """Its gRPC port."""
    weaviate_collection: Annotated[str, Field(pattern=r"^[A-Z][A-Za-z0-9]{0,60}$")] = "Knowledge"
    """What the names of the collections begin with: another for each installation on a Weaviate."""
    weaviate_generation: Annotated[int, Field(ge=1)] = 1
    """The knowledge base that is written; a new one is filled by replay, then searched by alias."""
