"""Fetch image URLs from a web that is slow, broken and sometimes hostile.

One pool of connections, one TLS context and one deadline a URL; redirects are followed here, not by the library, so
that each hop is checked like the first (scheme, port, address). See `addresses` for what may be connected to.
"""

import asyncio
import contextlib
import ssl
from collections import defaultdict
from collections.abc import AsyncGenerator, Iterable
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv6Address

import aiohttp
from aiohttp.resolver import DefaultResolver
from yarl import URL

from pipeline.images.addresses import PrivateAddressError, PublicResolver, is_public, literal_address, parse_overrides

SCHEMES = ("http", "https")
REDIRECTS = (301, 302, 303, 307, 308)
# Ports below 1024 belong to other protocols (RFC 6335, system ports); a request there could be taken for theirs.
FIRST_USER_PORT = 1024
WEB_PORTS = (80, 443)
# DNS answers are kept this long within one call of `fetch`; aiohttp's default of 10 s asks too often for one host.
DNS_CACHE_S = 300


@dataclass(frozen=True)
class FetchLimits:
    """Bounds on one URL (the first three) and on the whole call."""

    deadline_s: float  # connecting, all redirects and the body together; waiting for a free connection is not counted
    max_bytes: int  # of the body as received
    max_redirects: int
    connections: int  # at once, over all hosts; also how many bodies are held before the caller takes them
    connections_per_host: int


@dataclass(frozen=True)
class Access:
    """Who asks, and what may be reached."""

    user_agent: str  # should name the crawler and a page about it
    allow_private_addresses: bool = False
    resolve: tuple[str, ...] = ()  # HOST:PORT:ADDRESS, see `addresses.parse_overrides`
    ca_file: str | None = None  # PEM file of the certificate authorities to trust instead of the system's


@dataclass(frozen=True)
class Response:
    """A complete answer, whatever its status; redirects that were followed are not answers."""

    url: str  # as asked for
    final_url: str  # that answered
    status: int
    reason_phrase: str  # bytes as Latin-1, like the headers
    http_version: str  # "HTTP/1.1"
    headers: tuple[tuple[str, str], ...]  # in the order received; bytes as Latin-1, so that they can be given back
    body: bytes  # without transfer encoding, with content encoding (see `crawl.http_body`)


@dataclass(frozen=True)
class Failure:
    """No answer.

    `reason` is one of: bad_url, scheme, port, private_address, dns, connect, tls, timeout, disconnected (before the
    headers were complete), bad_response (not HTTP, or headers over aiohttp's limits), incomplete_body, too_large,
    too_many_redirects.
    """

    reason: str
    detail: str


def check_access(access: Access) -> None:
    """Raise what `fetch` would: `ValueError` for a malformed `resolve`, `OSError` for an unreadable `ca_file`."""
    parse_overrides(access.resolve)
    _tls_context(access.ca_file)


async def fetch(
    urls: Iterable[str], limits: FetchLimits, access: Access
) -> AsyncGenerator[tuple[str, Response | Failure], None]:
    """Yield (url, outcome) for each of `urls`, in the order in which they end; a slow URL holds up no other.

    `urls` is one unit of work, some thousand URLs. The network waits while the caller does: work on an outcome
    belongs into `asyncio.to_thread`. Leave early only under `contextlib.aclosing`. Raises `ValueError` for a
    malformed `access.resolve` and `OSError` for an unreadable `access.ca_file`.
    """
    overrides = parse_overrides(access.resolve)
    tls = _tls_context(access.ca_file)
    async with contextlib.AsyncExitStack() as stack:
        resolver = PublicResolver(DefaultResolver(), overrides, allow_private=access.allow_private_addresses)
        stack.push_async_callback(resolver.close)
        connector = aiohttp.TCPConnector(
            limit=0,  # `_Fetch` counts, so that waiting for a connection is not charged to the deadline
            resolver=resolver,
            ssl=tls,
            ttl_dns_cache=DNS_CACHE_S,
        )
        session = await stack.enter_async_context(
            aiohttp.ClientSession(
                connector=connector,
                timeout=aiohttp.ClientTimeout(total=None),
                auto_decompress=False,
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"User-Agent": access.user_agent, "Accept-Encoding": "gzip, deflate, identity"},
            )
        )
        work = _Fetch(session, limits, access)
        tasks = [asyncio.create_task(work.run(url)) for url in urls]
        try:
            for _ in tasks:
                result = await work.results.get()
                if isinstance(result, Exception):
                    raise result
                yield result
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


@lru_cache
def _tls_context(ca_file: str | None) -> ssl.SSLContext:
    """Built once a process: reading the certificate authorities costs some 30 ms."""
    return ssl.create_default_context(cafile=ca_file)


class _Problem(Exception):
    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(reason, detail)
        self.failure = Failure(reason, detail)


