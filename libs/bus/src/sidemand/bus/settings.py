"""How to reach Kafka, and how hard to work."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class BusSettings(BaseSettings):
    """Settings of the bus, from the environment with the prefix `SIDEMAND_`."""

    model_config = SettingsConfigDict(
        env_prefix="SIDEMAND_", frozen=True, use_attribute_docstrings=True
    )

    kafka: str = "127.0.0.1:9092"
    """Addresses of Kafka's brokers, `host:port`, separated by commas."""
    kafka_security: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = "PLAINTEXT"
    """How Kafka is spoken to: `SSL` is TLS, `SASL` a login with user and password."""
    kafka_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = "SCRAM-SHA-512"
    """How the login is done."""
    kafka_user: str = ""
    kafka_password: SecretStr = SecretStr("")
    kafka_password_file: Path | None = None
    """A file that holds the password, such as a mounted secret; it goes before the variable."""
    kafka_ca_file: Path | None = None
    """Certificates of the authorities that Kafka's is signed by; none: those of the system."""
    kafka_certificate_file: Path | None = None
    """Our own certificate, where Kafka asks clients for one."""
    kafka_key_file: Path | None = None
    """The key of our own certificate; none where it stands in the same file."""
    partitions: Annotated[int, Field(ge=1)] | None = None
    """Partitions of each topic but the dead letters, where a small cluster wants another count
    than the registry's. Chosen once: the partition of a case follows from it."""
    objects: str = "file://./var/objects"
    """Object store for bodies too large for Kafka: `file://folder`, `s3://bucket` or `memory://`."""
    health_port: Annotated[int, Field(ge=0, le=65535)] = 0
    """Port of `/live`, `/ready` and `/metrics`; 0 opens none."""
    health_host: str = "127.0.0.1"
    """Address that the health port listens on; `0.0.0.0` within a container."""
    member: str = ""
    """A name that outlives restarts, such as a StatefulSet's pod: a member of this name keeps its
    partitions when it comes back in time. Without one the others take over at once."""
    session_timeout_ms: Annotated[int, Field(ge=1000)] = 10_000
    """How long a member may be silent before the others take over its partitions."""
    fetch_max_wait_ms: Annotated[int, Field(ge=1)] = 500
    """How long the broker may hold a fetch for which it has nothing."""
    concurrency: Annotated[int, Field(ge=1)] = 8
    """Events of different keys that one subscription handles at the same time."""
    concurrency_beside_cases: Annotated[int, Field(ge=1)] = 1
    """Documents that one subscription handles at the same time while its service has cases in hand,
    or had one within ten seconds."""
    ahead_mb: Annotated[float, Field(gt=0)] = 48
    """Megabytes of events that one subscription takes up ahead of those that are handled. So far
    an event of a quiet tenant overtakes a flood; the partitions share it evenly."""
    most_inside: Annotated[int, Field(ge=1)] = 2_000
    """Events that may wait in the topics that all tenants share. While there are more, tenants
    share evenly what is handled there, and the rest of a flood waits in its own topic."""
    attempts: Annotated[int, Field(ge=1)] = 3
    """Attempts at an event that fails for an unknown reason, before it is a dead letter."""
    dead_letters_in_a_row: Annotated[int, Field(ge=1)] = 50
    """After so many dead letters without one success between them, the subscription stops."""
    drain_seconds: Annotated[float, Field(gt=0)] = 20.0
    """How long a stop or a rebalance waits for what is being handled."""
    start_seconds: Annotated[float, Field(gt=0)] = 30.0
    """How long a start waits for Kafka."""
    stuck_seconds: Annotated[float, Field(gt=0)] = 60.0
    """How long the event loop may stand still before the process says where, and ends."""
    log_form: Literal["json", "console"] = "json"
    """`json` or `console`."""
