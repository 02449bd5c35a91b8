"""What generation counts. Labels are kinds, reasons and verdicts: never a case."""

from typing import Final

from prometheus_client import Counter

SUGGESTIONS: Final = Counter(
    "sidemand_suggestions_total",
    "Revisions drafted. The outcome is `answered`, or the code of an abstention.",
    ["kind", "state", "outcome"],
)
DROPPED: Final = Counter(
    "sidemand_statements_dropped_total",
    "Statements left out because they could not be proved.",
    ["reason"],
)
FEEDBACK: Final = Counter(
    "sidemand_feedback_total", "What caseworkers made of suggestions.", ["verdict"]
)
