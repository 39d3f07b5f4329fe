"""Which texts are good enough: the recipe's bounds on the measures of `scores`, each with a reason code."""

from dataclasses import dataclass, fields

from pipeline.documents.scores import NGRAM_SHARES, TextScores
from pipeline.documents.stop_words import WITHOUT_SPACES, stop_words
from pipeline.recipe import Recipe


@dataclass(frozen=True, slots=True)
class TextThresholds:
    """Bounds that a text must keep; all are inclusive. The recipe has their sources, and what they are by default."""

    min_words: int
    max_words: int
    min_mean_word_length: float
    max_mean_word_length: float
    max_symbol_word_ratio: float
    max_bullet_line_share: float
    max_ellipsis_line_share: float
    min_alphabetic_word_share: float
    min_stop_words: int
    max_duplicate_line_share: float
    max_duplicate_paragraph_share: float
    max_duplicate_line_character_share: float
    max_duplicate_paragraph_character_share: float
    max_top_2gram_character_share: float
    max_top_3gram_character_share: float
    max_top_4gram_character_share: float
    max_duplicate_5gram_character_share: float
    max_duplicate_6gram_character_share: float
    max_duplicate_7gram_character_share: float
    max_duplicate_8gram_character_share: float
    max_duplicate_9gram_character_share: float
    max_duplicate_10gram_character_share: float
    max_character_repetition_ratio: float
    max_word_repetition_ratio: float
    max_special_character_ratio: float
    min_stop_word_ratio: float
    max_flagged_word_ratio: float
    min_punctuation_ratio: float
    min_terminal_mark_line_share: float
    max_short_line_share: float
    max_javascript_line_share: float
    max_lorem_ipsum_line_share: float
    max_curly_bracket_line_share: float
    min_sentences: int

    @classmethod
    def of(cls, recipe: Recipe) -> "TextThresholds":
        return cls(**{key.name: getattr(recipe, key.name) for key in fields(cls)})


def decide(scores: TextScores, thresholds: TextThresholds, language: str) -> str | None:
    """The first rule that a text in `language` (ISO 639-1) breaks, in the order below; None if it keeps them all.

    Rules that count words are not for languages that put no space between them, those that count stop words not for
    languages of which there is no list.
    """
    s, t = scores, thresholds
    has_words = language not in WITHOUT_SPACES
    has_stop_words = bool(stop_words(language))
    broken = {
        "too_few_words": has_words and s.word_count < t.min_words,
        "too_many_words": has_words and s.word_count > t.max_words,
        "mean_word_length": has_words and not t.min_mean_word_length <= s.mean_word_length <= t.max_mean_word_length,
        "symbols": s.symbol_word_ratio > t.max_symbol_word_ratio,
        "bullets": s.bullet_line_share > t.max_bullet_line_share,
        "ellipses": s.ellipsis_line_share > t.max_ellipsis_line_share,
        "too_few_alphabetic_words": has_words and s.alphabetic_word_share < t.min_alphabetic_word_share,
        "too_few_stop_words": has_stop_words
        and (s.stop_word_count < t.min_stop_words or s.stop_word_ratio < t.min_stop_word_ratio),
        "duplicate_lines": s.duplicate_line_share > t.max_duplicate_line_share
        or s.duplicate_line_character_share > t.max_duplicate_line_character_share,
        "duplicate_paragraphs": s.duplicate_paragraph_share > t.max_duplicate_paragraph_share
        or s.duplicate_paragraph_character_share > t.max_duplicate_paragraph_character_share,
        "repeated_ngrams": any(getattr(s, name) > getattr(t, f"max_{name}") for name in NGRAM_SHARES),
        "repeated_characters": s.character_repetition_ratio > t.max_character_repetition_ratio,
        "repeated_words": s.word_repetition_ratio > t.max_word_repetition_ratio,
        "special_characters": s.special_character_ratio > t.max_special_character_ratio,
        "flagged_words": s.flagged_word_ratio > t.max_flagged_word_ratio,
        "too_little_punctuation": s.punctuation_ratio < t.min_punctuation_ratio,
        "unfinished_lines": s.terminal_mark_line_share < t.min_terminal_mark_line_share,
        "short_lines": s.short_line_share > t.max_short_line_share,
        "javascript": s.javascript_line_share > t.max_javascript_line_share,
        "lorem_ipsum": s.lorem_ipsum_line_share > t.max_lorem_ipsum_line_share,
        "curly_brackets": s.curly_bracket_line_share > t.max_curly_bracket_line_share,
        "too_few_sentences": s.sentence_count < t.min_sentences,
    }
    return next((reason for reason, is_broken in broken.items() if is_broken), None)
