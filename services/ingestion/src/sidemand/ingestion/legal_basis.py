"""The legal-basis registry: what is not listed is refused."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, StringConstraints
from sidemand.ingestion.kle import Kle, lies_under
from sidemand.ingestion.registry_file import Entry, RegistryError, RegistryFile
from sidemand.ingestion.tenants import Tenants
from sidemand.schemas.casework import LegalBasis, Purpose

_Words = Annotated[str, StringConstraints(min_length=1, max_length=300)]


class RegisteredPurpose(Entry):
    """One purpose that a municipality's lawyers have cleared."""

    purpose: Purpose
    """As case events name it."""
    title: _Words
    """In words."""
    phase: Literal["drift", "udvikling"]
    """Whether it is in operation or under development."""
    hjemmel: Annotated[tuple[_Words, ...], Field(min_length=1)]
    """The acts and provisions that allow it."""
    kle: tuple[Kle, ...] = ()
    """The KLE subjects it is limited to; none named means all."""

    def covers(self, kle: str) -> bool:
        """Whether cases with that subject may be handled for this purpose."""
        return not self.kle or any(lies_under(kle, group) for group in self.kle)


class LegalBasisRegistry:
    """What each tenant may use Sidemand for, and on what ground."""

    def __init__(self, purposes: Mapping[str, Sequence[RegisteredPurpose]]) -> None:
        self._purposes = purposes

    @classmethod
    def load(cls, path: Path, tenants: Tenants) -> "LegalBasisRegistry":
        """Read a file like `samples/legal-basis.yaml`, or every `*.yaml` of a folder.

        A folder lets each municipality keep a file of its own. Raises `RegistryError`.
        """
        files = sorted(path.glob("*.yaml")) if path.is_dir() else [path]
        if not files:
            raise RegistryError(
                f"The folder {path} holds no .yaml file; write one, or let INGESTION_LEGAL_BASIS "
                "name another."
            )
        purposes: dict[str, list[RegisteredPurpose]] = {}
        for file in files:
            _add(purposes, RegistryFile.read(file, "INGESTION_LEGAL_BASIS"), tenants)
        return cls(purposes)

    def find(self, tenant: str, kle: str, purpose: str) -> LegalBasis | None:
        """The ground on which `tenant` may use data of a case under `kle` for `purpose`.

        None where nothing is listed: that is a refusal. Of several entries the first counts.
        """
        for entry in self._purposes.get(tenant, ()):
            if entry.purpose == purpose and entry.covers(kle):
                return LegalBasis(title=entry.title, hjemmel=entry.hjemmel)
        return None


def _add(
    purposes: dict[str, list[RegisteredPurpose]], file: RegistryFile, tenants: Tenants
) -> None:
    owners = file.texts("tenants")
    for owner in owners:
        if tenants.find(owner) is None:
            raise RegistryError(
                f"{file.path} is for the tenant {owner}, which is not registered; "
                "correct its name, or add it to the tenants' file."
            )
    for where, entry in file.entries("entries", RegisteredPurpose):
        for owner in owners:
            listed = purposes.setdefault(owner, [])
            if any(_same(entry, other) for other in listed):
                raise RegistryError(
                    f"{where}: {entry.purpose} is listed twice for {owner} with the same kle; "
                    "take one out."
                )
            listed.append(entry)


def _same(one: RegisteredPurpose, other: RegisteredPurpose) -> bool:
    return one.purpose == other.purpose and set(one.kle) == set(other.kle)
