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
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline.documents import characters
from pipeline.documents.normal_form import normalized
from pipeline.documents.repetition import Hashed, Hashes, counted, covered, repeated_ngrams
from pipeline.documents.stop_words import required_words, stop_words
from pipeline.documents.words import (
    is_listed,
    listed_share,
    plain_words,
    word_bounds,
    word_hashes,
    word_repetition_ratio,
)

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
# White space but for " "; U+3000 is the last.
OTHER_SPACES = [character for character in map(chr, range(0x3001)) if character.isspace() and character != " "]
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


def score(text: str, language: str, flagged_words: frozenset[str] = frozenset()) -> TextScores:
    """Measure a text in `language` (ISO 639-1); `flagged_words` are in lower case, as in the recipe."""
    codes = characters.code_points(text)
    kinds = characters.kinds_of(codes)
    starts, ends = word_bounds(kinds)
    if not starts.size:
        return TextScores(*(0,) * len(TextScores._fields))
    lengths = ends - starts
    hashed = Hashed(codes)
    lowered = text.lower()
    plain = plain_words(lowered)
    different, occurrences = counted(plain)
    lines = [stripped for line in text.splitlines() if (stripped := line.strip())]
    paragraphs = [stripped for paragraph in BLANK_LINE.split(text) if (stripped := paragraph.strip())]
    measures: dict[str, Any] = {
        "word_count": lengths.size,
        "mean_word_length": int(lengths.sum()) / lengths.size,
        "symbol_word_ratio": (text.count("#") + sum(map(text.count, ELLIPSES))) / lengths.size,
        "bullet_line_share": sum(line.startswith(BULLETS) for line in lines) / len(lines),
        "ellipsis_line_share": sum(line.endswith(ELLIPSES) for line in lines) / len(lines),
        "alphabetic_word_share": plain.size / lengths.size,
        "stop_word_count": int(np.count_nonzero(is_listed(different, required_words(language)))),
        **_duplicate_shares("line", lines),
        **_duplicate_shares("paragraph", paragraphs),
        **_ngram_shares(word_hashes(hashed, starts, ends), lengths),
        "character_repetition_ratio": characters.character_repetition_ratio(hashed),
        "word_repetition_ratio": word_repetition_ratio(plain),
        "special_character_ratio": characters.special_character_ratio(kinds),
        "stop_word_ratio": listed_share(different, occurrences, stop_words(language)),
        "flagged_word_ratio": listed_share(different, occurrences, flagged_words),
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
    folded = normalized(text).lower().replace("\n\n", "\n")  # between blocks; of other runs there are few
    for space in OTHER_SPACES:
        folded = folded.replace(space, " ")
    while "  " in folded:
        folded = folded.replace("  ", " ")
    return hashlib.sha256(folded.strip().encode()).hexdigest()


def ends_in_terminal_mark(line: str) -> bool:
    """Whether C4 keeps the line; an ellipsis ends no sentence."""
    return line.endswith(TERMINAL_MARKS) and not line.endswith(ELLIPSES)


def _duplicate_shares(kind: str, parts: Sequence[str]) -> dict[str, float]:
    """Share of the parts that repeat an earlier one, and share of characters in them."""
    distinct = set(parts)
    characters_of_all = sum(map(len, parts))
    return {
        f"duplicate_{kind}_share": (len(parts) - len(distinct)) / len(parts),
        f"duplicate_{kind}_character_share": (characters_of_all - sum(map(len, distinct))) / characters_of_all,
    }


def _ngram_shares(words: Hashes, lengths: NDArray[np.int64]) -> dict[str, float]:
    shares = dict.fromkeys(NGRAM_SHARES, 0.0)
    sums = np.zeros(lengths.size + 1, np.int64)
    lengths.cumsum(out=sums[1:])
    for (n, positions, edges), name in zip(repeated_ngrams(words, 10), NGRAM_SHARES, strict=False):
        counts = edges[1:] - edges[:-1]
        firsts = np.minimum.reduceat(positions, edges[:-1])
        if name.startswith("top"):
            top = int(np.where(counts == counts.max(), firsts, words.size).argmin())
            chosen = positions[edges[top] : edges[top + 1]]
        else:
            chosen = positions[positions != firsts.repeat(counts)]
        shares[name] = covered(chosen, n, sums) / int(sums[-1])
    return shares


def _is_short(line: str) -> bool:
    return len(line.split(None, SHORT_LINE_WORDS - 1)) < SHORT_LINE_WORDS


def _share_of_lines(phrase: str, lowered: str, lines: Sequence[str]) -> float:
    """Share of the lines that hold the phrase, in any case; `lowered` is the whole text."""
    return sum(phrase in line.lower() for line in lines) / len(lines) if phrase in lowered else 0.0
