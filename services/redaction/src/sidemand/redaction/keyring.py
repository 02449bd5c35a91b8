"""Tenants' keys: the newest wraps, older ones still open what they wrapped."""

import json
from base64 import b64decode, b64encode
from collections.abc import Mapping
from typing import Final, Self

from sidemand.redaction.ports import VaultSealed
from sidemand.redaction.sealing import KEY_BYTES, new_key, seal, unseal


class KeysDamaged(ValueError):
    """What should hold keys holds something else. The message says no word of it."""


class Keyring:
    """Keys by tenant, newest first. Immutable: `with_new` and `with_newest_only` make others."""

    def __init__(self, keys: Mapping[str, tuple[bytes, ...]]) -> None:
        self._keys: Final = dict(keys)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read JSON: for each tenant a key in base64, or a list of them. Raises `KeysDamaged`."""
        try:
            written = json.loads(text)
            keys = {
                str(tenant): tuple(b64decode(key, validate=True) for key in _listed(listed))
                for tenant, listed in written.items()
            }
        except (ValueError, AttributeError, TypeError):
            raise KeysDamaged("the keys are not written as JSON with base64") from None
        if not all(of_tenant and _are_keys(of_tenant) for of_tenant in keys.values()):
            raise KeysDamaged(f"a key is not {KEY_BYTES} bytes long")
        return cls(keys)

    def written(self) -> str:
        """As `parse` reads it."""
        return json.dumps(
            {
                tenant: [b64encode(key).decode() for key in keys]
                for tenant, keys in sorted(self._keys.items())
            }
        )

    def __contains__(self, tenant: str) -> bool:
        """Whether the tenant has a key."""
        return tenant in self._keys

    def with_new(self, tenant: str) -> "Keyring":
        """With a fresh key for `tenant`, its newest."""
        return Keyring(self._keys | {tenant: (new_key(), *self._keys.get(tenant, ()))})

    def with_newest_only(self, tenant: str) -> "Keyring":
        """Without the older keys of `tenant`: what only they open is lost from then on."""
        return Keyring(self._keys | {tenant: self._keys[tenant][:1]})

    def wrap(self, tenant: str, key: bytes) -> bytes:
        """Encrypt a case's `key` under the newest key of `tenant`. Raises `VaultSealed`."""
        return seal(self._of(tenant)[0], key, tenant.encode())

    def unwrap(self, tenant: str, wrapped: bytes) -> bytes:
        """The key again, under whichever key of the tenant. Raises `VaultSealed`."""
        newest, *older = self._of(tenant)
        for key in older:
            try:
                return unseal(newest, wrapped, tenant.encode())
            except VaultSealed:
                newest = key
        return unseal(newest, wrapped, tenant.encode())

    def rewrap(self, tenant: str, wrapped: bytes) -> bytes:
        """Under the newest key; unchanged where it is already. Raises `VaultSealed`."""
        try:
            unseal(self._of(tenant)[0], wrapped, tenant.encode())
        except VaultSealed:
            return self.wrap(tenant, self.unwrap(tenant, wrapped))
        return wrapped

    def _of(self, tenant: str) -> tuple[bytes, ...]:
        if tenant not in self._keys:
            raise VaultSealed("there is no key of this tenant")
        return self._keys[tenant]


def _listed(keys: object) -> list[str]:
    return [keys] if isinstance(keys, str) else list(keys)  # type: ignore[call-overload]


def _are_keys(keys: tuple[bytes, ...]) -> bool:
    return all(len(key) == KEY_BYTES for key in keys)
