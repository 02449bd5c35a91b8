"""A server in a Docker container."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from docker.errors import DockerException
from sidemand.testing.servers.availability import Unavailable
from sidemand.testing.servers.program import StartFailed, wait_until
from testcontainers.core.container import DockerContainer

_START_SECONDS = 120
_LOG_LINES = 15


@dataclass(frozen=True)
class Image:
    """What to run; `ports` maps the container's ports to the host's."""

    name: str
    ports: Mapping[int, int]
    environment: Mapping[str, str] = field(default_factory=dict)
    arguments: Sequence[str] = ()


class ContainerProgram:
    """A container; `ready` says whether the server in it answers. Raises `Unavailable`.

    The host's ports are fixed, so that its address outlives a stop.
    """

    origin = "Docker"

    def __init__(self, image: Image, ready: Callable[[], bool]) -> None:
        self._image = image
        self._ready = ready
        self._container = DockerContainer(image.name)
        self._created = False
        for inside, outside in image.ports.items():
            self._container.with_bind_ports(inside, outside)
        for name, value in image.environment.items():
            self._container.with_env(name, value)
        if image.arguments:
            self._container.with_command(list(image.arguments))

    def start(self) -> None:
        """Create the container, or start it again, and wait until the server answers."""
        if self._created:
            self._container.get_wrapped_container().start()
        else:
            self._create()
        if not wait_until(self._ready, _START_SECONDS):
            raise StartFailed(f"{self._image.name} does not answer; it logged last:\n{self._log()}")

    def stop(self) -> None:
        """Ask it to end, and wait until it has."""
        self._container.get_wrapped_container().stop(timeout=60)

    def kill(self) -> None:
        """End it at once."""
        container = self._container.get_wrapped_container()
        container.kill()
        container.wait()

    def discard(self) -> None:
        """Remove the container and its data."""
        if self._created:
            self._container.stop()

    def _create(self) -> None:
        try:
            self._container.start()
        except DockerException as error:
            raise Unavailable(f"Docker cannot run {self._image.name}: {error}") from error
        self._created = True

    def _log(self) -> str:
        output: bytes = self._container.get_wrapped_container().logs(tail=_LOG_LINES)
        return output.decode(errors="replace")
