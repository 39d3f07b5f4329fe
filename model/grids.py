"""One image's feature grid as the bytes of a `features/` value, and back."""

import numpy as np
import torch
from torch import Tensor

from model.errors import CorpusError
from schemas.features import EncoderFacts

DTYPES = {"float16": torch.float16, "bfloat16": torch.bfloat16}


def grid_to_bytes(grid: Tensor, dtype: str) -> bytes:
    """`grid` [frames, height * width, channels] in C order, little endian; `dtype` is float16 or bfloat16.

    Values beyond the range of float16 become its largest finite value: an infinity would spoil a whole training step.
    """
    stored = DTYPES[dtype]
    limit = torch.finfo(stored).max
    bits = grid.detach().cpu().clamp(-limit, limit).to(stored).contiguous().view(torch.int16).numpy()
    return bits.astype("<i2", copy=False).tobytes()


def grid_from_bytes(value: bytes, facts: EncoderFacts, where: str) -> Tensor:
    """Undo `grid_to_bytes`: [frames, height * width, channels] in the stored type.

    Raises `CorpusError` where the value has not the size that `facts` promise; `where` names it in the message.
    """
    shape = (facts.frames, facts.grid_height * facts.grid_width, facts.channels)
    expected_bytes = 2 * shape[0] * shape[1] * shape[2]
    if len(value) != expected_bytes:
        raise CorpusError(
            f"{where}: a feature value has {len(value)} bytes, {shape} {facts.dtype} has {expected_bytes}."
        )
    bits = np.frombuffer(value, dtype="<i2").astype(np.int16)
    return torch.from_numpy(bits).view(DTYPES[facts.dtype]).reshape(shape)
