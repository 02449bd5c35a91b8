"""docker-compose.yml, the Dockerfile and the manifests say what the services understand."""

import importlib.util
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

import pytest
import yaml
from obstore.exceptions import UnknownConfigurationKeyError
from obstore.store import S3Store
from pydantic_settings import BaseSettings
from sidemand.bus import BusSettings
from sidemand.testing.processes import SERVICES

if TYPE_CHECKING:
    from obstore.store import S3Config

ROOT = Path(__file__).parents[2]
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))
CONTAINERS: dict[str, Any] = COMPOSE["services"]
DOCKERFILE = (ROOT / "infra/docker/Dockerfile").read_text("utf-8")
MANIFESTS = sorted((ROOT / "infra/k8s").rglob("*.yaml"))
STORE_KEYS = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}


def settings_of(service: str) -> type[BaseSettings]:
    found: type[BaseSettings] = importlib.import_module(f"sidemand.{service}.settings").Settings
    return found


def variables_of(settings: type[BaseSettings]) -> set[str]:
    """The environment variables that `settings` reads."""
    prefix = settings.model_config["env_prefix"]
    return {f"{prefix}{field}".upper() for field in settings.model_fields if field != "bus"}


def environment_of(service: str) -> dict[str, str]:
    """What the container is given where nobody set a variable of his own."""
    given = CONTAINERS[service]["environment"]
    return {name: re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", str(it)) for name, it in given.items()}


def volumes() -> Iterator[tuple[str, str]]:
    """Container and source of every volume that is mounted."""
    for name, container in CONTAINERS.items():
        for volume in container.get("volumes", ()):
            yield name, volume.split(":")[0]


def test_the_five_services_are_what_is_built() -> None:
    assert [name for name, container in CONTAINERS.items() if "build" in container] == [*SERVICES]


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_is_built_from_its_own_lock_and_entry(service: str) -> None:
    build = CONTAINERS[service]["build"]
    assert build["args"] == {"SERVICE": service}
    assert (ROOT / build["context"] / build["dockerfile"]).is_file()
    assert (ROOT / "requirements" / f"{service}.txt").is_file()
    assert importlib.util.find_spec(f"sidemand.{service}.__main__")


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_reads_every_variable_that_it_is_given(service: str) -> None:
    read = variables_of(settings_of(service)) | variables_of(BusSettings)
    libraries = ("AWS_", "OTEL_")
    unread = {name for name in environment_of(service) if not name.startswith(libraries)} - read
    assert unread == set()


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_accepts_what_it_is_given(service: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ.keys() & variables_of(settings_of(service)):
        monkeypatch.delenv(name)
    for name, value in environment_of(service).items():
        monkeypatch.setenv(name, value)
    settings = settings_of(service)().model_dump()
    assert settings["bus"]["kafka"] == CONTAINERS[service]["environment"]["SIDEMAND_KAFKA"]


def test_the_object_store_s_client_knows_every_variable_of_its_own() -> None:
    given = {name: it for name, it in environment_of("ingestion").items() if name[:4] == "AWS_"}
    assert given.keys() >= STORE_KEYS
    open_bucket(given)
    with pytest.raises(UnknownConfigurationKeyError):
        open_bucket({**given, "AWS_ENDPONT": "http://objects"})


def open_bucket(variables: Mapping[str, str]) -> None:
    config = {name.lower(): value for name, value in variables.items()}
    S3Store("sidemand", config=cast("S3Config", config))


@pytest.mark.parametrize("service", SERVICES)
def test_every_host_that_a_service_is_given_starts_before_it(service: str) -> None:
    named = set(hosts_in(environment_of(service)))
    assert named >= {"kafka", "objects"}
    waited_for = set(CONTAINERS[service]["depends_on"])
    # Kafka starts before its topics are made, and the store before its bucket.
    assert waited_for >= {"topics", "bucket"}
    for made in ("topics", "bucket"):
        waited_for |= set(CONTAINERS[made]["depends_on"])
    assert named <= waited_for


def test_the_vault_is_a_database_of_redaction_alone() -> None:
    vault = urlsplit(environment_of("redaction")["REDACTION_DATABASE"]).hostname
    others = set(SERVICES) - {"redaction"}
    assert vault not in {host for other in others for host in hosts_in(environment_of(other))}


def test_the_bucket_that_is_made_is_the_one_that_the_services_use() -> None:
    bucket = environment_of("ingestion")["SIDEMAND_OBJECTS"].removeprefix("s3://")
    assert f"-name {bucket}'" in CONTAINERS["bucket"]["command"][0]


def hosts_in(environment: Mapping[str, str]) -> Iterator[str]:
    for name, value in environment.items():
        if name.endswith("_HOST"):
            yield value
        elif name == "SIDEMAND_KAFKA":
            yield from (address.split(":")[0] for address in value.split(","))
        elif "://" in value and not value.startswith("s3://"):
            yield urlsplit(value).hostname or ""


def test_every_container_that_is_waited_for_can_be_waited_for() -> None:
    for name, container in CONTAINERS.items():
        for other, wait in container.get("depends_on", {}).items():
            healthy = wait["condition"] == "service_healthy"
            assert other in CONTAINERS, f"{name} waits for {other}"
            assert not healthy or "healthcheck" in CONTAINERS[other], f"{name} waits for {other}"


def test_every_image_is_pinned_to_a_version() -> None:
    images = [it["image"] for it in CONTAINERS.values() if "image" in it]
    assert images
    assert [image for image in images if not re.search(r":v?\d+(\.\d+)*[\w.-]*$", image)] == []


def test_every_named_volume_is_declared_and_every_declared_one_used() -> None:
    assert {source for _, source in volumes() if "/" not in source} == set(COMPOSE["volumes"])


def test_every_mounted_file_is_in_the_repository() -> None:
    missing = [at for at in volumes() if at[1].startswith(".") and not (ROOT / at[1]).exists()]
    assert missing == []


def test_nothing_listens_beyond_this_machine() -> None:
    ports = [port for it in CONTAINERS.values() for port in it.get("ports", ())]
    assert [port for port in ports if not port.startswith("127.0.0.1:")] == []


def test_the_tenants_whose_topics_are_made_are_registered() -> None:
    _, script, _, *tenants = CONTAINERS["topics"]["command"]
    assert (ROOT / script.lstrip("/")).is_file()
    registered = yaml.safe_load((ROOT / "samples/tenants.yaml").read_text("utf-8"))
    assert {*tenants} <= {each["slug"] for each in registered["tenants"]}


def test_the_image_sets_only_what_the_bus_reads() -> None:
    variables = set(re.findall(r"\b(SIDEMAND_\w+)=", DOCKERFILE))
    assert variables
    assert variables <= variables_of(BusSettings)


def test_the_image_copies_what_is_there_and_runs_as_nobody_special() -> None:
    copied = re.findall(r"^COPY (?!--from)(\S+) ", DOCKERFILE, re.MULTILINE)
    expanded = [source.replace("${SERVICE}", service) for source in copied for service in SERVICES]
    assert [source for source in expanded if not (ROOT / source).exists()] == []
    users = re.findall(r"^USER (\S+)", DOCKERFILE, re.MULTILINE)
    assert users
    assert users[-1] not in {"root", "0"}


@pytest.mark.parametrize("path", MANIFESTS, ids=lambda path: path.name)
def test_a_manifest_can_be_applied_as_far_as_its_form_goes(path: Path) -> None:
    documents = list(yaml.safe_load_all(path.read_text("utf-8")))
    assert documents
    names = [(each["apiVersion"], each["kind"], each["metadata"]["name"]) for each in documents]
    assert sorted(names) == sorted(set(names))
    for _, _, name in names:
        assert re.fullmatch(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?", name)
