"""A tiny language model with its tokenizer, made here and saved as users save theirs."""

from pathlib import Path

import pytest
import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from model.config import Config, load_config
from model.language_model import Vocabulary, load_language_model
from tests.model.corpora import WORDS

VOCABULARY = 320


@pytest.fixture(scope="session")
def language_model_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random Llama of 4 layers beside a byte-level BPE tokenizer."""
    folder = tmp_path_factory.mktemp("language_model")
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        special_tokens=["<s>", "</s>"],
        show_progress=False,
    )
    tokenizer.train_from_iterator([" ".join(WORDS)] * 9, trainer)
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, bos_token="<s>", eos_token="</s>").save_pretrained(folder)
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=VOCABULARY,
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=4,
        num_attention_heads=2,
        num_key_value_heads=2,
        tie_word_embeddings=True,
        bos_token_id=0,
        eos_token_id=1,
    )
    LlamaForCausalLM(config).save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def vocabulary(language_model_folder: Path) -> Vocabulary:
    return load_language_model(str(language_model_folder))[1]


@pytest.fixture(scope="session")
def small_config(language_model_folder: Path) -> Config:
    """`tiny`, smaller: trains a step in milliseconds."""
    return load_config(
        "tiny",
        {
            "model.language_model.name": str(language_model_folder),
            "model.resampler.width": 16,
            "model.resampler.latents": 4,
            "model.resampler.heads": 2,
            "model.resampler.head_width": 8,
            "model.cross_attention.every_n": 2,
            "model.cross_attention.head_width": 16,
            "data.window_tokens": 64,
            "data.shuffle_row_groups": 2,
            "training.steps": 8,
            "training.evaluation_rows": 4,
            "training.checkpoint_every_steps": 4,
        },
    )
