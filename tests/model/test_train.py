"""Training from end to end on small corpora: it learns from images, resumes bit by bit, and says what is wrong."""

import dataclasses
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.torch
import torch
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from model import checkpoint
from model.config import Config
from model.errors import CheckpointError, CorpusError, LanguageModelError, TrainError
from model.flamingo import Flamingo
from model.language_model import load_language_model
from model.loss import IGNORED, next_token_loss
from model.train import TrainResult, make_optimizer, train
from tests.model.corpora import FACTS, WORDS, Page, random_pages, write_corpus
from tests.places import ROOT


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Models this small are faster so, above all where other work has the cores."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_corpus(tmp_path_factory.mktemp("corpus"), random_pages(20), random_pages(6, seed=1))


def changed(config: Config, **training: Any) -> Config:
    return config.model_copy(update={"training": config.training.model_copy(update=training)})


def run(corpus: Path, output: Path, config: Config) -> tuple[TrainResult, list[str]]:
    lines: list[str] = []
    return train(str(corpus), output, config, device="cpu", report=lines.append), lines


def test_screen_tensorboard_and_checkpoints(corpus: Path, tmp_path: Path, small_config: Config) -> None:
    result, lines = run(corpus, tmp_path, small_config)
    assert len(result.losses) == 8
    screen = "\n".join(lines)
    assert "before training: loss" in screen and "with shuffled images" in screen
    assert screen.count("tokens/s") == 8
    assert "validation windows" in screen and "no validation split" not in screen
    assert [path.name for path in checkpoint.saved(tmp_path)] == ["step-00000004", "step-00000008"]
    assert result.checkpoint == checkpoint.saved(tmp_path)[-1]
    board = EventAccumulator(str(tmp_path / "tensorboard"))
    board.Reload()
    assert set(board.Tags()["scalars"]) == {
        "train/loss",
        "train/learning_rate",
        "train/text_tokens_per_s",
        "evaluation/loss",
        "evaluation/loss_shuffled_images",
        *(f"tanh_alpha_{kind}/layer_{layer}" for kind in ("attention", "dense") for layer in (0, 2)),
    }
    assert [event.value for event in board.Scalars("train/loss")] == pytest.approx(result.losses)
    assert [event.step for event in board.Scalars("evaluation/loss")] == [0, 8]
    rates = [event.value for event in board.Scalars("train/learning_rate")]
    peak = small_config.training.learning_rate
    assert rates == pytest.approx([peak * step / 5 for step in range(1, 6)] + [peak] * 3)


def test_without_a_validation_split_the_screen_says_so(tmp_path: Path, small_config: Config) -> None:
    corpus = write_corpus(tmp_path / "corpus", random_pages(6))
    _, lines = run(corpus, tmp_path / "run", changed(small_config, steps=1))
    assert any("no validation split" in line for line in lines)


def test_what_is_trained_and_what_is_not(corpus: Path, tmp_path: Path, small_config: Config) -> None:
    result, _ = run(corpus, tmp_path, small_config)
    tensors = safetensors.torch.load_file(result.checkpoint / "trainable.safetensors")
    assert {name.split(".")[0] for name in tensors} == {"resampler", "blocks", "eoc_embedding", "eoc_unembedding"}
    assert all(value != 0 for by_layer in result.gates.values() for value in by_layer.values())


def test_the_model_learns_to_look(tmp_path: Path, small_config: Config) -> None:
    """The image names the word that follows it; the right images are worth a lot more than shuffled ones."""
    rng = np.random.default_rng(0)
    looks = rng.standard_normal((len(WORDS), 1, 4, 8))

    def page(name: str) -> Page:
        shown = rng.integers(0, len(WORDS), 4)
        features = [(looks[word] + 0.1 * rng.standard_normal((1, 4, 8))).astype("<f2").tobytes() for word in shown]
        text, positions = "", []
        for word in shown:
            positions.append(len(text))
            text += WORDS[word] + " "
        return Page(name, text, positions, features)

    corpus = write_corpus(
        tmp_path / "corpus", [page(f"t{n}") for n in range(64)], [page(f"v{n}") for n in range(16)], pages_per_file=64
    )
    settings = changed(
        small_config, steps=300, batch_rows=8, learning_rate=1e-2, log_every_steps=100, evaluation_rows=16
    )
    settings = settings.model_copy(update={"data": settings.data.model_copy(update={"p_next": 0.0, "p_space": 0.0})})
    result, _ = run(corpus, tmp_path / "run", settings)
    assert result.before.loss == pytest.approx(result.before.loss_shuffled_images)
    assert result.after.loss < result.before.loss - 1
    assert result.after.loss_shuffled_images > result.after.loss + 0.3


