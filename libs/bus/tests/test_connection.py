"""How clients connect: what the settings mean, and which of them contradict each other."""

import asyncio
import ssl
from pathlib import Path
from types import ModuleType

import pytest
import uvloop
from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaConnectionError
from aiokafka.protocol.metadata import MetadataRequest
from pydantic import SecretStr
from sidemand.bus import BusError, BusSettings
from sidemand.bus.connection import connection
from sidemand.bus.embedded import EmbeddedKafka

LOGIN: dict[str, object] = {"kafka_user": "redaction", "kafka_password": SecretStr("geheim")}


def settings(**changed: object) -> BusSettings:
    return BusSettings().model_copy(update=changed)


def test_without_security_a_client_learns_the_address_and_nothing_else() -> None:
    assert connection(settings(kafka="kafka:9092")) == {
        "bootstrap_servers": "kafka:9092",
        "security_protocol": "PLAINTEXT",
    }


@pytest.mark.parametrize("mechanism", ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"])
def test_a_login_within_a_trusted_network_has_no_tls(mechanism: str) -> None:
    options = connection(
        settings(kafka_security="SASL_PLAINTEXT", kafka_mechanism=mechanism, **LOGIN)
    )
    assert options["sasl_mechanism"] == mechanism
    assert options["sasl_plain_username"] == "redaction"
    assert options["sasl_plain_password"] == "geheim"
    assert "ssl_context" not in options


def test_tls_checks_whom_it_speaks_to() -> None:
    context = connection(settings(kafka_security="SASL_SSL", **LOGIN))["ssl_context"]
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname


def test_a_password_in_a_file_goes_before_the_variable(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("fra fil\n")
    asked = settings(kafka_security="SASL_PLAINTEXT", kafka_password_file=file, **LOGIN)
    assert connection(asked)["sasl_plain_password"] == "fra fil"


def test_no_password_stands_where_settings_are_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIDEMAND_KAFKA_PASSWORD", "geheim")
    read = BusSettings()
    assert read.kafka_password.get_secret_value() == "geheim"
    assert "geheim" not in f"{read!r} {read} {read.model_dump_json()}"


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"kafka_security": "SASL_SSL"}, "SASL_SSL needs SIDEMAND_KAFKA_USER, and SIDEMAND_KAFKA_"),
        ({"kafka_user": "redaction"}, "SIDEMAND_KAFKA_SECURITY=PLAINTEXT has no login. Set it to"),
        (
            {"kafka_security": "SSL", "kafka_ca_file": Path("/nowhere.pem")},
            "SIDEMAND_KAFKA_CA_FILE names /nowhere.pem, which cannot be read: No such file",
        ),
        (
            {"kafka_security": "SSL", "kafka_ca_file": Path(__file__)},
            "SIDEMAND_KAFKA_KEY_FILE is no such file in PEM form",
        ),
        (
            {"kafka_security": "SSL", "kafka_certificate_file": Path(__file__)},
            "SIDEMAND_KAFKA_KEY_FILE is no such file in PEM form",
        ),
        (
            {
                "kafka_security": "SASL_SSL",
                "kafka_user": "redaction",
                "kafka_password_file": Path("/nowhere"),
            },
            "SIDEMAND_KAFKA_PASSWORD_FILE names /nowhere, which cannot be read: No such file",
        ),
    ],
)
def test_settings_that_cannot_work_are_one_sentence(
    changed: dict[str, object], sentence: str
) -> None:
    with pytest.raises(BusError, match=sentence):
        connection(settings(**changed))


async def lost(kafka: str) -> bool:
    """Whether a connection that was lost a moment ago says so to whoever writes to it."""
    client = AIOKafkaClient(bootstrap_servers=kafka)
    await client.bootstrap()
    connection = await client._get_conn(client.get_random_node())
    connection._writer.transport.abort()
    await asyncio.sleep(0)  # the transport knows, and who reads from it does not yet
    try:
        with pytest.raises(KafkaConnectionError):
            await connection.send(MetadataRequest([]))
        return bool(await client.force_metadata_update())
    finally:
        await client.close()


@pytest.mark.parametrize("loop", [asyncio, uvloop])
def test_a_connection_that_was_lost_a_moment_ago_is_made_anew(
    kafka: EmbeddedKafka, loop: ModuleType
) -> None:
    assert loop.run(lost(kafka.bootstrap))
