"""Real servers for tests: Kafka, Weaviate and PostgreSQL.

    with kafka_server() as server:
        producer = AIOKafkaProducer(bootstrap_servers=server.bootstrap)

Each comes from Docker where a daemon answers, else natively where the machine has what it needs;
where neither is so, `Unavailable` says what is missing. `python -m sidemand.testing.servers fetch`
downloads and builds ahead of the tests. Servers end with the process that started them.
"""

from sidemand.testing.servers.availability import Unavailable
from sidemand.testing.servers.kafka import KafkaServer, guarded_kafka_server, kafka_server
from sidemand.testing.servers.postgres import PostgresServer, postgres_server
from sidemand.testing.servers.program import Program, StartFailed
from sidemand.testing.servers.weaviate import WeaviateServer, weaviate_server

__all__ = [
    "KafkaServer",
    "PostgresServer",
    "Program",
    "StartFailed",
    "Unavailable",
    "WeaviateServer",
    "guarded_kafka_server",
    "kafka_server",
    "postgres_server",
    "weaviate_server",
]
