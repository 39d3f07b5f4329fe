"""The frozen vision encoder: a timm NFNet (or any timm model with a spatial grid) and its preprocessing.

Flamingo (arXiv 2204.14198): NFNet-F6, frozen, input 320 x 320, aspect ratio kept, padded with the mean; the grid of the
final stage, flattened, is what the resampler reads. Its contrastive weights were never released; timm's `dm_nfnet_f0`
to `dm_nfnet_f6` are the ImageNet classifiers of the NFNet paper, Apache-2.0. Stored features leave no room for
augmentation, so there is none.
"""

import hashlib
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import fsspec
import numpy as np
import safetensors.torch
import timm
import torch
from PIL import Image, ImageOps
from torch import Tensor, nn

from model.errors import EncoderError
from model.grids import DTYPES
from model.packages import PREFIX, package_file
from schemas.features import EncoderFacts

INPUT_PX = 320  # Flamingo, arXiv 2204.14198
WHITE = (255, 255, 255, 255)


@dataclass(frozen=True)
class Encoder:
    """A frozen encoder; equal `facts` mean equal features (to the tolerance of the device)."""

    model: nn.Module
    facts: EncoderFacts
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    device: torch.device

    def preprocess(self, image: Image.Image) -> Tensor:
        """`image` in any mode to float32 [3, input_px, input_px]: upright, RGB, fitted, centred on a padding of 0."""
        side = self.facts.input_px
        image = to_rgb(ImageOps.exif_transpose(image))
        scale = side / max(image.size)
        width, height = (max(1, round(length * scale)) for length in image.size)
        fitted = np.asarray(image.resize((width, height), Image.Resampling.BICUBIC), dtype=np.float32) / 255
        normalised = (fitted - np.array(self.mean, np.float32)) / np.array(self.std, np.float32)
        square = np.zeros((3, side, side), dtype=np.float32)  # the mean normalises to 0
        top, left = (side - height) // 2, (side - width) // 2
        square[:, top : top + height, left : left + width] = normalised.transpose(2, 0, 1)
        return torch.from_numpy(square)

    @torch.inference_mode()
    def encode(self, pixels: Tensor) -> Tensor:
        """`pixels` [B, 3, H, W] to the final feature grid, row by row: float32 [B, H' * W', C], on the device."""
        return _grid(self.model, pixels.to(self.device)).flatten(2).transpose(1, 2).contiguous()


