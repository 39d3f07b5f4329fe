"""Train Flamingo on an encoded corpus: resampler, inserted blocks and `<EOC>` learn, the language model is frozen."""

import contextlib
import math
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import torch
from torch.utils.tensorboard import SummaryWriter

from model import checkpoint
from model.config import Config
from model.data.corpus import open_corpus
from model.data.loader import LoaderState, batches
from model.errors import TrainError
from model.flamingo import Flamingo
from model.language_model import load_language_model
from model.loss import IGNORED, next_token_loss
from model.validation import Evaluation, evaluate, fixed_windows

Device = Literal["auto", "cpu", "cuda"]


@dataclass(frozen=True)
class TrainResult:
    """What a run came to; `losses` are those of the steps that this call made, the first being `first_step`."""

    first_step: int
    losses: list[float]
    before: Evaluation
    after: Evaluation
    gates: dict[str, dict[str, float]]
    checkpoint: Path


def train(
    corpus: str,
    output: str | Path,
    config: Config,
    *,
    device: Device = "auto",
    report: Callable[[str], None] = print,
) -> TrainResult:
    """Train on `corpus` (folder or fsspec URL) into the local folder `output`, or continue what lies there.

    `report` gets one line at a time for the screen; the same numbers go to TensorBoard in `output`/tensorboard.
    Raises `ModelError` with a message for the user.
    """
    output, settings = Path(output), config.training
    chosen = _device(device)
    if config.model.language_model.name is None:
        raise TrainError(
            "This configuration has only the shape of a language model, since the paper's was never released. Name one "
            "to train with: --set model.language_model.name=FOLDER (or a .gguf file, package:NAME, or a hub name)."
        )

    # The corpus, and whether the output folder holds a run to continue.
    data = open_corpus(corpus)
    start = LoaderState(epoch=0, position=0, seed=settings.seed, index_sha256=data.index_sha256)
    found = checkpoint.saved(output)[-1:]
    progress = checkpoint.read_progress(found[0]) if found else None
    if progress:
        checkpoint.check_same_run(found[0], progress, config, data.encoder, data.index_sha256)
        torch.set_num_threads(progress.cpu_threads)

    with _deterministic(chosen):
        # The model: frozen parts in the precision of the device, trained parts in float32.
        report(f"language model {config.model.language_model.name}: loading")
        frozen_dtype = torch.bfloat16 if chosen.type == "cuda" else torch.float32
        language_model, vocabulary = load_language_model(config.model.language_model.name, dtype=frozen_dtype)
        torch.manual_seed(settings.seed)
        model = Flamingo(config.model, language_model, data.encoder.channels).to(chosen)
        optimizer = make_optimizer(model, config)
        trained = sum(tensor.numel() for tensor in model.trainable_state().values())
        report(
            f"{trained / 1e6:.1f} M parameters to train, blocks before layers {', '.join(model.blocks)}; "
            f"features of {data.encoder.name} ({data.encoder.weights}); {chosen}"
        )

        # Fixed windows to measure on.
        split = "validation" if data.splits["validation"] else "train"
        windows = fixed_windows(data, split, vocabulary, config.data, settings.evaluation_rows)
        if split == "train":
            report("no validation split: the loss is measured on windows of the train split")
        if progress:
            checkpoint.load_trainable(found[0], model)
            checkpoint.load_optimizer(found[0], optimizer)
            step, state, before = progress.step, progress.data, progress.before
            report(f"continuing after step {step}")
        else:
            step, state = 0, start
            before = evaluate(model, windows, config.data, settings.batch_rows)
        report(_evaluation_line("before training", before, len(windows), split))

        first_step, losses, last = step, list[float](), found[0] if found else output
        stream = batches(data, vocabulary, config.data, settings.batch_rows, state)
        with (
            contextlib.closing(stream),
            SummaryWriter(str(output / "tensorboard"), purge_step=step or None) as board,
        ):
            if not progress:
                _log_evaluation(board, before, 0)
            while step < settings.steps:
                started_at = time.monotonic()
                batch, state = next(stream)

                # One update: linear warm-up to a constant rate, gradients clipped by their global norm.
                rate = settings.learning_rate * min(1.0, (step + 1) / settings.warmup_steps)
                for group in optimizer.param_groups:
                    group["lr"] = rate
                with torch.autocast(chosen.type, torch.bfloat16, enabled=chosen.type == "cuda"):
                    logits = model(batch.features.to(chosen), batch.tokens.to(chosen), batch.phi.to(chosen))
                loss = next_token_loss(logits, batch.labels.to(chosen), settings.loss)
                losses.append(_finite(loss.item(), step + 1, batch.row_ids))
                optimizer.zero_grad()
                loss.backward()  # type: ignore[no-untyped-call]  # torch has no annotation for it
                torch.nn.utils.clip_grad_norm_(_trained(model), settings.clip_norm)
                optimizer.step()
                step += 1
                if step % settings.log_every_steps == 0 or step == settings.steps:
                    text_tokens = int((batch.labels != IGNORED).sum())
                    _log_step(board, report, model, step, settings.steps, losses[-1], rate, text_tokens, started_at)
                if step % settings.checkpoint_every_steps == 0 or step == settings.steps:
                    progress = checkpoint.Progress(step, state, config, data.encoder, before, torch.get_num_threads())
                    last = checkpoint.save(output, model, optimizer, progress, settings.keep_checkpoints)

            after = evaluate(model, windows, config.data, settings.batch_rows)
            _log_evaluation(board, after, step)
        report(_evaluation_line(f"after step {step}", after, len(windows), split))
        report(f"checkpoint {last}")
        return TrainResult(first_step + 1, losses, before, after, model.gates(), last)


