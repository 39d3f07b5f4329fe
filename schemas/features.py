"""`features/`: the rows of one shard, same order, with the frozen encoder's grid of every image instead of pixels.

The file's metadata holds one JSON object under `m3w.encoder`: see `EncoderFacts`.
"""

import json
from dataclasses import asdict, dataclass

import pyarrow as pa

from schemas.shards import ROW
from schemas.version import SchemaError, field, table_schema

ENCODER_KEY = b"m3w.encoder"

FEATURES = table_schema(
    "features",
    "1.0",
    [
        *ROW,
        field(
            "image_features",
            pa.list_(pa.binary()),
            "one value an image: [frames, height x width, channels] in C order, little endian, type as in EncoderFacts",
        ),
    ],
)


@dataclass(frozen=True)
class EncoderFacts:
    """What a feature file was made with; two files with different facts must not be mixed."""

    name: str  # timm's model name
    weights: str  # 'random:SEED', or what the user named: a path, a package or a hub
    weights_hash: str  # SHA-256 (hex) of the state dict's tensors, in order of their names
    input_px: int  # side of the square input
    preprocess_hash: str  # SHA-256 (hex) of the preprocessing's parameters
    frames: int  # T
    grid_height: int
    grid_width: int
    channels: int
    dtype: str  # float16 or bfloat16

    def to_metadata(self) -> dict[bytes, bytes]:
        return {ENCODER_KEY: json.dumps(asdict(self), sort_keys=True).encode()}

    @staticmethod
    def from_metadata(metadata: dict[bytes, bytes] | None, where: str) -> "EncoderFacts":
        """Raise `SchemaError` where the file `where` does not say what it was encoded with."""
        try:
            return EncoderFacts(**json.loads((metadata or {})[ENCODER_KEY]))
        except (KeyError, TypeError, ValueError) as error:
            raise SchemaError(f"{where} does not say which encoder made its features ({error!r}).") from error
