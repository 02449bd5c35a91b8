"""The service as the environment describes it."""

import pytest
from pydantic import ValidationError
from sidemand.generation.app import create
from sidemand.generation.settings import Settings


def test_the_default_writer_needs_no_server() -> None:
    assert Settings().writer == "extractive"
    assert create().name == "generation"


def test_a_language_model_without_an_address_is_refused_in_words(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("GENERATION_WRITER", "openai")
    monkeypatch.setenv("GENERATION_MODEL", "model-a")
    with pytest.raises(ValidationError, match="GENERATION_BASE_URL"):
        Settings()


def test_the_key_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GENERATION_API_KEY", "secret-key")
    assert "secret-key" not in repr(Settings())


def test_a_language_model_is_wired_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GENERATION_WRITER", "openai")
    monkeypatch.setenv("GENERATION_BASE_URL", "http://127.0.0.1:9/v1")
    monkeypatch.setenv("GENERATION_MODEL", "model-a")
    assert create().name == "generation"
