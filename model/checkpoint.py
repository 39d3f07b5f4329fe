"""Checkpoints: a folder each, written beside its place and renamed into it, so that a killed run never leaves half.

checkpoints/step-00000040/
    trainable.safetensors   the trained tensors
    optimizer.pt            AdamW's state and the random generators
    state.json              step, place in the data, configuration, corpus and encoder
"""

import json
import os
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import safetensors.torch
import torch
from torch.optim import Optimizer

from model.config import Config
from model.data.loader import LoaderState
from model.errors import CheckpointError
from model.flamingo import Flamingo
from model.validation import Evaluation
from schemas.features import EncoderFacts

FOLDER = "checkpoints"
PREFIX = "step-"
PARTIAL = ".partial-"  # being written or being deleted
VERSION = 1  # of state.json; raised when an older program could not continue from it

# What may change when a run is continued: it alters how far and how often, not what is learned.
FREE_TO_CHANGE = {"steps", "log_every_steps", "checkpoint_every_steps", "keep_checkpoints"}


@dataclass(frozen=True)
class Progress:
    """All of a run's state that is not a tensor."""

    step: int
    data: LoaderState
    config: Config
    encoder: EncoderFacts
    before: Evaluation  # of step 0
    cpu_threads: int  # another number sums in another order


def save(output: Path, model: Flamingo, optimizer: Optimizer, progress: Progress, keep: int) -> Path:
    """Write the checkpoint of `progress.step` to the disk, delete all but the last `keep`, return its folder."""
    folder = output / FOLDER
    final = folder / f"{PREFIX}{progress.step:08d}"
    for left_over in folder.glob(f"{PARTIAL}*"):  # of a run that was killed
        shutil.rmtree(left_over)
    partial = folder / f"{PARTIAL}{final.name}"
    partial.mkdir(parents=True)
    safetensors.torch.save_file(
        {name: tensor.contiguous() for name, tensor in model.trainable_state().items()},
        partial / "trainable.safetensors",
    )
    cuda = torch.cuda.get_rng_state_all() if torch.cuda.is_available() else []
    torch.save(
        {"optimizer": optimizer.state_dict(), "rng": torch.get_rng_state(), "cuda_rng": cuda}, partial / "optimizer.pt"
    )
    state = asdict(progress) | {"version": VERSION, "config": progress.config.model_dump(mode="json")}
    (partial / "state.json").write_text(json.dumps(state, indent=2) + "\n")
    for path in [*partial.iterdir(), partial]:
        _flush(path)
    partial.rename(final)
    _flush(folder)
    for old in saved(output)[:-keep]:
        _delete(old)
    return final


def saved(output: Path) -> list[Path]:
    """The folders of whole checkpoints, oldest first."""
    return sorted((output / FOLDER).glob(f"{PREFIX}*"))


def read_progress(checkpoint: Path) -> Progress:
    """The state of `checkpoint`; raises `CheckpointError` where it cannot be read."""
    try:
        state = json.loads((checkpoint / "state.json").read_text())
        if state.pop("version") != VERSION:
            raise CheckpointError(f"{checkpoint} was written by another version of m3w: continue with that one.")
        return Progress(
            step=state["step"],
            data=LoaderState(**state["data"]),
            config=Config.model_validate(state["config"]),
            encoder=EncoderFacts(**state["encoder"]),
            before=Evaluation(**state["before"]),
            cpu_threads=state["cpu_threads"],
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _damaged(checkpoint, error) from error


def check_same_run(checkpoint: Path, found: Progress, config: Config, encoder: EncoderFacts, index_sha256: str) -> None:
    """Raise `CheckpointError` unless `checkpoint` belongs to this configuration, corpus and encoder."""
    changed = sorted(_differences(found.config, config))
    if changed:
        what = f"another configuration ({', '.join(changed)})"
    elif found.encoder != encoder:
        what = f"features of another encoder ({found.encoder})"
    elif found.data.index_sha256 != index_sha256:
        what = "another corpus (its index has another hash)"
    else:
        return
    raise CheckpointError(
        f"The output folder holds {checkpoint.name}, which was trained with {what}. Choose another output folder, or "
        "delete its checkpoints to start anew."
    )


def load_trainable(checkpoint: Path, model: Flamingo) -> None:
    """Put the trained tensors into `model`; raises `CheckpointError` where they are not exactly its own."""
    try:
        tensors = safetensors.torch.load_file(checkpoint / "trainable.safetensors")
    except (OSError, safetensors.SafetensorError) as error:
        raise _damaged(checkpoint, error) from error
    own = model.trainable_state()
    if {name: tensor.shape for name, tensor in own.items()} != {name: t.shape for name, t in tensors.items()}:
        raise CheckpointError(f"{checkpoint} holds the tensors of another model.")
    with torch.no_grad():
        for name, tensor in own.items():
            tensor.copy_(tensors[name])


def load_optimizer(checkpoint: Path, optimizer: Optimizer) -> None:
    """Put back the optimiser's state and the random generators."""
    try:
        state: dict[str, Any] = torch.load(checkpoint / "optimizer.pt", map_location="cpu", weights_only=True)
        optimizer.load_state_dict(state["optimizer"])
    except (OSError, RuntimeError, ValueError, KeyError, EOFError, UnpicklingError) as error:
        raise _damaged(checkpoint, error) from error
    torch.set_rng_state(state["rng"])
    if torch.cuda.is_available() and state["cuda_rng"]:
        torch.cuda.set_rng_state_all(state["cuda_rng"])


def _differences(one: Config, other: Config) -> set[str]:
    left, right = _flat(one.model_dump(mode="json")), _flat(other.model_dump(mode="json"))
    free = {f"training.{name}" for name in FREE_TO_CHANGE}
    return {key for key in left.keys() | right.keys() if left.get(key) != right.get(key)} - free


def _flat(values: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in values.items():
        flat |= _flat(value, f"{prefix}{key}.") if isinstance(value, dict) else {prefix + key: value}
    return flat


def _delete(checkpoint: Path) -> None:
    """Rename first: killed in between, it is no longer taken for a checkpoint."""
    shutil.rmtree(checkpoint.rename(checkpoint.with_name(PARTIAL + checkpoint.name)))


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _damaged(checkpoint: Path, error: Exception) -> CheckpointError:
    return CheckpointError(f"{checkpoint} is damaged ({error!r}). Delete it: the run continues from the one before.")
