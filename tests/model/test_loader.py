"""The corpus and its batches: order, resumption, padding, and what is refused."""

import dataclasses
import json
from collections import Counter
from itertools import islice
from pathlib import Path

import fsspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import torch

from model.config import DataConfig
from model.data.corpus import open_corpus
from model.data.loader import Batch, LoaderState, batches, collate, epoch_rows, make_example
from model.errors import CorpusError
from model.language_model import Vocabulary
from model.loss import IGNORED
from schemas.features import FEATURES, EncoderFacts
from schemas.version import VERSION_KEY
from tests.model.corpora import (
    FACTS,
    Page,
    index_entry,
    random_grid,
    random_pages,
    write_corpus,
    write_features,
    write_index,
)

CONFIG = DataConfig(window_tokens=32, shuffle_row_groups=2)
ROWS = 22


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_corpus(tmp_path_factory.mktemp("corpus"), random_pages(ROWS), random_pages(5, seed=1))


def start_of(folder: Path, seed: int = 0, epoch: int = 0, position: int = 0) -> LoaderState:
    return LoaderState(epoch, position, seed, open_corpus(str(folder)).index_sha256)


def take(folder: Path, vocabulary: Vocabulary, state: LoaderState, count: int) -> list[tuple[Batch, LoaderState]]:
    return list(islice(batches(open_corpus(str(folder)), vocabulary, CONFIG, 4, state), count))


def same(one: Batch, other: Batch) -> bool:
    names = ("features", "tokens", "phi", "labels")
    return one.row_ids == other.row_ids and all(torch.equal(getattr(one, n), getattr(other, n)) for n in names)


def test_shapes_types_and_padding(folder: Path, vocabulary: Vocabulary) -> None:
    batch, _ = take(folder, vocabulary, start_of(folder), 1)[0]
    assert batch.features.shape == (4, 5, 1, 4, 8)
    assert batch.features.dtype == torch.float16
    assert batch.tokens.shape == batch.phi.shape == batch.labels.shape == (4, 32)
    assert batch.tokens.dtype == batch.phi.dtype == batch.labels.dtype == torch.int64
    for features, phi in zip(batch.features, batch.phi, strict=True):
        present = features.flatten(1).any(dim=1)
        assert phi.max() <= present.sum()
        assert torch.equal(present, present.sort(descending=True).values)


