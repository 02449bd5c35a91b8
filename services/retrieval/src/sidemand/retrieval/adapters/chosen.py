"""The index and the ledger that the settings name."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pydantic import ValidationError
from sidemand.bus import BusError, Service
from sidemand.retrieval.adapters.ledger_sql import SqlLedger
from sidemand.retrieval.adapters.sqlite import SqliteIndex
from sidemand.retrieval.calibration import Calibration, shipped_calibration
from sidemand.retrieval.contexts import Retrieval
from sidemand.retrieval.settings import Settings

if TYPE_CHECKING:
    from sidemand.retrieval.adapters.weaviate import Address, WeaviateIndex
    from sidemand.retrieval.adapters.weaviate_schema import Names


NO_GENERATIONS: Final = (
    "only an index in Weaviate has generations: set RETRIEVAL_INDEX=weaviate and"
    " RETRIEVAL_WEAVIATE_HOST as retrieval has them"
)
"""What is said where generations are asked for and the settings name another index."""


class Chosen:
    """Index, ledger and calibrations by the settings, not yet open.

    Raises `BusError` for a calibration that cannot be used.
    """

    def __init__(self, settings: Settings) -> None:
        self.index: SqliteIndex | WeaviateIndex = (
            SqliteIndex(settings.index_file) if settings.index == "sqlite" else _weaviate(settings)
        )
        self._ledger = SqlLedger(settings.ledger)
        further = calibrations_in(settings.calibrations)
        self.retrieval = Retrieval(self.index, self._ledger, shipped_calibration(), further)

    def live_with(self, service: Service) -> None:
        """Open when `service` starts, and close when it stops."""
        for adapter in (self.index, self._ledger):
            opening: Callable[[], Awaitable[None]] = adapter.open
            service.on_start(opening)
            service.on_stop(adapter.close)


def place_of(settings: Settings) -> str:
    """What retrieval's offsets in the knowledge are those of: each generation reads all of it."""
    generation = settings.weaviate_generation
    return "" if settings.index == "sqlite" or generation == 1 else str(generation)


def calibrations_in(folder: Path | None) -> dict[str, Calibration]:
    """The calibrations in `folder` by their models' sha256. Raises `BusError`."""
    if folder is None:
        return {}
    if not folder.is_dir():
        raise BusError(f"there is no folder {folder}: correct RETRIEVAL_CALIBRATIONS")
    found = map(_calibration, sorted(folder.glob("*.json")))
    return {each.made_from.model_sha256: each for each in found}


def address_of(settings: Settings) -> "Address":
    """Where Weaviate is."""
    from sidemand.retrieval.adapters.weaviate import Address

    ports = (settings.weaviate_http_port, settings.weaviate_grpc_port)
    return Address(settings.weaviate_host, *ports)


def names_of(settings: Settings) -> "Names":
    """What the collections in Weaviate are called."""
    from sidemand.retrieval.adapters.weaviate_schema import Names

    return Names(settings.weaviate_collection, settings.weaviate_generation)


def _calibration(file: Path) -> Calibration:
    try:
        return Calibration.model_validate_json(file.read_text("utf-8"))
    except (OSError, ValueError, ValidationError):
        raise BusError(
            f"{file} is no calibration: write it anew with `sidemand-eval calibrate DATA --model"
            f" FOLDER --out {file}`"
        ) from None


def _weaviate(settings: Settings) -> "WeaviateIndex":
    # Here, since Weaviate's client alone takes as long to import as everything else.
    from sidemand.retrieval.adapters.weaviate import WeaviateIndex

    return WeaviateIndex(address_of(settings), names_of(settings))
