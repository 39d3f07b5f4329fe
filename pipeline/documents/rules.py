"""Which texts are good enough: Gopher's rules over the measures of `scores`, each with a reason code."""

from dataclasses import dataclass, fields

from pipeline.documents.scores import TextScores
from pipeline.recipe import Recipe


@dataclass(frozen=True, slots=True)
class TextThresholds:
    """Bounds that a text must keep; all are inclusive.

    Defaults: Gopher (arXiv 2112.11446, appendix A.1.1, the list "Quality filtering" and table A1). Its duplicate
    5- to 10-grams are not measured. The stop words are English: set `min_stop_words` to 0 for other languages.
    """

    min_words: int = 50
    max_words: int = 100_000
    min_mean_word_length: float = 3.0
    max_mean_word_length: float = 10.0
    max_symbol_word_ratio: float = 0.1
    max_bullet_line_share: float = 0.9
    max_ellipsis_line_share: float = 0.3
    min_alphabetic_word_share: float = 0.8
    min_stop_words: int = 2
    max_duplicate_line_share: float = 0.30
    max_duplicate_paragraph_share: float = 0.30
    max_duplicate_line_character_share: float = 0.20
    max_duplicate_paragraph_character_share: float = 0.20
    max_top_2gram_character_share: float = 0.20
    max_top_3gram_character_share: float = 0.18
    max_top_4gram_character_share: float = 0.16

    @classmethod
    def of(cls, recipe: Recipe) -> "TextThresholds":
        return cls(**{key.name: getattr(recipe, key.name) for key in fields(cls)})


def decide(scores: TextScores, thresholds: TextThresholds) -> str | None:
    """The first rule that a text breaks, in the order below; None if it keeps them all."""
    s, t = scores, thresholds
    broken = {
        "too_few_words": s.word_count < t.min_words,
        "too_many_words": s.word_count > t.max_words,
        "mean_word_length": not t.min_mean_word_length <= s.mean_word_length <= t.max_mean_word_length,
        "symbols": s.symbol_word_ratio > t.max_symbol_word_ratio,
        "bullets": s.bullet_line_share > t.max_bullet_line_share,
        "ellipses": s.ellipsis_line_share > t.max_ellipsis_line_share,
        "too_few_alphabetic_words": s.alphabetic_word_share < t.min_alphabetic_word_share,
        "too_few_stop_words": s.stop_word_count < t.min_stop_words,
        "duplicate_lines": s.duplicate_line_share > t.max_duplicate_line_share
        or s.duplicate_line_character_share > t.max_duplicate_line_character_share,
        "duplicate_paragraphs": s.duplicate_paragraph_share > t.max_duplicate_paragraph_share
        or s.duplicate_paragraph_character_share > t.max_duplicate_paragraph_character_share,
        "repeated_ngrams": s.top_2gram_character_share > t.max_top_2gram_character_share
        or s.top_3gram_character_share > t.max_top_3gram_character_share
        or s.top_4gram_character_share > t.max_top_4gram_character_share,
    }
    return next((reason for reason, is_broken in broken.items() if is_broken), None)
