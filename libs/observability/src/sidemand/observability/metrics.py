"""Prometheus metrics that every service has. Labels are services, topics, codes: never a case."""

from typing import Any, Final, cast

from prometheus_client import Counter, Gauge, Histogram, disable_created_metrics

cast("Any", disable_created_metrics)()  # a second series for each one, which nobody asks for

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
    "sidemand_retries_total",
    "Attempts that failed and are repeated: a dependency was away, or an error nobody foresaw.",
    ["service", "topic"],
)
DEPENDENCY_AWAY: Final = Gauge(
    "sidemand_dependency_away",
    "1 while five attempts in a row have found a dependency away; /ready names it.",
    ["service", "topic"],
)
REBALANCES: Final = Counter(
    "sidemand_rebalances_total",
    "Times that this member gave its partitions back, to get its share anew.",
    ["service", "topic"],
)
COMMIT_FAILURES: Final = Counter(
    "sidemand_commit_failures_total",
    "Commits that were refused, mostly since the partitions have gone to another member. "
    "What is not committed later comes again.",
    ["service", "topic"],
)
LAG: Final = Gauge(
    "sidemand_lag_events",
    "Offsets that Kafka has and the group has not committed, of the partitions that this member "
    "has, asked of Kafka with each scrape. A tenant's topics count under the name without the "
    "tenant, so a partition is the sum of those of all tenants. 0: everything is handled.",
    ["service", "topic", "partition"],
)
UNFINISHED: Final = Gauge(
    "sidemand_unfinished_events", "Events taken up and not yet finished.", ["service", "topic"]
)
OLDEST_UNFINISHED: Final = Gauge(
    "sidemand_oldest_unfinished_seconds",
    "How long the event that has been in hand longest has been so, its wait for its turn and for "
    "a dependency included; events behind it in its case count from their own beginning.",
    ["service", "topic"],
)
WAITING_INSIDE: Final = Gauge(
    "sidemand_waiting_inside_events",
    "Events that wait in the topics that all tenants share, as a border saw them last.",
    ["lane"],
)
