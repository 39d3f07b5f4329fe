"""What a corpus remembers: its roots and recipe (`corpus.json`), and what it is built from.

That is crawl files (`inputs.json`), or parts of index rows (`index_rows.json` names them), each of them one unit.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.errors import UserError
from pipeline.store import Store
from pipeline.tables import OutputFile, publish, read_part, sweep
from schemas.index_rows import INDEX_ROWS

CORPUS_FILE = "corpus.json"
INPUTS_FILE = "inputs.json"
INDEX_PARTS_FILE = "index_rows.json"
INDEX_TABLE = "index_rows"
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


def read_index_parts(corpus: Store) -> list[OutputFile]:
    """The parts of `index_rows/` that the corpus is built from. They only become more."""
    if not corpus.exists(INDEX_PARTS_FILE):
        return []
    return [OutputFile(**entry) for entry in json.loads(corpus.read(INDEX_PARTS_FILE))]


def read_index_rows(corpus: Store) -> Iterator[pa.RecordBatch]:
    """All index rows that the corpus is built from."""
    for part in read_index_parts(corpus):
        yield from read_part(corpus, part.path, INDEX_ROWS).to_batches()


def add_index_rows(corpus: Store, tables: Iterable[pa.Table]) -> int:
    """Write each table as one more part of `index_rows/`; returns how many rows that were.

    All parts become the corpus's at once, and what a killed run left of this is swept.
    """
    parts = read_index_parts(corpus)
    before = sum(part.rows or 0 for part in parts)
    with corpus.scratch() as folder:
        for table in tables:
            pq.write_table(table.cast(INDEX_ROWS), folder / "part.parquet", compression="zstd")
            parts.append(publish(corpus, folder / "part.parquet", INDEX_TABLE, "rows", expected=INDEX_ROWS))
    parts.sort(key=lambda part: part.path)
    corpus.write(INDEX_PARTS_FILE, json.dumps([asdict(part) for part in parts], indent=1).encode())
    sweep(corpus, [INDEX_TABLE], {part.path for part in parts})
    return sum(part.rows or 0 for part in parts) - before


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
