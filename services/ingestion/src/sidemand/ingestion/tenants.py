"""Who takes part: the municipalities and `faelles`."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

from pydantic import StringConstraints
from sidemand.ingestion.registry_file import Entry, RegistryError, RegistryFile
from sidemand.schemas.identity import Tenant


class RegisteredTenant(Entry):
    """A municipality that takes part, or what all own together."""

    slug: Tenant
    """Its short name in topics and keys."""
    name: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    """Its name in words."""
    cvr: Annotated[str, StringConstraints(pattern=r"^\d{8}$")]
    """Its number in the central business register."""


class Tenants:
    """The tenants that may publish."""

    def __init__(self, registered: Iterable[RegisteredTenant]) -> None:
        self._registered = {tenant.slug: tenant for tenant in registered}

    @classmethod
    def load(cls, path: Path) -> "Tenants":
        """Read a file like `samples/tenants.yaml`. Raises `RegistryError`."""
        known: dict[str, RegisteredTenant] = {}
        file = RegistryFile.read(path, "INGESTION_TENANTS")
        for where, tenant in file.entries("tenants", RegisteredTenant):
            if tenant.slug in known:
                raise RegistryError(f"{where}: {tenant.slug} stands there twice; take one out.")
            known[tenant.slug] = tenant
        return cls(known.values())

    def find(self, slug: str) -> RegisteredTenant | None:
        """The tenant of that name, or none."""
        return self._registered.get(slug)
