"""What a user named, as a list of archive files: files, globs, folders, lists of paths; local or any fsspec URL."""

import codecs
import zlib
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from posixpath import dirname
from typing import Any
from urllib.parse import urljoin

import fsspec

from pipeline.crawl.framing import ARC_START, GZIP_MAGIC, PROBE_BYTES, WARC_START
from pipeline.errors import UserError

ARCHIVE_SUFFIXES = (".warc", ".warc.gz", ".arc", ".arc.gz")
MAX_LIST_BYTES = 1 << 28  # a list of paths when inflated: two million of them
MODIFICATION_TIMES = ("mtime", "LastModified", "updated", "last_modified")  # local, S3, Google Cloud, Azure
LOOKUPS_AT_ONCE = 16  # of the files that a list names, which may be ten thousand


class InputError(UserError):
    """An input cannot be used; the message says which, why, and what to do."""


@dataclass(frozen=True, slots=True, order=True)
class InputFile:
    """An archive file; `version` changes when the file does: its ETag, else its modification time, else its size."""

    url: str  # absolute path, or URL
    size_bytes: int
    version: str


def resolve_inputs(arguments: Sequence[str]) -> list[InputFile]:
    """The archive files that the arguments stand for, each once, sorted by URL.

    An argument is a WARC or ARC file (known by its content), a glob, a folder (searched with its subfolders for
    `ARCHIVE_SUFFIXES`), or a list of such files, plain or gzipped: one a line, relative to the list's folder, `#`
    starts a comment. Raises `InputError`.
    """
    files: dict[str, InputFile] = {}
    for argument in arguments:
        try:
            for file in _resolve(argument):
                files[file.url] = file
        except InputError:
            raise
        except FileNotFoundError as error:
            raise InputError(f"{argument} does not exist. Check the path or URL for a slip.") from error
        except ImportError as error:
            raise InputError(f"{argument} needs a package that is not installed: {error}") from error
        except Exception as error:  # every file system and cloud client has error classes of its own
            raise InputError(
                f"{argument} cannot be read ({type(error).__name__}: {error}). Check the address, the network, and "
                "whether your credentials may read it."
            ) from error
    return sorted(files.values())


def _resolve(argument: str) -> Iterator[InputFile]:
    fs, path = fsspec.core.url_to_fs(argument)
    if not _is_web(fs) and any(character in path for character in "*?[") and not fs.exists(path):
        found = fs.glob(path, detail=True)
        matches = {name: info for name, info in found.items() if info["type"] == "file"}
        if not matches:
            raise InputError(f"{argument} matches no file. Quote the pattern, and check the folder before it.")
        for name, info in matches.items():
            yield from _file_or_list(fs, name, info)
    elif (info := fs.info(path))["type"] == "directory":
        yield from _folder(fs, path, argument)
    else:
        yield from _file_or_list(fs, path, info)


def _folder(fs: Any, path: str, argument: str) -> Iterator[InputFile]:
    found = fs.find(path, detail=True)
    archives = [info for name, info in found.items() if name.endswith(ARCHIVE_SUFFIXES)]
    if not archives:
        raise InputError(
            f"The folder {argument} holds no archive: no file in it ends with {', '.join(ARCHIVE_SUFFIXES)}. "
            "Name the files themselves if they are called otherwise."
        )
    for info in archives:
        yield _input_file(fs, info)


def _file_or_list(fs: Any, path: str, info: dict[str, Any]) -> Iterator[InputFile]:
    with fs.open(path, "rb", **_web_options(fs)) as stream:
        start = _inflated(stream.read(PROBE_BYTES), PROBE_BYTES)
    if WARC_START.match(start) or ARC_START.match(start):
        yield _input_file(fs, info)
    elif start.strip() and _is_text(start):
        yield from _list(fs, path)
    else:
        raise InputError(
            f"{_url(fs, path)} is neither a WARC or ARC file nor a list of paths: it starts with {start[:16]!r}. "
            "Archives may be plain or compressed record by record with gzip; lists are UTF-8 text, one path a line."
        )


def _list(fs: Any, path: str) -> Iterator[InputFile]:
    with fs.open(path, "rb", **_web_options(fs)) as stream:
        text = _inflated(stream.read(MAX_LIST_BYTES), MAX_LIST_BYTES).decode("utf-8")
    lines = (line.strip() for line in text.splitlines())
    urls = [_relative_to(_url(fs, path), line) for line in lines if line and not line.startswith("#")]
    if not urls:
        raise InputError(f"The list {_url(fs, path)} names no file: every line is empty or a comment.")
    with ThreadPoolExecutor(LOOKUPS_AT_ONCE) as pool:
        yield from pool.map(lambda url: _listed(url, _url(fs, path)), urls)


def _listed(url: str, list_url: str) -> InputFile:
    try:
        fs, path = fsspec.core.url_to_fs(url)
        info = fs.info(path)
    except Exception as error:  # as in resolve_inputs, but with the list's name
        raise InputError(
            f"{url}, named in the list {list_url}, cannot be read ({type(error).__name__}: {error}). Paths in a list "
            "are relative to the list's folder; write whole URLs for files elsewhere."
        ) from error
    if info["type"] != "file":
        raise InputError(f"{url}, named in the list {list_url}, is a folder. A list names WARC or ARC files.")
    return _input_file(fs, info)


def _relative_to(list_url: str, line: str) -> str:
    if "://" in line or line.startswith("/"):
        return line
    if "://" in list_url:
        return urljoin(list_url, line) if list_url.startswith("http") else f"{dirname(list_url)}/{line}"
    return str(Path(list_url).parent / line)


def _input_file(fs: Any, info: dict[str, Any]) -> InputFile:
    url, size = _url(fs, info["name"]), info.get("size")
    if size is None:
        raise InputError(f"The server of {url} does not tell its size, so it cannot be read in parts: copy it first.")
    known = (info[key] for key in ("ETag", "etag", *MODIFICATION_TIMES) if info.get(key) is not None)
    version = next(known, size)
    if isinstance(version, float):
        version = datetime.fromtimestamp(version, UTC)
    if isinstance(version, datetime):
        version = version.astimezone(UTC).isoformat()
    return InputFile(url, int(size), str(version).strip('"'))


def _url(fs: Any, path: str) -> str:
    protocols = (fs.protocol,) if isinstance(fs.protocol, str) else fs.protocol
    return path if "file" in protocols else str(fs.unstrip_protocol(path))


def _is_web(fs: Any) -> bool:
    return "http" in fs.protocol or "https" in fs.protocol


def _web_options(fs: Any) -> dict[str, Any]:
    """Read a web file as a stream: a server that answers no range requests still serves the beginning of a list."""
    return {"block_size": 0} if _is_web(fs) else {}


def _inflated(data: bytes, max_bytes: int) -> bytes:
    if not data.startswith(GZIP_MAGIC):
        return data
    try:
        return zlib.decompressobj(wbits=31).decompress(data, max_bytes)
    except zlib.error:
        return b""


def _is_text(start: bytes) -> bool:
    try:
        text = codecs.getincrementaldecoder("utf-8")().decode(start)  # the last character may be cut
    except UnicodeDecodeError:
        return False
    return all(character.isprintable() or character in "\t\r\n\ufeff" for character in text)
