"""The whole model: identity at initialisation, causality, what is trained and what never moves."""

import pytest
import torch
from transformers import (
    GPT2Config,
    GPT2LMHeadModel,
    GPTNeoXConfig,
    GPTNeoXForCausalLM,
    LlamaConfig,
    LlamaForCausalLM,
    MptConfig,
    MptForCausalLM,
    OPTConfig,
    OPTForCausalLM,
    PreTrainedModel,
)

from model.config import FlamingoConfig
from model.flamingo import Flamingo
from model.language_model import wrap

VOCABULARY, WIDTH, HEADS, LAYERS, CHANNELS, LATENTS = 100, 32, 2, 4, 12, 3
ARCHITECTURES = ["llama", "gpt_neox", "opt", "gpt2", "mpt"]


def language_model(architecture: str) -> PreTrainedModel:
    torch.manual_seed(0)
    sizes = {
        "vocab_size": VOCABULARY,
        "hidden_size": WIDTH,
        "num_hidden_layers": LAYERS,
        "num_attention_heads": HEADS,
        "intermediate_size": 64,
    }
    match architecture:
        case "llama":
            return LlamaForCausalLM(LlamaConfig(**sizes, num_key_value_heads=1))
        case "gpt_neox":
            return GPTNeoXForCausalLM(GPTNeoXConfig(**sizes))
        case "opt":
            del sizes["intermediate_size"]
            return OPTForCausalLM(OPTConfig(**sizes, ffn_dim=64, word_embed_proj_dim=WIDTH, pad_token_id=1))
        case "gpt2":
            return GPT2LMHeadModel(GPT2Config(vocab_size=VOCABULARY, n_embd=WIDTH, n_layer=LAYERS, n_head=HEADS))
        case _:
            return MptForCausalLM(MptConfig(vocab_size=VOCABULARY, d_model=WIDTH, n_layers=LAYERS, n_heads=HEADS))


def flamingo(architecture: str = "llama", *, gates: float = 0.0, **cross_attention: int) -> Flamingo:
    config = FlamingoConfig.model_validate(
        {
            "language_model": {"name": "a test"},
            "resampler": {"width": 16, "layers": 1, "latents": LATENTS, "heads": 2, "head_width": 8, "frames": 2},
            "cross_attention": {"head_width": 8, **cross_attention},
        }
    )
    model = Flamingo(config, wrap(language_model(architecture)), CHANNELS)
    with torch.no_grad():
        for block in model.blocks.values():
            block.get_parameter("alpha_attention").fill_(gates)
            block.get_parameter("alpha_dense").fill_(gates)
    return model


def inputs() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(3)
    features = torch.randn(2, 2, 1, 4, CHANNELS, generator=generator)
    tokens = torch.randint(0, VOCABULARY, (2, 12), generator=generator)
    phi = torch.tensor([[0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 2], [1, 1, 1, 1, 2, 2, 2, 2, 0, 0, 0, 0]])
    return features, tokens, phi


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize("every_n", [1, 2, 4])
@torch.no_grad()
def test_untrained_is_the_language_model_bit_by_bit(architecture: str, every_n: int) -> None:
    model = flamingo(architecture, every_n=every_n)
    features, tokens, phi = inputs()
    expected = language_model(architecture).eval()(tokens).logits
    found = model(features, tokens, phi)
    assert found.shape == (2, 12, VOCABULARY + 1)
    assert torch.equal(found[..., :VOCABULARY], expected)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@torch.no_grad()
def test_the_wrapped_language_model_still_works_by_itself(architecture: str) -> None:
    model = flamingo(architecture, gates=1.0)
    _, tokens, _ = inputs()
    assert torch.equal(model.language_model(tokens).logits, language_model(architecture).eval()(tokens).logits)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@torch.no_grad()
def test_blocks_run_before_their_layers(architecture: str) -> None:
    """With open gates the input of layer i is the block's output, that of other layers the layer's before."""
    model = flamingo(architecture, gates=1.0, every_n=2)
    layers, ins, outs = wrap(model.language_model).layers, dict[int, torch.Tensor](), dict[int, torch.Tensor]()
    for number, layer in enumerate(layers):
        layer.register_forward_hook(
            lambda _, args, kwargs, out, number=number: (
                ins.update({number: args[0] if args else kwargs["hidden_states"]}),
                outs.update({number: out[0] if isinstance(out, tuple) else out}),
                None,
            )[-1],
            with_kwargs=True,
        )
    model(*inputs())
    assert [torch.equal(ins[i], outs[i - 1]) for i in range(1, LAYERS)] == [True, False, True]


