"""One folder on any filesystem (fsspec): atomic writes, whole publications, range reads, listings."""

import hashlib
import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

import fsspec
from fsspec.implementations.local import LocalFileSystem

LOCK = ".lock"  # held while a build writes
SCRATCH = ".scratch"  # files being made; what a killed run left there is swept by the next


def filesystem_of(url: str) -> tuple[Any, str]:
    """The filesystem that `url` names, and how it names the file or folder itself."""
    if url.startswith(("http://", "https://")):
        from pipeline.web import WebFileSystem  # which takes a fifth of a second to import

        return WebFileSystem(), url
    filesystem, path = fsspec.core.url_to_fs(url)
    return filesystem, path


class Store:
    """The folder `url`; all paths are relative to it, with '/' between the parts."""

    def __init__(self, url: str) -> None:
        self.url = url

    def __reduce__(self) -> tuple[type["Store"], tuple[str]]:
        return Store, (self.url,)  # connections do not travel to workers

    @cached_property
    def _place(self) -> tuple[Any, str]:
        filesystem, root = filesystem_of(self.url)
        return filesystem, root.rstrip("/")

    @property
    def is_local(self) -> bool:
        return isinstance(self._place[0], LocalFileSystem)

    def full_path(self, path: str) -> str:
        """`path` as the filesystem itself names it."""
        return f"{self._place[1]}/{path}" if path else self._place[1]

    def open(self, path: str) -> BinaryIO:
        opened: BinaryIO = self._place[0].open(self.full_path(path), "rb")
        return opened

    def read(self, path: str) -> bytes:
        data: bytes = self._place[0].cat_file(self.full_path(path))
        return data

    def read_range(self, path: str, offset: int, length: int) -> bytes:
        data: bytes = self._place[0].cat_file(self.full_path(path), start=offset, end=offset + length)
        return data

    def read_many(self, paths: list[str]) -> list[bytes]:
        """The contents of `paths`, read side by side where the filesystem can."""
        if not paths:
            return []
        contents = self._place[0].cat([self.full_path(path) for path in paths])
        if isinstance(contents, bytes):
            return [contents]
        return [contents[self._place[0]._strip_protocol(self.full_path(path))] for path in paths]

    def exists(self, path: str = "") -> bool:
        return bool(self._place[0].exists(self.full_path(path)))

    def is_folder(self) -> bool:
        return bool(self._place[0].isdir(self.full_path("")))

    def has_entries(self) -> bool:
        """Whether there is anything but what a first build leaves that is killed at its first write."""
        entries = self._place[0].ls(self.full_path(""), detail=False)
        return any(entry.rstrip("/").rsplit("/", 1)[-1] not in (SCRATCH, LOCK) for entry in entries)

    def check_writable(self) -> None:
        """Raise `PermissionError` if a local folder, or the nearest that exists above it, cannot be written to."""
        if self.is_local:
            folder = Path(self.full_path(""))
            while not folder.exists():
                folder = folder.parent
            if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
                raise PermissionError(f"{folder} is not readable and writable")

    def listing(self, folder: str) -> dict[str, dict[str, Any]]:
        """Files right in `folder` by their path, with what the filesystem says of each; empty if there is none."""
        filesystem, root = self._place
        try:
            entries = filesystem.ls(self.full_path(folder), detail=True, refresh=True)
        except FileNotFoundError:
            return {}
        start = len(filesystem._strip_protocol(root)) + 1
        return {entry["name"][start:]: entry for entry in entries if entry["type"] == "file"}

    def delete(self, path: str) -> None:
        """Delete a file; one that is gone already is no error."""
        try:
            self._place[0].rm_file(self.full_path(path))
        except FileNotFoundError:
            return

    def write(self, path: str, data: bytes) -> None:
        """Write a small file whole: readers see the old content or the new, never a part."""
        with self.scratch() as folder:
            local = folder / "data"
            local.write_bytes(data)
            self.put(local, path)

    @contextmanager
    def scratch(self) -> Iterator[Path]:
        """A local folder for files being made, on the store's own disk where it is local, so that `put` can rename."""
        if self.is_local:
            folder = Path(self.full_path(SCRATCH)) / uuid.uuid4().hex
            folder.mkdir(parents=True)
        else:
            folder = Path(tempfile.mkdtemp(prefix="m3w-"))
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def put(self, local: Path, path: str) -> None:
        """Publish the finished file `local` as `path`: a rename on a local disk, else one put of the object."""
        target = self.full_path(path)
        if not self.is_local:
            self._place[0].put_file(str(local), target)
            return
        with local.open("rb") as written:
            os.fsync(written.fileno())
        Path(target).parent.mkdir(parents=True, exist_ok=True)
        local.replace(target)

    def clear_scratch(self) -> None:
        """Remove what killed runs left behind."""
        if self.is_local:
            shutil.rmtree(self.full_path(SCRATCH), ignore_errors=True)


def stream_sha256(stream: BinaryIO) -> str:
    """SHA-256 (hex) of what is left of `stream`, read in chunks."""
    digest = hashlib.sha256()
    while chunk := stream.read(1 << 20):
        digest.update(chunk)
    return digest.hexdigest()


def stem_of(path: str) -> str:
    """The file's name without folders and without its suffixes: 'a/b.warc.gz' -> 'b'."""
    return PurePosixPath(path).name.split(".")[0]