def to_rgb(image: Image.Image) -> Image.Image:
    """Any mode to RGB: alpha on white, 16-bit grey scaled to 8 bits (Pillow's own conversion would clip it)."""
    if image.mode.startswith("I"):
        return Image.fromarray((np.asarray(image).clip(0, 65535) // 257).astype(np.uint8)).convert("RGB")
    if image.mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in image.info:
        image = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", image.size, WHITE), image).convert("RGB")
    return image.convert("RGB")


def load_encoder(
    name: str,
    weights: str,
    *,
    input_px: int = INPUT_PX,
    seed: int = 0,
    device: str | torch.device = "cpu",
    dtype: str = "float16",
) -> Encoder:
    """The timm model `name`, in evaluation mode, frozen, on `device`.

    `weights` is `hub` (the weights that timm names, from its hub), a file (`.safetensors`, `.pth`; any fsspec URL),
    `package:NAME` (the weights file of an installed package) or `random` (drawn from `seed`). `dtype` is the type that
    features are stored in; encoding itself is float32. Raises `EncoderError`; it never falls back to random weights.
    """
    if dtype not in DTYPES:
        raise EncoderError(f"Features are stored as {' or '.join(DTYPES)}, not as '{dtype}'.")
    model = _create(name, weights, seed)
    if weights not in ("hub", "random"):
        _load(model, _read_state(weights), name, weights)
    model = model.eval().requires_grad_(False)
    weights_hash = hash_state(model.state_dict())
    config: dict[str, Any] = model.pretrained_cfg
    mean, std = _rgb(config["mean"]), _rgb(config["std"])
    preprocessing = {
        "alpha": "white",
        "fit": "keep aspect ratio, centre, pad with the mean",
        "input_px": input_px,
        "interpolation": "bicubic",
        "mean": mean,
        "orientation": "exif",
        "std": std,
    }
    model = model.to(device)
    grid = _grid(model, torch.zeros(1, 3, input_px, input_px, device=device))
    facts = EncoderFacts(
        name=name,
        weights=f"random:{seed}" if weights == "random" else weights,
        weights_hash=weights_hash,
        input_px=input_px,
        preprocess_hash=hashlib.sha256(json.dumps(preprocessing, sort_keys=True).encode()).hexdigest(),
        frames=1,
        grid_height=grid.shape[2],
        grid_width=grid.shape[3],
        channels=grid.shape[1],
        dtype=dtype,
    )
    return Encoder(model, facts, mean, std, torch.device(device))


def hash_state(state: dict[str, Tensor]) -> str:
    """SHA-256 (hex) of names, types, shapes and values of the tensors, in order of their names."""
    digest = hashlib.sha256()
    for name in sorted(state):
        tensor = state[name].detach().cpu().contiguous()
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}\n".encode())
        digest.update(tensor.reshape(-1).view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()


def _create(name: str, weights: str, seed: int) -> Any:
    if not timm.is_model(name):
        raise EncoderError(
            f"timm has no model '{name}'; Flamingo's are dm_nfnet_f0 to dm_nfnet_f6, tests use test_nfnet."
        )
    if weights == "hub":
        try:
            return timm.create_model(name, pretrained=True, num_classes=0)
        except Exception as error:  # timm lets through whatever its download libraries raise
            raise EncoderError(
                f"The weights of '{name}' cannot be had from timm's hub ({type(error).__name__}: {error}). Where there "
                "is no network, download them once and give their file: `weights` may be a .safetensors or .pth path."
            ) from error
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return timm.create_model(name, pretrained=False, num_classes=0)


def _rgb(values: Sequence[float]) -> tuple[float, float, float]:
    red, green, blue = map(float, values)
    return red, green, blue


def _read_state(weights: str) -> dict[str, Tensor]:
    try:
        path = str(package_file(weights, (".pth", ".safetensors"))) if weights.startswith(PREFIX) else weights
        with fsspec.open(path, "rb") as file:
            content = file.read()
        if path.endswith(".safetensors"):
            return safetensors.torch.load(content)
        state = torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
    except Exception as error:  # fsspec backends, pickle and safetensors have no common error
        raise EncoderError(f"The weights '{weights}' cannot be read ({type(error).__name__}: {error}).") from error
    return dict(state.get("state_dict", state))


def _load(model: nn.Module, found: dict[str, Tensor], name: str, weights: str) -> None:
    """Load by name or, where another library named the tensors, by order if all shapes agree; without classifier."""
    wanted = {key: value for key, value in model.state_dict().items() if not key.endswith("num_batches_tracked")}
    found = {key: value for key, value in found.items() if not key.endswith("num_batches_tracked")}
    if not wanted.keys() <= found.keys():
        in_order = list(found.values())[: len(wanted)]
        if [value.shape for value in in_order] != [value.shape for value in wanted.values()]:
            missing = sorted(wanted.keys() - found.keys())
            raise EncoderError(
                f"'{weights}' does not hold the weights of '{name}': {len(missing)} tensors are missing, first "
                f"{missing[0]}, and the shapes in order are not the model's either."
            )
        found = dict(zip(wanted, in_order, strict=True))
    try:
        model.load_state_dict({key: found[key] for key in wanted}, strict=False)
    except RuntimeError as error:
        raise EncoderError(f"'{weights}' does not fit '{name}': {error}") from error


def _grid(model: Any, pixels: Tensor) -> Tensor:
    """The final feature grid [B, C, H', W']; raises `EncoderError` where the model has none in this layout."""
    grid: Tensor = model.forward_features(pixels)
    if grid.ndim != 4 or grid.shape[1] != model.num_features:
        raise EncoderError(
            f"'{model.pretrained_cfg['architecture']}' gives features of shape {tuple(grid.shape)}; a convolutional "
            "model with a grid [B, C, H, W] is needed, such as dm_nfnet_f6."
        )
    return grid
