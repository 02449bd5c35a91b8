"""The alert rules name metrics that the services have, and the handbook names the alerts."""

import re
from pathlib import Path
from typing import Any

import pytest
import sidemand.generation.metrics
import sidemand.ingestion.metrics
import sidemand.observability.metrics
import sidemand.retrieval.metrics  # noqa: F401 - each declares its metrics when it is imported
import yaml
from prometheus_client import REGISTRY
from sidemand.testing.processes import SERVICES

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "infra/observability"
HANDBOOK = (ROOT / "docs/operations.md").read_text("utf-8")
RULES: list[dict[str, Any]] = [
    rule
    for group in yaml.safe_load((FOLDER / "alerts.yaml").read_text("utf-8"))["groups"]
    for rule in group["rules"]
]
ENDINGS = {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count"), "gauge": ("",)}
SERIES = {
    f"{metric.name}{ending}"
    for metric in REGISTRY.collect()
    for ending in ENDINGS.get(metric.type, ())
}


OF_PROMETHEUS = {"up", "process_start_time_seconds"}
"""Series that Prometheus and its client make by themselves."""


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_an_alert_watches_a_metric_that_the_services_have(rule: dict[str, Any]) -> None:
    watched = set(re.findall(r"\bsidemand_\w+|\bprocess_\w+|\bup\b", rule["expr"]))
    assert watched
    assert watched <= SERIES | OF_PROMETHEUS


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_an_alert_says_what_is_wrong_and_the_handbook_what_to_do(rule: dict[str, Any]) -> None:
    name, severity = rule["alert"], rule["labels"]["severity"]
    assert severity in {"page", "ticket"}
    assert rule["annotations"]["summary"]
    assert rule["annotations"]["handbook"] == f"docs/operations.md#{name.lower()}"
    _, _, section = HANDBOOK.partition(f"\n### {name}\n")
    section, _, _ = section.partition("\n#")
    assert section.lstrip().startswith(f"*{severity}* · ")
    for part in ("Means", "Look", "Type", "Over when"):
        assert f"\n**{part}** " in section
    for watched in re.findall(r"\bsidemand_[a-z_]+?(?=_bucket|\b)", rule["expr"]):
        assert f"`{watched}`" in section


def test_the_handbook_names_no_metric_or_alert_that_is_not_there() -> None:
    named = set(re.findall(r"`(sidemand_\w+)", HANDBOOK))
    assert named <= SERIES | {series.removesuffix("_bucket") for series in SERIES}
    alerts = set(re.findall(r"^### (Sidemand[A-Z]\w+)$", HANDBOOK, re.M))
    assert alerts == {rule["alert"] for rule in RULES}


def test_every_service_is_asked_at_the_port_that_the_image_opens() -> None:
    scraping = yaml.safe_load((FOLDER / "prometheus.yaml").read_text("utf-8"))
    (port,) = re.findall(r"^EXPOSE (\d+)", (ROOT / "infra/docker/Dockerfile").read_text(), re.M)
    (job,) = scraping["scrape_configs"]
    (static,) = job["static_configs"]
    assert static["targets"] == [f"{service}:{port}" for service in SERVICES]
    assert (FOLDER / scraping["rule_files"][0]).is_file()
