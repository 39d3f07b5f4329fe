"""Measures of a text's quality, by which three corpora choose. Measures only: `rules` decides.

- MassiveText (Rae et al., "Gopher", arXiv 2112.11446, appendix A.1.1): quality, and repetition of table A1.
- OBELICS (arXiv 2306.16527, appendix A.2.2, table 3), for single paragraphs also in `paragraph_rules`.
- C4 (arXiv 1910.10683, section 2.2). Its authors cut lines; here it is measured how many they would cut.

Words are runs of characters that are not white space; lines are lines that hold more than white space, paragraphs are
runs of lines between blank ones, both without the white space around them. Shares of characters of lines and paragraphs
leave out what lies between them. All are 0 for a text without words. Time is n log n in the text, memory linear.
"""

import hashlib
import re
from collections.abc import Sequence, Set
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline.documents import characters
from pipeline.documents.normal_form import normalized
from pipeline.documents.repetition import covered, repeated_ngrams
from pipeline.documents.stop_words import required_words, stop_words
from pipeline.documents.words import listed_share, number, plain_words, word_repetition_ratio

BULLETS = ("-", "*", "•", "‣", "◦", "▪", "●", "·", "–")  # Gopher does not list its own
ELLIPSES = ("...", "…")
# C4: ". ? !" and the closing quotation mark; the others are these in other scripts and typographic quotation marks.
TERMINAL_MARKS = (".", "?", "!", '"', "”", "’", "»", "。", "？", "！", "」", "』", "।", "؟", "۔")
SHORT_LINE_WORDS = 5  # C4 drops lines of fewer; so says section 2.2 of the JMLR version, and so does the authors' code
# For n from 2 to 10 (Gopher, table A1).
NGRAM_SHARES = (
    *(f"top_{n}gram_character_share" for n in range(2, 5)),
    *(f"duplicate_{n}gram_character_share" for n in range(5, 11)),
)
BLANK_LINE = re.compile(r"\n\s*\n")


class TextScores(NamedTuple):
    """One value for each column `SCORES` of the table documents, in its order."""

    word_count: int  # words
    mean_word_length: float  # code points
    symbol_word_ratio: float  # hash signs and ellipses ("..." or "…") per word
    bullet_line_share: float  # lines that start with a bullet
    ellipsis_line_share: float  # lines that end with an ellipsis
    alphabetic_word_share: float  # words with an alphabetic character
    stop_word_count: int  # how many different ones of `required_words` occur, in any case
    duplicate_line_share: float  # lines that repeat an earlier line
    duplicate_line_character_share: float  # characters in such lines
    duplicate_paragraph_share: float  # paragraphs that repeat an earlier one
    duplicate_paragraph_character_share: float  # characters in such paragraphs
    # Characters of words in occurrences of the most frequent n-gram (the first of equals); 0 if it is unique.
    top_2gram_character_share: float
    top_3gram_character_share: float
    top_4gram_character_share: float
    # Characters of words in n-grams that repeat an earlier one; where they overlap, counted once.
    duplicate_5gram_character_share: float
    duplicate_6gram_character_share: float
    duplicate_7gram_character_share: float
    duplicate_8gram_character_share: float
    duplicate_9gram_character_share: float
    duplicate_10gram_character_share: float
    character_repetition_ratio: float  # see `characters`
    word_repetition_ratio: float  # see `words`
    special_character_ratio: float  # characters that are neither letters nor marks
    stop_word_ratio: float  # words that are stop words of the language, of all with a letter
    flagged_word_ratio: float  # words on the recipe's list, of all with a letter
    punctuation_ratio: float  # punctuation marks among words and marks
    terminal_mark_line_share: float  # lines that end with a terminal punctuation mark, but not with an ellipsis
    short_line_share: float  # lines of fewer than 5 words
    javascript_line_share: float  # lines that hold the word "javascript", in any case
    lorem_ipsum_line_share: float  # lines that hold "lorem ipsum", in any case
    curly_bracket_line_share: float  # lines that hold a "{"
    sentence_count: int  # sentences


