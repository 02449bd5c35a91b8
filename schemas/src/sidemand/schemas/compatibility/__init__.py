"""Whether a changed schema may keep its topic, or needs a new version of it.

The rule (DESIGN, the contract): an added field has a default; anything else is a new `.v2` topic.
What lies in a topic must be readable by the consumers of tomorrow, and what the producers of
tomorrow write by the consumers of today, because services and case systems are never updated at
the same moment. So widening is as breaking as narrowing: a value added to an enumeration is
refused by everybody who validates against the enumeration as it was, and a longer text by
everybody who knows the old limit.
"""

from sidemand.schemas.compatibility.judge import Change, Kind, changes
from sidemand.schemas.compatibility.verdicts import (
    SchemasNotFoundError,
    Verdict,
    read_folder,
    read_git,
    verdicts,
)

__all__ = [
    "Change",
    "Kind",
    "SchemasNotFoundError",
    "Verdict",
    "changes",
    "read_folder",
    "read_git",
    "verdicts",
]
