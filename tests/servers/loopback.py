"""What both servers share: an event loop in a thread, HTTP and HTTPS on 127.0.0.1, and a certificate for any names."""

import asyncio
import ssl
import tempfile
import threading
from abc import ABC, abstractmethod
from collections.abc import Coroutine, Iterable
from pathlib import Path
from typing import Any, Self, TypeVar

import trustme

ADDRESS = "127.0.0.1"
T = TypeVar("T")


class LoopbackServer(ABC):
    """A context manager that serves HTTP on `http_port` and HTTPS on `port`, with a certificate for `hosts`.

    `ca_file` is the certificate of the throw-away authority that signed it, so that a client can check it as usual.
    """

    def __init__(self, hosts: Iterable[str], *, port: int = 0, http_port: int = 0) -> None:
        self.hosts = sorted(set(hosts))
        self.port = port
        self.http_port = http_port
        self._folder = tempfile.TemporaryDirectory()
        self.ca_file = str(Path(self._folder.name) / "ca.pem")
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def resolve_for(self, host: str, port: int = 443) -> str:
        """The override that sends URLs of `host` and `port` here: to `port` for 443, else to the plain `http_port`.

        In the form of `pipeline.images.addresses.parse_overrides`, HOST:PORT:ADDRESS:PORT. An unprivileged server
        cannot listen on 443, so unlike curl's, this form can name another port.
        """
        return f"{host}:{port}:{ADDRESS}:{self.port if port == 443 else self.http_port}"

    def __enter__(self) -> Self:
        authority = trustme.CA()
        authority.cert_pem.write_to_path(self.ca_file)
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        authority.issue_cert(*self.hosts).configure_cert(tls)
        self._thread.start()
        self.http_port, self.port = self._run(self._start(tls))
        return self

    def __exit__(self, *_: object) -> None:
        self._run(self._stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        self._folder.cleanup()

    @abstractmethod
    async def _start(self, tls: ssl.SSLContext) -> tuple[int, int]:
        """Listen; return the ports for HTTP and HTTPS."""

    @abstractmethod
    async def _stop(self) -> None:
        """Close every connection."""

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()
