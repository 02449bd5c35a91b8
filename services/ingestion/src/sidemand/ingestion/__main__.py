"""Runs ingestion until it is told to stop."""

from sidemand.bus import Transient, run
from sidemand.ingestion.app import create
from sidemand.ingestion.registry_file import RegistryError
from sidemand.storage.errors import StorageError

if __name__ == "__main__":
    try:
        run(create)
    except (RegistryError, StorageError) as error:
        raise SystemExit(f"sidemand: {error}") from None
    except Transient:
        raise SystemExit(
            "sidemand: the ledger's database does not answer; start it, or let INGESTION_LEDGER "
            "name another."
        ) from None
