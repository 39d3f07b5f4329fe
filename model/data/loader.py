"""Batches from a corpus, in an order that depends on seed, epoch and index alone, from any position on.

An epoch is one pass over all rows. Its row groups are permuted and read in blocks of a few; the rows of a block are
mixed. So a row is found without reading what came before it, and a resumed run sees exactly what it would have seen.
"""

from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from model.config import DataConfig
from model.data.corpus import Corpus, Row, RowGroup
from model.data.draws import draw
from model.data.markup import mark_up
from model.data.windows import cut_window
from model.errors import CorpusError
from model.grids import DTYPES, grid_from_bytes
from model.language_model import Vocabulary
from model.loss import IGNORED
from schemas.features import EncoderFacts


@dataclass(frozen=True)
class LoaderState:
    """Where a run stands in its data: the next row is row `position` of `epoch`."""

    epoch: int
    position: int
    seed: int
    index_sha256: str


@dataclass(frozen=True)
class Example:
    """One window; `features` [n, T, S, C] are its n <= N images; the others are int64 [L], padded."""

    features: Tensor
    tokens: Tensor
    phi: Tensor
    labels: Tensor
    row_id: tuple[str, int]  # document_id, part_index


@dataclass(frozen=True)
class Batch:
    """`features` [B, N, T, S, C] in the stored type, zero where there is no image; `tokens`, `phi`, `labels` [B, L]."""

    features: Tensor
    tokens: Tensor
    phi: Tensor
    labels: Tensor
    row_ids: list[tuple[str, int]]


def batches(
    corpus: Corpus, vocabulary: Vocabulary, config: DataConfig, batch_rows: int, start: LoaderState
) -> Generator[tuple[Batch, LoaderState], None, None]:
    """Batches of the train split without end, each with the state from which the next one follows.

    Raises `CorpusError` where `start` belongs to another corpus, or the split is empty.
    """
    if start.index_sha256 != corpus.index_sha256:
        raise CorpusError("The state of the data belongs to another corpus (its index has another hash).")
    if not any(group.rows for group in corpus.splits["train"]):
        raise CorpusError("The train split of the corpus is empty.")
    state, examples = start, list[Example]()
    while True:
        for row in epoch_rows(corpus, "train", config.shuffle_row_groups, state):
            examples.append(make_example(row, corpus.encoder, vocabulary, config, state.seed, state.epoch))
            state = replace(state, position=state.position + 1)
            if len(examples) == batch_rows:
                yield collate(examples, config.max_images), state
                examples = []
        state = replace(state, epoch=state.epoch + 1, position=0)


def epoch_rows(corpus: Corpus, split: str, groups_per_block: int, start: LoaderState) -> Iterator[Row]:
    """The rows of `start`'s epoch from its position to the end; the next block is read while this one is used."""
    groups = list(corpus.splits[split])
    draw(start.seed, start.epoch, "row groups").shuffle(groups)
    blocks = [groups[at : at + groups_per_block] for at in range(0, len(groups), groups_per_block)]
    skip = start.position
    while blocks and skip >= (rows := sum(group.rows for group in blocks[0])):
        skip -= rows
        del blocks[0]
    with ThreadPoolExecutor(1) as reader:
        waiting = [reader.submit(_read_block, corpus, block, start) for block in blocks[:1]]
        for number in range(len(blocks)):
            block = waiting.pop().result()
            waiting = [reader.submit(_read_block, corpus, following, start) for following in blocks[number + 1 :][:1]]
            yield from block[skip:]
            skip = 0


def make_example(
    row: Row, facts: EncoderFacts, vocabulary: Vocabulary, config: DataConfig, seed: int, epoch: int
) -> Example:
    """The row's window of this epoch. Previous or next image is drawn once a document, all else once a row."""
    next_image = draw(seed, epoch, "next image", row.document_id).random() < config.p_next
    own = draw(seed, epoch, "window", row.document_id, row.part_index)
    marked = mark_up(row.text, row.positions, [own.random() < config.p_space for _ in row.positions], vocabulary)
    start = own.randrange(max(1, len(marked.tokens) - config.window_tokens + 1))
    window = cut_window(marked, start, config.window_tokens, config.max_images, next_image=next_image)
    where = f"document {row.document_id}, part {row.part_index}"
    grids = [grid_from_bytes(row.features[number], facts, where) for number in window.images]
    no_image = torch.zeros(
        0, facts.frames, facts.grid_height * facts.grid_width, facts.channels, dtype=DTYPES[facts.dtype]
    )
    return Example(
        torch.stack(grids) if grids else no_image,
        _padded(window.tokens, vocabulary.eos_id, config.window_tokens),
        _padded(window.phi, 0, config.window_tokens),
        _padded(window.labels, IGNORED, config.window_tokens),
        (row.document_id, row.part_index),
    )


def collate(examples: Sequence[Example], max_images: int) -> Batch:
    """A batch of examples, each padded to `max_images` images of zeros."""
    features = examples[0].features.new_zeros(len(examples), max_images, *examples[0].features.shape[1:])
    for row, example in enumerate(examples):
        features[row, : len(example.features)] = example.features
    tokens, phi, labels = (
        torch.stack([getattr(example, name) for example in examples]) for name in ("tokens", "phi", "labels")
    )
    return Batch(features, tokens, phi, labels, [example.row_id for example in examples])


def _read_block(corpus: Corpus, block: list[RowGroup], state: LoaderState) -> list[Row]:
    rows = [row for group in block for row in corpus.read(group)]
    draw(state.seed, state.epoch, "rows", block[0].file, block[0].number).shuffle(rows)
    return rows


def _padded(values: list[int], filler: int, length: int) -> Tensor:
    return torch.tensor(values + [filler] * (length - len(values)))