def test_short_rows_are_padded_without_loss_or_image(vocabulary: Vocabulary, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    corpus = open_corpus(str(write_corpus(tmp_path, [Page("a", "cat dog", [4], [random_grid(rng)])])))
    row = next(epoch_rows(corpus, "train", 1, start_of(tmp_path)))
    example = make_example(row, corpus.encoder, vocabulary, CONFIG, 0, 0)
    padding = int((example.tokens == vocabulary.eos_id).nonzero()[0]) + 1
    assert padding < 32
    assert (example.labels[padding:] == IGNORED).all()
    assert (example.phi[padding:] == 0).all()
    assert example.labels[padding - 1] == vocabulary.eos_id


def test_features_are_the_stored_values(tmp_path: Path, vocabulary: Vocabulary) -> None:
    grid = np.arange(32, dtype="<f2").reshape(1, 4, 8)
    upper_half = (grid.astype("<f4").view("<u4") >> 16).astype("<u2")
    for dtype, stored in (("float16", grid.tobytes()), ("bfloat16", upper_half.tobytes())):
        facts = dataclasses.replace(FACTS, dtype=dtype)
        folder = write_corpus(tmp_path / dtype, [Page("a", "cat", [0], [stored])], facts=facts)
        batch, _ = next(batches(open_corpus(str(folder)), vocabulary, CONFIG, 1, start_of(folder)))
        assert batch.features.dtype == getattr(torch, dtype)
        assert torch.equal(batch.features[0, 0].float(), torch.from_numpy(grid.astype(np.float32)))


def test_an_image_that_could_not_be_decoded_is_not_there(tmp_path: Path, vocabulary: Vocabulary) -> None:
    rng = np.random.default_rng(0)
    first, last = random_grid(rng), random_grid(rng)
    config = DataConfig(window_tokens=64, p_next=0, p_space=0)
    with_gap = Page("a", "cat dog house", [0, 4, 8], [first, None, last])
    without = Page("a", "cat dog house", [0, 8], [first, last])
    found = []
    for name, page in (("gap", with_gap), ("none", without)):
        corpus = open_corpus(str(write_corpus(tmp_path / name, [page])))
        row = next(epoch_rows(corpus, "train", 1, start_of(tmp_path / name)))
        found.append(collate([make_example(row, corpus.encoder, vocabulary, config, 0, 0)], 5))
    assert same(*found)
    assert set(found[0].phi.flatten().tolist()) == {0, 1, 2}


def test_an_epoch_is_one_pass_and_every_epoch_has_its_own_order(folder: Path) -> None:
    corpus = open_corpus(str(folder))
    orders = [
        [row.document_id for row in epoch_rows(corpus, "train", 2, start_of(folder, seed, epoch))]
        for seed, epoch in ((0, 0), (0, 1), (1, 0), (0, 0))
    ]
    pages = Counter(page.document_id for page in random_pages(ROWS))
    assert all(Counter(order) == pages for order in orders)
    assert orders[0] == orders[3]
    assert len({tuple(order) for order in orders}) == 3


def test_windows_change_from_epoch_to_epoch(folder: Path, vocabulary: Vocabulary) -> None:
    corpus = open_corpus(str(folder))
    row = next(epoch_rows(corpus, "train", 2, start_of(folder)))
    examples = [make_example(row, corpus.encoder, vocabulary, CONFIG, 0, epoch) for epoch in (0, 1, 2, 3, 0)]
    assert torch.equal(examples[0].tokens, examples[4].tokens)
    assert len({tuple(example.tokens.tolist()) for example in examples}) > 1


def test_previous_or_next_is_drawn_once_a_document(vocabulary: Vocabulary, tmp_path: Path) -> None:
    """All parts of a document agree; about half of the documents look ahead."""
    rng = np.random.default_rng(0)
    text = "cat dog house"
    pages = [
        Page(f"document {number}", text, [4], [random_grid(rng)], part) for number in range(200) for part in (0, 1)
    ]
    corpus = open_corpus(str(write_corpus(tmp_path, pages, pages_per_file=400, rows_per_group=100)))
    config = DataConfig(window_tokens=64)
    looks_ahead: dict[str, set[bool]] = {}
    for row in epoch_rows(corpus, "train", 9, start_of(tmp_path)):
        example = make_example(row, corpus.encoder, vocabulary, config, 0, 0)
        looks_ahead.setdefault(row.document_id, set()).add(bool(example.phi[0] == 1))
    assert all(len(answers) == 1 for answers in looks_ahead.values())
    share = sum(answers == {True} for answers in looks_ahead.values()) / len(looks_ahead)
    assert 0.4 < share < 0.6


@pytest.mark.parametrize(("p_next", "first"), [(0.0, 0), (1.0, 1)])
def test_p_next_of_0_and_1(vocabulary: Vocabulary, folder: Path, p_next: float, first: int) -> None:
    corpus = open_corpus(str(folder))
    config = DataConfig(window_tokens=1024, p_next=p_next)
    for row in epoch_rows(corpus, "train", 1, start_of(folder)):
        assert make_example(row, corpus.encoder, vocabulary, config, 0, 0).phi[0] == first


def test_resuming_gives_the_same_batches_however_often(folder: Path, vocabulary: Vocabulary) -> None:
    whole = take(folder, vocabulary, start_of(folder), 14)  # more than two epochs
    assert whole[-1][1].epoch == 2
    state = start_of(folder)
    for pause in (1, 3, 1, 5, 4):
        resumed = take(folder, vocabulary, state, pause)
        expected, whole = whole[:pause], whole[pause:]
        assert all(same(one, other) for (one, _), (other, _) in zip(resumed, expected, strict=True))
        state = resumed[-1][1]
        assert state == expected[-1][1]


def test_a_state_of_another_corpus_is_refused(folder: Path, vocabulary: Vocabulary) -> None:
    state = dataclasses.replace(start_of(folder), index_sha256="0" * 64)
    with pytest.raises(CorpusError, match="another corpus"):
        take(folder, vocabulary, state, 1)


def test_any_filesystem(folder: Path, vocabulary: Vocabulary) -> None:
    memory = fsspec.filesystem("memory")
    memory.put(str(folder), "/corpus", recursive=True)
    corpus = open_corpus("memory://corpus")
    (batch, _), (local, _) = (
        next(batches(source, vocabulary, CONFIG, 4, start_of(folder))) for source in (corpus, open_corpus(str(folder)))
    )
    assert same(batch, local)


def test_no_corpus_no_features_no_rows(tmp_path: Path, vocabulary: Vocabulary) -> None:
    with pytest.raises(CorpusError, match="holds no corpus"):
        open_corpus(str(tmp_path))
    folder = write_corpus(tmp_path, random_pages(3))
    entry = index_entry(folder, "train", "features/train-00000.parquet")
    write_index(folder, [entry | {"feature_file": None}], FACTS)
    with pytest.raises(CorpusError, match="m3w build --stages encode"):
        open_corpus(str(tmp_path))
    write_index(folder, [], FACTS)
    with pytest.raises(CorpusError, match="lists no shard"):
        open_corpus(str(tmp_path))
    write_index(folder, [entry | {"split": "validation"}], FACTS)
    with pytest.raises(CorpusError, match="train split of the corpus is empty"):
        take(folder, vocabulary, start_of(folder), 1)


def test_an_index_that_was_changed_is_refused(tmp_path: Path) -> None:
    folder = write_corpus(tmp_path, random_pages(3))
    index = json.loads((folder / "index.json").read_text())
    index["shards"]["sha256"] = "0" * 64
    (folder / "index.json").write_text(json.dumps(index))
    with pytest.raises(CorpusError, match="do not belong together"):
        open_corpus(str(folder))


def test_features_of_two_encoders_are_refused(tmp_path: Path) -> None:
    folder = write_corpus(tmp_path, random_pages(3))
    other = dataclasses.replace(FACTS, weights_hash="9" * 64)
    write_features(folder / "features" / "other.parquet", random_pages(2, seed=5), other, 3)
    names = ["features/train-00000.parquet", "features/other.parquet"]
    write_index(folder, [index_entry(folder, "train", name) for name in names], FACTS)
    with pytest.raises(CorpusError, match="different encoders cannot be mixed"):
        open_corpus(str(folder))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda table: table.replace_schema_metadata({**table.schema.metadata, VERSION_KEY: b"2.0"}), "version 2.0"),
        (lambda table: table.replace_schema_metadata(FEATURES.metadata), "which encoder"),
        (lambda table: table.replace_schema_metadata({}), "not a table written by m3w"),
        (lambda table: table.drop_columns(["text"]), "column 'text'"),
        (lambda table: table.slice(0, 2), "has 2 rows, the index says 3"),
    ],
)
def test_feature_files_that_we_cannot_read_are_refused(tmp_path: Path, change: object, message: str) -> None:
    folder = write_corpus(tmp_path, random_pages(3))
    path = folder / "features" / "train-00000.parquet"
    table = pq.read_table(path)
    assert callable(change)
    pq.write_table(change(table), path)
    with pytest.raises(CorpusError, match=message):
        open_corpus(str(folder))


