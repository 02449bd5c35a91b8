"""Object store and SQL ledgers of Sidemand."""

from sidemand.storage.claims import ClaimStore
from sidemand.storage.database import Database, open_database
from sidemand.storage.objects import Objects
from sidemand.storage.outage import is_unreachable, outage_raises
from sidemand.storage.sql import Pool, open_engine

__all__ = [
    "ClaimStore",
    "Database",
    "Objects",
    "Pool",
    "is_unreachable",
    "open_database",
    "open_engine",
    "outage_raises",
]
