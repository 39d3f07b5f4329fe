"""The training objective: next-token prediction on the text."""

from typing import Literal

import torch.nn.functional as F
from torch import Tensor

IGNORED = -100  # PyTorch's own default for a label without a loss


def next_token_loss(logits: Tensor, labels: Tensor, reduction: Literal["token_mean", "sum"]) -> Tensor:
    """Negative log-likelihood of `labels` [B, L] (IGNORED where there is none) under `logits` [B, L, V].

    `labels` stand at their own token; the shift to the position that predicts them happens here. `token_mean` divides
    by the number of labels, `sum` is the paper's formula: the sum over a row's tokens, averaged over the rows. A batch
    without a label has loss 0 and gradients of 0.
    """
    total = F.cross_entropy(
        logits[:, :-1].flatten(0, 1).float(), labels[:, 1:].flatten(), ignore_index=IGNORED, reduction="sum"
    )
    divisor = (labels[:, 1:] != IGNORED).sum().clamp(min=1) if reduction == "token_mean" else len(labels)
    return total / divisor
