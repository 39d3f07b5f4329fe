"""A web server that does what the worst of the web does; the path of the URL chooses what."""

import asyncio
import collections
import contextlib
import gzip
import io
import itertools
import socket
import ssl
import struct
import zlib
from collections.abc import Awaitable, Callable, Iterable
from urllib.parse import unquote

import brotli
from PIL import Image

from tests.servers.loopback import ADDRESS, LoopbackServer

HOST = "adversary.example"


def picture() -> bytes:
    """A small PNG with many colours."""
    written = io.BytesIO()
    Image.radial_gradient("L").resize((80, 60)).save(written, "PNG")
    return written.getvalue()


PICTURE = picture()
BOMB = gzip.compress(bytes(50_000_000))


class Connection:
    """The server's end of one connection; counts what it sends for a path."""

    def __init__(self, writer: asyncio.StreamWriter, server: "AdversarialServer", path: str) -> None:
        self.writer = writer
        self.server = server
        self.path = path

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()
        self.server.bytes_sent[self.path] += len(data)

    async def answer(self, *headers: str, body: bytes = b"", status: str = "200 OK", length: int | None = None) -> None:
        """Send a response; `length` is what Content-Length says, if not the truth."""
        head = [f"HTTP/1.1 {status}", "Content-Type: image/png", f"Content-Length: {length or len(body)}", *headers]
        await self.send("\r\n".join([*head, "", ""]).encode("latin-1") + body)

    async def head_only(self, *headers: str) -> None:
        await self.send("\r\n".join(["HTTP/1.1 200 OK", "Content-Type: image/png", *headers, "", ""]).encode("latin-1"))


Behaviour = Callable[["AdversarialServer", Connection, str], Awaitable[bool | None]]
BEHAVIOURS: dict[str, Behaviour] = {}


def behaviour(function: Behaviour) -> Behaviour:
    """Register under the function's name, `-` for `_`. It returns True to keep the connection open."""
    BEHAVIOURS[function.__name__.replace("_", "-")] = function
    return function


class AdversarialServer(LoopbackServer):
    """Serves `/BEHAVIOUR` and `/BEHAVIOUR/ARGUMENT`, see the functions below; 404 for any other path.

    `requests` lists the paths in order, `connections` counts connections, `bytes_sent` counts by path.
    """

    def __init__(self, hosts: Iterable[str] = (HOST,), *, port: int = 0, http_port: int = 0) -> None:
        super().__init__(hosts, port=port, http_port=http_port)
        self.requests: list[str] = []
        self.heads: list[bytes] = []
        self.connections = 0
        self.bytes_sent: collections.Counter[str] = collections.Counter()
        self.serial = itertools.count()
        self._tasks: set[asyncio.Task[None]] = set()

    def url(self, path: str, scheme: str = "http") -> str:
        """The URL of a behaviour by name; it needs `resolve`."""
        return f"{scheme}://{self.hosts[0]}/{path}"

    @property
    def resolve(self) -> tuple[str, ...]:
        return tuple(self.resolve_for(host, port) for host in self.hosts for port in (80, 443))

    async def _start(self, tls: ssl.SSLContext) -> tuple[int, int]:
        self._plain = await asyncio.start_server(self._serve, ADDRESS, self.http_port)
        self._secure = await asyncio.start_server(self._serve, ADDRESS, self.port, ssl=tls)
        return self._plain.sockets[0].getsockname()[1], self._secure.sockets[0].getsockname()[1]

    async def _stop(self) -> None:
        self._plain.close()
        self._secure.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.connections += 1
        try:
            keep_open: bool | None = True
            while keep_open:
                head = await reader.readuntil(b"\r\n\r\n")
                path = head.split(b" ", 2)[1].decode("latin-1")
                self.requests.append(path)
                self.heads.append(head)
                name, _, argument = path.removeprefix("/").partition("/")
                keep_open = await BEHAVIOURS.get(name, missing)(self, Connection(writer, self, path), argument)
        except (asyncio.IncompleteReadError, OSError):
            pass  # the client went away
        finally:
            self._tasks.discard(task)
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()