def test_resumed_runs_are_bit_equal(corpus: Path, tmp_path: Path, small_config: Config) -> None:
    whole, _ = run(corpus, tmp_path / "whole", small_config)
    first, _ = run(corpus, tmp_path / "parts", changed(small_config, steps=4))
    second, lines = run(corpus, tmp_path / "parts", small_config)
    assert first.losses + second.losses == whole.losses
    assert (second.first_step, second.before, second.after) == (5, whole.before, whole.after)
    assert any("continuing after step 4" in line for line in lines)
    parts = [safetensors.torch.load_file(result.checkpoint / "trainable.safetensors") for result in (whole, second)]
    assert all(torch.equal(parts[0][name], parts[1][name]) for name in parts[0])


def test_other_seeds_give_other_losses(corpus: Path, tmp_path: Path, small_config: Config) -> None:
    results = [run(corpus, tmp_path / str(seed), changed(small_config, seed=seed, steps=2))[0] for seed in (0, 1)]
    assert results[0].losses != results[1].losses
    assert results[0].before == results[1].before  # the same windows, and gates of 0


def test_a_killed_run_continues_bit_by_bit(corpus: Path, tmp_path: Path, small_config: Config) -> None:
    """SIGKILL at whatever the run is doing; then again, until it is through."""
    settings = changed(small_config, steps=60, checkpoint_every_steps=1, keep_checkpoints=2)
    whole, _ = run(corpus, tmp_path / "whole", settings)
    program = (
        "import sys, torch; from model.config import Config; from model.train import train;"
        f"torch.set_num_threads({torch.get_num_threads()});"
        "train(sys.argv[1], sys.argv[2], Config.model_validate_json(sys.argv[3]), device='cpu')"
    )
    output = tmp_path / "killed"
    arguments = [sys.executable, "-c", program, str(corpus), str(output), settings.model_dump_json()]
    for kill_after in (3, 20):
        process = subprocess.Popen(arguments, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith("step ") and int(line.split()[1].split("/")[0]) >= kill_after:
                break
        os.kill(process.pid, signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
        process.stdout.close()
    done = checkpoint.read_progress(checkpoint.saved(output)[-1]).step
    assert 19 <= done < 60
    rest, _ = run(corpus, output, settings)
    assert rest.losses == whole.losses[done:]
    assert (rest.before, rest.after) == (whole.before, whole.after)
    assert sorted(path.name for path in (output / "checkpoints").iterdir()) == ["step-00000059", "step-00000060"]


def test_a_half_written_checkpoint_is_not_one(corpus: Path, tmp_path: Path, small_config: Config) -> None:
    whole, _ = run(corpus, tmp_path / "whole", small_config)
    run(corpus, tmp_path / "parts", changed(small_config, steps=4))
    half = tmp_path / "parts" / "checkpoints" / ".partial-step-00000005"
    half.mkdir()
    (half / "state.json").write_text("{")
    second, _ = run(corpus, tmp_path / "parts", small_config)
    assert second.losses == whole.losses[4:]
    assert not half.exists()


def test_a_finished_run_has_nothing_to_do(corpus: Path, tmp_path: Path, small_config: Config) -> None:
    first, _ = run(corpus, tmp_path, small_config)
    again, _ = run(corpus, tmp_path, small_config)
    assert again.losses == []
    assert (again.after, again.checkpoint) == (first.after, first.checkpoint)


def test_another_run_in_the_same_folder_is_refused(corpus: Path, tmp_path: Path, small_config: Config) -> None:
    output = tmp_path / "run"
    run(corpus, output, changed(small_config, steps=2))
    with pytest.raises(CheckpointError, match=r"another configuration \(training.batch_rows, training.seed\)"):
        run(corpus, output, changed(small_config, seed=5, batch_rows=3))
    other = write_corpus(tmp_path / "other", random_pages(9, seed=8))
    with pytest.raises(CheckpointError, match="another corpus"):
        run(other, output, small_config)
    facts = dataclasses.replace(FACTS, weights_hash="9" * 64)
    other = write_corpus(tmp_path / "encoder", random_pages(20), random_pages(6, seed=1), facts=facts)
    with pytest.raises(CheckpointError, match="another encoder"):
        run(other, output, small_config)
    run(corpus, output, changed(small_config, steps=3, log_every_steps=2, keep_checkpoints=1))  # these may change


@pytest.mark.parametrize("name", ["state.json", "trainable.safetensors", "optimizer.pt"])
def test_a_damaged_checkpoint_is_named(corpus: Path, tmp_path: Path, small_config: Config, name: str) -> None:
    result, _ = run(corpus, tmp_path, changed(small_config, steps=4))
    path = result.checkpoint / name
    path.write_bytes(path.read_bytes()[:20])
    with pytest.raises(CheckpointError, match=r"step-00000004 is damaged"):
        run(corpus, tmp_path, small_config)


def test_checkpoints_hold_no_code(corpus: Path, tmp_path: Path, small_config: Config) -> None:
    """A checkpoint from elsewhere is data: its optimiser state is read without unpickling objects."""
    result, _ = run(corpus, tmp_path, changed(small_config, steps=4))
    torch.save({"optimizer": Path("x")}, result.checkpoint / "optimizer.pt")
    with pytest.raises(CheckpointError, match="damaged"):
        run(corpus, tmp_path, small_config)


def test_a_loss_that_is_not_finite_stops_the_run(tmp_path: Path, small_config: Config) -> None:
    pages = [
        dataclasses.replace(page, features=[np.full((1, 4, 8), np.nan, "<f2").tobytes() for _ in page.features])
        for page in random_pages(8)
    ]
    corpus = write_corpus(tmp_path / "corpus", pages)
    with pytest.raises(TrainError, match=r"The loss of step 1 is nan.* part 0"):
        run(corpus, tmp_path / "run", small_config)
    assert checkpoint.saved(tmp_path / "run") == []


def test_errors_for_the_user(corpus: Path, tmp_path: Path, small_config: Config) -> None:
    with pytest.raises(CorpusError, match="holds no corpus"):
        run(tmp_path, tmp_path / "run", small_config)
    text_only = write_corpus(tmp_path / "text", [Page("a", "only text", [], [])])
    with pytest.raises(CorpusError, match="shows an image"):
        run(text_only, tmp_path / "run", small_config)
    model = small_config.model
    for name, error, message in (
        (None, TrainError, "--set model.language_model.name"),
        ("package:no_such_package", LanguageModelError, "pip install"),
        (str(tmp_path), LanguageModelError, "cannot be loaded"),
    ):
        language_model = model.language_model.model_copy(update={"name": name})
        config = small_config.model_copy(update={"model": model.model_copy(update={"language_model": language_model})})
        with pytest.raises(error, match=message):
            run(corpus, tmp_path / "run", config)


def test_optimiser_groups(small_config: Config, language_model_folder: Path) -> None:
    """Weight decay 0 on the resampler, 0.1 on everything else that is trained, and nothing frozen anywhere."""
    model = Flamingo(small_config.model, load_language_model(str(language_model_folder))[0], FACTS.channels)
    names = {id(parameter): name for name, parameter in model.named_parameters()}
    resampler, rest = make_optimizer(model, small_config).param_groups
    assert (resampler["weight_decay"], rest["weight_decay"]) == (0.0, 0.1)
    assert all(names[id(parameter)].startswith("resampler.") for parameter in resampler["params"])
    assert {names[id(p)].split(".")[0] for p in rest["params"]} == {"blocks", "eoc_embedding", "eoc_unembedding"}
    assert {names[id(p)] for group in (resampler, rest) for p in group["params"]} == set(model.trainable_state())


def test_loss() -> None:
    logits = torch.randn(2, 4, 7, requires_grad=True)
    labels = torch.tensor([[1, 2, IGNORED, 3], [0, IGNORED, IGNORED, IGNORED]])
    log_likelihood = logits.log_softmax(dim=-1)
    expected = -(log_likelihood[0, 0, 2] + log_likelihood[0, 2, 3])
    torch.testing.assert_close(next_token_loss(logits, labels, "token_mean"), expected / 2)
    torch.testing.assert_close(next_token_loss(logits, labels, "sum"), expected / 2)  # two rows
    torch.testing.assert_close(next_token_loss(logits[:1], labels[:1], "sum"), expected)


@pytest.mark.parametrize("reduction", ["token_mean", "sum"])
def test_nothing_to_learn_from_is_loss_0(reduction: Any) -> None:
    logits = torch.randn(2, 4, 7, requires_grad=True)
    loss = next_token_loss(logits, torch.full((2, 4), IGNORED), reduction)
    loss.backward()
    assert loss.item() == 0
    assert logits.grad is not None and (logits.grad == 0).all()
