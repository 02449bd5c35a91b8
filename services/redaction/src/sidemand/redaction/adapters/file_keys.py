"""Tenants' keys in a file: for one machine, and for servers that share a folder."""

import os
from collections.abc import Callable
from pathlib import Path
from threading import Lock

from sidemand.redaction.keyring import Keyring, KeysDamaged
from sidemand.redaction.ports import KeyProvider

_State = tuple[int, int, int]


class KeyFileUnusable(Exception):
    """The key file cannot be read or written; the message says what to do."""


class FileKeys(KeyProvider):
    """Keys in a JSON file that only its owner can read, made where there is none.

    Losing the file means losing every value of the vault: it is backed up apart from the database.
    A file that was changed, by a rotation say, is read again before the next use.
    """

    def __init__(self, path: Path) -> None:
        """Raises `KeyFileUnusable`."""
        self._path = path
        self._lock = Lock()
        self._state: _State | None = None
        self._keyring = Keyring({})
        self._current()

    async def wrap(self, tenant: str, key: bytes) -> bytes:
        """Encrypt `key` under the newest key of `tenant`, made and written at the first call."""
        if tenant not in self._current():
            self._change(lambda keyring: keyring if tenant in keyring else keyring.with_new(tenant))
        return self._keyring.wrap(tenant, key)

    async def unwrap(self, tenant: str, wrapped: bytes) -> bytes:
        """The key again. Raises `VaultSealed`."""
        return self._current().unwrap(tenant, wrapped)

    async def rewrap(self, tenant: str, wrapped: bytes) -> bytes:
        """Under the newest key. Raises `VaultSealed`."""
        return self._current().rewrap(tenant, wrapped)

    def add(self, tenant: str) -> None:
        """Make a new key for `tenant`; the older ones still open what they wrapped."""
        self._change(lambda keyring: keyring.with_new(tenant))

    def retire(self, tenant: str) -> None:
        """Forget the older keys of `tenant`, for good."""
        self._change(lambda keyring: keyring.with_newest_only(tenant))

    def _current(self) -> Keyring:
        """The keys as the file has them now."""
        if self._path.exists() and self._state != _state_of(self._path):
            self._keyring, self._state = self._read(), _state_of(self._path)
        return self._keyring

    def _change(self, change: Callable[[Keyring], Keyring]) -> None:
        """Written to a new file and moved into place: a crash never leaves half a file."""
        with self._lock:
            keyring = change(self._current())
            new = self._path.with_suffix(".new")
            try:
                self._path.parent.mkdir(parents=True, exist_ok=True)
                new.unlink(missing_ok=True)
                handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
                with os.fdopen(handle, "w", encoding="ascii") as file:
                    file.write(keyring.written())
                    file.flush()
                    os.fsync(file.fileno())
                new.replace(self._path)
            except OSError as error:
                raise KeyFileUnusable(
                    f"The key file {self._path} cannot be written ({error.strerror}); "
                    "choose a folder that the service may write to."
                ) from None
            self._keyring, self._state = keyring, _state_of(self._path)

    def _read(self) -> Keyring:
        try:
            if self._path.stat().st_mode & 0o077:
                raise KeyFileUnusable(
                    f"The key file {self._path} can be read by others; run chmod 600 on it."
                )
            return Keyring.parse(self._path.read_text())
        except (OSError, UnicodeDecodeError):
            raise KeyFileUnusable(
                f"The key file {self._path} cannot be read; put the backup in its place."
            ) from None
        except KeysDamaged as damaged:
            raise KeyFileUnusable(
                f"The key file {self._path} is damaged: {damaged}. Put the backup in its place."
            ) from None


def _state_of(path: Path) -> _State:
    """Differs after every change of the file."""
    found = path.stat()
    return found.st_mtime_ns, found.st_ino, found.st_size
