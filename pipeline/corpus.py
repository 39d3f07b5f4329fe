"""What a corpus remembers: its roots and recipe (`corpus.json`), and its crawl files (`inputs.json`)."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from pipeline.errors import UserError
from pipeline.store import Store

CORPUS_FILE = "corpus.json"
INPUTS_FILE = "inputs.json"
CRAWL, ARCHIVE = "crawl", "archive"  # roots: of files with pages, and of those that only serve images


@dataclass(frozen=True, order=True)
class CrawlFile:
    """A WARC or ARC file that the corpus is built from."""

    root: str  # crawl or archive
    path: str  # relative to the root
    size_bytes: int
    version: str  # etag or modification time


def read_inputs(corpus: Store) -> list[CrawlFile]:
    """The files that the corpus is built from. The list only grows."""
    if not corpus.exists(INPUTS_FILE):
        return []
    return [CrawlFile(**entry) for entry in json.loads(corpus.read(INPUTS_FILE))]


def write_inputs(corpus: Store, files: Iterable[CrawlFile]) -> None:
    corpus.write(INPUTS_FILE, json.dumps([asdict(file) for file in sorted(files)], indent=1).encode())


def grow(known: Iterable[CrawlFile], added: Iterable[CrawlFile]) -> list[CrawlFile]:
    """The union by root and path; where both have a file, as `added` describes it."""
    files = {(file.root, file.path): file for file in known}
    files |= {(file.root, file.path): file for file in added}
    return sorted(files.values())


@dataclass(frozen=True)
class CorpusState:
    """`corpus.json`: what a later build of the corpus goes on from."""

    roots: dict[str, str]
    recipe: dict[str, Any]
    use_network: bool

    @staticmethod
    def read(corpus: Store) -> "CorpusState | None":
        return CorpusState(**json.loads(corpus.read(CORPUS_FILE))) if corpus.exists(CORPUS_FILE) else None

    def write(self, corpus: Store) -> None:
        corpus.write(CORPUS_FILE, json.dumps(vars(self), indent=1, sort_keys=True).encode())


class CorpusError(UserError):
    """What should be a corpus is none, or cannot be read."""


def open_corpus(url: str) -> Store:
    """The corpus at `url`. Raises `CorpusError` if there is none."""
    corpus = Store(url)
    try:
        found = corpus.exists(CORPUS_FILE)
    except (OSError, ValueError, ImportError) as error:
        raise CorpusError(f"{url} cannot be read: {error}") from error
    if not found:
        raise CorpusError(
            f"{url} is not a corpus: it has no {CORPUS_FILE}. Make one with m3w build CRAWL --output {url}."
        )
    return corpus
