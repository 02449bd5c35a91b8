"""The topics that a cluster gets, and the files that create them."""

import os
import subprocess
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
import yaml
from sidemand.schemas.generation.repository import find_repository
from sidemand.schemas.generation.topic_files import SAMPLE_TENANTS, strimzi_manifests
from sidemand.schemas.identity import SHARED_TENANT
from sidemand.schemas.kafka_topics import SERVICES, configuration, dead_letters, kafka_topics
from sidemand.schemas.topics import (
    ALL,
    CASE_DOCUMENT_INGESTED,
    ERASURE_CONFIRMED,
    KNOWLEDGE_PUBLISHED,
    SUGGESTION_DRAFTED,
)

SCRIPT = find_repository() / "infra/kafka/create-topics.sh"
TENANTS = ["storaadal", SHARED_TENANT]
HOUR = 60 * 60 * 1000


def test_an_edge_topic_exists_once_for_each_tenant_and_an_inner_one_once() -> None:
    names = [topic.name for topic in kafka_topics(["storaadal", "vesterhede"])]
    assert len(names) == len(set(names))
    for topic in ALL:
        expected = ["storaadal", "vesterhede"] if topic.edge else [""]
        assert {topic.of(tenant) for tenant in expected} <= set(names)


def test_the_shared_tenant_has_no_topics_for_cases() -> None:
    of_all = [t.name for t in kafka_topics([SHARED_TENANT]) if t.name.startswith(SHARED_TENANT)]
    assert of_all == [
        "faelles.knowledge.document.published.v1",
        "faelles.knowledge.document.indexed.v1",
    ]


def test_every_service_that_reads_a_topic_has_its_dead_letters() -> None:
    assert dead_letters(SUGGESTION_DRAFTED) == (
        "casework.suggestion.drafted.v1.redaction.dlq",
        "casework.suggestion.drafted.v1.retrieval.dlq",
    )
    names = {topic.name for topic in kafka_topics([])}
    for topic in ALL:
        for consumer in set(topic.consumers) & set(SERVICES):
            assert topic.dead_letters(consumer) in names


def test_who_is_not_ours_has_no_dead_letters() -> None:
    assert dead_letters(ERASURE_CONFIRMED) == ()


def test_every_consumer_is_a_service_or_known_to_be_none() -> None:
    others = {"fagsystem", "audit", "editors"}
    assert {name for topic in ALL for name in topic.consumers} <= {*SERVICES, *others}


def test_raw_text_is_gone_soon_after_its_retention() -> None:
    settings = configuration(CASE_DOCUMENT_INGESTED)
    assert settings["retention.ms"] == str(24 * HOUR)
    assert int(settings["segment.ms"]) <= 2 * HOUR


def test_every_topic_with_a_retention_is_cleaned_within_a_twelfth_of_it() -> None:
    for topic in ALL:
        if topic.retention is not None:
            segment = timedelta(milliseconds=int(configuration(topic)["segment.ms"]))
            assert segment <= topic.retention / 12


def test_a_deletion_can_be_seen_for_a_month_on_a_compacted_topic() -> None:
    settings = configuration(KNOWLEDGE_PUBLISHED)
    assert settings["cleanup.policy"] == "compact"
    assert "retention.ms" not in settings
    assert settings["delete.retention.ms"] == str(30 * 24 * HOUR)


def test_the_manifests_are_the_topics_of_the_sample_tenants() -> None:
    manifests = list(yaml.safe_load_all(strimzi_manifests("notice")))
    written = {
        one["metadata"]["name"]: (one["spec"]["partitions"], one["spec"]["config"])
        for one in manifests
    }
    wanted = kafka_topics(SAMPLE_TENANTS)
    assert written == {topic.name: (topic.partitions, dict(topic.config)) for topic in wanted}
    assert len(manifests) == len(wanted)


def test_the_script_creates_every_topic_with_its_settings(tmp_path: Path) -> None:
    created = _create_topics(tmp_path, existing=[])
    wanted = {
        topic.name: {
            f"--partitions {topic.partitions}",
            "--replication-factor 1",
            *(f"--config {name}={value}" for name, value in topic.config.items()),
        }
        for topic in kafka_topics(TENANTS)
    }
    assert created == wanted


def test_the_script_leaves_topics_that_are_there(tmp_path: Path) -> None:
    existing = [topic.name for topic in kafka_topics(TENANTS)]
    missing = existing.pop()
    assert set(_create_topics(tmp_path, existing)) == {missing}


@pytest.mark.parametrize("arguments", [[], ["kafka:9092"], ["kafka:9092", "Storådal"]])
def test_the_script_says_what_it_needs(arguments: list[str]) -> None:
    done = subprocess.run([SCRIPT, *arguments], capture_output=True, check=False, encoding="utf-8")
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1


def test_the_script_says_where_kafka_is_missing() -> None:
    done = subprocess.run(
        [SCRIPT, "kafka:9092", "storaadal"],
        capture_output=True,
        check=False,
        encoding="utf-8",
        env={"PATH": "/usr/bin:/bin"},
    )
    assert done.returncode == 3
    assert "kafka-topics.sh is not on the PATH" in done.stderr


def _create_topics(folder: Path, existing: list[str]) -> dict[str, set[str]]:
    """Run the script against a stand-in for Kafka's command that notes what it is asked."""
    (folder / "existing").write_text("".join(f"{name}\n" for name in existing))
    command = folder / "kafka-topics.sh"
    command.write_text(
        "#!/bin/sh\n"
        f'case "$*" in *--list*) cat {folder}/existing ;; *) echo "$*" >>{folder}/asked ;; esac\n'
    )
    command.chmod(0o755)
    subprocess.run(
        [SCRIPT, "kafka:9092", *TENANTS],
        check=True,
        env={"PATH": f"{folder}:{os.environ['PATH']}", "REPLICATION_FACTOR": "1"},
    )
    asked = (folder / "asked").read_text().splitlines()
    return dict(_parsed(line) for line in asked)


def _parsed(line: str) -> tuple[str, set[str]]:
    words = line.split()
    pairs = [f"{name} {value}" for name, value in pairwise(words)]
    settings = ("--partitions ", "--replication-factor ", "--config ")
    return words[words.index("--topic") + 1], {one for one in pairs if one.startswith(settings)}
