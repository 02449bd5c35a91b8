"""What an editor writes above a document, or beside a file: the same keys either way."""

import re
from datetime import date
from typing import Annotated, Final

import yaml
from pydantic import BaseModel, ConfigDict, Field, field_validator
from sidemand.client.validation import Invalid, validated
from sidemand.schemas.identity import DocumentId, Tenant
from sidemand.schemas.knowledge import Question, SectionRef

_FENCED: Final = re.compile(
    r"\A---[ \t]*\r?\n(?P<keys>.*?)^---[ \t]*\r?$\n?", re.DOTALL | re.MULTILINE
)
_OPENED: Final = re.compile(r"\A---[ \t]*\r?\n")


class FrontMatter(BaseModel):
    """The keys; all may be left out. An unknown one is a typing error, and refused."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    id: DocumentId | None = None
    title: Annotated[str, Field(min_length=1, max_length=500)] | None = None
    tenant: Tenant | None = None
    area: Annotated[str, Field(max_length=80)] | None = None
    kind: Annotated[str, Field(min_length=1, max_length=40)] = "vejledning"
    valid_from: date | None = None
    valid_to: date | None = None
    version: Annotated[int, Field(ge=1)] | None = None
    law: tuple[str, ...] = ()
    asked_as: tuple[Question, ...] = ()
    overrides: SectionRef | None = None
    source: str | None = None
    licence: str | None = None
    sensitivity: Annotated[int, Field(ge=1, le=4)] = 1

    @field_validator("overrides", mode="before")
    @classmethod
    def _parsed(cls, written: object) -> object:
        return SectionRef.parse(written) if isinstance(written, str) else written


def divided(text: str) -> tuple[FrontMatter | None, str]:
    """Divide a Markdown text into its front matter, if any, and the rest. Raises `Invalid`."""
    found = _FENCED.match(text)
    if found is None:
        if _OPENED.match(text):
            raise Invalid("the front matter is opened with --- and never closed: add a line ---")
        return None, text
    return parsed(found["keys"]), text[found.end() :]


def parsed(text: str) -> FrontMatter:
    """Read front matter, or the file of keys beside a document. Raises `Invalid`."""
    try:
        keys = yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        where = f" (line {error.problem_mark.line + 1} of them)" if error.problem_mark else ""
        raise Invalid(f"the keys are no YAML{where}: a text with a colon needs quotes") from None
    except yaml.YAMLError:
        raise Invalid("the keys are no YAML: they hold signs that no text has") from None
    if keys is None:
        return FrontMatter()
    if not isinstance(keys, dict):
        raise Invalid("the keys are not of the form `key: value`, one a line")
    return validated(FrontMatter, keys)
