"""Tenants' keys in a file: for one machine, and for servers that mount the file as a secret."""

import json
import os
from base64 import b64decode, b64encode
from pathlib import Path
from threading import Lock

from sidemand.redaction.ports import KeyProvider, VaultSealed
from sidemand.redaction.sealing import KEY_BYTES, new_key, seal, unseal


class KeyFileUnusable(Exception):
    """The key file cannot be read or written; the message says what to do."""


class FileKeys(KeyProvider):
    """One key a tenant in a JSON file that only its owner can read, made where there is none.

    Losing the file means losing every value of the vault: it is backed up apart from the database.
    """

    def __init__(self, path: Path) -> None:
        """Raises `KeyFileUnusable`."""
        self._path = path
        self._lock = Lock()
        self._keys = self._read() if path.exists() else {}

    async def wrap(self, tenant: str, key: bytes) -> bytes:
        """Encrypt `key` under the key of `tenant`, made and written at the first call."""
        return seal(self._key(tenant), key, tenant.encode())

    async def unwrap(self, tenant: str, wrapped: bytes) -> bytes:
        """The key again. Raises `VaultSealed`."""
        if tenant not in self._keys:
            raise VaultSealed("the key file holds no key of this tenant")
        return unseal(self._keys[tenant], wrapped, tenant.encode())

    def _key(self, tenant: str) -> bytes:
        with self._lock:
            if tenant not in self._keys:
                self._keys = self._add(tenant)
            return self._keys[tenant]

    def _add(self, tenant: str) -> dict[str, bytes]:
        """Written to a new file and moved into place: a crash never leaves half a file."""
        keys = (self._read() if self._path.exists() else {}) | self._keys
        keys.setdefault(tenant, new_key())
        new = self._path.with_suffix(".new")
        text = json.dumps({name: b64encode(key).decode() for name, key in sorted(keys.items())})
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            new.unlink(missing_ok=True)
            handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "w", encoding="ascii") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            new.replace(self._path)
        except OSError as error:
            raise KeyFileUnusable(
                f"The key file {self._path} cannot be written ({error.strerror}); "
                "choose a folder that the service may write to."
            ) from None
        return keys

    def _read(self) -> dict[str, bytes]:
        try:
            if self._path.stat().st_mode & 0o077:
                raise KeyFileUnusable(
                    f"The key file {self._path} can be read by others; run chmod 600 on it."
                )
            keys = {
                n: b64decode(k, validate=True)
                for n, k in json.loads(self._path.read_text()).items()
            }
        except (OSError, ValueError, AttributeError, TypeError):
            raise KeyFileUnusable(
                f"The key file {self._path} cannot be read; put the backup in its place."
            ) from None
        if any(len(key) != KEY_BYTES for key in keys.values()):
            raise KeyFileUnusable(
                f"The key file {self._path} is damaged; put the backup in its place."
            )
        return keys
