"""The feed-forward block that resampler and cross-attention share, and its activations."""

import torch.nn.functional as F
from torch import Tensor, nn

from model.config import Activation


class SquaredReLU(nn.Module):
    """max(0, x) squared (Primer, arXiv 2109.08668), which Flamingo uses in all its new layers (section 3.1.1 of v1)."""

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(x).square()


ACTIVATIONS: dict[Activation, type[nn.Module]] = {"squared_relu": SquaredReLU, "gelu": nn.GELU, "relu": nn.ReLU}


class FeedForward(nn.Sequential):
    """LayerNorm, expansion by `multiplier`, activation, contraction; no biases: [..., width] to [..., width]."""

    def __init__(self, width: int, multiplier: int, activation: Activation) -> None:
        super().__init__(
            nn.LayerNorm(width),
            nn.Linear(width, multiplier * width, bias=False),
            ACTIVATIONS[activation](),
            nn.Linear(multiplier * width, width, bias=False),
        )
