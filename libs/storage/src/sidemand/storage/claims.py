"""The claim check: bodies too large for Kafka lie in the object store, before their event.

A reference comes from outside, in a header or a payload. It must never lead to another case's
bytes, so a reader compares its path with the one that the event's own tenant and subject give:
`claim_path` for whole bodies, `content_prefix` for files that a payload points to.
"""

import hashlib
from typing import Final

from sidemand.schemas.text import ContentRef
from sidemand.storage.errors import ClaimError, PathRefused
from sidemand.storage.objects import Objects, as_segment

__all__ = [
    "LARGEST_IN_KAFKA",
    "ClaimError",
    "ClaimStore",
    "claim_path",
    "claims_prefix",
    "content_path",
    "content_prefix",
]

LARGEST_IN_KAFKA: Final = 128_000
"""Bytes of a body that still travel in the event itself."""

_CLAIMS: Final = "claims"
_CONTENT: Final = "content"


def claim_path(prefix: str, event_id: str, sha256: str) -> str:
    """Where the body of an event lies, below its `claims_prefix`.

    With the body's hash: an id that is used again with another body leaves the first alone.
    """
    return f"{prefix}/{as_segment(event_id)}/{sha256}"


def claims_prefix(topic: str, tenant: str, subject: str) -> str:
    """Where all bodies of one case or document on one topic lie.

    `topic` is the name without tenant.
    """
    return f"{_CLAIMS}/{topic}/{tenant}/{as_segment(subject)}"


def content_path(tenant: str, subject: str, name: str) -> str:
    """Where a file lies that a payload's `Content.ref` points to; `name` may be its SHA-256."""
    return f"{content_prefix(tenant, subject)}/{as_segment(name)}"


def content_prefix(tenant: str, subject: str) -> str:
    """Where all files of one case or document lie."""
    return f"{_CONTENT}/{tenant}/{as_segment(subject)}"


class ClaimStore:
    """The bodies of large events. It can touch nothing else in the object store."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects

    async def put(self, prefix: str, event_id: str, body: bytes) -> ContentRef:
        """Write the body of an event under its `claim_path`.

        Raises `PathRefused`, `StoreUnreachable`.
        """
        path = claim_path(prefix, event_id, hashlib.sha256(body).hexdigest())
        return await self._objects.put(_claim(path), body)

    async def get(self, ref: ContentRef) -> bytes:
        """Read a body again, verified.

        Raises `PathRefused`, `ObjectMissing`, `ObjectDamaged`, `StoreUnreachable`.
        """
        _claim(ref.uri)
        return await self._objects.get(ref)

    async def erase(self, prefix: str) -> int:
        """Delete the bodies below a `claims_prefix`, and say how many they were.

        Raises `PathRefused`, `StoreUnreachable`.
        """
        return await self._objects.delete_prefix(_claim(prefix))


def _claim(path: str) -> str:
    if not path.startswith(f"{_CLAIMS}/"):
        raise PathRefused(f"The body of an event lies under {_CLAIMS}/, and nowhere else.")
    return path
