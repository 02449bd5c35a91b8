"""A Kafka in this process, on a real TCP port, with nothing to install: for the demo and for tests.

It is the mock cluster inside librdkafka, which the `confluent-kafka` wheel carries (optional extra
`embedded`). Any Kafka client reaches it at `EmbeddedKafka.bootstrap`, from other processes too.
librdkafka calls this interface experimental, so the extra pins the minor version.

What it does as a broker does: topics with partitions, produce and fetch with any compression,
headers with null values, keys, tombstones, idempotent producers, consumer groups of one member,
committed offsets, subscription by pattern.

What it cannot do, so nothing may be proved on it that rests on it:

- **Keep data.** All is in memory and gone with the process; a partition keeps its newest 5 MiB (or
  100,000 batches) and silently drops the rest, read or not. No compaction, no retention by time.
- **Wake a waiting fetch.** A fetch answers when its wait is over, not when data comes. In this
  process a doorbell takes its place (`sidemand.bus.doorbell`); in another, a consumer needs a
  short `fetch_max_wait_ms`, or a hop takes up to half a second.
- **Change a group at once.** Whatever changes it (a topic new to a pattern, a restart of its
  consumer) takes `session_timeout_ms` less one second: 9 s by default, 1 s with 2,000. So create
  topics before consumers start.
- **Groups of several members.** A member that asks for its assignment after the leader has handed
  it in gets INVALID_REQUEST and cannot join. A static member (`group_instance_id`) that restarts
  counts as a second one, until the first times out: 19 s by default.
- **Refuse an unknown topic.** Admin clients can describe topics but not create them (`create_topic`
  here takes their place), and a topic that a client names first appears, with four partitions.
- **Deduplicate or fence.** Sequence numbers are checked only inside transactions: what a producer
  sends twice is there twice. No access control, no TLS, no replicas.
"""

from __future__ import annotations

import ctypes
import functools
import importlib.metadata
import os
import socket
import time
from ctypes import POINTER, c_char_p, c_int, c_int16, c_int32, c_size_t, c_void_p
from enum import IntEnum
from pathlib import Path
from typing import Self

from aiokafka.errors import BrokerResponseError
from sidemand.bus.doorbell import hang_doorbell, take_down_doorbell

HOST = "127.0.0.1"
_BROKER = 1
_PRODUCER = 0
_TOPIC_ALREADY_EXISTS = 36
_BETWEEN_COMMANDS = 0.002

# Name of the C function: its result, its arguments (librdkafka's rdkafka.h and rdkafka_mock.h).
_SIGNATURES: dict[str, tuple[type | None, list[type]]] = {
    "rd_kafka_err2str": (c_char_p, [c_int]),
    "rd_kafka_conf_new": (c_void_p, []),
    "rd_kafka_conf_set": (c_int, [c_void_p, c_char_p, c_char_p, c_char_p, c_size_t]),
    "rd_kafka_new": (c_void_p, [c_int, c_void_p, c_char_p, c_size_t]),
    "rd_kafka_destroy": (None, [c_void_p]),
    "rd_kafka_mock_cluster_new": (c_void_p, [c_void_p, c_int]),
    "rd_kafka_mock_cluster_destroy": (None, [c_void_p]),
    "rd_kafka_mock_cluster_bootstraps": (c_char_p, [c_void_p]),
    "rd_kafka_mock_set_controller_id": (c_int, [c_void_p, c_int32]),
    "rd_kafka_mock_group_initial_rebalance_delay_ms": (None, [c_void_p, c_int32]),
    "rd_kafka_mock_topic_create": (c_int, [c_void_p, c_char_p, c_int, c_int]),
    "rd_kafka_mock_topic_set_error": (None, [c_void_p, c_char_p, c_int]),
    "rd_kafka_mock_broker_set_down": (c_int, [c_void_p, c_int32]),
    "rd_kafka_mock_broker_set_up": (c_int, [c_void_p, c_int32]),
    "rd_kafka_mock_broker_set_rtt": (c_int, [c_void_p, c_int32, c_int]),
    "rd_kafka_mock_broker_set_host_port": (None, [c_void_p, c_int32, c_char_p, c_int]),
    "rd_kafka_mock_push_request_errors_array": (
        None,
        [c_void_p, c_int16, c_size_t, POINTER(c_int)],
    ),
}


