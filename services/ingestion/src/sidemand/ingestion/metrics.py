"""What ingestion counts at the border."""

from typing import Final

from prometheus_client import Counter

BORDER: Final = Counter(
    "sidemand_ingestion_border_total",
    "What arrived at the border, by what became of it: accepted, redelivery, or a refusal's code.",
    ["lane", "outcome"],
)
