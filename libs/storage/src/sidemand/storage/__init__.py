"""Object store and SQL ledgers of Sidemand.

What needs SQLAlchemy is imported from its own module, `sidemand.storage.database`: a service
without a database starts a second sooner without it.
"""

from sidemand.storage.claims import ClaimStore
from sidemand.storage.objects import Objects
from sidemand.storage.outage import is_unreachable, outage_raises

__all__ = ["ClaimStore", "Objects", "is_unreachable", "outage_raises"]
