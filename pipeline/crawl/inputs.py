"""What a user named, as a list of files: files, globs, folders, lists of paths; local or any fsspec URL."""

import codecs
import zlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from posixpath import dirname
from typing import Any, NamedTuple
from urllib.parse import urljoin

from pipeline.crawl.framing import ARC_START, GZIP_MAGIC, PROBE_BYTES, WARC_START
from pipeline.errors import UserError
from pipeline.store import filesystem_of

MAX_LIST_BYTES = 1 << 28  # a list of paths when inflated: two million of them
MODIFICATION_TIMES = ("mtime", "LastModified", "updated", "last_modified")  # local, S3, Google Cloud, Azure
LOOKUPS_AT_ONCE = 32  # of the files that a list names, which may be ninety thousand


class InputError(UserError):
    """An input cannot be used; the message says which, why, and what to do."""


class FileKind(NamedTuple):
    """The files that an argument may stand for."""

    name: str
    suffixes: tuple[str, ...]  # of those that count in a folder
    begins: Callable[[bytes], Any]  # whether a file of this kind begins with these bytes, inflated
    hint: str


ARCHIVE_FILES = FileKind(
    "WARC or ARC file",
    (".warc", ".warc.gz", ".arc", ".arc.gz"),
    lambda start: WARC_START.match(start) or ARC_START.match(start),
    "Archives may be plain or compressed record by record with gzip; lists are UTF-8 text, one path a line.",
)
PARQUET_FILES = FileKind(
    "Parquet file",
    (".parquet",),
    lambda start: start.startswith(b"PAR1"),
    "An index is a Parquet file, as under cc-index/table/ of Common Crawl; lists are UTF-8 text, one path a line.",
)


@dataclass(frozen=True, slots=True, order=True)
class InputFile:
    """An archive file; `version` changes when the file does: its ETag, else its modification time, else its size."""

    url: str  # absolute path, or URL
    size_bytes: int
    version: str


def resolve_inputs(arguments: Sequence[str], kind: FileKind = ARCHIVE_FILES) -> list[InputFile]:
    """The files of one kind that the arguments stand for, each once, sorted by URL.

    An argument is such a file (known by its content), a glob, a folder (searched with its subfolders for the kind's
    suffixes), or a list of such files, plain or gzipped: one a line, relative to the list's folder, `#` starts a
    comment. Raises `InputError`.
    """
    files: dict[str, InputFile] = {}
    for argument in arguments:
        try:
            for file in _resolve(argument, kind):
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


def _resolve(argument: str, kind: FileKind) -> Iterator[InputFile]:
    fs, path = filesystem_of(argument)
    if not _is_web(fs) and any(character in path for character in "*?[") and not fs.exists(path):
        found = fs.glob(path, detail=True)
        matches = {name: info for name, info in found.items() if info["type"] == "file"}
        if not matches:
            raise InputError(f"{argument} matches no file. Quote the pattern, and check the folder before it.")
        for name, info in matches.items():
            yield from _file_or_list(fs, name, info, kind)
    elif (info := fs.info(path))["type"] == "directory":
        yield from _folder(fs, path, argument, kind)
    else:
        yield from _file_or_list(fs, path, info, kind)


def _folder(fs: Any, path: str, argument: str, kind: FileKind) -> Iterator[InputFile]:
    found = fs.find(path, detail=True)
    files = [info for name, info in found.items() if name.endswith(kind.suffixes)]
    if not files:
        raise InputError(
            f"The folder {argument} holds no {kind.name}: no file in it ends with {', '.join(kind.suffixes)}. "
            "Name the files themselves if they are called otherwise."
        )
    for info in files:
        yield _input_file(fs, info)


def _file_or_list(fs: Any, path: str, info: dict[str, Any], kind: FileKind) -> Iterator[InputFile]:
    start = _inflated(fs.cat_file(path, start=0, end=PROBE_BYTES), PROBE_BYTES)
    if kind.begins(start):
        yield _input_file(fs, info)
    elif start.strip() and _is_text(start) and not ARCHIVE_FILES.begins(start):
        list_url = _url(fs, path)
        yield from look_up([_relative_to(list_url, line) for line in read_list(list_url)], list_url)
    else:
        raise InputError(
            f"{_url(fs, path)} is neither a {kind.name} nor a list of paths: it starts with {start[:16]!r}. {kind.hint}"
        )


def read_list(url: str) -> list[str]:
    """The lines of the list at `url`, without comments. Raises `InputError` if there are none."""
    fs, path = filesystem_of(url)
    text = _inflated(fs.cat_file(path, start=0, end=MAX_LIST_BYTES), MAX_LIST_BYTES).decode("utf-8")
    lines = [line for line in map(str.strip, text.splitlines()) if line and not line.startswith("#")]
    if not lines:
        raise InputError(f"The list {url} names no file: every line is empty or a comment.")
    return lines


def look_up(urls: Sequence[str], list_url: str) -> list[InputFile]:
    """Size and version of every file, asked for side by side. Raises `InputError` where one cannot be read."""
    with ThreadPoolExecutor(LOOKUPS_AT_ONCE) as pool:
        return list(pool.map(lambda url: _listed(url, list_url), urls))


def _listed(url: str, list_url: str) -> InputFile:
    try:
        fs, path = filesystem_of(url)
        info = fs.info(path)
    except Exception as error:  # as in resolve_inputs, but with the list's name
        raise InputError(
            f"{url}, named in the list {list_url}, cannot be read ({type(error).__name__}: {error}). Paths in a list "
            "are relative to the list's folder; write whole URLs for files elsewhere."
        ) from error
    if info["type"] != "file":
        raise InputError(f"{url}, named in the list {list_url}, is a folder. A list names files.")
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
