"""Loss on fixed windows, and the control that a falling loss needs: the same windows with the wrong images.

A language model's loss on web text falls when only its blocks adapt to that text, without any look at an image. What
the images are worth is the loss with shuffled images minus the loss with the right ones.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice

import torch

from model.config import DataConfig
from model.data.corpus import Corpus
from model.data.loader import Example, LoaderState, collate, epoch_rows, make_example
from model.errors import CorpusError
from model.flamingo import Flamingo
from model.language_model import Vocabulary
from model.loss import IGNORED, next_token_loss

MAX_PASSES = 20  # a page of ten windows shows its one image in nine of ten such searches
MIN_SEEING_TOKENS = 8  # a few words; a gallery's windows hold markup alone, whose loss says nothing of text
SEED = -1  # the windows are the same in runs with different seeds, whose own are 0 or more


@dataclass(frozen=True)
class Evaluation:
    """Mean negative log-likelihood a token, in nats."""

    loss: float
    loss_shuffled_images: float


def fixed_windows(corpus: Corpus, split: str, vocabulary: Vocabulary, config: DataConfig, count: int) -> list[Example]:
    """The first `count` windows of `split`, in a fixed order, in which at least `MIN_SEEING_TOKENS` see an image.

    Most windows of a long page show none, so a small split is passed over `MAX_PASSES` times.
    """
    windows: list[Example] = []
    for epoch in range(MAX_PASSES):
        start = LoaderState(epoch=epoch, position=0, seed=SEED, index_sha256=corpus.index_sha256)
        rows = epoch_rows(corpus, split, 1, start)
        examples = (make_example(row, corpus.encoder, vocabulary, config, SEED, epoch) for row in rows)
        seeing = (example for example in examples if _seeing_tokens(example, vocabulary) >= MIN_SEEING_TOKENS)
        windows += islice(seeing, count - len(windows))
        if len(windows) == count:
            break
    if not windows:
        raise CorpusError(f"No window of the {split} split shows an image to its text: there is nothing to train on.")
    return windows


def _seeing_tokens(example: Example, vocabulary: Vocabulary) -> int:
    """Tokens of text, markup not counted, that see an image and have a loss."""
    is_text = (
        (example.labels != IGNORED) & (example.labels != vocabulary.eoc_id) & (example.labels != vocabulary.eos_id)
    )
    return int((is_text & (example.phi > 0)).sum())


def shuffle_images(examples: Sequence[Example]) -> list[Example]:
    """The same windows, every image replaced by the one that stands half of all images further on."""
    images = torch.cat([example.features for example in examples])
    images = images.roll(len(images) // 2, dims=0)
    parts = torch.split(images, [len(example.features) for example in examples])
    return [replace(example, features=part) for example, part in zip(examples, parts, strict=True)]


@torch.no_grad()
def evaluate(model: Flamingo, examples: Sequence[Example], config: DataConfig, batch_rows: int) -> Evaluation:
    """Loss of `model` on `examples`, as they are and with shuffled images."""
    return Evaluation(
        _mean_loss(model, examples, config, batch_rows),
        _mean_loss(model, shuffle_images(examples), config, batch_rows),
    )


def _mean_loss(model: Flamingo, examples: Sequence[Example], config: DataConfig, batch_rows: int) -> float:
    device = model.eoc_embedding.device
    total, tokens = 0.0, 0
    for at in range(0, len(examples), batch_rows):
        batch = collate(examples[at : at + batch_rows], config.max_images)
        with torch.autocast(device.type, torch.bfloat16, enabled=device.type == "cuda"):
            logits = model(batch.features.to(device), batch.tokens.to(device), batch.phi.to(device))
        total += next_token_loss(logits, batch.labels.to(device), "sum").item() * len(batch.labels)
        tokens += int((batch.labels[:, 1:] != IGNORED).sum())
    return total / max(tokens, 1)
