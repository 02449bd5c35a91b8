"""Case events in files: as a person writes them in YAML, or as they travel in JSON."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from sidemand.client.errors import ClientError
from sidemand.client.tenants import SOURCE
from sidemand.client.validation import Invalid, validated, validated_json
from sidemand.schemas.casework import CaseFacts, EventKind, Purpose, SuggestionKind
from sidemand.schemas.envelope import NAME_CHARACTERS
from sidemand.schemas.identity import CaseRef, Tenant
from sidemand.schemas.raw import CaseEvent, Party
from sidemand.schemas.text import Content


@dataclass(frozen=True, slots=True)
class CaseFile:
    """A case event and how to publish it."""

    event: CaseEvent
    source: str | None = None
    """The case system that the file names."""
    event_id: str | None = None
    """The id that the file gives the event."""


class _WrittenCase(CaseFacts):
    """The case as the file describes it: its facts, number and title."""

    model_config = ConfigDict(extra="forbid")

    case_number: Annotated[str, Field(max_length=80)]
    title: Annotated[str, Field(max_length=500)]


class _WrittenEvent(BaseModel):
    """A case event as a person writes it."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    id: Annotated[str, Field(pattern=f"^{NAME_CHARACTERS}{{1,200}}$")] | None = None
    tenant: Tenant | None = None
    source: Annotated[str, Field(pattern=SOURCE)] | None = None
    kind: EventKind
    occurred_at: AwareDatetime
    case: _WrittenCase
    purpose: Purpose
    parties: tuple[Party, ...] = ()
    text: Annotated[str, Field(min_length=1)]
    requests: Annotated[tuple[SuggestionKind, ...], Field(min_length=1)]
    expect: object = None
    """What the demo expects of the answer; of no matter to the event."""


def read_case_file(path: Path, *, tenant: str | None = None, source: str | None = None) -> CaseFile:
    """Read a case event, in the form of `samples/cases` or of the topic's payload.

    `tenant` and `source` go before what the file says. Raises `ClientError`, which names fields
    and never repeats what stands in them.
    """
    data = _mapping(path)
    try:
        if "content" in data or "facts" in data:
            # As JSON again: only there a file in `content.data` is base64.
            event = validated_json(CaseEvent, json.dumps(data, default=str).encode())
            return CaseFile(_of_tenant(event, tenant), source)
        return _case_file(validated(_WrittenEvent, data), tenant, source)
    except Invalid as error:
        raise ClientError(f"{path.name} is no case event: {error}.") from None


def _of_tenant(event: CaseEvent, tenant: str | None) -> CaseEvent:
    if tenant not in {None, event.tenant}:
        raise Invalid(f"its case belongs to {event.tenant}, and not to {tenant}")
    return event


def _case_file(written: _WrittenEvent, tenant: str | None, source: str | None) -> CaseFile:
    tenant, source = tenant or written.tenant, source or written.source
    if tenant is None or source is None:
        missing = "tenant" if tenant is None else "source"
        raise Invalid(f"it names no {missing}: write it there, or give --{missing}")
    facts = written.case.model_dump(exclude={"case_number", "title"}, exclude_unset=True)
    event = CaseEvent(
        case=CaseRef.of_number(tenant, source, written.case.case_number),
        case_number=written.case.case_number,
        title=written.case.title,
        facts=CaseFacts(**facts),
        kind=written.kind,
        occurred_at=written.occurred_at,
        purpose=written.purpose,
        parties=written.parties,
        content=Content(text=written.text),
        requests=written.requests,
    )
    return CaseFile(event, source, written.id)


def _mapping(path: Path) -> Mapping[str, object]:
    try:
        text = path.read_text("utf-8-sig")
    except OSError as error:
        raise ClientError(
            f"{path} cannot be read ({error.strerror}): check path and rights."
        ) from None
    except UnicodeDecodeError:
        raise ClientError(f"{path.name} is not UTF-8: save it as UTF-8.") from None
    data = _json(path.name, text) if path.suffix == ".json" else _yaml(path.name, text)
    if not isinstance(data, dict):
        raise ClientError(f"{path.name} is no case event: it holds no keys such as case and text.")
    return data


def _json(name: str, text: str) -> object:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise ClientError(f"{name} is no JSON (line {error.lineno}): correct it.") from None


def _yaml(name: str, text: str) -> object:
    try:
        return yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        where = f" (line {error.problem_mark.line + 1})" if error.problem_mark else ""
        raise ClientError(f"{name} is no YAML{where}: correct it.") from None
    except yaml.YAMLError:
        raise ClientError(f"{name} is no YAML: it holds signs that no text has.") from None
