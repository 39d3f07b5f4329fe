"""Files on the web: a read goes on where it broke off, and what is busy is asked again, later and later.

Read only, for fsspec's `http` and `https` URLs. Three things that fsspec's own HTTP files do not do: ask again; check
that the bytes are those that were asked for; tell a file that is missing from one that is refused.
"""

import re
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import partial
from typing import Any, TypeVar

import aiohttp
from fsspec.implementations.http import HTTPFileSystem
from fsspec.spec import AbstractBufferedFile
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, stop_after_attempt
from tenacity.wait import wait_exponential_jitter

ATTEMPTS = 10  # with the waits between them, four minutes; with the longest Retry-After, 18 minutes
# Common Crawl asks for no more than one retry a second (status.commoncrawl.org).
WAIT = wait_exponential_jitter(initial=1, max=60, jitter=1)
MAX_RETRY_AFTER_S = 120.0
# RFC 9110 and 6585; 500 is also what S3 answers when it means "again, please" (Amazon S3 API, error responses).
BUSY = frozenset({408, 429, 500, 502, 503, 504})
# No limit on the whole: a file may be large. A server that sends nothing for a minute has gone.
TIMEOUT = aiohttp.ClientTimeout(total=None, sock_connect=30, sock_read=60)
CONTENT_RANGE = re.compile(r"bytes (\d{1,15})-(\d{1,15})/(\d{1,15}|\*)")

T = TypeVar("T")

_retries: ContextVar[Counter[str] | None] = ContextVar("_retries", default=None)


