"""Which characters a text is made of, and how much they repeat: measures of OBELICS (arXiv 2306.16527, appendix A.2.2).

They take arrays, which serve them all: the text's code points, or their kinds.
"""

import unicodedata
from functools import cache

import numpy as np
from numpy.typing import NDArray

from pipeline.documents.repetition import Hashed, repeat_counts

CodePoints = NDArray[np.uint32]
Kinds = NDArray[np.uint8]

# What a character can be, as bits.
LETTER = (
    1  # a letter or a mark; everything else is a "special character": OBELICS lists punctuation, digits, space, emoji
)
WORD = 2  # part of a word where OBELICS counts them: its pattern [\w'], and marks, which Indic words hold
MARK = 4  # punctuation
END = 8  # ends a sentence where white space follows
FULL_END = 16  # ends a sentence in a script that needs no white space behind it
CLOSING = 32  # may stand between the end of a sentence and the white space
SPACE = 64

# OBELICS' own six, and what other scripts write in their place.
PUNCTUATION = frozenset(",;:?!.،؛؟。、，；：？！．।")
ENDS = frozenset(".?!؟۔।")
FULL_ENDS = frozenset("。？！")
CLOSINGS = frozenset("\"'”’»)]")
LAST = 0x20000  # from here on there are ideographs, but for a few invisible tags
REPETITION_LENGTH = 10  # characters; OBELICS' configuration, character_repetition_length


def code_points(text: str) -> CodePoints:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")


def kinds_of(codes: CodePoints) -> Kinds:
    """What each character can be, as bits."""
    return _kinds().take(codes, mode="clip")


def letters_and_spaces(codes: CodePoints, kinds: Kinds) -> NDArray[np.int64]:
    """The places of letters, marks and white space. Behind `LAST` not everything is one, as it is for `kinds`."""
    is_one: NDArray[np.bool_] = kinds & (LETTER | SPACE) != 0
    far = (codes > LAST).nonzero()[0]
    if far.size:
        is_one[far] = [unicodedata.category(chr(code))[0] in "LM" for code in codes[far].tolist()]
    return is_one.nonzero()[0]


def special_character_ratio(kinds: Kinds) -> float:
    """Share of characters that are neither letters nor marks; white space counts, so that prose has about 0.2."""
    letters = int(np.count_nonzero(kinds & LETTER))
    return 1 - letters / kinds.size if kinds.size else 0.0


def punctuation_ratio(kinds: Kinds) -> tuple[float, int]:
    """Share of punctuation marks among words and marks, and the number of these."""
    marks = int(np.count_nonzero(kinds & MARK))
    in_word = (kinds & WORD) != 0
    words = int(np.count_nonzero(in_word[1:] > in_word[:-1]) + np.count_nonzero(in_word[:1]))
    return marks / (marks + words) if marks + words else 0.0, marks + words


def character_repetition_ratio(codes: Hashed) -> float:
    """Share of the most frequent 10-grams of characters among all.

    Of the D different ones the most frequent sqrt(D) count, and of these only what occurs more than once.
    """
    ngrams = codes.ngrams(REPETITION_LENGTH)
    counts, distinct = repeat_counts(ngrams)
    top = min(int(distinct**0.5), counts.size)
    return float(np.sort(counts)[counts.size - top :].sum() / ngrams.size) if top else 0.0


def sentence_count(kinds: Kinds) -> int:
    """Sentences, counted by their ends: marks before white space or the end of the text. C4 asks a trained splitter."""
    padded = np.full(kinds.size + 2, SPACE, np.uint8)
    padded[:-2] = kinds
    is_space = padded & SPACE != 0
    is_before_space = is_space[1:-1] | ((padded[1:-1] & CLOSING != 0) & is_space[2:])
    ends = (kinds & END != 0) & is_before_space
    return int(np.count_nonzero(ends) + np.count_nonzero(kinds & FULL_END))


@cache
def _kinds() -> Kinds:
    """Of every character up to `LAST`; made of whole columns, since every process makes it once."""
    characters = list(map(chr, range(LAST + 1)))
    is_letter = [category[0] in "LM" for category in map(unicodedata.category, characters)]
    is_part_of_word = [is_one or character.isalnum() for is_one, character in zip(is_letter, characters, strict=True)]
    kinds = np.array(is_letter, np.uint8) * LETTER + np.array(is_part_of_word, np.uint8) * WORD
    kinds += np.array(list(map(str.isspace, characters)), np.uint8) * SPACE
    for bit, members in ((WORD, "_'"), (MARK, PUNCTUATION), (END, ENDS), (FULL_END, FULL_ENDS), (CLOSING, CLOSINGS)):
        kinds[list(map(ord, members))] |= bit
    return kinds