async def missing(_server: AdversarialServer, connection: Connection, _argument: str) -> bool:
    await connection.answer(status="404 Not Found")
    return True


@behaviour
async def image(_server: AdversarialServer, connection: Connection, _argument: str) -> bool:
    """A good image; the connection stays open."""
    await connection.answer(body=PICTURE)
    return True


@behaviour
async def changing(server: AdversarialServer, connection: Connection, _argument: str) -> bool:
    """Other bytes each time."""
    await connection.answer(body=PICTURE + b"%d" % next(server.serial))
    return True


@behaviour
async def closing(_server: AdversarialServer, connection: Connection, _argument: str) -> None:
    """A good image, then the connection closes without having said so."""
    await connection.answer(body=PICTURE)


@behaviour
async def no_length(_server: AdversarialServer, connection: Connection, _argument: str) -> None:
    """A good image that ends with the connection."""
    await connection.head_only()
    await connection.send(PICTURE)


@behaviour
async def chunked(_server: AdversarialServer, connection: Connection, _argument: str) -> bool:
    """A good image in chunks of 100 bytes."""
    await connection.head_only("Transfer-Encoding: chunked")
    for start in range(0, len(PICTURE), 100):
        chunk = PICTURE[start : start + 100]
        await connection.send(b"%x\r\n%b\r\n" % (len(chunk), chunk))
    await connection.send(b"0\r\n\r\n")
    return True


@behaviour
async def status(_server: AdversarialServer, connection: Connection, argument: str) -> bool:
    """The status of the argument, with a page as body."""
    await connection.answer(status=f"{argument} As Asked", body=b"<h1>No</h1>")
    return True


@behaviour
async def empty(_server: AdversarialServer, connection: Connection, _argument: str) -> bool:
    await connection.answer()
    return True


@behaviour
async def drip(_server: AdversarialServer, connection: Connection, _argument: str) -> None:
    """One byte each half second, so that no single read ever times out."""
    await connection.head_only(f"Content-Length: {len(PICTURE)}")
    for byte in PICTURE:
        await connection.send(bytes([byte]))
        await asyncio.sleep(0.5)


@behaviour
async def slow_headers(_server: AdversarialServer, connection: Connection, _argument: str) -> None:
    """Headers without end, one each half second."""
    await connection.send(b"HTTP/1.1 200 OK\r\n")
    for number in itertools.count():
        await connection.send(b"X-%d: y\r\n" % number)
        await asyncio.sleep(0.5)


@behaviour
async def never(_server: AdversarialServer, _connection: Connection, _argument: str) -> None:
    """No answer at all."""
    await asyncio.sleep(3600)


@behaviour
async def endless(_server: AdversarialServer, connection: Connection, _argument: str) -> None:
    """A body without length and without end."""
    await connection.head_only()
    while True:
        await connection.send(bytes(65536))


@behaviour
async def endless_chunks(_server: AdversarialServer, connection: Connection, _argument: str) -> None:
    await connection.head_only("Transfer-Encoding: chunked")
    while True:
        await connection.send(b"10000\r\n" + bytes(65536) + b"\r\n")


@behaviour
async def oversize(_server: AdversarialServer, connection: Connection, _argument: str) -> None:
    """A Content-Length of a terabyte, and the will to send it."""
    await connection.head_only(f"Content-Length: {10**12}")
    while True:
        await connection.send(bytes(65536))


