"""What retrieval counts. Labels are outcomes and reasons: never a case or a document."""

from typing import Final

from prometheus_client import Counter

KNOWLEDGE: Final = Counter(
    "sidemand_knowledge_total",
    "Versions and deletions of knowledge, by what became of them.",
    ["outcome"],
)
CONTEXTS: Final = Counter(
    "sidemand_contexts_total",
    "Searches for a case document, by why and by whether anything was offered.",
    ["reason", "outcome"],
)
ERASED: Final = Counter("sidemand_events_of_erased_cases_total", "Events dropped as too late.")