def score(text: str, language: str, flagged_words: Set[str] = frozenset()) -> TextScores:
    """Measure a text in `language` (ISO 639-1); `flagged_words` are in lower case, as in the recipe."""
    vocabulary, ids = number(text.split())
    if not vocabulary:
        return TextScores(*(0,) * len(TextScores._fields))
    word_lengths = np.array([len(word) for word in vocabulary], np.int64)
    lengths = word_lengths[ids]
    # Plain words: numbered by the numbers of the words that they come from; 0 is the empty one.
    plain, plain_of = number(["", *plain_words(vocabulary)])
    plain_ids = plain_of[1:][ids]
    plain_ids = plain_ids[plain_ids > 0]
    occurrences = np.bincount(plain_ids, minlength=len(plain))
    codes = characters.code_points(text)
    kinds = characters.kinds_of(codes)
    lines = [stripped for line in text.splitlines() if (stripped := line.strip())]
    paragraphs = [stripped for paragraph in BLANK_LINE.split(text) if (stripped := paragraph.strip())]
    lowered = text.lower()
    measures: dict[str, Any] = {
        "word_count": ids.size,
        "mean_word_length": float(lengths.mean()),
        "symbol_word_ratio": (text.count("#") + sum(map(text.count, ELLIPSES))) / ids.size,
        "bullet_line_share": sum(line.startswith(BULLETS) for line in lines) / len(lines),
        "ellipsis_line_share": sum(line.endswith(ELLIPSES) for line in lines) / len(lines),
        "alphabetic_word_share": plain_ids.size / ids.size,
        "stop_word_count": len(required_words(language).intersection(plain)),
        **_duplicate_shares("line", lines),
        **_duplicate_shares("paragraph", paragraphs),
        **_ngram_shares(ids, lengths),
        "character_repetition_ratio": characters.character_repetition_ratio(codes),
        "word_repetition_ratio": word_repetition_ratio(plain_ids),
        "special_character_ratio": characters.special_character_ratio(kinds),
        "stop_word_ratio": listed_share(plain, occurrences, stop_words(language)),
        "flagged_word_ratio": listed_share(plain, occurrences, flagged_words),
        "punctuation_ratio": characters.punctuation_ratio(kinds)[0],
        "terminal_mark_line_share": sum(map(ends_in_terminal_mark, lines)) / len(lines),
        "short_line_share": sum(map(_is_short, lines)) / len(lines),
        "javascript_line_share": _share_of_lines("javascript", lowered, lines),
        "lorem_ipsum_line_share": _share_of_lines("lorem ipsum", lowered, lines),
        "curly_bracket_line_share": _share_of_lines("{", lowered, lines),
        "sentence_count": characters.sentence_count(kinds),
    }
    return TextScores(**measures)


def text_hash(text: str) -> str:
    """SHA-256 (hex) of the text in NFC, lower-cased, every run of white space folded to one space."""
    folded = " ".join(normalized(text).lower().split())
    return hashlib.sha256(folded.encode()).hexdigest()


def ends_in_terminal_mark(line: str) -> bool:
    """Whether C4 keeps the line; an ellipsis ends no sentence."""
    return line.endswith(TERMINAL_MARKS) and not line.endswith(ELLIPSES)


def _duplicate_shares(kind: str, parts: Sequence[str]) -> dict[str, float]:
    """Share of the parts that repeat an earlier one, and share of characters in them."""
    seen: set[str] = set()
    repeated = repeated_characters = 0
    for part in parts:
        if part in seen:
            repeated += 1
            repeated_characters += len(part)
        seen.add(part)
    return {
        f"duplicate_{kind}_share": repeated / len(parts),
        f"duplicate_{kind}_character_share": repeated_characters / sum(map(len, parts)),
    }


def _ngram_shares(ids: NDArray[np.int64], lengths: NDArray[np.int64]) -> dict[str, float]:
    shares = dict.fromkeys(NGRAM_SHARES, 0.0)
    total = int(lengths.sum())
    for (n, positions, counts), name in zip(repeated_ngrams(ids, 10), NGRAM_SHARES, strict=False):
        starts = counts.cumsum() - counts
        firsts = np.minimum.reduceat(positions, starts)
        if name.startswith("top"):
            top = int(np.where(counts == counts.max(), firsts, ids.size).argmin())
            chosen = positions[starts[top] : starts[top] + counts[top]]
        else:
            chosen = positions[positions != firsts.repeat(counts)]
        shares[name] = covered(chosen, n, lengths) / total
    return shares


def _is_short(line: str) -> bool:
    return len(line.split(None, SHORT_LINE_WORDS - 1)) < SHORT_LINE_WORDS


def _share_of_lines(phrase: str, lowered: str, lines: Sequence[str]) -> float:
    """Share of the lines that hold the phrase, in any case; `lowered` is the whole text."""
    return sum(phrase in line.lower() for line in lines) / len(lines) if phrase in lowered else 0.0
