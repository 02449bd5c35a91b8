"""What can go wrong with storage; no text here holds personal data."""


class StorageError(Exception):
    """A sentence for the operator: what is wrong and what to do."""


class AddressRefused(StorageError):
    """The address of a database or object store cannot be used as written."""


class StoreUnreachable(StorageError):
    """The object store is away or does not let us in; the same call may work later."""


class ClaimError(StorageError):
    """What a reference names cannot be had, and trying again will not help."""


class ObjectMissing(ClaimError):
    """Nothing lies at the path."""


class ObjectDamaged(ClaimError):
    """What lies at the path is not what was written: size or SHA-256 differ."""


class PathRefused(ClaimError):
    """The path is not one that this store may use."""
