"""The configuration `tiny` with the real SmolLM2, on the corpus that the pipeline builds of the shared sample crawl."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch

from model.config import load_config
from model.encoder import hash_state
from model.flamingo import Flamingo
from model.language_model import load_language_model
from model.train import train
from tests.pipeline.corpora import m3w
from tests.places import SHARED

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]

CRAWL = SHARED / "sample_crawl"
# In nats a token, on sites that training does not see. 30 steps of two windows gave about 0.05.
MIN_MEAN_FALL = 0.02


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shared sample crawl; with this share two of its six sites are for validation."""
    folder = tmp_path_factory.mktemp("corpus")
    encoder = ["--encoder", "test_nfnet", "--encoder-weights", "random"]
    encoder += ["--set", "image_size_px=160", "--set", "validation_share=0.55"]
    archive = ["--image-archive", f"{CRAWL}/*.images.warc.gz"]
    m3w("build", *sorted(CRAWL.glob("*.pages.warc.gz")), *archive, "--output", folder, *encoder)
    return folder


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
    """Mean over three seeds; validation windows are pages of sites that training does not see."""
    falls = []
    for seed in range(3):
        result = train(str(corpus), tmp_path / str(seed), load_config("tiny", {"training.seed": seed}), device="cpu")
        falls.append(result.before.loss - result.after.loss)
        print(f"seed {seed}: {result.before.loss:.4f} -> {result.after.loss:.4f}")  # noqa: T201  (shown by pytest -s)
    assert sum(falls) / len(falls) > MIN_MEAN_FALL, falls
    assert min(falls) > 0, falls


def test_a_killed_run_resumes_to_equal_losses_and_frozen_weights_stay(
    corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`m3w train` killed after its first checkpoint and started again, against a run that nothing disturbed."""
    config = load_config("tiny", {"training.steps": 6, "training.checkpoint_every_steps": 2})
    loaded = []

    def load_and_keep(name: str, dtype: torch.dtype) -> object:
        wrapped, vocabulary = load_language_model(name, dtype=dtype)
        loaded.append((wrapped.model, hash_state(dict(wrapped.model.state_dict()))))
        return wrapped, vocabulary

    monkeypatch.setattr("model.train.load_language_model", load_and_keep)
    undisturbed = train(str(corpus), tmp_path / "undisturbed", config, device="cpu")
    (model, before) = loaded[0]
    assert hash_state(dict(model.state_dict())) == before

    settings = ["--set", "training.steps=6", "--set", "training.checkpoint_every_steps=2", "--device", "cpu"]
    command = ["train", "--corpus", str(corpus), "--output", str(tmp_path / "killed"), "--config", "tiny", *settings]
    run = subprocess.Popen([str(Path(sys.executable).with_name("m3w")), *command], stdout=subprocess.DEVNULL)
    while not list((tmp_path / "killed" / "checkpoints").glob("step-*2")):
        assert run.poll() is None
        time.sleep(0.05)
    run.kill()
    assert run.wait() == -signal.SIGKILL
    resumed = train(str(corpus), tmp_path / "killed", config, device="cpu")
    assert resumed.first_step > 1
    assert resumed.losses == undisturbed.losses[resumed.first_step - 1 :]
    assert resumed.after == undisturbed.after
