"""An entrance of Kafka that asks who one is: TLS, logins, and access lists behind it."""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sidemand.testing.servers.availability import run

_NAME = "GUARDED"
_PASSWORD = "only-for-tests"  # noqa: S105 - of a file that lives as long as a test
_PLAIN = "org.apache.kafka.common.security.plain.PlainLoginModule"


@dataclass(frozen=True)
class Entrance:
    """Where to knock, and whom to believe."""

    address: str
    authority: Path
    """The certificate, in PEM form, that Kafka's own is to be checked by."""


@dataclass(frozen=True)
class Certificate:
    """Kafka's key and certificate, which it signed itself."""

    keystore: Path
    authority: Path


@contextmanager
def certificate(java: str) -> Iterator[Certificate]:
    """Make a certificate for 127.0.0.1 with the keytool beside `java`, and remove it at the end."""
    beside = Path(java).with_name("keytool")
    keytool = str(beside) if beside.exists() else "keytool"
    with tempfile.TemporaryDirectory(prefix="sidemand-certificate-") as name:
        folder = Path(name)
        made = Certificate(folder / "kafka.p12", folder / "kafka.pem")
        store = ("-keystore", str(made.keystore), "-storepass", _PASSWORD, "-alias", "kafka")
        about = ("-dname", "CN=kafka-for-tests", "-ext", "san=ip:127.0.0.1", "-ext", "bc=ca:true")
        run(
            [keytool, "-genkeypair", "-keyalg", "EC", "-storetype", "PKCS12", *store, *about],
            folder=folder,
        )
        run([keytool, "-exportcert", "-rfc", "-file", str(made.authority), *store], folder=folder)
        yield made


def guard(entrance: Entrance, own: Certificate, users: Mapping[str, str]) -> Mapping[str, str]:
    """Kafka's settings for the entrance. Who comes in by another listener may do everything."""
    logins = " ".join(f'user_{name}="{password}"' for name, password in users.items())
    listener = f"listener.name.{_NAME.lower()}"
    return {
        "listeners": f"{_NAME}://{entrance.address}",
        "advertised.listeners": f"{_NAME}://{entrance.address}",
        "listener.security.protocol.map": f"{_NAME}:SASL_SSL",
        f"{listener}.sasl.enabled.mechanisms": "PLAIN",
        f"{listener}.plain.sasl.jaas.config": f"{_PLAIN} required {logins};",
        f"{listener}.ssl.keystore.location": str(own.keystore),
        f"{listener}.ssl.keystore.password": _PASSWORD,
        f"{listener}.ssl.key.password": _PASSWORD,
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "super.users": "User:ANONYMOUS",
    }
