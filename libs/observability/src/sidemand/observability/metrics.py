"""Prometheus metrics that every service has. Labels are services, topics, codes: never a case."""

from typing import Final

from prometheus_client import Counter, Gauge, Histogram

HANDLED: Final = Counter(
    "sidemand_events_handled_total",
    "Events whose effects are confirmed.",
    ["service", "topic", "outcome"],
)
HANDLING: Final = Histogram(
    "sidemand_handling_seconds",
    "Time from taking up an event to its confirmed effects.",
    ["service", "topic"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)
DEAD_LETTERS: Final = Counter(
    "sidemand_dead_letters_total", "Events that can never be handled.", ["service", "topic", "code"]
)
RETRIES: Final = Counter(
    "sidemand_retries_total", "Attempts that failed and will be repeated.", ["service", "topic"]
)
REBALANCES: Final = Counter(
    "sidemand_rebalances_total", "Times that partitions were assigned anew.", ["service", "topic"]
)
COMMIT_FAILURES: Final = Counter(
    "sidemand_commit_failures_total",
    "Commits that were refused; their events come again.",
    ["service", "topic"],
)
UNFINISHED: Final = Gauge(
    "sidemand_unfinished_events", "Events taken up and not yet finished.", ["service", "topic"]
)
OLDEST_UNFINISHED: Final = Gauge(
    "sidemand_oldest_unfinished_seconds",
    "Age of the oldest event that is taken up and not finished.",
    ["service", "topic"],
)
