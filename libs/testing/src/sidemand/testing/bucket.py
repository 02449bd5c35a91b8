"""An S3-compatible object store for one bucket, in a thread: it can be away and come back."""

import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs
from xml.sax.saxutils import escape, unescape

from sidemand.testing.servers.program import HOST, free_ports

ADDRESS = "s3://sidemand"


class Bucket:
    """Objects in memory that outlive an outage."""

    def __init__(self) -> None:
        (self._port,) = free_ports(1)
        self._objects: dict[str, bytes] = {}
        self._server: ThreadingHTTPServer | None = None

    @property
    def environment(self) -> dict[str, str]:
        """What a process needs to find it."""
        return {
            "SIDEMAND_OBJECTS": ADDRESS,
            "AWS_ENDPOINT_URL": f"http://{HOST}:{self._port}",
            "AWS_ALLOW_HTTP": "true",
            "AWS_SKIP_SIGNATURE": "true",
            "AWS_REGION": "nowhere",
        }

    def open(self) -> None:
        """Answer from now on."""
        self._server = ThreadingHTTPServer((HOST, self._port), _answering(self._objects))
        self._server.daemon_threads = True
        Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        """Refuse connections from now on."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None


def _answering(objects: dict[str, bytes]) -> type[BaseHTTPRequestHandler]:
    class Answer(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.0"  # one request a connection: none outlives an outage

        def do_PUT(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            objects[self.path] = body
            self._say(200, b"", _tag(body))

        def do_GET(self) -> None:
            path, _, query = self.path.partition("?")
            if query:
                self._say(200, _listing(objects, path, parse_qs(query)["prefix"][0]), "")
            elif path in objects:
                self._say(200, objects[path], _tag(objects[path]))
            else:
                self._say(404, b"", "")

        def do_POST(self) -> None:
            """Delete the objects whose keys the body lists."""
            wanted = self.rfile.read(int(self.headers["Content-Length"])).decode()
            keys = [unescape(key) for key in re.findall(r"<Key>(.*?)</Key>", wanted)]
            for key in keys:
                objects.pop(f"{self.path.partition('?')[0]}/{key}", None)
            deleted = "".join(f"<Deleted><Key>{escape(key)}</Key></Deleted>" for key in keys)
            self._say(200, f"<DeleteResult>{deleted}</DeleteResult>".encode(), "")

        def log_message(self, *args: object) -> None:
            """Say nothing."""

        def _say(self, status: int, body: bytes, tag: str) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Last-Modified", formatdate(usegmt=True))
            self.send_header("ETag", f'"{tag}"')
            self.end_headers()
            self.wfile.write(body)

    return Answer


def _listing(objects: dict[str, bytes], bucket: str, prefix: str) -> bytes:
    """What lies below `prefix`: the answer to S3's ListObjectsV2."""
    found = "".join(
        f"<Contents><Key>{escape(path.removeprefix(f'{bucket}/'))}</Key><Size>{len(body)}</Size>"
        f"<LastModified>2026-01-01T00:00:00.000Z</LastModified><ETag>{_tag(body)}</ETag></Contents>"
        for path, body in objects.items()
        if path.startswith(f"{bucket}/{prefix}")
    )
    return f"<ListBucketResult><IsTruncated>false</IsTruncated>{found}</ListBucketResult>".encode()


def _tag(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


@contextmanager
def bucket() -> Iterator[Bucket]:
    """A bucket that this process and those that it starts can find, until the block ends."""
    made = Bucket()
    before = {name: os.environ.get(name) for name in made.environment}
    os.environ.update(made.environment)
    made.open()
    try:
        yield made
    finally:
        made.close()
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
