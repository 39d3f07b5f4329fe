"""The crawl files that a corpus is built from: `inputs.json` in the corpus. The list only grows."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass

from pipeline.crawl.inputs import InputError, InputFile
from pipeline.store import Store

FILE = "inputs.json"
CRAWL, ARCHIVE = "crawl", "archive"  # roots: of files with pages, and of those that only serve images


@dataclass(frozen=True, order=True)
class CrawlFile:
    root: str  # crawl or archive
    path: str  # relative to the root
    size_bytes: int
    version: str  # etag or modification time


def read_inputs(corpus: Store) -> list[CrawlFile]:
    if not corpus.exists(FILE):
        return []
    return [CrawlFile(**entry) for entry in json.loads(corpus.read(FILE))]


def write_inputs(corpus: Store, files: Iterable[CrawlFile]) -> None:
    corpus.write(FILE, json.dumps([asdict(file) for file in sorted(files)], indent=1).encode())


def grow(known: Iterable[CrawlFile], added: Iterable[CrawlFile]) -> list[CrawlFile]:
    """The union by root and path; where both have a file, as `added` describes it."""
    files = {(file.root, file.path): file for file in known}
    files |= {(file.root, file.path): file for file in added}
    return sorted(files.values())


def common_folder(files: list[InputFile]) -> str:
    """The deepest folder that holds all `files`, without a slash at its end."""
    folders = [file.url.split("/")[:-1] for file in files]
    depth = 0
    while all(len(folder) > depth and folder[depth] == folders[0][depth] for folder in folders):
        depth += 1
    return "/".join(folders[0][:depth])


def relative_to(files: list[InputFile], root: str, folder: str) -> list[CrawlFile]:
    """`files` as paths below `folder`, which the root `root` stands for.

    Raises:
        InputError: a file lies elsewhere.
    """
    for file in files:
        if not file.url.startswith(f"{folder}/"):
            raise InputError(
                f"{file.url} is not below {folder}, the folder that the tables of this corpus name as the root "
                f"'{root}'. Build into another --output, with --root {root}=FOLDER for one that holds all files."
            )
    return [CrawlFile(root, file.url[len(folder) + 1 :], file.size_bytes, file.version) for file in files]