def test_a_newer_minor_version_is_read(tmp_path: Path, vocabulary: Vocabulary) -> None:
    folder = write_corpus(tmp_path, random_pages(4))
    path = folder / "features" / "train-00000.parquet"
    table = pq.read_table(path).append_column("new", pa.array([1] * 4))
    pq.write_table(table.replace_schema_metadata({**table.schema.metadata, VERSION_KEY: b"1.7"}), path)
    assert len(take(folder, vocabulary, start_of(folder), 1)) == 1


def test_damage_is_named(tmp_path: Path, vocabulary: Vocabulary) -> None:
    folder = write_corpus(tmp_path / "bits", random_pages(4))
    path = folder / "features" / "train-00000.parquet"
    content = bytearray(path.read_bytes())
    grid = random_pages(4)[0].features[0]
    assert grid is not None
    at = content.index(grid)
    content[at] ^= 1
    path.write_bytes(content)
    with pytest.raises(CorpusError, match=r"train-00000\.parquet, row group 0"):
        take(folder, vocabulary, start_of(folder), 1)
    folder = write_corpus(tmp_path / "size", [Page("the page", "cat", [0], [bytes(10)])])
    with pytest.raises(CorpusError, match="the page, part 0: a feature value has 10 bytes"):
        take(folder, vocabulary, start_of(folder), 1)


def test_facts_are_those_of_the_files(folder: Path) -> None:
    assert open_corpus(str(folder)).encoder == EncoderFacts(**dataclasses.asdict(FACTS))
