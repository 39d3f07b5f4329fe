"""The frozen language model: loading it, finding its layers, and the vocabulary that the data needs."""

import contextlib
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path
from typing import Any

import torch
from torch import nn
from transformers import AutoModelForCausalLM, AutoTokenizer, GPT2Config, GPT2LMHeadModel, PreTrainedModel

from model.config import LanguageModelConfig, Shape
from model.errors import LanguageModelError
from model.packages import PREFIX, package_file

# Where transformers keeps the list of decoder layers: Llama and its many relatives, GPT-NeoX, OPT, GPT-2, MPT.
LAYER_PATHS = ("model.layers", "gpt_neox.layers", "model.decoder.layers", "transformer.h", "transformer.blocks")


@dataclass(frozen=True)
class Vocabulary:
    """What the data needs of a tokenizer; `<EOC>` is the one new token and takes the first id that is free."""

    encode: Callable[[str], list[int]]
    bos_id: int
    eos_id: int
    eoc_id: int


@dataclass(frozen=True)
class LanguageModel:
    """A frozen causal language model and the parts of it that Flamingo attaches to."""

    model: PreTrainedModel
    layers: nn.ModuleList
    width: int
    heads: int
    vocabulary_size: int


def wrap(model: PreTrainedModel) -> LanguageModel:
    """Freeze `model` and find its parts; raises `LanguageModelError` where Flamingo could not be inserted."""
    architecture = type(model).__name__
    layers = next((found for path in LAYER_PATHS if isinstance(found := _get(model, path), nn.ModuleList)), None)
    if layers is None or len(layers) != model.config.num_hidden_layers:
        raise LanguageModelError(
            f"The decoder layers of {architecture} were not found. Architectures like Llama, GPT-NeoX, OPT, GPT-2 and "
            f"MPT work: those that keep their layers in {', '.join(LAYER_PATHS)}."
        )
    vocabulary_size, width = model.get_input_embeddings().weight.shape
    if width != model.config.hidden_size or model.get_output_embeddings() is None:
        raise LanguageModelError(
            f"{architecture}: embeddings of width {width} for layers of width {model.config.hidden_size} (or no output "
            "embeddings) leave no place for the embedding of <EOC>."
        )
    model.eval().requires_grad_(False)
    return LanguageModel(model, layers, width, model.config.num_attention_heads, vocabulary_size)


def load_language_model(name: str, *, dtype: torch.dtype = torch.float32) -> tuple[LanguageModel, Vocabulary]:
    """Load a local folder, a `.gguf` file, `package:NAME` (a package that carries one .gguf file) or a hub name.

    Raises `LanguageModelError` with the remedy where something is missing.
    """
    try:
        source, options = _source(name)
        with _quiet():
            tokenizer = AutoTokenizer.from_pretrained(source, **options)
            model = AutoModelForCausalLM.from_pretrained(source, dtype=dtype, **options)
    except ImportError as error:
        raise LanguageModelError(f"The language model '{name}' needs a package that is missing: {error}") from error
    except (OSError, ValueError) as error:
        raise LanguageModelError(
            f"The language model '{name}' cannot be loaded: {error} Give a folder, a .gguf file, package:NAME or, with "
            "a network, a name of the Hugging Face hub."
        ) from error
    language_model = wrap(model)
    return language_model, vocabulary(tokenizer, language_model.vocabulary_size)


def build_shape(shape: Shape) -> LanguageModel:
    """A randomly initialised GPT-2 of this shape; under `torch.device("meta")` it takes no memory."""
    config = GPT2Config(
        vocab_size=shape.vocabulary,
        n_positions=shape.context_tokens,
        n_embd=shape.width,
        n_layer=shape.layers,
        n_head=shape.heads,
    )
    return wrap(GPT2LMHeadModel(config))


def build_or_load(config: LanguageModelConfig, *, dtype: torch.dtype = torch.float32) -> LanguageModel:
    """The named model, or the shape where there is no name."""
    if config.name is not None:
        return load_language_model(config.name, dtype=dtype)[0]
    assert config.shape is not None
    return build_shape(config.shape)


def vocabulary(tokenizer: Any, embedding_rows: int) -> Vocabulary:
    """The vocabulary of a Hugging Face tokenizer; `<EOC>` follows the last row of the model's embedding table."""
    eos_id = tokenizer.eos_token_id
    if eos_id is None:
        raise LanguageModelError("The tokenizer has no end-of-sequence token, which ends every document.")
    bos_id = tokenizer.bos_token_id

    def encode(text: str) -> list[int]:
        ids: list[int] = tokenizer(text, add_special_tokens=False, split_special_tokens=True, verbose=False)[
            "input_ids"
        ]
        return ids

    return Vocabulary(encode, bos_id=eos_id if bos_id is None else bos_id, eos_id=eos_id, eoc_id=embedding_rows)


def _source(name: str) -> tuple[str, dict[str, str]]:
    path = package_file(name, (".gguf",)) if name.startswith(PREFIX) else Path(name).expanduser()
    if path.suffix == ".gguf":
        return str(path.parent), {"gguf_file": path.name}
    return (str(path) if path.is_dir() else name), {}


def _get(model: nn.Module, path: str) -> Any:
    try:
        return attrgetter(path)(model)
    except AttributeError:
        return None


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Without the loader's progress bars and advice: the screen belongs to whoever trains. Errors are exceptions."""
    with contextlib.redirect_stderr(io.StringIO()), contextlib.redirect_stdout(io.StringIO()):
        yield