class EmbeddedKafkaError(RuntimeError):
    """The embedded Kafka cannot do what it was asked; the text says why and what helps."""


class Request(IntEnum):
    """The requests that can be made to fail: Kafka's API keys (Kafka protocol guide)."""

    PRODUCE = 0
    FETCH = 1
    LIST_OFFSETS = 2
    OFFSET_COMMIT = 8
    OFFSET_FETCH = 9
    FIND_COORDINATOR = 10
    JOIN_GROUP = 11
    HEARTBEAT = 12
    SYNC_GROUP = 14
    INIT_PRODUCER_ID = 22


class EmbeddedKafka:
    """One broker in memory, from `start` (or `with`) to `close`.

    `port` 0 takes a free one. A chosen port works on Linux and macOS, and excludes `stop_broker`.
    """

    def __init__(self, port: int = 0) -> None:
        self._wanted_port = port
        self._port = port
        self._topics: dict[str, int] = {}
        self._client: int | None = None
        self._cluster: int | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def bootstrap(self) -> str:
        """The address for clients, `host:port`."""
        self._running()
        return f"{HOST}:{self._port}"

    def start(self) -> None:
        """Listen. Raises `EmbeddedKafkaError` where the port is taken or the extra is missing."""
        if self._cluster is not None:
            return
        library = _librdkafka()
        self._client = _new_client(library)
        self._cluster = library.rd_kafka_mock_cluster_new(self._client, 1)
        if self._cluster is None:
            self.close()
            raise EmbeddedKafkaError("librdkafka could not open a port on the loopback interface")
        bootstraps: bytes = library.rd_kafka_mock_cluster_bootstraps(self._cluster)
        self._port = int(bootstraps.decode().rpartition(":")[2])
        # Admin clients look for a controller before they ask anything.
        library.rd_kafka_mock_set_controller_id(self._cluster, _BROKER)
        # The time that a group waits for further members, which there never are.
        library.rd_kafka_mock_group_initial_rebalance_delay_ms(self._cluster, 0)
        if self._wanted_port:
            self._move_or_close(self._wanted_port)
        hang_doorbell(self.bootstrap)

    def close(self) -> None:
        """Drop every connection and all data. Closing twice changes nothing."""
        if self._cluster is not None:
            take_down_doorbell(self.bootstrap)
            _librdkafka().rd_kafka_mock_cluster_destroy(self._cluster)
        if self._client is not None:
            _librdkafka().rd_kafka_destroy(self._client)
        self._cluster = self._client = None
        self._topics.clear()

    def create_topic(self, name: str, partitions: int) -> None:
        """Create a topic; asking again for the same one changes nothing.

        Raises `EmbeddedKafkaError` where it exists with another number of partitions.
        """
        if self._topics.get(name) == partitions:
            return
        error = _librdkafka().rd_kafka_mock_topic_create(
            self._running(), name.encode(), partitions, 1
        )
        if error == _TOPIC_ALREADY_EXISTS:
            raise EmbeddedKafkaError(
                f"topic {name} exists, and not with {partitions} partitions as asked; "
                "create topics once, and before a client names them"
            )
        _check(error, f"create topic {name}")
        self._topics[name] = partitions
        # A second command within half a millisecond can miss the mock's wake-up, and waits 1 s.
        time.sleep(_BETWEEN_COMMANDS)

    def stop_broker(self) -> None:
        """Cut every connection and refuse new ones, until `start_broker`. The data stays."""
        if self._wanted_port:
            # librdkafka would go back to its first port, and aborts if that is taken by then.
            raise EmbeddedKafkaError("only an embedded Kafka on a free port (0) can be stopped")
        _check(
            _librdkafka().rd_kafka_mock_broker_set_down(self._running(), _BROKER),
            "stop the broker",
        )

    def start_broker(self) -> None:
        """Take connections again, after `stop_broker`."""
        _check(
            _librdkafka().rd_kafka_mock_broker_set_up(self._running(), _BROKER),
            "start the broker",
        )

    def fail_requests(self, request: Request, *errors: type[BrokerResponseError]) -> None:
        """Answer the next `len(errors)` requests of that kind with these errors, in this order."""
        codes = (c_int * len(errors))(*(error.errno for error in errors))
        _librdkafka().rd_kafka_mock_push_request_errors_array(
            self._running(), request, len(errors), codes
        )

    def fail_topic(self, name: str, error: type[BrokerResponseError] | None) -> None:
        """Answer for the topic with this error, until called with None."""
        code = 0 if error is None else error.errno
        _librdkafka().rd_kafka_mock_topic_set_error(self._running(), name.encode(), code)

    def _running(self) -> int:
        if self._cluster is None:
            raise EmbeddedKafkaError("the embedded Kafka is not running; call start() first")
        return self._cluster

    def _move_or_close(self, port: int) -> None:
        try:
            self._move_to(port)
        except BaseException:
            self.close()
            raise

    def _move_to(self, port: int) -> None:
        """Put a listening socket of our own in the place of the mock's, and advertise that one.

        librdkafka lets no one choose the port that it listens on, only the one that it advertises.
        """
        with _listen(port) as listener:
            os.dup2(listener.fileno(), _descriptor_bound_to(self._port), inheritable=False)
        library = _librdkafka()
        library.rd_kafka_mock_broker_set_host_port(self._running(), _BROKER, HOST.encode(), port)
        # Any command makes the mock's thread poll anew, and so see the new socket.
        library.rd_kafka_mock_broker_set_rtt(self._running(), _BROKER, 0)
        self._port = port


