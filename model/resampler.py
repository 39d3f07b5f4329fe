"""The Perceiver Resampler: any number of visual features to a fixed number of latents (Flamingo section 3.1.1 of v1).

Every layer: `x = x + attention(query = x, key and value = [features, x])`, then `x = x + feed_forward(x)`.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from model.config import ResamplerConfig
from model.feed_forward import FeedForward


class ResamplerAttention(nn.Module):
    """Latents [B, R, D] attend to the features [B, M, D] followed by themselves; gives [B, R, D]."""

    def __init__(self, config: ResamplerConfig) -> None:
        super().__init__()
        self.heads = config.heads
        self.separate_media_norm = config.separate_media_norm
        inner = config.heads * config.head_width
        self.norm_latents = nn.LayerNorm(config.width)
        self.norm_media = nn.LayerNorm(config.width)
        self.to_query = nn.Linear(config.width, inner, bias=False)
        self.to_key_value = nn.Linear(config.width, 2 * inner, bias=False)
        self.to_out = nn.Linear(inner, config.width, bias=False)

    def forward(self, latents: Tensor, media: Tensor) -> Tensor:
        query = self.norm_latents(latents)
        if self.separate_media_norm:
            key_value = torch.cat([self.norm_media(media), query], dim=1)
        else:
            key_value = self.norm_media(torch.cat([media, latents], dim=1))
        key, value = self.to_key_value(key_value).chunk(2, dim=-1)
        query, key, value = (split_heads(x, self.heads) for x in (self.to_query(query), key, value))
        out: Tensor = self.to_out(merge_heads(F.scaled_dot_product_attention(query, key, value)))
        return out


class ResamplerLayer(nn.Module):
    """Attention and feed-forward, each added to the latents [B, R, D]."""

    def __init__(self, config: ResamplerConfig) -> None:
        super().__init__()
        self.attention = ResamplerAttention(config)
        self.feed_forward = FeedForward(config.width, config.ff_multiplier, config.activation)

    def forward(self, latents: Tensor, media: Tensor) -> Tensor:
        latents = latents + self.attention(latents, media)
        out: Tensor = latents + self.feed_forward(latents)
        return out


class PerceiverResampler(nn.Module):
    """Features of one image or clip [B, T, S, C] to latents [B, R, D]; an image is a clip of one frame (T = 1)."""

    def __init__(self, config: ResamplerConfig, feature_channels: int) -> None:
        super().__init__()
        # The paper does not say how 3072 channels become D = 1536. Its 194 M parameters fit a linear projection.
        self.projection = (
            nn.Identity() if feature_channels == config.width else nn.Linear(feature_channels, config.width)
        )
        # 0.02: the usual standard deviation for learned embeddings (GPT-2); the paper gives none.
        self.latents = nn.Parameter(0.02 * torch.randn(config.latents, config.width))
        self.time_embeddings = nn.Parameter(0.02 * torch.randn(config.frames, 1, config.width))
        self.layers = nn.ModuleList(ResamplerLayer(config) for _ in range(config.layers))
        self.final_norm = nn.LayerNorm(config.width) if config.final_norm else nn.Identity()

    def forward(self, features: Tensor) -> Tensor:
        batch, frames = features.shape[:2]
        media = self.projection(features.to(self.latents.dtype))
        media = (media + self.frame_embeddings(frames)).flatten(1, 2)
        latents = self.latents.expand(batch, -1, -1)
        for layer in self.layers:
            latents = layer(latents, media)
        out: Tensor = self.final_norm(latents)
        return out

    def frame_embeddings(self, frames: int) -> Tensor:
        """Time embeddings [frames, 1, D]: the first `frames` learned ones, or all of them stretched over more frames.

        Flamingo appendix A.1.1 trains on 8 frames and interpolates linearly to 30; it does not say whether the end
        points stay, here they do.
        """
        learned = self.time_embeddings
        if frames <= len(learned):
            return learned[:frames]
        stretched = F.interpolate(learned.permute(1, 2, 0), size=frames, mode="linear", align_corners=True)
        return stretched.permute(2, 0, 1)


def split_heads(x: Tensor, heads: int) -> Tensor:
    """[B, N, heads * width] to [B, heads, N, width]."""
    return x.reshape(*x.shape[:2], heads, -1).transpose(1, 2)


def merge_heads(x: Tensor) -> Tensor:
    """[B, heads, N, width] to [B, N, heads * width]."""
    return x.transpose(1, 2).flatten(2)