def make_optimizer(model: Flamingo, config: Config) -> torch.optim.AdamW:
    """AdamW with the paper's two groups: no weight decay on the resampler, 0.1 on all else that is trained."""
    resampler = {id(parameter) for parameter in model.resampler.parameters()}
    settings = config.training
    groups = [
        {
            "params": [parameter for parameter in _trained(model) if (id(parameter) in resampler) == is_resampler],
            "weight_decay": settings.resampler_weight_decay if is_resampler else settings.weight_decay,
        }
        for is_resampler in (True, False)
    ]
    return torch.optim.AdamW(groups, lr=settings.learning_rate, betas=settings.betas)


def _trained(model: Flamingo) -> list[torch.nn.Parameter]:
    return [parameter for parameter in model.parameters() if parameter.requires_grad]


def _device(wanted: Device) -> torch.device:
    if wanted == "cuda" and not torch.cuda.is_available():
        raise TrainError("There is no CUDA device here: choose --device cpu, or auto.")
    return torch.device("cuda" if wanted != "cpu" and torch.cuda.is_available() else "cpu")


def _finite(loss: float, step: int, row_ids: list[tuple[str, int]]) -> float:
    if math.isfinite(loss):
        return loss
    rows = ", ".join(f"{document} part {part}" for document, part in row_ids)
    raise TrainError(
        f"The loss of step {step} is {loss}; the checkpoints before it are good. Lower the learning rate, or look at "
        f"the rows of this step: {rows}."
    )


@contextlib.contextmanager
def _deterministic(device: torch.device) -> Iterator[None]:
    """Same seed, same losses: bit by bit on a CPU; on CUDA as far as its kernels can."""
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # cuBLAS is deterministic only with a fixed workspace
    was_on, only_warned = (
        torch.are_deterministic_algorithms_enabled(),
        torch.is_deterministic_algorithms_warn_only_enabled(),
    )
    torch.use_deterministic_algorithms(True, warn_only=device.type == "cuda")
    try:
        yield
    finally:
        torch.use_deterministic_algorithms(was_on, warn_only=only_warned)


def _log_step(
    board: SummaryWriter,
    report: Callable[[str], None],
    model: Flamingo,
    step: int,
    steps: int,
    loss: float,
    rate: float,
    text_tokens: int,
    started_at: float,
) -> None:
    tokens_per_s = text_tokens / (time.monotonic() - started_at)
    gates = model.gates()
    board.add_scalar("train/loss", loss, step)
    board.add_scalar("train/learning_rate", rate, step)
    board.add_scalar("train/text_tokens_per_s", tokens_per_s, step)
    for kind, by_layer in gates.items():
        for layer, value in by_layer.items():
            board.add_scalar(f"tanh_alpha_{kind}/layer_{layer}", value, step)
    shown = "  ".join(f"{kind} " + " ".join(f"{value:+.3f}" for value in gates[kind].values()) for kind in gates)
    report(f"step {step}/{steps}  loss {loss:.4f}  rate {rate:.1e}  {tokens_per_s:.0f} tokens/s  tanh(alpha): {shown}")


def _log_evaluation(board: SummaryWriter, evaluation: Evaluation, step: int) -> None:
    board.add_scalar("evaluation/loss", evaluation.loss, step)
    board.add_scalar("evaluation/loss_shuffled_images", evaluation.loss_shuffled_images, step)


def _evaluation_line(when: str, evaluation: Evaluation, windows: int, split: str) -> str:
    return (
        f"{when}: loss {evaluation.loss:.4f} on {windows} {split} windows, "
        f"{evaluation.loss_shuffled_images:.4f} with shuffled images"
    )
