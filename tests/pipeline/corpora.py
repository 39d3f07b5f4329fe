"""What of a corpus must be equal between two builds, and commands run as a person would."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

# Outside the comparison: the roots, the lock, scratch files, and what receipts say of elapsed times.
NOT_COMPARED = ("corpus.json", ".lock", ".scratch", "receipts", "work")


def tables(corpus: Path) -> dict[str, bytes]:
    """Every file of every table, every manifest and the index, by path."""
    return {
        str(path.relative_to(corpus)): path.read_bytes()
        for path in sorted(corpus.rglob("*"))
        if path.is_file() and path.relative_to(corpus).parts[0] not in NOT_COMPARED
    }


def assert_same_tables(one: Path, other: Path) -> None:
    """Compare names first: a difference is easier to read so."""
    left, right = tables(one), tables(other)
    assert sorted(left.keys() ^ right.keys()) == []
    assert [name for name in left if left[name] != right[name]] == []


def m3w(*arguments: object, check: bool = True, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the `m3w` command; with `check` it must end with exit code 0."""
    command = [str(Path(sys.executable).with_name("m3w")), *map(str, arguments)]
    ended = subprocess.run(command, capture_output=True, text=True, env=os.environ | environment, check=False)
    if check:
        assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended


# The features of small pictures by a small network, and sites on both sides of the split.
QUICK = ("--encoder", "test_nfnet", "--encoder-weights", "random", "--set", "image_size_px=64")
SPLIT = ("--set", "validation_share=0.3")
IN_MEMORY = ("--workers", 1, "--direct-running-mode", "in_memory")


def arguments(crawl: Path, corpus: Path, *, only: str = "*") -> list[object]:
    """Of `m3w build` for a folder of `*.pages.warc.gz` and `*.images.warc.gz`; `only` is a pattern of their names."""
    pages = sorted(crawl.glob(f"{only}.pages.warc.gz"))
    archive = ["--image-archive", f"{crawl}/{only}.images.warc.gz"]
    return ["build", *pages, *archive, "--output", corpus, *QUICK, *SPLIT]


def build(crawl: Path, corpus: Path, *more: object, only: str = "*") -> subprocess.CompletedProcess[str]:
    return m3w(*arguments(crawl, corpus, only=only), *(more or IN_MEMORY))


def rows(corpus: Path, table: str) -> list[dict[str, Any]]:
    """All rows of a table, part after part."""
    return [row for path in sorted((corpus / table).glob("*.parquet")) for row in pq.read_table(path).to_pylist()]
