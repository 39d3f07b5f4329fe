"""A loopback web server that serves the files of one folder with range requests, and counts; on request, badly."""

import asyncio
import collections
import ssl
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Literal

from aiohttp import web

from tests.servers.loopback import ADDRESS, LoopbackServer

HOLD_TIMEOUT_S = 30  # what was held is answered then all the same, so that a test ends and says what it counted

Fault = Literal["busy", "busy_until", "refused", "ignores_range", "other_range", "short_range", "cut", "hang_up"]
Faults = Callable[[int], Fault | None]


def every(number: int, fault: Fault) -> Faults:
    """Every so manieth request goes wrong, the first not."""
    return lambda count: fault if count % number == 0 else None


def first(number: int, fault: Fault) -> Faults:
    """So many requests go wrong at first, all later ones go well."""
    return lambda count: fault if count <= number else None


class RangeServer(LoopbackServer):
    """`requests` counts by file name, `most_at_once` is the largest number of requests that were open together.

    Until `hold` requests are open together none is answered. Files called `broken…` are answered with status 500. Of
    all requests, counted from 1, `faults` says which go wrong, and how.
    """

    def __init__(self, folder: Path, *, hold: int = 1, faults: Faults = lambda _: None) -> None:
        super().__init__(["files.example"])
        self.folder = folder
        self.requests: collections.Counter[str] = collections.Counter()
        self.ranges: list[str] = []
        self.most_at_once = 0
        self._hold = hold
        self._faults = faults
        self._asked = 0
        self._open = 0
        self._released = asyncio.Event()

    def url(self, path: str = "") -> str:
        return f"http://{ADDRESS}:{self.http_port}/{path}".rstrip("/")

    async def _start(self, tls: ssl.SSLContext) -> tuple[int, int]:
        self._runner = web.ServerRunner(web.Server(self._answer, access_log=None))
        await self._runner.setup()
        await web.TCPSite(self._runner, ADDRESS, 0).start()
        await web.TCPSite(self._runner, ADDRESS, 0, ssl_context=tls).start()
        http, https = (address[1] for address in self._runner.addresses)
        return http, https

    async def _stop(self) -> None:
        await self._runner.cleanup()

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        path = self.folder / request.path.removeprefix("/")
        self._asked += 1
        fault = self._faults(self._asked)
        if request.method == "GET":
            self.requests[path.name] += 1
            self.ranges.append(request.headers.get("Range", ""))
            await self._meet()
        elif fault in ("cut", "ignores_range", "other_range", "short_range"):  # of bodies only
            fault = None
        if path.name.startswith("broken"):
            return web.Response(status=500, headers={"Retry-After": "0"})
        if not path.is_file():
            return web.Response(status=404)
        return await self._fail(fault, request, path) if fault else web.FileResponse(path)

    async def _fail(self, fault: Fault, request: web.BaseRequest, path: Path) -> web.StreamResponse:
        data = path.read_bytes()
        asked = request.http_range
        first, end, _ = asked.indices(len(data))
        match fault:
            case "busy":
                return web.Response(status=503, reason="Slow Down", headers={"Retry-After": "0"})
            case "busy_until":
                date = format_datetime(datetime.now(UTC) - timedelta(seconds=1), usegmt=True)
                return web.Response(status=429, headers={"Retry-After": date})
            case "refused":
                return web.Response(status=403)
            case "ignores_range":
                return web.Response(body=data)
            case "other_range":
                headers = {"Content-Range": f"bytes {first + 1}-{end}/{len(data)}"}
                return web.Response(status=206, headers=headers, body=data[first + 1 : end + 1])
            case "short_range":  # honest, but less than was asked for
                half = data[first : (first + end + 1) // 2]
                headers = {"Content-Range": f"bytes {first}-{first + len(half) - 1}/{len(data)}"}
                return web.Response(status=206, headers=headers, body=half)
            case "hang_up":
                self._abort(request)
                return web.Response()
            case "cut":
                headers = {"Content-Range": f"bytes {first}-{end - 1}/{len(data)}", "Content-Length": str(end - first)}
                answer = web.StreamResponse(status=206 if "Range" in request.headers else 200, headers=headers)
                await answer.prepare(request)
                await answer.write(data[first : (first + end + 1) // 2])
                await asyncio.sleep(0.05)  # or the end overtakes the bytes
                self._abort(request)
                return answer

    def _abort(self, request: web.BaseRequest) -> None:
        if request.transport:
            request.transport.abort()

    async def _meet(self) -> None:
        self._open += 1
        self.most_at_once = max(self.most_at_once, self._open)
        if self._open >= self._hold:
            self._released.set()
        try:
            async with asyncio.timeout(HOLD_TIMEOUT_S):
                await self._released.wait()
        except TimeoutError:
            self._released.set()
        self._open -= 1
