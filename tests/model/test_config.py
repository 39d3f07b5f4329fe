"""Configurations: presets, strictness, and the parameter counts of the paper's three sizes."""

from pathlib import Path

import pytest
import torch

from model.config import load_config, preset_names
from model.errors import ConfigError
from model.flamingo import Flamingo
from model.language_model import build_shape

NFNET_F6_CHANNELS = 3072


def feed_forward(width: int) -> int:
    return 2 * width + 8 * width * width  # norm, expansion and contraction by 4


def resampler_parameters(width: int = 1536, inner: int = 16 * 128) -> int:
    attention = 2 * 2 * width + 4 * width * inner
    learned = (64 + 8) * width
    projection = (NFNET_F6_CHANNELS + 1) * width
    return 6 * (attention + feed_forward(width)) + learned + projection


def block_parameters(width: int, heads: int, media_width: int = 1536) -> int:
    inner = heads * 128
    attention = 2 * width + 2 * media_width + 2 * width * inner + 2 * media_width * inner
    return attention + feed_forward(width) + 2


# Published (arXiv 2204.14198): resampler 194 M in all three; blocks 1.2 B, 1.6 B (1.8 B in the
# text) and 10 B. The last follows from no reading of the text: keys and values from width 1536 give 8.36 B.
@pytest.mark.parametrize(
    ("name", "layers", "width", "heads", "blocks", "billions"),
    [
        ("flamingo-3b", 24, 2048, 16, 24, 1.158),
        ("flamingo-9b", 40, 4096, 32, 10, 1.80),
        ("flamingo-80b", 80, 8192, 64, 12, 8.36),
    ],
)
def test_parameter_counts(name: str, layers: int, width: int, heads: int, blocks: int, billions: float) -> None:
    config = load_config(name).model
    assert config.language_model.shape is not None
    with torch.device("meta"):
        model = Flamingo(config, build_shape(config.language_model.shape), NFNET_F6_CHANNELS)
    assert len(model.blocks) == blocks
    found = sum(parameter.numel() for parameter in model.resampler.parameters())
    assert found == resampler_parameters()
    assert round(found / 1e6, 1) == 193.6
    found = sum(parameter.numel() for parameter in model.blocks.parameters())
    assert found == blocks * block_parameters(width, heads)
    assert found / 1e9 == pytest.approx(billions, rel=5e-3)
    shape = model.language_model.config
    assert (shape.num_hidden_layers, shape.hidden_size, shape.num_attention_heads) == (layers, width, heads)
    assert model.eoc_id == 32_000


def test_every_preset_loads() -> None:
    assert preset_names() == ["flamingo-3b", "flamingo-80b", "flamingo-9b", "tiny"]
    for name in preset_names():
        load_config(name)


def test_the_defaults_are_the_papers() -> None:
    config = load_config("flamingo-80b")
    assert config.model.resampler.model_dump() == {
        "width": 1536,
        "layers": 6,
        "latents": 64,
        "heads": 16,
        "head_width": 128,
        "ff_multiplier": 4,
        "activation": "squared_relu",
        "frames": 8,
        "final_norm": False,
        "separate_media_norm": False,
    }
    assert (config.data.window_tokens, config.data.max_images, config.data.p_next) == (256, 5, 0.5)
    training = config.training
    assert (training.learning_rate, training.warmup_steps, training.clip_norm) == (1e-4, 5_000, 1.0)
    assert (training.weight_decay, training.resampler_weight_decay) == (0.1, 0.0)


def test_overrides_are_read_as_yaml() -> None:
    config = load_config("tiny", {"training.steps": "7", "training.learning_rate": "1e-4", "data.p_next": 1})
    assert (config.training.steps, config.training.learning_rate, config.data.p_next) == (7, 1e-4, 1.0)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("training.stepz", "7"),
        ("trainin.steps", "7"),
        ("training.steps", "0"),
        ("training.steps.more", "1"),
        ("training.steps.more.still", "1"),
        ("data.p_next", "1.5"),
        ("model.cross_attention.activation", "swish"),
        ("training.seed", "-1"),
    ],
)
def test_what_does_not_exist_is_refused(key: str, value: str) -> None:
    with pytest.raises(ConfigError, match="'tiny' is not valid"):
        load_config("tiny", {key: value})


def test_files_and_names(tmp_path: Path) -> None:
    path = tmp_path / "own.yaml"
    path.write_text("model: {language_model: {name: some-model}}\n")
    assert load_config(str(path)).model.language_model.name == "some-model"
    with pytest.raises(ConfigError, match="cannot be read"):
        load_config(str(tmp_path / "none.yaml"))
    with pytest.raises(ConfigError, match="tiny"):
        load_config("huge")
    path.write_text("model: {language_model: {}}\n")
    with pytest.raises(ConfigError, match="needs a name"):
        load_config(str(path))
