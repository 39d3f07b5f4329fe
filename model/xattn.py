"""GATED XATTN-DENSE: the block that Flamingo inserts before a frozen layer of the language model (section 3.1.2 of v1).

`y = y + tanh(alpha_attention) * attention(y, media)`, then `y = y + tanh(alpha_dense) * feed_forward(y)`; both alphas
start at 0, so that an untrained block changes nothing.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from model.config import CrossAttentionConfig
from model.feed_forward import FeedForward
from model.resampler import merge_heads, split_heads


class MaskedCrossAttention(nn.Module):
    """Text [B, L, D] attends, token by token, to the latents of the one image that `phi` names; gives [B, L, D]."""

    def __init__(self, config: CrossAttentionConfig, width: int, media_width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        inner = heads * config.head_width
        self.norm_text = nn.LayerNorm(width)
        self.norm_media = nn.LayerNorm(media_width) if config.media_norm else nn.Identity()
        self.to_query = nn.Linear(width, inner, bias=False)
        self.to_key_value = nn.Linear(media_width, 2 * inner, bias=False)
        self.to_out = nn.Linear(inner, width, bias=False)

    def forward(self, text: Tensor, media: Tensor, phi: Tensor) -> Tensor:
        """`media` [B, N, R, M]; `phi` [B, L] in 0 ... N: 0 attends to nothing and gets exactly 0."""
        images, latents = media.shape[1:3]
        media = self.norm_media(media.flatten(1, 2))
        key, value = self.to_key_value(media).chunk(2, dim=-1)
        query, key, value = (split_heads(x, self.heads) for x in (self.to_query(self.norm_text(text)), key, value))
        image_of_latent = torch.arange(1, images + 1, device=phi.device).repeat_interleave(latents)
        nothing = (phi == 0)[:, :, None]
        # A token without an image sees every latent, since softmax over nothing is undefined, and is zeroed below.
        visible = (phi[:, :, None] == image_of_latent) | nothing
        attended = merge_heads(F.scaled_dot_product_attention(query, key, value, attn_mask=visible[:, None]))
        out: Tensor = self.to_out(attended.masked_fill(nothing, 0))
        return out


class GatedCrossAttentionBlock(nn.Module):
    """One inserted block: text [B, L, D], media [B, N, R, M] and phi [B, L] to text [B, L, D]."""

    def __init__(self, config: CrossAttentionConfig, width: int, media_width: int, heads: int) -> None:
        super().__init__()
        self.attention = MaskedCrossAttention(config, width, media_width, heads)
        self.feed_forward = FeedForward(width, config.ff_multiplier, config.activation)
        self.alpha_attention = nn.Parameter(torch.zeros(()))
        self.alpha_dense = nn.Parameter(torch.zeros(()))

    def forward(self, text: Tensor, media: Tensor, phi: Tensor) -> Tensor:
        text = text + self.alpha_attention.tanh() * self.attention(text, media, phi)
        out: Tensor = text + self.alpha_dense.tanh() * self.feed_forward(text)
        return out