def _listen(port: int) -> socket.socket:
    listener = socket.socket()
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST, port))
        listener.listen()
        # The mock's thread must never wait in accept for a caller that has gone again.
        listener.setblocking(False)
    except (OSError, OverflowError) as error:
        listener.close()
        raise EmbeddedKafkaError(f"port {port} cannot be used ({error}); choose another") from error
    return listener


def _descriptor_bound_to(port: int) -> int:
    """The file descriptor in this process of the socket that is bound to `port`."""
    for entry in Path("/dev/fd").glob("*"):
        try:
            with socket.socket(fileno=os.dup(int(entry.name))) as copy:
                if copy.family == socket.AF_INET and copy.getsockname() == (HOST, port):
                    return int(entry.name)
        except OSError:  # no socket, or closed meanwhile
            continue
    raise EmbeddedKafkaError("this system does not let the port be chosen; use port 0")


def _new_client(library: ctypes.CDLL) -> int:
    """The librdkafka client that the mock cluster hangs on; it connects to nothing."""
    error = ctypes.create_string_buffer(512)
    configuration = library.rd_kafka_conf_new()
    # Critical only: it would tell on standard error of every client that goes.
    library.rd_kafka_conf_set(configuration, b"log_level", b"2", error, len(error))
    client: int | None = library.rd_kafka_new(_PRODUCER, configuration, error, len(error))
    if client is None:
        raise EmbeddedKafkaError(f"librdkafka did not start: {error.value.decode()}")
    return client


def _check(error: int, what: str) -> None:
    if error:
        reason: bytes = _librdkafka().rd_kafka_err2str(error)
        raise EmbeddedKafkaError(f"the embedded Kafka did not {what}: {reason.decode()}")


@functools.cache
def _librdkafka() -> ctypes.CDLL:
    library = ctypes.CDLL(_path_of_librdkafka())
    for name, (result, arguments) in _SIGNATURES.items():
        function = getattr(library, name)
        function.restype = result
        function.argtypes = arguments
    return library


def _path_of_librdkafka() -> str:
    try:
        files = importlib.metadata.files("confluent-kafka") or []
    except importlib.metadata.PackageNotFoundError as error:
        raise EmbeddedKafkaError(
            "the embedded Kafka needs the package confluent-kafka: "
            "install sidemand-bus[embedded], or name a real Kafka"
        ) from error
    for file in files:
        if file.name.startswith("librdkafka") and file.suffix != ".py":
            return str(file.locate())
    raise EmbeddedKafkaError(
        "this build of confluent-kafka carries no librdkafka; "
        "install its wheel, or name a real Kafka"
    )
