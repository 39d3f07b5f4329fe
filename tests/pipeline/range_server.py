"""A loopback web server that serves the files of one folder with range requests, and counts."""

import asyncio
import collections
import ssl
from pathlib import Path

from aiohttp import web

from tests.servers.loopback import ADDRESS, LoopbackServer

HOLD_TIMEOUT_S = 30  # what was held is answered then all the same, so that a test ends and says what it counted


class RangeServer(LoopbackServer):
    """`requests` counts by file name, `most_at_once` is the largest number of requests that were open together.

    Until `hold` requests are open together none is answered. Files called `broken…` are answered with status 500.
    """

    def __init__(self, folder: Path, *, hold: int = 1) -> None:
        super().__init__(["files.example"])
        self.folder = folder
        self.requests: collections.Counter[str] = collections.Counter()
        self.most_at_once = 0
        self._hold = hold
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
        if request.method == "GET":
            self.requests[path.name] += 1
            await self._meet()
        if path.name.startswith("broken"):
            return web.Response(status=500)
        return web.FileResponse(path) if path.is_file() else web.Response(status=404)

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
