"""The resampler against two independent implementations, with switches of the configuration only."""

import flamingo_pytorch
import pytest
import torch
from torch import Tensor, nn
from transformers import IdeficsConfig
from transformers.models.idefics.configuration_idefics import IdeficsPerceiverConfig, IdeficsVisionConfig
from transformers.models.idefics.perceiver import IdeficsPerceiverResampler

from model.config import ResamplerConfig
from model.resampler import PerceiverResampler

WIDTH, LAYERS, LATENTS, HEADS, HEAD_WIDTH = 24, 3, 5, 4, 8
OPEN_STYLE = {"final_norm": True, "separate_media_norm": True}


def resampler(channels: int = WIDTH, **switches: object) -> PerceiverResampler:
    config = ResamplerConfig.model_validate(
        {"width": WIDTH, "layers": LAYERS, "latents": LATENTS, "heads": HEADS, "head_width": HEAD_WIDTH, **switches}
    )
    module = PerceiverResampler(config, channels).double()
    return randomised(module)


def randomised(module: nn.Module) -> nn.Module:
    """Every parameter random, norms included: a norm left at 1 and 0 would hide a missing scale or bias."""
    generator = torch.Generator().manual_seed(0)
    for parameter in module.parameters():
        parameter.data = torch.randn(parameter.shape, generator=generator, dtype=torch.float64) / 4
    return module


def copy(target: nn.Module, source: nn.Module) -> None:
    target.load_state_dict(source.state_dict())


@torch.no_grad()
def test_equals_flamingo_pytorch() -> None:
    ours = resampler(activation="gelu", **OPEN_STYLE)
    theirs = flamingo_pytorch.PerceiverResampler(
        dim=WIDTH, depth=LAYERS, dim_head=HEAD_WIDTH, heads=HEADS, num_latents=LATENTS
    ).double()
    ours.time_embeddings.zero_()
    theirs.media_pos_emb.zero_()  # it numbers images, which the paper does not
    theirs.latents.copy_(ours.latents)
    copy(theirs.norm, ours.final_norm)
    for (attention, feed_forward), layer in zip(theirs.layers, ours.layers, strict=True):
        for name in ("norm_media", "norm_latents", "to_q", "to_kv", "to_out"):
            own_name = {"to_q": "to_query", "to_kv": "to_key_value"}.get(name, name)
            copy(getattr(attention, name), getattr(layer.attention, own_name))
        copy(feed_forward, layer.feed_forward)
    features = torch.randn(2, 3, 7, WIDTH, dtype=torch.float64)  # [batch, images, cells, channels]
    expected = theirs(features)
    found = ours(features.flatten(0, 1)[:, None]).unflatten(0, (2, 3))
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-12)


@torch.no_grad()
def test_equals_idefics() -> None:
    config = IdeficsConfig(
        vision_config=IdeficsVisionConfig(embed_dim=WIDTH).to_dict(),
        perceiver_config=IdeficsPerceiverConfig(qk_layer_norms_perceiver=False).to_dict(),
    )
    theirs = IdeficsPerceiverResampler(config, WIDTH, LAYERS, HEADS, HEAD_WIDTH, LATENTS).double()
    ours = resampler(activation="relu", **OPEN_STYLE)
    ours.time_embeddings.zero_()
    theirs.latents.copy_(ours.latents)
    copy(theirs.layer_norm, ours.final_norm)
    for (attention, mlp), layer in zip(theirs.blocks, ours.layers, strict=True):
        copy(attention.context_layer_norm, layer.attention.norm_media)
        copy(attention.latents_layer_norm, layer.attention.norm_latents)
        copy(attention.q_proj, layer.attention.to_query)
        key, value = layer.attention.to_key_value.weight.chunk(2)
        attention.k_proj.weight.copy_(key)
        attention.v_proj.weight.copy_(value)
        copy(attention.output_proj, layer.attention.to_out)
        norm, expansion, _, contraction = layer.feed_forward
        copy(mlp.ln, norm)
        copy(mlp.fc, expansion)
        copy(mlp.c_proj, contraction)
    features = torch.randn(2, 7, WIDTH, dtype=torch.float64)
    torch.testing.assert_close(ours(features[:, None]), theirs(features), rtol=0, atol=1e-12)


@torch.no_grad()
def test_paper_style_norm_covers_features_and_latents_together() -> None:
    """Without the open implementations' switch, one norm is shared by all that keys and values are made of."""
    attention = resampler().layers[0].attention
    media, latents = torch.randn(1, 7, WIDTH).double(), torch.randn(1, LATENTS, WIDTH).double()
    both = attention.norm_media(torch.cat([media, latents], dim=1))
    key, value = attention.to_key_value(both).chunk(2, dim=-1)
    query = attention.to_query(attention.norm_latents(latents))

    def heads(x: Tensor) -> Tensor:
        return torch.stack(x.split(HEAD_WIDTH, dim=-1))

    weights = (heads(query) @ heads(key).mT / HEAD_WIDTH**0.5).softmax(dim=-1)
    expected = attention.to_out(torch.cat(list(weights @ heads(value)), dim=-1))
    torch.testing.assert_close(attention(latents, media), expected, rtol=0, atol=1e-12)


@torch.no_grad()
def test_an_image_is_a_video_of_one_frame_and_frames_are_told_apart() -> None:
    module = resampler(frames=4)
    video = torch.randn(1, 4, 6, WIDTH).double()
    assert module(video).shape == (1, LATENTS, WIDTH)
    assert not torch.allclose(module(video), module(video.flip(1)))
    torch.testing.assert_close(module.frame_embeddings(1), module.time_embeddings[:1])


@torch.no_grad()
def test_cells_of_a_frame_have_no_order() -> None:
    """Only temporal position encodings: a permutation of a frame's cells changes nothing."""
    module = resampler(frames=2)
    video = torch.randn(1, 2, 6, WIDTH).double()
    torch.testing.assert_close(module(video), module(video[:, :, torch.randperm(6)]), rtol=0, atol=1e-12)


@torch.no_grad()
def test_time_embeddings_stretch_from_8_to_30_frames() -> None:
    module = resampler(frames=8)
    learned, stretched = module.time_embeddings, module.frame_embeddings(30)
    assert stretched.shape == (30, 1, WIDTH)
    torch.testing.assert_close(stretched[[0, -1]], learned[[0, -1]])
    torch.testing.assert_close(module.frame_embeddings(8), learned, rtol=0, atol=0)
    at = 7 * 10 / 29  # frame 10 of 30 on the axis of the learned 8
    left = int(at)
    torch.testing.assert_close(stretched[10], learned[left] + (at - left) * (learned[left + 1] - learned[left]))


@pytest.mark.parametrize("channels", [WIDTH, 40])
def test_features_are_projected_only_where_their_width_differs(channels: int) -> None:
    module = resampler(channels)
    assert sum(p.numel() for p in module.projection.parameters()) == (channels * WIDTH + WIDTH) * (channels != WIDTH)
    assert module(torch.randn(2, 1, 9, channels)).shape == (2, LATENTS, WIDTH)
