"""Tenants' keys out of the environment, where a platform keeps them as secrets."""

from pydantic import SecretStr
from sidemand.redaction.keyring import Keyring, KeysDamaged
from sidemand.redaction.ports import KeyProvider


class KeySettingUnusable(Exception):
    """The setting holds no keys; the message says what to do and repeats nothing of it."""


class EnvironmentKeys(KeyProvider):
    """Keys that somebody else makes and keeps; a tenant without one is not served."""

    def __init__(self, keys: SecretStr) -> None:
        """`keys` as `Keyring.parse` reads them. Raises `KeySettingUnusable`."""
        try:
            self._keyring = Keyring.parse(keys.get_secret_value())
        except KeysDamaged as damaged:
            raise KeySettingUnusable(
                f"REDACTION_TENANT_KEYS cannot be used: {damaged}. Write "
                '{"storaadal": "base64 of 32 random bytes"}; a list holds the newest key first.'
            ) from None

    async def wrap(self, tenant: str, key: bytes) -> bytes:
        """Encrypt `key` under the newest key of `tenant`. Raises `VaultSealed` without one."""
        return self._keyring.wrap(tenant, key)

    async def unwrap(self, tenant: str, wrapped: bytes) -> bytes:
        """The key again. Raises `VaultSealed`."""
        return self._keyring.unwrap(tenant, wrapped)

    async def rewrap(self, tenant: str, wrapped: bytes) -> bytes:
        """Under the newest key. Raises `VaultSealed`."""
        return self._keyring.rewrap(tenant, wrapped)
