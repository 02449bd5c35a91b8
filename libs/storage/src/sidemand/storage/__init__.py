"""Object store and SQL ledgers of Sidemand."""

from sidemand.storage.claims import ClaimStore
from sidemand.storage.objects import Objects
from sidemand.storage.outage import is_unreachable, outage_raises
from sidemand.storage.sql import Pool, open_engine

__all__ = ["ClaimStore", "Objects", "Pool", "is_unreachable", "open_engine", "outage_raises"]
