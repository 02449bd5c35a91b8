"""How every client connects to Kafka, and what is said where Kafka does not let it in."""

import asyncio
import ssl
from collections.abc import Awaitable
from pathlib import Path
from typing import Any, Final, cast

import aiokafka.conn
from aiokafka.conn import AIOKafkaConnection, CloseReason, create_conn
from aiokafka.errors import (
    IllegalSaslStateError,
    KafkaConnectionError,
    KafkaError,
    SaslAuthenticationFailed,
    UnsupportedSaslMechanismError,
)
from sidemand.bus.errors import BusError
from sidemand.bus.settings import BusSettings

_KNOCK_SECONDS: Final = 5


class _Connection(AIOKafkaConnection):
    """Breaks in the same words whether it is lost while it is written to or just before.

    For the latter uvloop raises what aiokafka does not foresee (aio-libs/aiokafka issue 1038). It
    ends the task that it meets, without a word: the one that looks at the cluster, and then every
    lane of that client waits for ever, or the one that sends heartbeats.
    """

    def send(self, request: object, expect_response: bool = True) -> Awaitable[Any]:
        """See aiokafka. Raises `KafkaConnectionError`."""
        try:
            sent: Awaitable[Any] = cast("Any", super()).send(request, expect_response)
        except RuntimeError as error:
            cast("Any", self).close(reason=CloseReason.CONNECTION_BROKEN)
            raise KafkaConnectionError("the connection was lost") from error
        return sent


aiokafka.conn.AIOKafkaConnection = _Connection  # type: ignore[misc] # `create_conn` makes them


def connection(settings: BusSettings) -> dict[str, Any]:
    """The keyword arguments with which each of aiokafka's clients connects.

    Raises `BusError` where the settings contradict each other or a file cannot be read.
    """
    security = settings.kafka_security
    options: dict[str, Any] = {"bootstrap_servers": settings.kafka, "security_protocol": security}
    if security.endswith("SSL"):
        options["ssl_context"] = _tls(settings)
    if security.startswith("SASL"):
        options |= _login(settings)
    elif settings.kafka_user:
        raise BusError(
            f"SIDEMAND_KAFKA_USER is set, and SIDEMAND_KAFKA_SECURITY={security} has no login. "
            "Set it to SASL_SSL (or SASL_PLAINTEXT within a trusted network)."
        )
    return options


def no_kafka(settings: BusSettings) -> BusError:
    """Say that nobody answers, and what to do."""
    return BusError(
        f"No Kafka answers at {settings.kafka}. Start it there, or set SIDEMAND_KAFKA to its "
        "address, and SIDEMAND_KAFKA_SECURITY where it wants TLS or a login."
    )


async def not_let_in(settings: BusSettings) -> BusError | None:
    """Knock once, and say why Kafka does not let us in; none where nobody answers.

    aiokafka's clients say of a wrong password only that they could not connect.
    """
    options = connection(settings)
    host, _, port = str(options.pop("bootstrap_servers")).split(",")[0].rpartition(":")
    try:
        async with asyncio.timeout(_KNOCK_SECONDS):
            (await create_conn(host, int(port), **options)).close()
    except (SaslAuthenticationFailed, IllegalSaslStateError):
        return BusError(
            f"Kafka at {settings.kafka} does not know the user {settings.kafka_user} with this "
            f"password, by {settings.kafka_mechanism}. Look at SIDEMAND_KAFKA_USER, "
            "SIDEMAND_KAFKA_PASSWORD and SIDEMAND_KAFKA_MECHANISM."
        )
    except UnsupportedSaslMechanismError:
        return BusError(
            f"Kafka at {settings.kafka} offers no login by {settings.kafka_mechanism}. "
            "Set SIDEMAND_KAFKA_MECHANISM to one that it offers."
        )
    except ssl.SSLCertVerificationError as error:
        return BusError(
            f"The certificate of Kafka at {settings.kafka} is not trusted: "
            f"{error.verify_message}. Set SIDEMAND_KAFKA_CA_FILE to the certificate of its "
            "authority, and SIDEMAND_KAFKA to a name that stands in it."
        )
    except ssl.SSLError as error:
        return BusError(
            f"What answers at {settings.kafka} speaks no TLS that we understand "
            f"({error.reason}). Look at SIDEMAND_KAFKA_SECURITY and the port."
        )
    except (KafkaError, OSError, ValueError, TimeoutError):
        return None
    return None


def _login(settings: BusSettings) -> dict[str, Any]:
    password = settings.kafka_password.get_secret_value()
    if settings.kafka_password_file:
        password = _read(settings.kafka_password_file, "SIDEMAND_KAFKA_PASSWORD_FILE").strip()
    if not settings.kafka_user or not password:
        raise BusError(
            f"SIDEMAND_KAFKA_SECURITY={settings.kafka_security} needs SIDEMAND_KAFKA_USER, and "
            "SIDEMAND_KAFKA_PASSWORD or SIDEMAND_KAFKA_PASSWORD_FILE."
        )
    return {
        "sasl_mechanism": settings.kafka_mechanism,
        "sasl_plain_username": settings.kafka_user,
        "sasl_plain_password": password,
    }


def _tls(settings: BusSettings) -> ssl.SSLContext:
    authority, certificate = settings.kafka_ca_file, settings.kafka_certificate_file
    if authority:
        _read(authority, "SIDEMAND_KAFKA_CA_FILE")
    if certificate:
        _read(certificate, "SIDEMAND_KAFKA_CERTIFICATE_FILE")
    if settings.kafka_key_file:
        _read(settings.kafka_key_file, "SIDEMAND_KAFKA_KEY_FILE")
    try:
        context = ssl.create_default_context(cafile=authority)
        if certificate:
            context.load_cert_chain(certificate, settings.kafka_key_file)
    except ssl.SSLError as error:
        raise BusError(
            "SIDEMAND_KAFKA_CA_FILE, SIDEMAND_KAFKA_CERTIFICATE_FILE or SIDEMAND_KAFKA_KEY_FILE "
            f"is no such file in PEM form, or key and certificate do not belong together "
            f"({error.reason})."
        ) from None
    return context


def _read(path: Path, variable: str) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no text"
        raise BusError(f"{variable} names {path}, which cannot be read: {reason}.") from None
