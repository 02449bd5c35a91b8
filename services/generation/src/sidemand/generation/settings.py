"""Settings of generation, from the environment with the prefix `GENERATION_`."""

from typing import Annotated, Literal, Self

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from sidemand.bus import BusSettings


class Settings(BaseSettings):
    """Which writer writes, and how it is reached."""

    model_config = SettingsConfigDict(
        protected_namespaces=(),
        env_prefix="GENERATION_",
        frozen=True,
        use_attribute_docstrings=True,
        hide_input_in_errors=True,
    )

    bus: BusSettings = Field(default_factory=BusSettings)
    """How to reach Kafka."""
    writer: Literal["extractive", "openai"] = "extractive"
    """`extractive` picks sentences and needs no server; `openai` asks a language model."""
    statements: Annotated[int, Field(ge=1, le=50)] = 12
    """Most statements of one suggestion."""
    base_url: str = ""
    """Address of a server with the OpenAI API, such as `http://vllm:8000/v1`."""
    model: str = ""
    """Name of the language model, as the server knows it."""
    model_version: str = "ikke oplyst"
    """Version of the language model, for each suggestion's record."""
    api_key: SecretStr = SecretStr("none")
    """The server's key; servers without keys take any."""
    timeout_s: Annotated[float, Field(gt=0)] = 60.0
    """Seconds that one answer of the language model may take."""
    max_tokens: Annotated[int, Field(ge=64)] = 2048
    """Tokens that one answer may have."""

    @model_validator(mode="after")
    def _names_the_server(self) -> Self:
        if self.writer == "openai" and not (self.base_url and self.model):
            raise ValueError(
                "the openai writer needs GENERATION_BASE_URL and GENERATION_MODEL; "
                "set both, or GENERATION_WRITER=extractive"
            )
        return self
