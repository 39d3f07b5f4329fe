"""Write the WARC files of the sample crawl: `python build.py [FOLDER]` (this folder if none is given).

`crawl.yaml` lists the captures, `pages/` holds what people wrote, `draw.py` draws the pictures. Dates come from the
list and record ids from URL and date, so that two builds with the same libraries are equal byte by byte.
"""

import gzip
import sys
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import NAMESPACE_URL, uuid5

import numpy
import PIL
import yaml
from draw import PICTURES
from PIL import features
from warcio.recordloader import ArcWarcRecord
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

HERE = Path(__file__).parent
SECONDS_BETWEEN_CAPTURES = 21
CONTENT_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".xhtml": "application/xhtml+xml; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".json": "application/json",
    ".pdf": "application/pdf",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".gif": "image/gif",
    ".webp": "image/webp",
}
STATUS_LINES = {200: "200 OK", 301: "301 Moved Permanently", 404: "404 Not Found"}


@dataclass(frozen=True)
class Capture:
    """One entry of `crawl.yaml`: a response and where its body comes from, or a note that nothing had changed."""

    url: str
    date: datetime
    source: str | None = None
    picture: str | None = None
    style: str | None = None
    status: int = 200
    content_type: str | None = None
    charset: str = "utf-8"
    content_encoding: str | None = None
    transfer_encoding: str | None = None
    location: str | None = None
    revisit: bool = False


def captures(entry: dict[str, Any]) -> list[Capture]:
    """The captures of one WARC file's entry, dates filled in."""
    step = timedelta(seconds=SECONDS_BETWEEN_CAPTURES)
    return [Capture(**({"date": entry["date"] + step * i} | fields)) for i, fields in enumerate(entry["captures"])]


@cache
def drawn(picture: str) -> bytes:
    """The picture's file; cached, because some stand under two URLs."""
    return PICTURES[picture]()


def response(capture: Capture) -> tuple[StatusAndHeaders, bytes]:
    """Status line, headers and body as they came over the wire."""
    if capture.picture is not None:
        name, body = capture.picture, drawn(capture.picture)
    else:
        assert capture.source is not None
        name, body = capture.source, (HERE / "pages" / capture.source).read_bytes()
    if capture.charset != "utf-8":
        body = body.decode("utf-8").encode(capture.charset)
    headers = [("Content-Type", capture.content_type or CONTENT_TYPES[Path(name).suffix])]
    if capture.location:
        headers.append(("Location", capture.location))
    if capture.content_encoding:
        headers.append(("Content-Encoding", capture.content_encoding))
        body = gzip.compress(body, mtime=0)
    if capture.transfer_encoding:
        headers.append(("Transfer-Encoding", capture.transfer_encoding))
        body = chunked(body)
    else:
        headers.append(("Content-Length", str(len(body))))
    return StatusAndHeaders(STATUS_LINES[capture.status], headers, protocol="HTTP/1.1"), body


def chunked(body: bytes, size_bytes: int = 2000) -> bytes:
    """`body` in HTTP/1.1 chunks (RFC 9112, section 7.1)."""
    pieces = [body[i : i + size_bytes] for i in range(0, len(body), size_bytes)]
    return b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in [*pieces, b""])


def warc_headers(kind: str, url: str, date: datetime) -> dict[str, str]:
    stamp = date.strftime("%Y-%m-%dT%H:%M:%SZ")
    return {"WARC-Date": stamp, "WARC-Record-ID": f"<urn:uuid:{uuid5(NAMESPACE_URL, f'{kind} {stamp} {url}')}>"}


def warcinfo(writer: WARCWriter, name: str, date: datetime) -> ArcWarcRecord:
    """What made the file, with the libraries whose versions decide its bytes."""
    jpeg = f"{features.version('jpg')}, zlib {features.version('zlib')}, WebP {features.version('webp')}"
    fields = {
        "software": f"m3w sample crawl; Pillow {PIL.__version__}, NumPy {numpy.__version__}, JPEG {jpeg}",
        "format": "WARC File Format 1.0",
        "isPartOf": "m3w sample crawl",
    }
    body = BytesIO("".join(f"{key}: {value}\r\n" for key, value in fields.items()).encode())
    headers = warc_headers("warcinfo", name, date) | {"WARC-Filename": name}
    return writer.create_warc_record(
        "", "warcinfo", payload=body, warc_content_type="application/warc-fields", warc_headers_dict=headers
    )


def write_warc(path: Path, entry: dict[str, Any]) -> None:
    """One WARC file: a warcinfo record, then a request and a response (or revisit) for each capture."""
    digests: dict[str, tuple[str, str]] = {}
    with path.open("wb") as file:
        writer = WARCWriter(file, gzip=True, warc_version="WARC/1.0")
        writer.write_record(warcinfo(writer, path.name, entry["date"]))
        for capture in captures(entry):
            headers = warc_headers("response", capture.url, capture.date)
            if capture.revisit:
                digest, date = digests[capture.url]
                answer = writer.create_revisit_record(capture.url, digest, capture.url, date, warc_headers_dict=headers)
            else:
                http_headers, body = response(capture)
                answer = writer.create_warc_record(
                    capture.url, "response", BytesIO(body), http_headers=http_headers, warc_headers_dict=headers
                )
            writer.write_request_response_pair(request(writer, capture), answer)
            if not capture.revisit:
                digests[capture.url] = (answer.rec_headers["WARC-Payload-Digest"], headers["WARC-Date"])


def request(writer: WARCWriter, capture: Capture) -> ArcWarcRecord:
    parts = urlsplit(capture.url)
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    headers = [("Host", parts.netloc), ("User-Agent", "m3w-sample-crawl"), ("Accept-Encoding", "gzip")]
    http_headers = StatusAndHeaders(f"GET {target} HTTP/1.1", headers, is_http_request=True)
    return writer.create_warc_record(
        capture.url,
        "request",
        http_headers=http_headers,
        warc_headers_dict=warc_headers("request", capture.url, capture.date),
    )


def build(folder: Path) -> None:
    """Write every WARC file of `crawl.yaml` to `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, entry in yaml.safe_load((HERE / "crawl.yaml").read_text(encoding="utf-8")).items():
        write_warc(folder / name, entry)


if __name__ == "__main__":
    build(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE)
