"""Loading language models: what is found in them, what the data sees of the tokenizer, and what is refused."""

import json
from pathlib import Path

import pytest
from transformers import BertConfig, BertLMHeadModel, OPTConfig, OPTForCausalLM

from model.errors import LanguageModelError
from model.language_model import Vocabulary, load_language_model, vocabulary, wrap
from model.packages import package_file


def test_a_folder_loads_frozen_and_without_a_word(
    language_model_folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    language_model, words = load_language_model(str(language_model_folder))
    assert (len(language_model.layers), language_model.width, language_model.heads) == (4, 32, 2)
    assert not any(parameter.requires_grad for parameter in language_model.model.parameters())
    assert not language_model.model.training
    assert words.eoc_id == language_model.vocabulary_size == 320
    assert capfd.readouterr() == ("", "")


def test_page_text_cannot_forge_special_tokens(vocabulary: Vocabulary) -> None:
    assert vocabulary.bos_id not in vocabulary.encode("<s>a</s>")
    assert vocabulary.eos_id not in vocabulary.encode("<s>a</s>")
    assert len(vocabulary.encode("<image>")) > 1


class NoEnd:
    eos_token_id = None


def test_a_tokenizer_without_an_end_is_refused() -> None:
    with pytest.raises(LanguageModelError, match="no end-of-sequence token"):
        vocabulary(NoEnd(), 10)


def test_architectures_without_a_place_for_blocks_are_refused() -> None:
    sizes = {"vocab_size": 50, "hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2}
    with pytest.raises(LanguageModelError, match="decoder layers of BertLMHeadModel were not found"):
        wrap(BertLMHeadModel(BertConfig(**sizes, intermediate_size=16, is_decoder=True)))
    with pytest.raises(LanguageModelError, match="embeddings of width 8 for layers of width 16"):
        wrap(OPTForCausalLM(OPTConfig(**sizes, ffn_dim=16, word_embed_proj_dim=8)))


def test_a_damaged_folder_is_an_error_for_the_user(language_model_folder: Path, tmp_path: Path) -> None:
    config = json.loads((language_model_folder / "config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps(config))
    with pytest.raises(LanguageModelError, match="cannot be loaded"):
        load_language_model(str(tmp_path))


@pytest.mark.parametrize("name", ["package:no_such_package", "package:../etc", "package:"])
def test_packages_that_are_not_there(name: str) -> None:
    with pytest.raises(FileNotFoundError, match="not installed"):
        package_file(name, (".gguf",))


def test_packages_without_exactly_one_such_file() -> None:
    with pytest.raises(FileNotFoundError, match=r"holds 0 files ending in \.gguf"):
        package_file("package:pytest", (".gguf",))
    with pytest.raises(FileNotFoundError, match=r"holds \d+ files ending in \.py"):
        package_file("package:pytest", (".py",))
