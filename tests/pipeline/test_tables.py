"""The stage contract: whatever happens on the way, the tables end as a function of the inputs."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.store import Store
from pipeline.tables import OutputFile, Receipt, Tally, commit, publish, read_receipts
from schemas.archive import ARCHIVE
from schemas.version import SchemaError
from tests.pipeline.corpora import assert_same_tables, tables
from tests.pipeline.toy import Killed, run_toy

FILES = {
    f"file{n}": f"{word} {word[::-1]} apple x{n}" for n, word in enumerate(["bread", "tide", "clay", "air", "bee"])
}


@contextmanager
def killed_at_put(number: int | None, *, after: bool) -> Iterator[None]:
    """Let the process die at its `number`-th write to the store, just before or just after it took effect."""
    real, count = Store.put, 0

    def put(store: Store, local: Path, path: str) -> None:
        nonlocal count
        count += 1
        if count == number and not after:
            raise Killed
        real(store, local, path)
        if count == number:
            raise Killed

    with mock.patch.object(Store, "put", put):
        yield


runs = st.lists(
    st.tuples(
        st.sets(st.sampled_from(sorted(FILES)), min_size=1),
        st.none() | st.integers(1, 25),
        st.booleans(),
        st.integers(0, 1000),
    ),
    max_size=6,
)


@settings(max_examples=60, deadline=None)
@given(runs)
def test_any_history_ends_in_the_same_tables(history: list[tuple[set[str], int | None, bool, int]]) -> None:
    """Runs on growing inputs, killed at any write, with units run twice and out of order."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        crawl = folder / "crawl"
        crawl.mkdir()
        for file, words in FILES.items():
            (crawl / file).write_text(words)
        run_toy(folder / "undisturbed", crawl, FILES)
        for names, kill_at, after, seed in history:
            with killed_at_put(kill_at, after=after):
                try:
                    run_toy(folder / "disturbed", crawl, names, seed)
                except Killed:
                    continue
        run_toy(folder / "disturbed", crawl, FILES)
        assert_same_tables(folder / "undisturbed", folder / "disturbed")
        assert run_toy(folder / "disturbed", crawl, FILES) == 0  # a further run does nothing


@settings(max_examples=20, deadline=None)
@given(st.sampled_from(sorted(FILES)), st.sampled_from(["apple pie", "zebra", "bread air"]))
def test_a_changed_input_redoes_just_what_follows_from_it(changed: str, words: str) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        crawl = folder / "crawl"
        crawl.mkdir()
        for file, text in FILES.items():
            (crawl / file).write_text(text)
        run_toy(folder / "corpus", crawl, FILES)
        (crawl / changed).write_text(words)
        run_toy(folder / "corpus", crawl, FILES)
        run_toy(folder / "fresh", crawl, FILES)
        assert_same_tables(folder / "corpus", folder / "fresh")


def test_files_without_a_receipt_are_swept_and_lost_files_made_again(tmp_path: Path) -> None:
    crawl = tmp_path / "crawl"
    crawl.mkdir()
    for file, words in FILES.items():
        (crawl / file).write_text(words)
    corpus = tmp_path / "corpus"
    run_toy(corpus, crawl, FILES)
    whole = tables(corpus)
    (corpus / "words" / "file0.0123456789abcdef.txt").write_text("leaving of a killed run")
    next((corpus / "letters").iterdir()).unlink()
    (corpus / ".scratch" / "old").mkdir(parents=True)
    run_toy(corpus, crawl, FILES)
    assert tables(corpus) == whole


def test_a_receipt_whose_counts_do_not_add_up_is_refused(tmp_path: Path) -> None:
    tally = Tally(taken=3, out={"kept": 1}, dropped={"too_small": 1})
    with pytest.raises(ValueError, match="do not add up"):
        commit(Store(str(tmp_path)), Receipt("select", "unit", "key", {}, [], {"images": tally}))
    assert read_receipts(Store(str(tmp_path)), "select") == {}


def test_a_file_of_another_table_is_not_published(tmp_path: Path) -> None:
    local = tmp_path / "part.parquet"
    pq.write_table(pa.table({"url": ["a"]}), local)
    with pytest.raises(SchemaError, match="not a table written by m3w"):
        publish(Store(str(tmp_path / "corpus")), local, "archive", "unit", expected=ARCHIVE)
    assert not (tmp_path / "corpus").exists()


@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.booleans(), st.integers(0, 9))),
    st.lists(st.tuples(st.sampled_from("abc"), st.booleans(), st.integers(0, 9))),
)
def test_tallies_add_up_and_survive_json(one: list[tuple[str, bool, int]], two: list[tuple[str, bool, int]]) -> None:
    tallies = []
    for events in (one, two):
        tally = Tally()
        for name, kept, count in events:
            (tally.keep if kept else tally.drop)(name, count)
        assert tally.adds_up
        tallies.append(tally)
    tallies[0].add(tallies[1])
    assert tallies[0].adds_up
    assert tallies[0].taken == sum(count for _, _, count in [*one, *two])
    outputs = [OutputFile("words", "words/a.0.txt", 1, "0", None, {"images": 3})]
    receipt = Receipt("stage", "unit", "key", {"a": "b"}, outputs, {"words": tallies[0]}, [{"url": "u"}], {"s": 1.5})
    assert Receipt.from_json(receipt.to_json(diagnostics=True)) == receipt
    assert Receipt.from_json(receipt.to_json(diagnostics=False)).diagnostics == {}
