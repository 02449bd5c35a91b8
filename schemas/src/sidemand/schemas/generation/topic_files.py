"""The topics as files: a table for `infra/kafka/create-topics.sh`, manifests for Strimzi."""

from collections.abc import Sequence
from typing import Final

from sidemand.schemas.kafka_topics import KafkaTopic, kafka_topics

SAMPLE_TENANTS: Final = ("storaadal", "vesterhede", "faelles")
"""The invented municipalities of the samples, and the shared tenant."""

_TENANT_MARK: Final = "{tenant}"


def topics_table(notice: str) -> str:
    """Write name, partitions and configuration of each topic, separated by tabs.

    `{tenant}` stands where a municipality's name goes; the script puts it in.
    """
    head = (
        f"# {notice}",
        "# Columns, separated by tabs: name, partitions, configuration.",
        "# A name with {tenant} exists once for each tenant; faelles has none of casework.",
    )
    rows = (
        "\t".join((topic.name, str(topic.partitions), _settings(topic)))
        for topic in kafka_topics([_TENANT_MARK])
    )
    return "".join(f"{line}\n" for line in (*head, *rows))


def strimzi_manifests(notice: str, tenants: Sequence[str] = SAMPLE_TENANTS) -> str:
    """Write a `KafkaTopic` of Strimzi (API `v1`, Strimzi 0.49 and newer) for each topic."""
    head = (
        f"# {notice}",
        f"# The topics at the edge are those of the sample tenants: {', '.join(tenants)}.",
        "# For other municipalities, give their names:",
        "#   python -m sidemand.schemas.generate --manifests <tenant> faelles > topics.yaml",
        "# The label strimzi.io/cluster names the Kafka resource that the topics belong to.",
    )
    manifests = (_manifest(topic) for topic in kafka_topics(tenants))
    return "".join(f"{line}\n" for line in head) + "".join(manifests)


def _settings(topic: KafkaTopic) -> str:
    return ",".join(f"{name}={value}" for name, value in topic.config.items())


def _manifest(topic: KafkaTopic) -> str:
    settings = "".join(f'    {name}: "{value}"\n' for name, value in topic.config.items())
    return (
        "---\n"
        "apiVersion: kafka.strimzi.io/v1\n"
        "kind: KafkaTopic\n"
        "metadata:\n"
        f"  name: {topic.name}\n"
        "  labels:\n"
        "    strimzi.io/cluster: sidemand\n"
        "spec:\n"
        f"  partitions: {topic.partitions}\n"
        "  replicas: 3\n"
        "  config:\n"
        f"{settings}"
    )
