"""Settings of embedding, from the environment with the prefix `EMBEDDING_`."""

from pathlib import Path
from typing import Annotated

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict
from sidemand.bus import BusSettings
from sidemand.embedding.model_files import SHIPPED
from sidemand.embedding.ports import Device


class Settings(BaseSettings):
    """Which model embeds, and with how much of the machine."""

    model_config = SettingsConfigDict(
        protected_namespaces=(),
        env_prefix="EMBEDDING_",
        frozen=True,
        use_attribute_docstrings=True,
    )

    bus: BusSettings = Field(default_factory=BusSettings)
    """How to reach Kafka."""
    model: Path = SHIPPED
    """The model's folder; the package carries one."""
    model_beside: Path | None = None
    """The folder of a second model, while the model is being changed: case documents get its
    vectors as well, so that the index can be switched from one to the other and back."""
    threads: Annotated[int, Field(ge=1)] = 1
    """Cores that one run of ONNX Runtime may use; two runs are in flight."""
    device: Device = "cpu"
    """`cpu` or `cuda`; where CUDA is asked for and not there, the service does not start."""
    dimension: Annotated[int, Field(gt=0)] | None = None
    """Components of the vectors in the index; a model that makes others is refused."""
