"""What one training run is made of: a typed configuration, read from a YAML file, unknown keys refused."""

from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Any, Literal

import fsspec
import yaml
from pydantic import BaseModel, ConfigDict, Field, PositiveInt, ValidationError, model_validator

from model.errors import ConfigError

Activation = Literal["squared_relu", "gelu", "relu"]


class Section(BaseModel):
    """A part of the configuration: fixed once read, and strict about its keys."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Shape(Section):
    """A transformer with random weights: to count parameters and to plan memory, never to train with."""

    layers: PositiveInt
    width: PositiveInt
    heads: PositiveInt
    vocabulary: PositiveInt = 32_000  # Chinchilla's SentencePiece vocabulary (Flamingo, arXiv 2204.14198)
    context_tokens: PositiveInt = 2_048


class LanguageModelConfig(Section):
    """A model to load or, without a name, a shape."""

    name: str | None = None  # folder, .gguf file, hub name, or package:NAME
    shape: Shape | None = None

    @model_validator(mode="after")
    def _name_or_shape(self) -> "LanguageModelConfig":
        if self.name is None and self.shape is None:
            raise ValueError("language_model needs a name")
        return self


class ResamplerConfig(Section):
    """Perceiver Resampler; the defaults are the paper's and the same for its 3B, 9B and 80B."""

    width: PositiveInt = 1536
    layers: PositiveInt = 6
    latents: PositiveInt = 64
    heads: PositiveInt = 16
    # arXiv 2204.14198v1, section 3.1.2; version 2 says 96 for the resampler, but only 128 adds up to its 194 M.
    head_width: PositiveInt = 128
    ff_multiplier: PositiveInt = 4
    activation: Activation = "squared_relu"
    frames: PositiveInt = 8  # learned time embeddings; appendix A.1.1
    final_norm: bool = False  # not in the paper; every open implementation has it
    # Open implementations: one norm for the media, one for the latents, in query as in key and value.
    separate_media_norm: bool = False


class CrossAttentionConfig(Section):
    """The inserted GATED XATTN-DENSE blocks; heads and width are the language model's."""

    every_n: PositiveInt = 1
    first_layer: int = Field(default=0, ge=0)  # the paper starts at the first layer
    heads: PositiveInt | None = None  # null: as many as the language model has
    head_width: PositiveInt = 128
    ff_multiplier: PositiveInt = 4
    activation: Activation = "squared_relu"
    media_norm: bool = True  # v1 section 3.1.2; open implementations have none


class FlamingoConfig(Section):
    """The architecture."""

    language_model: LanguageModelConfig
    resampler: ResamplerConfig = ResamplerConfig()
    cross_attention: CrossAttentionConfig = CrossAttentionConfig()


class DataConfig(Section):
    """From rows to windows; p_next is of appendix A.3.2."""

    window_tokens: PositiveInt = 256
    max_images: PositiveInt = 5
    p_next: float = Field(default=0.5, ge=0, le=1)
    p_space: float = Field(default=0.5, ge=0, le=1)  # one space before the text that follows an image
    shuffle_row_groups: PositiveInt = 8  # row groups in memory whose rows are mixed; 8 to 32 MB each


class TrainingConfig(Section):
    """Optimisation: appendix B.1.2. Batch size, betas and epsilon of the main runs are not published."""

    seed: int = Field(default=0, ge=0)
    steps: PositiveInt = 500_000
    batch_rows: PositiveInt = 256  # of M3W in the paper's ablations
    learning_rate: float = Field(default=1e-4, gt=0)
    warmup_steps: PositiveInt = 5_000
    weight_decay: float = Field(default=0.1, ge=0)
    resampler_weight_decay: float = Field(default=0.0, ge=0)
    betas: tuple[float, float] = (0.9, 0.999)  # PyTorch's defaults
    clip_norm: float = Field(default=1.0, gt=0)
    loss: Literal["token_mean", "sum"] = "token_mean"  # sum: the paper's formula, per row
    evaluation_rows: PositiveInt = 256
    log_every_steps: PositiveInt = 10
    checkpoint_every_steps: PositiveInt = 1_000
    keep_checkpoints: PositiveInt = 3


class Config(Section):
    """Everything that a run depends on, besides the corpus and the device."""

    model: FlamingoConfig
    data: DataConfig = DataConfig()
    training: TrainingConfig = TrainingConfig()


def preset_names() -> list[str]:
    """The configurations that come with the package."""
    folder = resources.files("model") / "configs"
    return sorted(entry.name.removesuffix(".yaml") for entry in folder.iterdir() if entry.name.endswith(".yaml"))


def load_config(name: str, overrides: Mapping[str, Any] | None = None) -> Config:
    """The preset or YAML file `name`, with `overrides` such as {"training.steps": 40}; text is read as YAML.

    Raises `ConfigError` for a name, a key or a value that does not exist.
    """
    if name in preset_names():
        text = (resources.files("model") / "configs" / f"{name}.yaml").read_text()
    elif "/" in name or Path(name).suffix in (".yaml", ".yml"):
        try:
            with fsspec.open(name, "rt") as file:
                text = file.read()
        except (OSError, ValueError) as error:
            raise ConfigError(f"The configuration '{name}' cannot be read: {error}") from error
    else:
        raise ConfigError(
            f"There is no configuration '{name}': give a YAML file or one of {', '.join(preset_names())}."
        )
    try:
        values = yaml.safe_load(text) or {}
        for key, value in (overrides or {}).items():
            _set(values, key, yaml.safe_load(value) if isinstance(value, str) else value)
        return Config.model_validate(values)
    except (yaml.YAMLError, ValidationError, TypeError, AttributeError) as error:
        raise ConfigError(f"The configuration '{name}' is not valid: {error}") from error


def _set(values: dict[str, Any], key: str, value: Any) -> None:
    *sections, last = key.split(".")
    for section in sections:
        values = values.setdefault(section, {})
    values[last] = value
