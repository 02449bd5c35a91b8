"""The object store: a folder, an S3-compatible server, or memory, behind one class."""

import functools
import hashlib
import os
import re
from datetime import timedelta
from pathlib import Path
from typing import Final, Self

from obstore.exceptions import BaseError, NotFoundError
from obstore.store import LocalStore, MemoryStore, ObjectStore, S3Store
from sidemand.schemas.text import ContentRef
from sidemand.storage.errors import (
    AddressRefused,
    ObjectDamaged,
    ObjectMissing,
    PathRefused,
    StoreUnreachable,
)

_SEGMENT: Final = re.compile(r"(?!\.{1,2}$)[A-Za-z0-9æøåÆØÅ._:=+-]{1,255}")
"""What may stand between two slashes: nothing that a file system or URL reads differently."""


def as_segment(name: str) -> str:
    """Make one segment of a path of `name`: itself where that is allowed, else its SHA-256."""
    return name if _SEGMENT.fullmatch(name) else hashlib.sha256(name.encode()).hexdigest()


class Objects:
    """Bytes under paths. What was written is found unchanged, or an error says why not."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store

    @classmethod
    def at(cls, url: str) -> Self:
        """Open `file://folder` (relative ones too), `s3://bucket/prefix` or `memory://name`.

        Everybody in a process who opens the same `memory://name` has the same objects.
        S3 takes address and credentials from the environment (`AWS_ENDPOINT_URL`,
        `AWS_ACCESS_KEY_ID`, …). Contacts nobody yet. Raises `AddressRefused`.
        """
        scheme, _, rest = url.partition("://")
        if scheme == "memory":
            return cls(_memory(rest))
        if scheme == "file" and rest:
            return cls(_folder(Path(rest)))
        if scheme == "s3" and rest:
            return cls(_bucket(url))
        raise AddressRefused(
            f"The object store's address has the scheme {scheme[:20]!r}, or nothing behind it; "
            "write file://folder, s3://bucket/prefix or memory://."
        )

    async def put(self, path: str, body: bytes) -> ContentRef:
        """Write `body` under `path`, over what lies there; it is whole or not there at all.

        Raises `PathRefused`, `StoreUnreachable`.
        """
        _check(path)
        try:
            await self._store.put_async(path, body)
        except (BaseError, OSError) as error:
            raise _unreachable("write", error) from None
        return ContentRef(uri=path, sha256=hashlib.sha256(body).hexdigest(), size=len(body))

    async def get(self, ref: ContentRef) -> bytes:
        """Read what `ref` names. Nothing is fetched where already its size differs.

        Raises `PathRefused`, `ObjectMissing`, `ObjectDamaged`, `StoreUnreachable`.
        """
        _check(ref.uri)
        try:
            found = await self._store.get_async(ref.uri)
            if found.meta["size"] != ref.size:
                raise ObjectDamaged(
                    f"The object has {found.meta['size']} bytes, its reference says {ref.size}; "
                    "write it again and publish the event anew."
                )
            body = bytes(await found.bytes_async())
        except (NotFoundError, FileNotFoundError):
            raise ObjectMissing(
                "Nothing lies where the reference points; write the object before its event."
            ) from None
        except (BaseError, OSError) as error:
            raise _unreachable("read", error) from None
        if hashlib.sha256(body).hexdigest() != ref.sha256:
            raise ObjectDamaged(
                "The object's SHA-256 is not that of its reference; "
                "write it again and publish the event anew."
            )
        return body

    async def delete_prefix(self, prefix: str) -> int:
        """Delete everything below `prefix`, whole segments only; say how many objects that was.

        `a/b` takes `a/b/c` and leaves `a/bc`. Raises `PathRefused`, `StoreUnreachable`.
        """
        prefix = prefix.rstrip("/")
        _check(prefix)
        deleted = 0
        try:
            async for batch in self._store.list(prefix):
                paths = [entry["path"] for entry in batch]
                await self._store.delete_async(paths)
                deleted += len(paths)
        except (BaseError, OSError) as error:
            raise _unreachable("delete", error) from None
        return deleted


@functools.cache
def _memory(name: str) -> MemoryStore:
    """The store of that name; `name` only tells the cache which."""
    del name
    return MemoryStore()


def _folder(folder: Path) -> LocalStore:
    try:
        return LocalStore(folder.absolute(), mkdir=True)
    except (BaseError, OSError):
        raise AddressRefused(
            f"The folder {folder} for objects cannot be made or opened; "
            "choose one that may be written to."
        ) from None


def _bucket(url: str) -> S3Store:
    try:
        return S3Store.from_url(
            url,
            client_options={
                "timeout": timedelta(seconds=30),
                "connect_timeout": timedelta(seconds=5),
                # Options given here hide the environment's, and this one is needed within a house.
                "allow_http": os.environ.get("AWS_ALLOW_HTTP", "").lower() in {"1", "true"},
            },
            # The bus waits and tries again with its own patience; an outage must be seen soon.
            retry_config={"max_retries": 3, "retry_timeout": timedelta(seconds=10)},
        )
    except BaseError as error:
        raise AddressRefused(
            f"The object store's address is not understood ({type(error).__name__}); "
            "write s3://bucket/prefix."
        ) from None


def _check(path: str) -> None:
    if not path or not all(_SEGMENT.fullmatch(segment) for segment in path.split("/")):
        raise PathRefused(
            "The path of an object is empty, goes up, or holds characters other than letters, "
            "digits and . _ : = + -; make it from tenant, case and id."
        )


def _unreachable(doing: str, error: Exception) -> StoreUnreachable:
    # The driver's own text names paths and addresses; its type is enough to look it up.
    return StoreUnreachable(
        f"The object store did not {doing} ({type(error).__name__}); it is tried again."
    )
