"""One shard's images to feature grids: decoding, batches formed inside the shard, storage types."""

import io
import threading
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import torch
from PIL import Image

from model.encoder import Encoder, load_encoder
from model.grids import grid_to_bytes
from pipeline.images.measure import FORMATS
from pipeline.recipe import Recipe

# Batches are formed inside a shard, and one thread computes on the CPU, so that features are the same bytes on one
# CPU type whatever else runs: threads change the order of additions. Workers, not threads, use the other cores.
IMAGES_PER_BATCH = 16
CPU_THREADS = 1

# Threads that load at once would load twice, and draw random weights from one generator in turns.
_loading = threading.Lock()


@lru_cache(maxsize=1)
def encoder_of(name: str, weights: str, input_px: int, seed: int, dtype: str) -> Encoder:
    """The encoder. Raises `model.errors.EncoderError`."""
    device = "cuda" if torch.cuda.is_available() else "cpu"
    return load_encoder(name, weights, input_px=input_px, seed=seed, device=device, dtype=dtype)


def recipe_encoder(recipe: Recipe) -> Encoder:
    """The encoder that `recipe` names, loaded once a process."""
    with _loading:
        return encoder_of(
            recipe.encoder, recipe.encoder_weights, recipe.image_size_px, recipe.encoder_seed, recipe.feature_dtype
        )


def check_encoder(recipe: Recipe) -> None:
    """Load the encoder and forget it. Raises `model.errors.EncoderError`, better here than in every worker."""
    recipe_encoder(recipe)
    encoder_of.cache_clear()


def encode_rows(rows: list[dict[str, Any]], encoder: Encoder) -> Iterator[dict[str, Any]]:
    """The rows with `image_features` in place of `image_bytes`; None for an image that cannot be decoded."""
    torch.set_num_threads(CPU_THREADS)  # OpenMP's setting is the calling thread's own
    images = [data for row in rows for data in row["image_bytes"]]
    features = _encode(images, encoder)
    for row in rows:
        grids = [next(features) for _ in row["image_bytes"]]
        yield {name: value for name, value in row.items() if name != "image_bytes"} | {"image_features": grids}


def _encode(images: list[bytes], encoder: Encoder) -> Iterator[bytes | None]:
    for start in range(0, len(images), IMAGES_PER_BATCH):
        pixels = [_pixels(data, encoder) for data in images[start : start + IMAGES_PER_BATCH]]
        decoded = [image for image in pixels if image is not None]
        grids = iter(encoder.encode(torch.stack(decoded)) if decoded else ())
        for image in pixels:
            yield None if image is None else grid_to_bytes(next(grids), encoder.facts.dtype)


def _pixels(data: bytes, encoder: Encoder) -> torch.Tensor | None:
    try:
        return encoder.preprocess(Image.open(io.BytesIO(data), formats=FORMATS))
    except Exception:  # noqa: BLE001  (Pillow lets many types out of its parsers; the caller counts the image)
        return None