class BusyError(OSError):
    """A request that may well succeed a little later: `cause` is the status, `connection` or `incomplete`."""

    def __init__(self, message: str, cause: str, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.cause = cause
        self.retry_after_s = retry_after_s


@contextmanager
def counted_retries() -> Iterator[Counter[str]]:
    """Count, by cause, what is asked for again on behalf of the code inside."""
    counts: Counter[str] = Counter()
    token = _retries.set(counts)
    try:
        yield counts
    finally:
        _retries.reset(token)


class WebFileSystem(HTTPFileSystem):
    """fsspec's HTTP file system with reads that persist. Bytes are as stored: no content encoding is undone."""

    def __init__(self, **options: Any) -> None:
        # What is asked for is byte ranges of the file, and a range of a compressed answer would be none of it.
        client = {"timeout": TIMEOUT, "auto_decompress": False, "headers": {"Accept-Encoding": "identity"}}
        super().__init__(**{"client_kwargs": client, **options})

    async def _cat_file(self, url: str, start: int | None = None, end: int | None = None, **_: Any) -> bytes:
        """The bytes from `start` up to `end`; fewer if the file is shorter.

        Raises:
            FileNotFoundError: status 404 or 410.
            PermissionError: status 401 or 403.
            BusyError: it stayed busy, or broke off, in all attempts.
            OSError: any other status, or an answer with other bytes than those asked for.
        """
        body = bytearray()
        await self._persist(partial(self._read_on, url, start or 0, end, body))
        return bytes(body)

    async def _read_on(self, url: str, start: int, end: int | None, body: bytearray) -> None:
        """Add to `body`, which is what is there already of the bytes from `start` to `end`, the rest."""
        position = start + len(body)
        if position == end:
            return
        headers = {"Range": f"bytes={position}-{'' if end is None else end - 1}"} if position or end else {}
        session = await self.set_session()
        with _told_apart(url):
            async with session.get(self.encode_url(url), headers=headers) as response:
                if response.status == 416:  # the file ends before `position`
                    return
                _check(response, url)
                file_bytes = _file_bytes(response, url, position)
                if file_bytes is None and start:
                    raise OSError(f"{url} cannot be read in parts: its server ignores ranges. Copy the file first.")
                if file_bytes is None:
                    body.clear()  # the answer is the whole file, from its beginning
                async for chunk in response.content.iter_any():
                    body += chunk
                    if end is not None and len(body) >= end - start:
                        del body[end - start :]
                        return
        if file_bytes is not None and start + len(body) < file_bytes:
            raise BusyError(f"{url} broke off at byte {start + len(body)}", "incomplete")

    async def _info(self, url: str, **_: Any) -> dict[str, Any]:
        """Name, size in bytes (None if the server does not tell) and ETag. Raises as `_cat_file`."""
        return await self._persist(partial(self._ask, url))

    async def _ask(self, url: str) -> dict[str, Any]:
        session = await self.set_session()
        with _told_apart(url):
            async with session.head(self.encode_url(url), allow_redirects=True) as response:
                if response.status in BUSY or response.status == 404:
                    _check(response, url)
                if response.status == 200 and response.content_length is not None:
                    return _description(response, url, response.content_length)
            # A signed URL may allow GET alone, and some servers know no HEAD.
            async with session.get(self.encode_url(url), headers={"Range": "bytes=0-0"}) as response:
                if response.status == 416:
                    return _description(response, url, 0)
                _check(response, url)
                if response.status != 206:
                    return _description(response, url, response.content_length)
                return _description(response, url, _file_bytes(response, url, 0))

    async def _exists(self, path: str, **_: Any) -> bool:
        try:
            await self._info(path)
        except FileNotFoundError:
            return False
        return True

    def _open(
        self,
        path: str,
        mode: str = "rb",
        block_size: int | None = None,
        cache_type: str = "readahead",
        size: int | None = None,
        **_: Any,
    ) -> AbstractBufferedFile:
        """A file that reads a block of `block_size` bytes at a time, each by `_cat_file`."""
        if mode != "rb":
            raise NotImplementedError(f"{path}: files on the web are only read")
        if size is None:
            size = self.info(path)["size"]
        if size is None:
            raise OSError(f"The server of {path} does not tell its size, so it cannot be read in parts. Copy it first.")
        return AbstractBufferedFile(self, path, mode, block_size or self.block_size, cache_type=cache_type, size=size)

    async def _persist(self, request: Callable[[], Awaitable[T]]) -> T:
        retrying = AsyncRetrying(
            retry=retry_if_exception_type(BusyError),
            stop=stop_after_attempt(ATTEMPTS),
            wait=_wait_s,
            before_sleep=_count,
            reraise=True,
        )
        return await retrying(request)


def _wait_s(state: RetryCallState) -> float:
    """As long as the server asked for; if it did not, longer after every attempt."""
    error = state.outcome.exception() if state.outcome else None
    if isinstance(error, BusyError) and error.retry_after_s is not None:
        return min(error.retry_after_s, MAX_RETRY_AFTER_S)
    return WAIT(state)


def _count(state: RetryCallState) -> None:
    error, counts = state.outcome.exception() if state.outcome else None, _retries.get()
    if isinstance(error, BusyError) and counts is not None:
        counts[error.cause] += 1


@contextmanager
def _told_apart(url: str) -> Iterator[None]:
    """What may pass is a `BusyError`; a name that does not resolve or a certificate that is no good is a slip."""
    try:
        yield
    except (aiohttp.ClientConnectorDNSError, aiohttp.ClientSSLError, aiohttp.InvalidURL) as error:
        raise OSError(f"{url} cannot be asked for: {error}") from error
    except aiohttp.ClientPayloadError as error:
        raise BusyError(f"{url} broke off: {error}", "incomplete") from error
    except (aiohttp.ClientError, TimeoutError) as error:
        raise BusyError(f"{url} does not answer: {type(error).__name__}: {error}", "connection") from error


def _check(response: aiohttp.ClientResponse, url: str) -> None:
    status = response.status
    if status < 400:
        return
    message = f"{url} answered with status {status} {response.reason or ''}".strip()
    if status in BUSY:
        raise BusyError(message, str(status), _retry_after_s(response.headers.get("Retry-After", "")))
    kind = {401: PermissionError, 403: PermissionError, 404: FileNotFoundError, 410: FileNotFoundError}
    raise kind.get(status, OSError)(message)


def _retry_after_s(value: str) -> float | None:
    """RFC 9110, 10.2.3: seconds, or a date."""
    if value.isdecimal():
        return float(value[:6])
    try:
        date = parsedate_to_datetime(value)
    except ValueError:
        return None
    return max((date.replace(tzinfo=date.tzinfo or UTC) - datetime.now(UTC)).total_seconds(), 0.0)


def _file_bytes(response: aiohttp.ClientResponse, url: str, first: int) -> int | None:
    """How long a partial answer says the file is, after checking that it starts with `first`; None of a whole file."""
    if response.status != 206:
        return None
    text = response.headers.get("Content-Range", "")
    found = CONTENT_RANGE.fullmatch(text)
    if not found or int(found[1]) != first:
        raise OSError(f"{url} answered with other bytes ('{text}') than asked for, which start at {first}")
    return int(found[2]) + 1 if found[3] == "*" else int(found[3])


def _description(response: aiohttp.ClientResponse, url: str, size: int | None) -> dict[str, Any]:
    known = {"ETag": response.headers["ETag"]} if "ETag" in response.headers else {}
    return {"name": url, "size": size, "type": "file", **known}
