"""The gated block against flamingo-pytorch; the mask, the gates and the activation by themselves."""

import flamingo_pytorch
import pytest
import torch

from model.config import CrossAttentionConfig
from model.feed_forward import SquaredReLU
from model.xattn import GatedCrossAttentionBlock
from tests.model.test_resampler import copy, randomised

WIDTH, HEADS, HEAD_WIDTH, IMAGES, LATENTS = 24, 4, 8, 3, 5


def block(media_width: int = WIDTH, **switches: object) -> GatedCrossAttentionBlock:
    config = CrossAttentionConfig.model_validate({"head_width": HEAD_WIDTH, **switches})
    module = GatedCrossAttentionBlock(config, WIDTH, media_width, HEADS).double()
    randomised(module)
    return module


def inputs(media_width: int = WIDTH) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(1)
    text = torch.randn(2, 10, WIDTH, generator=generator, dtype=torch.float64)
    return text, torch.randn(2, IMAGES, LATENTS, media_width, generator=generator, dtype=torch.float64)


@torch.no_grad()
def test_equals_flamingo_pytorch() -> None:
    ours = block(activation="gelu", media_norm=False)
    theirs = flamingo_pytorch.GatedCrossAttentionBlock(dim=WIDTH, dim_head=HEAD_WIDTH, heads=HEADS).double()
    copy(theirs.attn.norm, ours.attention.norm_text)
    copy(theirs.attn.to_q, ours.attention.to_query)
    copy(theirs.attn.to_kv, ours.attention.to_key_value)
    copy(theirs.attn.to_out, ours.attention.to_out)
    copy(theirs.ff, ours.feed_forward)
    theirs.attn_gate.copy_(ours.alpha_attention.reshape(1))
    theirs.ff_gate.copy_(ours.alpha_dense.reshape(1))
    text, media = inputs()
    locations = torch.zeros(2, 10, dtype=torch.bool)
    locations[0, [2, 6]] = True
    locations[1, [0, 3, 9]] = True
    expected = theirs(text, media, locations)
    torch.testing.assert_close(ours(text, media, locations.cumsum(dim=-1)), expected, rtol=0, atol=1e-12)


@torch.no_grad()
def test_phi_0_attends_to_nothing() -> None:
    module = block()
    text, media = inputs()
    phi = torch.tensor([[0] * 10, [0, 0, 1, 1, 2, 2, 0, 3, 3, 3]])
    attended = module.attention(text, media, phi)
    assert (attended[phi == 0] == 0).all()
    assert (attended[phi != 0] != 0).all()


@torch.no_grad()
def test_a_token_sees_its_own_image_only() -> None:
    module = block()
    text, media = inputs()
    phi = torch.tensor([[0, 1, 1, 2, 2, 2, 3, 3, 0, 0]] * 2)
    before = module(text, media, phi)
    media[:, 1] += 1.0  # image 2
    changed = (module(text, media, phi) != before).any(dim=-1)
    assert torch.equal(changed, phi == 2)


def test_gradients_are_finite_where_no_token_sees_an_image() -> None:
    module = block()
    text, media = inputs()
    media.requires_grad_()
    module(text, media, torch.zeros(2, 10, dtype=torch.long)).sum().backward()
    assert media.grad is not None and (media.grad == 0).all()
    assert all(p.grad is None or p.grad.isfinite().all() for p in module.parameters())


@torch.no_grad()
def test_a_new_block_changes_nothing() -> None:
    module = GatedCrossAttentionBlock(CrossAttentionConfig(), WIDTH, WIDTH, HEADS).double()
    text, media = inputs()
    assert torch.equal(module(text, media, torch.ones(2, 10, dtype=torch.long)), text)


@torch.no_grad()
def test_media_norm_makes_the_scale_of_the_media_irrelevant() -> None:
    text, media = inputs(16)
    phi = torch.ones(2, 10, dtype=torch.long)
    module = block(16, media_norm=True)
    torch.testing.assert_close(module(text, media, phi), module(text, 3 * media, phi), rtol=0, atol=1e-3)
    module = block(16, media_norm=False)
    assert (module(text, media, phi) - module(text, 3 * media, phi)).abs().max() > 1e-2


@pytest.mark.parametrize(("x", "y"), [(-2.0, 0.0), (0.0, 0.0), (0.5, 0.25), (3.0, 9.0)])
def test_squared_relu(x: float, y: float) -> None:
    value = torch.tensor(x, requires_grad=True)
    result = SquaredReLU()(value)
    result.backward()
    assert result.item() == y
    assert value.grad is not None and value.grad.item() == 2 * max(x, 0)