@behaviour
async def truncated(_server: AdversarialServer, connection: Connection, _argument: str) -> None:
    """The connection closes after half of the body."""
    await connection.answer(body=PICTURE[: len(PICTURE) // 2], length=len(PICTURE))


@behaviour
async def truncated_chunks(_server: AdversarialServer, connection: Connection, _argument: str) -> None:
    """The connection closes inside a chunk."""
    await connection.head_only("Transfer-Encoding: chunked")
    await connection.send(b"%x\r\n" % len(PICTURE) + PICTURE[:10])


@behaviour
async def reset(_server: AdversarialServer, connection: Connection, _argument: str) -> None:
    """A TCP reset after half of the body."""
    await connection.answer(body=PICTURE[: len(PICTURE) // 2], length=len(PICTURE))
    await asyncio.sleep(0.1)  # or the reset overtakes the headers
    raw = connection.writer.get_extra_info("socket")
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.writer.transport.abort()


@behaviour
async def hang_up(_server: AdversarialServer, _connection: Connection, _argument: str) -> None:
    """The connection closes before the headers."""


@behaviour
async def garbage(_server: AdversarialServer, connection: Connection, _argument: str) -> None:
    """Not HTTP."""
    await connection.send(b"SSH-2.0-OpenSSH_9.6\r\n" * 10)


@behaviour
async def bad_chunks(_server: AdversarialServer, connection: Connection, _argument: str) -> None:
    """Chunked by its headers, but not by its body."""
    await connection.head_only("Transfer-Encoding: chunked")
    await connection.send(PICTURE)


@behaviour
async def huge_header(_server: AdversarialServer, connection: Connection, _argument: str) -> None:
    await connection.answer("X-Huge: " + "x" * 1_000_000, body=PICTURE)


@behaviour
async def many_headers(_server: AdversarialServer, connection: Connection, _argument: str) -> None:
    await connection.answer(*(f"X-{number}: y" for number in range(10_000)), body=PICTURE)


@behaviour
async def odd_headers(_server: AdversarialServer, connection: Connection, _argument: str) -> None:
    """Repeated, mixed in case, not ASCII (in the reason phrase neither), empty."""
    headers = ("X-RoBots-Tag: noindex", "x-robots-tag: noai", "X-Name: \xe9t\xe9", "X-Empty:")
    await connection.answer(*headers, body=PICTURE, status="200 Tr\xe8s bien")


@behaviour
async def redirect_loop(_server: AdversarialServer, connection: Connection, _argument: str) -> bool:
    await connection.answer("Location: /redirect-loop", status="302 Found")
    return True


@behaviour
async def redirect_chain(_server: AdversarialServer, connection: Connection, argument: str) -> bool:
    """As many redirects as the argument says, then a good image."""
    left = int(argument)
    target = f"/redirect-chain/{left - 1}" if left > 1 else "/image"
    await connection.answer(f"Location: {target}", status="301 Moved Permanently")
    return True


@behaviour
async def redirect_to(_server: AdversarialServer, connection: Connection, argument: str) -> bool:
    """To the URL that the argument is once percent-decoded."""
    await connection.answer(f"Location: {unquote(argument)}", status="307 Temporary Redirect")
    return True


@behaviour
async def redirect_nowhere(_server: AdversarialServer, connection: Connection, _argument: str) -> bool:
    """A redirect that does not say where to."""
    await connection.answer(status="302 Found", body=PICTURE)
    return True


@behaviour
async def encoded(_server: AdversarialServer, connection: Connection, argument: str) -> bool:
    """A good image in the encoding of the argument: gzip, deflate, bare-deflate, br, twice, unknown."""
    encoding, body = {
        "gzip": ("gzip", gzip.compress(PICTURE)),
        "deflate": ("deflate", zlib.compress(PICTURE)),
        "bare-deflate": ("deflate", zlib.compress(PICTURE)[2:-4]),
        "br": ("br", brotli.compress(PICTURE)),
        "twice": ("deflate, gzip", gzip.compress(zlib.compress(PICTURE))),
        "unknown": ("zebra", PICTURE),
    }[argument]
    await connection.answer(f"Content-Encoding: {encoding}", body=body)
    return True


@behaviour
async def wrong_encoding(_server: AdversarialServer, connection: Connection, _argument: str) -> bool:
    """Says gzip and is not."""
    await connection.answer("Content-Encoding: gzip", body=PICTURE)
    return True


@behaviour
async def gzip_bomb(_server: AdversarialServer, connection: Connection, _argument: str) -> bool:
    """48 kB that expand to 50 MB."""
    await connection.answer("Content-Encoding: gzip", body=BOMB)
    return True
