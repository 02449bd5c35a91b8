"""What the service needs from outside, named by role."""

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from sidemand.redaction.spans import Entity, Mention
from sidemand.redaction.tokens import Token
from sidemand.schemas.identity import CaseRef
from sidemand.schemas.raw import Party


class CaseForgotten(Exception):
    """The case was erased: nothing about it may be kept or given back any more."""


class VaultSealed(Exception):
    """A value cannot be opened: wrong key, or somebody changed it. Trying again does not help."""


class Redactor(Protocol):
    """Finds personal data in a text."""

    def find(self, text: str, parties: Sequence[Party] = ()) -> list[Mention]:
        """Disjoint mentions in reading order. Blocks (pure computation); raises `Unredactable`."""


class Vault(Protocol):
    """Keeps the way back from token to person, one key per tenant and case.

    Every method raises `Transient` while the database is away.
    """

    async def tokens(self, case: CaseRef, entities: Collection[Entity]) -> Mapping[Entity, Token]:
        """The same entity gets the same token within a case, and never across cases.

        An entity that was seen before by another of its forms keeps its token where that form
        means no other entity. A person known by a shorter name gets the fuller one. A protected
        address is not kept, nor is any further way of writing it: its token means
        `PROTECTED_ADDRESS` from then on. Raises `CaseForgotten` for an erased case.
        """

    async def values(self, case: CaseRef, tokens: Collection[Token]) -> Mapping[Token, str]:
        """What `tokens` of this case stand for; tokens it does not know are left out.

        Raises `CaseForgotten` for an erased case, `VaultSealed` where a value does not open.
        """

    async def names(self, case: CaseRef) -> Sequence[str]:
        """The persons who were found in this case so far. Raises `CaseForgotten`."""

    async def known(self, case: CaseRef, entities: Collection[Entity]) -> Collection[Entity]:
        """Those of `entities` that came before in this case, protected addresses included.

        Raises `CaseForgotten`.
        """

    async def erase(self, case: CaseRef) -> int:
        """Destroy the case's key and values, and remember that it was erased.

        Returns how many values there were. Erasing again destroys nothing and returns 0.
        """


class KeyProvider(Protocol):
    """Wraps the cases' keys with the tenant's key, which never leaves the provider."""

    async def wrap(self, tenant: str, key: bytes) -> bytes:
        """Encrypt a case's `key` under the newest key of `tenant`.

        A tenant's first key is made here, or by whoever runs the provider: then one that has none
        raises `VaultSealed`.
        """

    async def unwrap(self, tenant: str, wrapped: bytes) -> bytes:
        """The key again. Raises `VaultSealed` where `wrapped` is not of this tenant or damaged."""

    async def rewrap(self, tenant: str, wrapped: bytes) -> bytes:
        """Under the newest key of `tenant`; as it is where that did it. Raises `VaultSealed`."""
