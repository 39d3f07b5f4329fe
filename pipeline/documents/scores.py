"""Quality and repetition measures of MassiveText (Rae et al., "Gopher", arXiv 2112.11446, appendix A.1.1).

Measures only: `rules` decides. Words are runs of characters that are not white space; lines are lines that hold more
than white space, paragraphs are runs of lines between blank ones, both without the white space around them. Shares of
characters of lines and paragraphs leave out what lies between them. All are 0 for a text without words. Time and memory
are linear in the text.
"""

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

STOP_WORDS = frozenset(("the", "be", "to", "of", "and", "that", "have", "with"))  # appendix A.1.1, "Quality filtering"
BULLETS = ("-", "*", "•", "‣", "◦", "▪", "●", "·", "–")  # Gopher does not list its own
ELLIPSES = ("...", "…")
BLANK_LINE = re.compile(r"\n\s*\n")
ELLIPSIS = re.compile(r"\.\.\.|…")


class TextScores(NamedTuple):
    """One value for each column `SCORES` of the table documents, in its order."""

    word_count: int  # words
    mean_word_length: float  # code points
    symbol_word_ratio: float  # hash signs and ellipses ("..." or "…") per word
    bullet_line_share: float  # lines that start with a bullet
    ellipsis_line_share: float  # lines that end with an ellipsis
    alphabetic_word_share: float  # words with an alphabetic character
    stop_word_count: int  # how many different ones of the eight English stop words occur, in any case
    duplicate_line_share: float  # lines that repeat an earlier line
    duplicate_line_character_share: float  # characters in such lines
    duplicate_paragraph_share: float  # paragraphs that repeat an earlier one
    duplicate_paragraph_character_share: float  # characters in such paragraphs
    top_2gram_character_share: (
        float  # characters of words in occurrences of the most frequent 2-gram; 0 if it is unique
    )
    top_3gram_character_share: float
    top_4gram_character_share: float


def score(text: str) -> TextScores:
    """Measure a text."""
    words = text.split()
    if not words:
        return TextScores(*(0,) * len(TextScores._fields))
    lines = [stripped for line in text.splitlines() if (stripped := line.strip())]
    paragraphs = [stripped for paragraph in BLANK_LINE.split(text) if (stripped := paragraph.strip())]
    lengths = [len(word) for word in words]
    characters = sum(lengths)
    return TextScores(
        len(words),
        characters / len(words),
        (text.count("#") + len(ELLIPSIS.findall(text))) / len(words),
        sum(line.startswith(BULLETS) for line in lines) / len(lines),
        sum(line.endswith(ELLIPSES) for line in lines) / len(lines),
        sum(word.isalpha() or any(map(str.isalpha, word)) for word in words) / len(words),
        len(STOP_WORDS.intersection(map(str.lower, words))),
        *_duplicate_shares(lines),
        *_duplicate_shares(paragraphs),
        *(_top_ngram_share(words, lengths, characters, n) for n in (2, 3, 4)),
    )


def text_hash(text: str) -> str:
    """SHA-256 (hex) of the text in NFC, lower-cased, every run of white space folded to one space."""
    folded = " ".join(unicodedata.normalize("NFC", text).lower().split())
    return hashlib.sha256(folded.encode()).hexdigest()


def _duplicate_shares(parts: Sequence[str]) -> tuple[float, float]:
    """Share of the parts that repeat an earlier one, and share of characters in them."""
    seen: set[str] = set()
    repeated = repeated_characters = 0
    for part in parts:
        if part in seen:
            repeated += 1
            repeated_characters += len(part)
        seen.add(part)
    return repeated / len(parts), repeated_characters / sum(map(len, parts))


def _top_ngram_share(words: list[str], lengths: list[int], characters: int, n: int) -> float:
    """Share of the words' characters that lie in occurrences of the most frequent n-gram (the first of equals)."""
    counts = Counter(zip(*(words[start:] for start in range(n)), strict=False))
    if not counts or (top := counts.most_common(1)[0])[1] == 1:
        return 0.0
    ngram = list(top[0])
    covered = end = start = 0
    for _ in range(words.count(ngram[0])):
        start = words.index(ngram[0], start)
        if words[start : start + n] == ngram:
            covered += sum(lengths[max(start, end) : start + n])  # overlapping occurrences count once
            end = start + n
        start += 1
    return covered / characters
