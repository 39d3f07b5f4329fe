"""Which paragraphs are good enough: OBELICS' rules on text nodes and C4's on lines, each with a reason code.

A text node of OBELICS (arXiv 2306.16527, appendix A.2.2, table 3) lies between blank lines, as a paragraph does here.
Of its rules those on common words and on perplexity are missing: the word list and the model cannot be had.
"""

from dataclasses import dataclass, fields, replace

from pipeline.documents import characters
from pipeline.documents.repetition import Hashed, counted
from pipeline.documents.scores import ends_in_terminal_mark
from pipeline.documents.stop_words import WITHOUT_SPACES, stop_words
from pipeline.documents.words import listed_share, plain_words, word_repetition_ratio
from pipeline.recipe import NO_LIMIT, Recipe

# OBELICS judges the punctuation only of paragraphs of that many words and marks.
MIN_TOKENS_FOR_PUNCTUATION = 12


@dataclass(frozen=True, slots=True)
class ParagraphThresholds:
    """Bounds that a paragraph must keep; all are inclusive. The recipe has their sources; here they are off."""

    min_paragraph_words: int = 0
    max_paragraph_words: int = NO_LIMIT
    max_paragraph_character_repetition_ratio: float = 1
    max_paragraph_word_repetition_ratio: float = 1
    max_paragraph_special_character_ratio: float = 1
    min_paragraph_stop_word_ratio: float = 0
    max_paragraph_flagged_word_ratio: float = 1
    min_paragraph_punctuation_ratio: float = 0
    require_paragraph_terminal_mark: bool = False
    banned_paragraph_phrases: tuple[str, ...] = ()
    flagged_words: tuple[str, ...] = ()

    @classmethod
    def of(cls, recipe: Recipe) -> "ParagraphThresholds":
        return cls(**{key.name: getattr(recipe, key.name) for key in fields(cls)})

    @property
    def is_off(self) -> bool:
        """Whether no paragraph can break a rule, so that no text needs to be read."""
        return replace(self, flagged_words=()) == ParagraphThresholds()


def broken_rule(paragraph: str, language: str, thresholds: ParagraphThresholds) -> str | None:
    """The first rule that a paragraph of a text in `language` (ISO 639-1) breaks; None if it keeps them all."""
    t = thresholds
    lowered = paragraph.lower()
    if any(phrase in lowered for phrase in t.banned_paragraph_phrases):
        return "banned_phrase"
    if t.require_paragraph_terminal_mark and not ends_in_terminal_mark(paragraph.rstrip()):
        return "unfinished_paragraph"
    words = plain_words(lowered)
    if language not in WITHOUT_SPACES and not t.min_paragraph_words <= words.size <= t.max_paragraph_words:
        return "paragraph_words"
    codes = characters.code_points(paragraph)
    kinds = characters.kinds_of(codes)
    if characters.special_character_ratio(kinds) > t.max_paragraph_special_character_ratio:
        return "paragraph_special_characters"
    punctuation, tokens = characters.punctuation_ratio(kinds)
    if tokens >= MIN_TOKENS_FOR_PUNCTUATION and punctuation < t.min_paragraph_punctuation_ratio:
        return "paragraph_punctuation"
    different, occurrences = counted(words)
    known = stop_words(language)
    if known and listed_share(different, occurrences, known) < t.min_paragraph_stop_word_ratio:
        return "paragraph_stop_words"
    if listed_share(different, occurrences, frozenset(t.flagged_words)) > t.max_paragraph_flagged_word_ratio:
        return "paragraph_flagged_words"
    if word_repetition_ratio(words) > t.max_paragraph_word_repetition_ratio:
        return "paragraph_word_repetition"
    if characters.character_repetition_ratio(Hashed(codes)) > t.max_paragraph_character_repetition_ratio:
        return "paragraph_character_repetition"
    return None