class _Fetch:
    """What the tasks of one call share."""

    def __init__(self, session: aiohttp.ClientSession, limits: FetchLimits, access: Access) -> None:
        self.session = session
        self.limits = limits
        self.access = access
        self.slots = asyncio.Semaphore(limits.connections)
        self.host_slots: defaultdict[str, asyncio.Semaphore] = defaultdict(
            lambda: asyncio.Semaphore(limits.connections_per_host)
        )
        self.results: asyncio.Queue[tuple[str, Response | Failure] | Exception] = asyncio.Queue(maxsize=1)

    async def run(self, url: str) -> None:
        """Put exactly one result for `url`."""
        try:
            await self.follow(url)
        except _Problem as problem:
            await self.results.put((url, problem.failure))
        except Exception as error:  # noqa: BLE001 - a defect of ours, not the web's: `fetch` raises it
            await self.results.put(error)

    async def follow(self, url: str) -> None:
        """Request `url` and where it redirects to; put the response, or raise `_Problem`."""
        left_s = self.limits.deadline_s
        clock = asyncio.get_running_loop().time
        target = self.checked(url)
        for _ in range(self.limits.max_redirects + 1):
            # The host's slot first: URLs that wait for a busy host must not hold the slots of others. A response
            # keeps both until it is taken, which bounds the bodies in memory.
            async with self.host_slots[target.raw_host or ""], self.slots:
                started = clock()
                try:
                    async with asyncio.timeout(left_s):
                        answer = await self.request(url, target)
                except TimeoutError as error:
                    raise _Problem("timeout", f"not complete after {self.limits.deadline_s} s") from error
                left_s -= clock() - started
                if isinstance(answer, Response):
                    await self.results.put((url, answer))
                    return
            target = self.checked(answer, base=target)
        raise _Problem("too_many_redirects", f"more than {self.limits.max_redirects}, the next to {target}")

    def checked(self, text: str, base: URL | None = None) -> URL:
        """Parse a URL (relative to `base`, if given) and refuse what must not be requested."""
        try:
            url = URL(text) if base is None else base.join(URL(text))
            host, port = url.raw_host, url.port
        except ValueError as error:
            raise _Problem("bad_url", f"{text[:200]!r}: {error}") from error
        if url.scheme and url.scheme not in SCHEMES:
            raise _Problem("scheme", f"{url.scheme} is not fetched")
        if not url.scheme or not host or port is None:
            raise _Problem("bad_url", f"{text[:200]!r} is not absolute")
        if url.raw_user is not None or url.raw_password is not None:
            raise _Problem("bad_url", f"{host}: URL with a user name or password")
        if port < FIRST_USER_PORT and port not in WEB_PORTS:
            raise _Problem("port", f"port {port} is no web server's")
        address = literal_address(host)
        if address is None:
            return url
        if not self.access.allow_private_addresses and not is_public(address):
            raise _Problem("private_address", f"{host} is {address}")
        if isinstance(address, IPv6Address) and address.scope_id is not None:
            raise _Problem("bad_url", f"{host}: address with a zone")
        return url.with_host(str(address))  # connect to what was checked, however it was spelled

    async def request(self, url: str, target: URL) -> Response | str:
        """One request: the response, or where it redirects to."""
        try:
            async with self.session.get(target, allow_redirects=False) as response:
                location = response.headers.get("Location")
                if response.status in REDIRECTS and location is not None:
                    return location
                version = response.version or aiohttp.HttpVersion11
                return Response(
                    url=url,
                    final_url=str(target),
                    status=response.status,
                    reason_phrase=(response.reason or "").encode("utf-8", "surrogateescape").decode("latin-1"),
                    http_version=f"HTTP/{version.major}.{version.minor}",
                    headers=tuple((n.decode("latin-1"), v.decode("latin-1")) for n, v in response.raw_headers),
                    body=await self.read(response),
                )
        except (aiohttp.ClientError, OSError) as error:
            if type(error) is TimeoutError:  # the deadline's
                raise
            raise _Problem(_reason(error), f"{type(error).__name__}: {error}") from error

    async def read(self, response: aiohttp.ClientResponse) -> bytes:
        most = self.limits.max_bytes
        if (response.content_length or 0) > most:
            raise _Problem("too_large", f"Content-Length {response.content_length} is more than {most} bytes")
        body = bytearray()
        async for chunk in response.content.iter_any():
            body += chunk
            if len(body) > most:
                raise _Problem("too_large", f"more than {most} bytes")
        return bytes(body)


def _reason(error: Exception) -> str:
    match error:
        case aiohttp.ClientConnectorDNSError(os_error=PrivateAddressError()):
            return "private_address"
        case aiohttp.ClientConnectorDNSError():
            return "dns"
        case aiohttp.ClientSSLError() | ssl.SSLError():
            return "tls"
        case aiohttp.ClientConnectorError():
            return "connect"
        case aiohttp.InvalidURL():
            return "bad_url"
        case aiohttp.ClientPayloadError():
            return "incomplete_body"
        case aiohttp.ClientConnectionError() | OSError():
            return "disconnected"
        case _:
            return "bad_response"
