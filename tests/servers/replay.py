"""Serve the responses that WARC files hold, under their own host names: `python -m tests.servers.replay WARC...`."""

import argparse
import asyncio
import collections
import contextlib
import ssl
import sys
import threading
from collections.abc import Iterable
from os import PathLike
from pathlib import Path

from aiohttp import web
from fastwarc.warc import ArchiveIterator, WarcRecordType
from yarl import URL

from tests.servers.loopback import ADDRESS, LoopbackServer

# Every answer has the same headers on every day.
DATE = "Mon, 01 Jan 2024 00:00:00 GMT"
# The server frames the body itself, and its length may have been that of another encoding.
FRAMING = ("transfer-encoding", "content-length", "connection", "keep-alive", "date")


class ReplayServer(LoopbackServer):
    """Answers with the archived response of a URL, found by Host header, path and query; with 404 for any other.

    Where a URL occurs twice, the first response counts. `requests` counts requests by URL (as `http://host/path`
    whatever the scheme), `most_at_once` is the largest number of requests that were open together. `latency_s` is
    waited before each answer, as a network would.
    """

    def __init__(
        self, warc_files: Iterable[str | PathLike[str]], *, port: int = 0, http_port: int = 0, latency_s: float = 0.0
    ) -> None:
        self._answers: dict[str, tuple[int, str, list[tuple[str, str]], bytes]] = {}
        self.urls: list[str] = []
        for path in warc_files:
            self._load(path)
        super().__init__((URL(url).raw_host or "" for url in self.urls), port=port, http_port=http_port)
        self.latency_s = latency_s
        self.requests: collections.Counter[str] = collections.Counter()
        self.most_at_once = 0
        self._open = 0

    @property
    def resolve(self) -> tuple[str, ...]:
        """Overrides for every host and port of the archived URLs."""
        places = {(url.raw_host, url.port, url.scheme) for url in map(URL, self.urls)}
        ports = {"http": self.http_port, "https": self.port}
        return tuple(sorted(f"{host}:{port}:{ADDRESS}:{ports[scheme]}" for host, port, scheme in places))

    def _load(self, path: str | PathLike[str]) -> None:
        with Path(path).open("rb") as stream:
            for record in ArchiveIterator(stream, record_types=WarcRecordType.response, parse_http=False):
                record.parse_http(auto_decode="transfer")
                if record.http_headers is None or record.http_headers.status_code is None:
                    continue
                url = URL(record.headers["WARC-Target-URI"])
                headers = [(name, value) for name, value in record.http_headers if name.lower() not in FRAMING]
                answer = (
                    record.http_headers.status_code,
                    record.http_headers.reason_phrase or "",
                    headers,
                    record.reader.read(),
                )
                if _key(url.host or "", url.raw_path_qs) not in self._answers:
                    self._answers[_key(url.host or "", url.raw_path_qs)] = answer
                    self.urls.append(str(url))

    async def _start(self, tls: ssl.SSLContext) -> tuple[int, int]:
        server = web.Server(self._answer, access_log=None)
        self._runner = web.ServerRunner(server)
        await self._runner.setup()
        await web.TCPSite(self._runner, ADDRESS, self.http_port).start()
        await web.TCPSite(self._runner, ADDRESS, self.port, ssl_context=tls).start()
        http, https = (address[1] for address in self._runner.addresses)
        return http, https

    async def _stop(self) -> None:
        await self._runner.cleanup()

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        host = URL(f"http://{request.host}").host or ""
        key = _key(host, request.raw_path)
        self.requests[key] += 1
        self._open += 1
        self.most_at_once = max(self.most_at_once, self._open)
        try:
            await asyncio.sleep(self.latency_s)
            status, reason, headers, body = self._answers.get(key, (404, "Not Found", [], b""))
        finally:
            self._open -= 1
        response = web.Response(status=status, reason=reason, body=body)
        response.headers.clear()
        response.headers.extend([*headers, ("Date", DATE), ("Server", "replay")])
        return response


def _key(host: str, path_and_query: str) -> str:
    return f"http://{host.lower()}{path_and_query}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("warc", nargs="+", help="WARC files, compressed or not")
    parser.add_argument("--port", type=int, default=8443, help="port for HTTPS")
    parser.add_argument("--http-port", type=int, default=8080, help="port for HTTP")
    arguments = parser.parse_args()
    with ReplayServer(arguments.warc, port=arguments.port, http_port=arguments.http_port) as server:
        lines = [f"{len(server.urls)} URLs; trust {server.ca_file}; resolve:", *server.resolve, "Ctrl-C ends."]
        sys.stdout.write("\n".join(lines) + "\n")
        sys.stdout.flush()
        with contextlib.suppress(KeyboardInterrupt):
            threading.Event().wait()


if __name__ == "__main__":
    main()