@pytest.mark.parametrize(
    ("settings", "layers"),
    [
        ({}, [0, 1, 2, 3]),
        ({"every_n": 2}, [0, 2]),
        ({"every_n": 3}, [0, 3]),
        ({"every_n": 2, "first_layer": 1}, [1, 3]),
    ],
)
def test_where_blocks_are_inserted(settings: dict[str, int], layers: list[int]) -> None:
    assert [int(name) for name in flamingo(**settings).blocks] == layers


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@torch.no_grad()
def test_no_token_sees_the_future(architecture: str) -> None:
    model = flamingo(architecture, gates=1.0)
    features, tokens, phi = inputs()
    before = model(features, tokens, phi)
    tokens[:, 7] = (tokens[:, 7] + 1) % VOCABULARY
    after = model(features, tokens, phi)
    torch.testing.assert_close(after[:, :7], before[:, :7], rtol=0, atol=1e-5)
    assert (after[:, 7:] != before[:, 7:]).any(dim=-1).all()


@torch.no_grad()
def test_images_reach_the_tokens_that_phi_names_and_those_after() -> None:
    model = flamingo(gates=1.0)
    features, tokens, phi = inputs()
    before = model(features, tokens, phi)
    features[0, 1] += 1.0
    changed = (model(features, tokens, phi) - before).abs().amax(dim=-1) > 1e-6
    assert changed.tolist() == [[False] * 7 + [True] * 5, [False] * 12]


@torch.no_grad()
def test_eoc_has_rows_of_its_own() -> None:
    model = flamingo()
    features, tokens, phi = inputs()
    tokens[:, 4] = model.eoc_id
    before = model(features, tokens, phi)
    model.eoc_embedding += torch.randn(WIDTH)
    after = model(features, tokens, phi)
    assert torch.equal(after[:, :4], before[:, :4])
    assert (after[:, 4:] != before[:, 4:]).any(dim=-1).all()
    model.eoc_unembedding += 1.0
    assert torch.equal(model(features, tokens, phi)[..., :VOCABULARY], after[..., :VOCABULARY])
    assert (model(features, tokens, phi)[..., VOCABULARY] != after[..., VOCABULARY]).all()


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_frozen_weights_stay_bit_identical_under_weight_decay(architecture: str) -> None:
    model = flamingo(architecture, gates=0.5).train()
    frozen = {name: tensor.clone() for name, tensor in model.language_model.state_dict().items()}
    trained = {name: tensor.clone() for name, tensor in model.trainable_state().items()}
    optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=1e-2, weight_decay=0.1)
    features, tokens, phi = inputs()
    tokens[:, 4] = model.eoc_id
    for _ in range(3):
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(model(features, tokens, phi).flatten(0, 1), tokens.flatten()).backward()
        optimizer.step()
    for name, tensor in model.language_model.state_dict().items():
        assert torch.equal(tensor, frozen[name]), name
    assert not model.language_model.training
    untouched = [name for name, tensor in model.trainable_state().items() if torch.equal(tensor, trained[name])]
    assert untouched == []
    assert not any(name.startswith("language_model") for name in trained)


def test_gates_report_tanh_of_alpha() -> None:
    gates = flamingo(gates=0.5, every_n=2).gates()
    expected = torch.tensor(0.5).tanh().item()
    assert gates == {"attention": {"0": expected, "2": expected}, "dense": {"0": expected, "2": expected}}


@torch.no_grad()
def test_bfloat16_language_model_with_float32_blocks() -> None:
    """What CUDA trains with, here by the autocast of the CPU."""
    model = flamingo(gates=0.5)
    model.language_model.to(torch.bfloat16)
    features, tokens, phi = inputs()
    with torch.autocast("cpu", torch.bfloat16):
        logits = model(features.half(), tokens, phi)
    assert logits.dtype == torch.bfloat16
    assert logits.isfinite().all()
    assert model.eoc_embedding.dtype == torch.float32
